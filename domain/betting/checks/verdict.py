"""How a check speaks: pass, reduce-to or refuse, with a code and the figures it saw."""

from domain.betting.codes import Code
from domain.events.betting import CheckName, CheckVerdict

MOST_FIGURE = 2**63 - 1


def _figures(figures: dict[str, int]) -> dict[str, int]:
    for name, value in figures.items():
        if not -MOST_FIGURE <= value <= MOST_FIGURE:
            # A product of absurd inputs is still shown, as far as a record can carry it.
            figures[name] = max(-MOST_FIGURE, min(MOST_FIGURE, value))
    return figures


def passed(check: CheckName, **figures: int) -> CheckVerdict:
    """Let the bet pass this check."""
    return CheckVerdict(check=check, outcome="PASS", code="", figures=_figures(figures))


def reduced(check: CheckName, code: Code, *, allowed_minor: int, **figures: int) -> CheckVerdict:
    """Let the bet pass with a smaller stake: `allowed_minor`, in minor units."""
    return CheckVerdict(
        check=check, outcome="REDUCE", code=code.value, figures=_figures({"allowed_minor": allowed_minor, **figures})
    )


def refused(check: CheckName, code: Code, **figures: int) -> CheckVerdict:
    """Stop the bet."""
    return CheckVerdict(check=check, outcome="REFUSE", code=code.value, figures=_figures(figures))

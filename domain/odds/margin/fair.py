"""What every way of removing a margin takes in and gives back."""

from collections.abc import Sequence
from typing import Final

import msgspec

from domain.errors import ContractViolation

FEWEST_OUTCOMES: Final = 2
MOST_OUTCOMES: Final = 40
STAKE: Final = 1000


class NoFairPrice(ContractViolation):
    """The method would give an outcome no chance, or less than none."""

    code = "no_fair_price"


class Fair(msgspec.Struct, frozen=True):
    """The fair probabilities of a book, in the order of its odds.

    overround is the sum of the inverse odds (1.05 = a margin of 5 %, below 1 = an underround); parameter is what the
    method solved for: a divisor, a subtrahend, an exponent, the share of insiders, an odds ratio or a step.
    """

    probabilities: tuple[float, ...]
    overround: float
    parameter: float


def implied(odds: Sequence[int]) -> list[float]:
    """Return the inverse odds of a complete book.

    ContractViolation for fewer than 2 or more than 40 outcomes, and for odds that return no profit.
    """
    if not FEWEST_OUTCOMES <= len(odds) <= MOST_OUTCOMES:
        raise ContractViolation(f"a book of {len(odds)} outcomes; 2 to 40 can be priced")
    if min(odds) <= STAKE:
        raise ContractViolation(f"odds of {min(odds)} thousandths return no profit")
    return [STAKE / price for price in odds]


def fair(probabilities: Sequence[float], overround: float, parameter: float) -> Fair:
    """Divide the last rounding error out; NoFairPrice unless every probability is positive."""
    if min(probabilities) <= 0.0:
        raise NoFairPrice(f"the margin leaves an outcome at {min(probabilities):.4f}")
    total = sum(probabilities)
    return Fair(tuple([p / total for p in probabilities]), overround, parameter)

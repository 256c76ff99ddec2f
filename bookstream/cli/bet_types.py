"""Bet types on the command line: the field's names, or folds as numbers."""

from domain.betting.systems import NAMED, BetType, asked, name_of, refusal
from domain.errors import Misconfigured
from domain.events.betting import BetDecision


def lines_asked(text: str | None, bankers: list[int], legs: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Read a bet type, a name of the field's or folds joined by +; return its folds and bankers.

    Raises:
        Misconfigured: it is neither, or is no bet of so many legs.
    """
    if text is None and not bankers:
        return (), ()
    others = legs - len(bankers)
    named = NAMED.get((text or "").upper().replace("-", "_"))
    if named is not None:
        bet_type = BetType(named.bet_type.selections + len(bankers), named.bet_type.folds, tuple(sorted(bankers)))
    else:
        try:
            folds = tuple(int(fold) for fold in text.split("+")) if text is not None else (others,)
        except ValueError as error:
            raise Misconfigured(f"{text!r} is no bet type: {', '.join(NAMED)}, or folds as 2 or 2+3") from error
        bet_type = BetType(legs, tuple(sorted(folds)), tuple(sorted(bankers)))
    if code := refusal(bet_type, legs):
        raise Misconfigured(f"{text or 'a bet'} of {legs} legs, {len(bankers)} of them bankers: {code.meaning}")
    return bet_type.folds, bet_type.bankers


def type_name(decision: BetDecision) -> str:
    """Name the bet's type as the field does."""
    return name_of(asked(len(decision.legs), decision.folds, decision.bankers))

"""The Unified Odds Feed's results as ours: result, void factor and dead-heat factor of an outcome."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

import msgspec

from domain.errors import ContractViolation
from domain.feeds import uof
from domain.feeds.markets import MarketKind
from domain.settlement.result import NONE, WHOLE, LegResult, Ratio
from domain.settlement.words import Outcome, plain

MOST_SHARES: Final = 32
"""No dead heat has more runners: 0.33 is one of three."""
UNDECIDED: Final = -1


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome of a bet_settlement."""

    id: str
    result: int
    void_factor: float | None = None
    dead_heat_factor: float | None = None


def leg_result(
    result: int, void_factor: float | None = None, dead_heat_factor: float | None = None
) -> LegResult | None:
    """Return what became of an outcome; None where the feed says that it is not decided.

    Raises:
        ContractViolation: no bet can end so.
    """
    if result == UNDECIDED:
        return None
    if result not in {0, 1}:
        raise ContractViolation(f"a result of {result}")
    void = _ratio(void_factor, NONE)
    shared = _ratio(dead_heat_factor, WHOLE)
    if shared[0] == 0:
        return plain(LegResult(win=0, void=void))
    return plain(LegResult(win=result, void=void, dead_heat=shared))


def outcomes_of(kind: MarketKind, told: Iterable[Told], known_at: int | None = None) -> tuple[Outcome, ...]:
    """Return what a settled line says of each selection.

    Raises:
        ContractViolation: see `leg_result`.
    """
    return tuple(
        Outcome(
            selection_id=uof.selection_of(kind, each.id),
            result=leg_result(each.result, each.void_factor, each.dead_heat_factor),
            known_at=known_at,
        )
        for each in told
    )


def _ratio(factor: float | None, absent: Ratio) -> Ratio:
    if factor is None:
        return absent
    if not 0 <= factor <= 1:  # also what is no number
        raise ContractViolation(f"a factor of {factor}")
    part = Fraction(factor).limit_denominator(MOST_SHARES)
    return part.numerator, part.denominator

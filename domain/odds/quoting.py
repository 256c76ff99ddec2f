"""From fair probabilities to prices on a ladder, never better than intended."""

from collections.abc import Sequence
from fractions import Fraction
from math import exp, log
from typing import Final, Literal

from domain.errors import ContractViolation
from domain.odds.ladder import Ladder
from domain.odds.margin.root import decreasing_root

STAKE: Final = 1000
SUM_TOLERANCE: Final = 1e-6
WHOLE: Final = 1e-9
"""Thousandths by which rounding errors of floats may hold a price under the whole number it is."""
SURELY_ABOVE_ONE: Final = 1.0 + 1e-9

QuotingMethod = Literal["multiplicative", "power", "odds_ratio"]


def price(
    probabilities: Sequence[float],
    *,
    overround: float,
    ladder: Ladder,
    method: QuotingMethod,
    maximum: int | None = None,
) -> tuple[int | None, ...]:
    """Return the odds of each outcome at a margin of overround (1.05 = 5 %), rounded down to the ladder.

    None stands for an outcome that cannot be offered: its price would be under the ladder's lowest tick, or above
    maximum (the ladder's highest, if not given). The inverse prices of a book without gaps sum to at least one.
    The multiplicative method shortens every price by one factor. The power and the odds-ratio method shorten long ones
    more, which is how bookmakers hold the favourite-longshot bias: `domain.odds.margin` in reverse (Clarke, Kovalchik &
    Ingram 2017; Cheung 2015), so that the same method takes out what was put in, but for the rounding.
    ContractViolation for probabilities that do not sum to one, or an overround not in [1, number of outcomes).
    """
    total = sum(probabilities)
    if not abs(total - 1.0) <= SUM_TOLERANCE or min(probabilities) < 0.0:
        raise ContractViolation(f"the probabilities of a book sum to {total}, or one is negative")
    if not 1.0 <= overround < len(probabilities):
        raise ContractViolation(f"an overround of {overround} on {len(probabilities)} outcomes")
    fair = [p / total for p in probabilities]
    shares = _shares(fair, overround, method)
    limit = ladder.highest if maximum is None else min(maximum, ladder.highest)
    return whole_book([_quote(share, ladder, limit) for share in shares], ladder)


def whole_book(prices: Sequence[int | None], ladder: Ladder) -> tuple[int | None, ...]:
    """Return the prices, the shortest cut tick by tick while a book without gaps would sum to less than one.

    The sum is taken in exact fractions where floats cannot tell. What would fall off the ladder is None.
    """
    cut = list(prices)
    while True:
        quoted = [odds for odds in cut if odds is not None]
        if not quoted or len(quoted) < len(cut) or sum([STAKE / odds for odds in quoted]) > SURELY_ABOVE_ONE:
            return tuple(cut)
        if sum(Fraction(STAKE, odds) for odds in quoted) >= 1:
            return tuple(cut)
        shortest = min(quoted)
        cut[cut.index(shortest)] = None if shortest <= ladder.lowest else ladder.step(shortest, -1)


def _quote(share: float, ladder: Ladder, limit: int) -> int | None:
    if share <= 0.0 or share >= 1.0 or STAKE / share > limit + WHOLE:
        return None
    odds = int(STAKE / share + WHOLE)
    return ladder.floor(odds) if odds >= ladder.lowest else None


def _shares(fair: Sequence[float], overround: float, method: QuotingMethod) -> list[float]:
    """Return the inverse odds that sum to overround; nought, which is never offered, where none do."""
    if method == "multiplicative":
        return [p * overround for p in fair]
    if sum(p > 0.0 for p in fair) <= overround:
        # Too few live outcomes are left to carry the margin.
        return [0.0] * len(fair)
    return _powered(fair, overround) if method == "power" else _stretched(fair, overround)


def _powered(fair: Sequence[float], overround: float) -> list[float]:
    """Raise the probabilities to the power in (0, 1] that makes them sum to overround."""
    depths = [-log(p) for p in fair if p > 0.0]
    target = log(overround)

    def excess(k: float) -> tuple[float, float]:
        mass = moment = 0.0
        for depth in depths:
            term = exp(-k * depth)
            mass += term
            moment += term * depth
        return log(mass) - target, -moment / mass

    k = decreasing_root(excess, 0.0, 1.0, 1.0)
    return [p**k if p > 0.0 else 0.0 for p in fair]


def _stretched(fair: Sequence[float], overround: float) -> list[float]:
    """Multiply the net odds by the factor in (0, 1] that makes their probabilities sum to overround."""
    net = [1.0 / p - 1.0 for p in fair if p > 0.0]

    def excess(x: float) -> tuple[float, float]:
        mass, slope = -overround, 0.0
        for b in net:
            share = 1.0 / (1.0 + x * b)
            mass += share
            slope -= b * share * share
        return mass, slope

    x = decreasing_root(excess, 0.0, 1.0, 1.0)
    return [1.0 / (1.0 + x * (1.0 / p - 1.0)) if p > 0.0 else 0.0 for p in fair]

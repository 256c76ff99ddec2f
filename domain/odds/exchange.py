"""Fair probabilities from the top of an exchange's ladders."""

from collections.abc import Sequence
from math import fsum
from typing import Final

import msgspec

STAKE: Final = 1000
FEWEST_RUNNERS: Final = 2
ONE_SIDED_SPREAD: Final = 0.01
"""How much probability a missing side may leave open: nothing to back above 1.01, nothing to lay beyond 100."""
INSIDE_OUT: Final = 0.01
"""How far the sum of a whole book's best prices may pass one before the book is stale or lacks a runner."""


class Top(msgspec.Struct, frozen=True):
    """The best offers for one runner; odds or a size of nought mean that the side is empty.

    back is what a punter can back (the lower odds), lay what he can lay (the higher); sizes are backers' stakes.
    """

    back_odds: int
    back_size_minor: int
    lay_odds: int
    lay_size_minor: int


class _Range(msgspec.Struct, frozen=True, gc=False):
    """The probabilities between which a runner is offered, and where between them it stands (None if not known)."""

    low: float
    high: float
    mid: float | None


def midpoint(tops: Sequence[Top], *, max_spread: float = 0.05) -> tuple[float, ...] | None:
    """Return the fair probabilities of a whole market, or None where its offers do not tell.

    Each runner stands at its micro-price: between the probabilities of its best offers, nearer to the side with less
    money, money counted in payouts. A side that is missing counts as certainty (no backing) or impossibility (no
    laying) where that leaves less than a hundredth open; one runner short of a side otherwise takes what the others
    leave, if that agrees with the side it has. None for fewer than two runners, an empty or crossed ladder, a spread
    in probability above max_spread, two runners short of a side, or a book inside out.
    Source: Gatheral & Oomen (2010), "Zero-intelligence realized variance estimation", Finance and Stochastics 14(2),
    249-283 (the micro-price), taken over contracts that pay one unit.
    """
    ranges = [found for found in map(_range, tops) if found is not None]
    if len(ranges) < max(len(tops), FEWEST_RUNNERS):
        return None
    if any(found.mid is not None and not 0.0 <= found.high - found.low <= max_spread for found in ranges):
        return None
    lows, highs = fsum([found.low for found in ranges]), fsum([found.high for found in ranges])
    if lows > 1.0 + INSIDE_OUT or highs < 1.0 - INSIDE_OUT:
        return None
    mids = _filled(ranges)
    if mids is None:
        return None
    mass = fsum(mids)
    return tuple([mid / mass for mid in mids])


def _filled(ranges: Sequence[_Range]) -> list[float] | None:
    """Return every runner's mid, the one that is not known being what the others leave; None if that cannot be."""
    known = [found.mid for found in ranges if found.mid is not None]
    if len(known) == len(ranges):
        return known
    rest = 1.0 - fsum(known)
    if len(known) + 1 < len(ranges) or rest <= 0.0:
        return None
    if not all(found.low <= rest <= found.high for found in ranges if found.mid is None):
        return None
    return [rest if found.mid is None else found.mid for found in ranges]


def _range(top: Top) -> _Range | None:
    """Return what one runner's offers say; None where it has none."""
    backed = top.back_odds > STAKE and top.back_size_minor > 0
    laid = top.lay_odds > STAKE and top.lay_size_minor > 0
    high = STAKE / top.back_odds if backed else 1.0
    low = STAKE / top.lay_odds if laid else 0.0
    if backed and laid:
        asked = top.back_size_minor * top.back_odds
        bid = top.lay_size_minor * top.lay_odds
        return _Range(low, high, (high * bid + low * asked) / (bid + asked))
    if backed or laid:
        return _Range(low, high, 0.5 * (low + high) if high - low <= ONE_SIDED_SPREAD else None)
    return None

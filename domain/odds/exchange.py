"""Fair probabilities from the top of an exchange's ladders."""

from collections.abc import Sequence
from math import fsum
from typing import Final, Literal

import msgspec

STAKE: Final = 1000
FEWEST_RUNNERS: Final = 2
MAX_SPREAD: Final = 0.05
ONE_SIDED_SPREAD: Final = 0.01
"""How much probability a missing side may leave open: nothing to back above 1.01, nothing to lay beyond 100."""
INSIDE_OUT: Final = 0.01
"""How far the sum of a whole book's best prices may pass one before the book is stale or lacks a runner."""

Fault = Literal["TOO_FEW_RUNNERS", "EMPTY", "CROSSED", "TOO_WIDE", "INSIDE_OUT", "ONE_SIDED", "CONTRADICTED"]


class Top(msgspec.Struct, frozen=True):
    """The best offers for one runner; odds or a size of nought mean that the side is empty.

    back is what a punter can back (the lower odds), lay what he can lay (the higher); sizes are backers' stakes.
    """

    back_odds: int
    back_size_minor: int
    lay_odds: int
    lay_size_minor: int


class ExchangeView(msgspec.Struct, frozen=True):
    """What an exchange says of a whole market.

    confidence is 1 for a market without a spread and falls in line with the widest spread, to 0 at the widest allowed.
    """

    probabilities: tuple[float, ...]
    confidence: float


class NoView(msgspec.Struct, frozen=True):
    """Why an exchange's offers do not tell, and the place of the runner at fault where it is one.

    TOO_FEW_RUNNERS: fewer than two; EMPTY: a runner has no offers; CROSSED: its offers overlap; TOO_WIDE: they lie too
    far apart; INSIDE_OUT: the sum of all best prices is on the wrong side of one; ONE_SIDED: two or more runners lack
    a side; CONTRADICTED: what the others leave to the one that lacks a side disagrees with the side it has.
    """

    reason: Fault
    runner: int | None = None


class _Range(msgspec.Struct, frozen=True, gc=False):
    """The probabilities between which a runner is offered, and where between them it stands (None if not known)."""

    low: float
    high: float
    mid: float | None


def read_market(tops: Sequence[Top], *, max_spread: float = MAX_SPREAD) -> ExchangeView | NoView:
    """Return the fair probabilities of a whole market, or why its offers do not tell.

    Each runner stands at its micro-price: between the probabilities of its best offers, nearer to the side with less
    money, money counted in payouts. A side that is missing counts as certainty (no backing) or impossibility (no
    laying) where that leaves less than a hundredth open; one runner short of a side otherwise takes what the others
    leave, if that agrees with the side it has. max_spread is the widest spread allowed, in probability.
    Source: Gatheral & Oomen (2010), "Zero-intelligence realized variance estimation", Finance and Stochastics 14(2),
    249-283 (the micro-price), taken over contracts that pay one unit.
    """
    if len(tops) < FEWEST_RUNNERS:
        return NoView("TOO_FEW_RUNNERS")
    ranges: list[_Range] = []
    for place, top in enumerate(tops):
        found = _range(top)
        if found is None:
            return NoView("EMPTY", place)
        spread = found.high - found.low
        if found.mid is not None and not 0.0 <= spread <= max_spread:
            return NoView("CROSSED" if spread < 0.0 else "TOO_WIDE", place)
        ranges.append(found)
    lows, highs = fsum([found.low for found in ranges]), fsum([found.high for found in ranges])
    if lows > 1.0 + INSIDE_OUT or highs < 1.0 - INSIDE_OUT:
        return NoView("INSIDE_OUT")
    mids = _filled(ranges)
    if isinstance(mids, NoView):
        return mids
    mass = fsum(mids)
    return ExchangeView(tuple([mid / mass for mid in mids]), _confidence(ranges, max_spread))


def midpoint(tops: Sequence[Top], *, max_spread: float = MAX_SPREAD) -> tuple[float, ...] | None:
    """Return the probabilities of `read_market`, or None where it has none, for callers that need no reason."""
    found = read_market(tops, max_spread=max_spread)
    return found.probabilities if isinstance(found, ExchangeView) else None


def _confidence(ranges: Sequence[_Range], max_spread: float) -> float:
    """Return how narrow the market is; a runner that takes what the others leave is as wide as they are together."""
    spreads = [found.high - found.low for found in ranges if found.mid is not None]
    widest = max(spreads) if len(spreads) == len(ranges) else fsum(spreads)
    return 1.0 if widest <= 0.0 else max(0.0, 1.0 - widest / max_spread)


def _filled(ranges: Sequence[_Range]) -> list[float] | NoView:
    """Return every runner's mid, the one that is not known being what the others leave."""
    missing = [place for place, found in enumerate(ranges) if found.mid is None]
    known = [found.mid for found in ranges if found.mid is not None]
    if not missing:
        return known
    place = missing[0]
    if len(missing) > 1:
        return NoView("ONE_SIDED", place)
    rest = 1.0 - fsum(known)
    if rest <= 0.0 or not ranges[place].low <= rest <= ranges[place].high:
        return NoView("CONTRADICTED", place)
    return [*known[:place], rest, *known[place:]]


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

"""When a fixture is past: nobody speaks of it any more and no bet on it is undecided, so that its rows can go."""

from collections.abc import Sequence
from typing import Literal

from domain.trading.pricing import OVER
from domain.trading.rules import BookRules
from domain.trading.state import FixtureState, MarketState

Fate = Literal["LIVE", "ABANDONED", "PAST"]
"""ABANDONED: it began long ago and nobody said how it ended. PAST: all its markets were closed long enough ago."""


def fate_of(fixture: FixtureState, markets: Sequence[MarketState], rules: BookRules, at: int) -> Fate:
    """Tell what is to become of a fixture with these markets, and note in it how long it has been silent.

    Times are the log's: a replay of an old match keeps its rows while it is spoken of, whatever the clock says. A leg
    that is held keeps everything. What confirmed legs may cost stays public in `exposures`, and nothing changes it.
    """
    newest_at = max((view.received_at for market in markets for view in market.views), default=0)
    if newest_at != fixture.newest_at or not fixture.silent_since:
        fixture.newest_at, fixture.silent_since = newest_at, at
    if any(market.taken.held_legs for market in markets):
        return "LIVE"
    ends = [_closed_at(market) for market in markets]
    if all(ends) and (ends or fixture.status in OVER):
        # Without a market the first look is when it was found to be over.
        ended_at = max(ends, default=fixture.silent_since)
        return "PAST" if at - ended_at >= rules.fixtures_kept_us else "LIVE"
    if not fixture.known and not markets:
        # A trader's order for what is still to come.
        return "LIVE"
    silent_us = at - max(fixture.silent_since, fixture.kick_off_at)
    return "ABANDONED" if silent_us >= rules.abandoned_us else "LIVE"


def _closed_at(market: MarketState) -> int:
    """Return when a market was closed, 0 while it is not: the quote that closes it has no time to stand."""
    quote = market.quote
    return quote.expires_at if quote is not None and quote.status == "CLOSED" else 0

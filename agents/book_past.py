"""What the book forgets as time passes: fixtures that are past, with all that was kept of their markets."""

from typing import Final

from agents.book_unit import Unit
from bookstream.delivery.api import Shard
from domain.trading.cause import Cause
from domain.trading.past import fate_of
from domain.trading.rules import BookRules
from domain.trading.state import FixtureState
from tables.book import LOOK_EVERY_US, forget_markets, forget_past, look_later, looked_at
from tables.protection import forget_quality

LOOKS_PER_TICK: Final = 8
"""A look reads all markets of a fixture, and may close them."""


def forget_fixtures(shard: Shard, unit: Unit, rules: BookRules, cause: Cause) -> None:
    """Look at the fixtures whose time has come, and delete what is past, no more rows a tick than `due_per_tick`.

    Quotes and exposures of what is forgotten stay on their compacted topics, CLOSED, as the last that was said. What
    is left of a fixture for `past_kept_us` is its own row: a late tick, incident or leg finds that it is past, where
    an unknown fixture would open anew, with versions that were there before.
    """
    left = rules.due_per_tick
    for fixture in looked_at(shard, cause.at, LOOKS_PER_TICK):
        if not fixture.past_at:
            _look(shard, unit, fixture, rules, cause)
        if fixture.past_at:
            left -= forget_markets(shard, fixture, left)
        if not fixture.past_at:
            look_later(shard, fixture, cause.at + LOOK_EVERY_US)
        elif fixture.markets:
            # The rest goes with the next tick.
            look_later(shard, fixture, cause.at)
        unit.put_fixture(fixture)
    unit.flush()
    forget_past(shard, cause.at - rules.past_kept_us, rules.due_per_tick)


def _look(shard: Shard, unit: Unit, fixture: FixtureState, rules: BookRules, cause: Cause) -> None:
    markets = []
    for market_id in fixture.markets:
        market = unit.market(market_id)
        assert market is not None, f"fixture {fixture.fixture_id} lists {market_id}, which is not there"
        markets.append(market)
    fate = fate_of(fixture, markets, rules, cause.at)
    if fate == "PAST":
        fixture.past_at = cause.at
        forget_quality(shard, fixture.fixture_id)
        fixture.short.clear()
    elif fate == "ABANDONED":
        fixture.status = "FINISHED"
        unit.price_fixture(fixture, cause)

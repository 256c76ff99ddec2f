"""The book's rows: fixtures, markets, feeds, customers' exposure, the journal of legs, and what the clock looks at."""

from itertools import islice

import msgspec

from bookstream.delivery.api import Rows, Shard
from bookstream.topics import PARTITIONS
from domain.trading.state import (
    CustomerExposure,
    FeedHealth,
    FixtureState,
    LegState,
    MarketState,
    PartitionState,
)
from tables.protection import PROTECTION_ROWS
from tables.timeline import BUCKETS, Timeline

LONGEST_SLEEP_US = 3600 * 1_000_000
"""A market is looked at least this often, so that few buckets of the index are in use at a time."""


LOOK_EVERY_US = 6 * 3600 * 1_000_000
"""A fixture is asked this often whether it is past."""


class FixtureName(msgspec.Struct, frozen=True, array_like=True):
    """Which fixture an index points to."""

    fixture_id: str


class MarketName(msgspec.Struct, frozen=True, array_like=True):
    """Which market an index points to."""

    market_id: str


class LegName(msgspec.Struct, frozen=True, array_like=True):
    """Which leg an index points to, and the trace of the record that the clock goes on from."""

    leg_id: str
    trace: bytes = b""


FIXTURES = Rows("fixture", FixtureState)
MARKETS = Rows("market", MarketState)
FEEDS = Rows("feed", FeedHealth)
PARTITION = Rows("partition", PartitionState)
CUSTOMERS = Rows("customer", CustomerExposure)
LEGS = Rows("leg", LegState)
FED = Rows("fed", MarketName)
"""Markets by the feeds that they have views from: what to price anew when a feed goes down."""
WAKING = Timeline(Rows("waking", MarketName), width_us=10_000_000)
"""Markets by when the clock must look at them."""
DELAYED = Timeline(Rows("delayed", LegName), width_us=1_000_000)
"""Legs that wait out the in-play delay, by its end."""
ENDED = Timeline(Rows("ended", LegName), width_us=60_000_000)
"""Legs that are confirmed, released or refused, by when that was: what is to be forgotten."""
LOOKS = Timeline(Rows("look", FixtureName), width_us=60_000_000)
"""Fixtures by when the clock asks whether they are past."""
PAST = Timeline(Rows("past", FixtureName), width_us=24 * 3600 * 1_000_000)
"""Fixtures of which only their own row is left, by when that began."""

ROWS = (
    FIXTURES, MARKETS, FEEDS, PARTITION, CUSTOMERS, LEGS, FED, WAKING.rows, DELAYED.rows, ENDED.rows, LOOKS.rows,
    PAST.rows, BUCKETS, *PROTECTION_ROWS,
)  # fmt: skip

_ONE = "all"


def partition_state(shard: Shard) -> PartitionState:
    """Return what holds for the whole partition."""
    return shard.get(PARTITION, _ONE) or PartitionState()


def put_partition_state(shard: Shard, state: PartitionState) -> None:
    """Write what holds for the whole partition."""
    shard.put(PARTITION, _ONE, state)


def customer_key(market_id: str, customer_id: str) -> str:
    """Name a customer's exposure in a market."""
    return f"{market_id}|{customer_id}"


def wake(shard: Shard, market: MarketState, wake_at: int, at: int) -> None:
    """See that the clock looks at a market no later than `wake_at`.

    An earlier appointment is kept: the clock then finds nothing to do and makes the next one. So a market that ticks
    all the time moves its index row seldom.
    """
    wake_at = min(wake_at, at + LONGEST_SLEEP_US)
    if market.wake_at:
        if market.wake_at <= wake_at:
            return
        WAKING.remove(shard, market.wake_at, market.market_id)
    market.wake_at = wake_at
    WAKING.add(shard, wake_at, market.market_id, MarketName(market.market_id))


def woken(shard: Shard, at: int, most: int) -> list[str]:
    """Take up to `most` markets whose time has come out of the index; return their ids."""
    ids = []
    for name in WAKING.until(shard, at, most):
        market = shard.get(MARKETS, name.market_id)
        assert market is not None, f"the clock was to look at {name.market_id}, which is not there"
        WAKING.remove(shard, market.wake_at, name.market_id)
        market.wake_at = 0
        ids.append(name.market_id)
    return ids


def forget_legs(shard: Shard, until: int, most: int) -> int:
    """Delete up to `most` legs that ended at or before `until`, the oldest first; return how many.

    A confirmed leg's liability stays in its market's sums.
    """
    names = ENDED.until(shard, until, most)
    for name in names:
        leg = shard.get(LEGS, name.leg_id)
        assert leg is not None, f"the index of ended legs names {name.leg_id}, which is not there"
        ENDED.remove(shard, leg.ended_at, name.leg_id)
        shard.delete(LEGS, name.leg_id)
    return len(names)


def look_later(shard: Shard, fixture: FixtureState, look_at: int) -> None:
    """See that the clock looks at a fixture that no index of looks names; its row is written by the caller."""
    fixture.look_at = look_at
    LOOKS.add(shard, look_at, fixture.fixture_id, FixtureName(fixture.fixture_id))


def looked_at(shard: Shard, at: int, most: int) -> list[FixtureState]:
    """Take up to `most` fixtures whose time to be looked at has come out of the index; return their rows."""
    found = []
    for name in LOOKS.until(shard, at, most):
        fixture = shard.get(FIXTURES, name.fixture_id)
        assert fixture is not None, f"the clock was to look at {name.fixture_id}, which is not there"
        LOOKS.remove(shard, fixture.look_at, name.fixture_id)
        found.append(fixture)
    return found


def forget_markets(shard: Shard, fixture: FixtureState, most: int) -> int:
    """Delete up to `most` rows of a past fixture's markets and their customers; return how many.

    Its own row stays, and is written by the caller; when no market is left in it, it is entered in `PAST`.
    """
    left = most
    while fixture.markets and left > 0:
        market_id = fixture.markets[-1]
        customers = [key for key, _ in islice(shard.scan(CUSTOMERS, customer_key(market_id, "")), left)]
        for key in customers:
            shard.delete(CUSTOMERS, key)
        left -= len(customers)
        if left > 0:
            _forget_market(shard, market_id)
            fixture.markets.pop()
            left -= 1
    if not fixture.markets:
        PAST.add(shard, fixture.past_at, fixture.fixture_id, FixtureName(fixture.fixture_id))
    return most - left


def _forget_market(shard: Shard, market_id: str) -> None:
    market = shard.get(MARKETS, market_id)
    assert market is not None, f"a fixture lists {market_id}, which is not there"
    if market.wake_at:
        WAKING.remove(shard, market.wake_at, market_id)
    # A source may have come by other feeds before; each is a provider's partition.
    for provider in sorted({view.provider for view in market.views}):
        for partition in range(PARTITIONS):
            fed = f"{provider}/{partition}/{market_id}"
            if shard.get(FED, fed) is not None:
                shard.delete(FED, fed)
    shard.delete(MARKETS, market_id)


def forget_past(shard: Shard, until: int, most: int) -> None:
    """Delete the last row of up to `most` fixtures that were past at or before `until`, the earliest first."""
    for name in PAST.until(shard, until, most):
        fixture = shard.get(FIXTURES, name.fixture_id)
        assert fixture is not None, f"the index of past fixtures names {name.fixture_id}, which is not there"
        PAST.remove(shard, fixture.past_at, name.fixture_id)
        shard.delete(FIXTURES, name.fixture_id)

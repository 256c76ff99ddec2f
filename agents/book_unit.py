"""One unit of the book's work: the rows it has looked up, which markets are to be priced anew, and what is said."""

from functools import partial
from typing import get_args

from agents.intake import source_of
from bookstream import topics
from bookstream.codecs import encode
from bookstream.delivery.api import Outbox, Record, Shard
from domain.events.betting import LegVerdict
from domain.events.canonical import MarketStatus
from domain.events.trace import followed, trace_of
from domain.trading.cause import Cause
from domain.trading.exposures import exposure
from domain.trading.guarded import seen_through
from domain.trading.listings import listing
from domain.trading.playbook import Playbook
from domain.trading.pricing import Around
from domain.trading.quotes import requote
from domain.trading.state import CustomerExposure, FeedHealth, FixtureState, MarketState, PartitionState
from ops.metrics import QUOTES
from tables.book import (
    CUSTOMERS,
    FEEDS,
    FIXTURES,
    LOOK_EVERY_US,
    MARKETS,
    customer_key,
    look_later,
    partition_state,
    wake,
)
from tables.protection import PROVIDERS

MADE = {status: QUOTES.labels(status) for status in get_args(MarketStatus)}


class Unit:
    """What a handler works with while it folds a batch.

    Markets that changed are priced once, when the unit ends (`flush`): under load the newest tick wins. Exposures are
    said once, too.
    """

    __slots__ = ("_dirty", "_exposed", "_feeds", "_out", "_playbook", "_shard", "partition")

    def __init__(self, shard: Shard, out: Outbox, playbook: Playbook) -> None:
        self._shard = shard
        self._out = out
        self._playbook = playbook
        self.partition: PartitionState = partition_state(shard)
        self._dirty: dict[str, tuple[MarketState, Cause]] = {}
        self._exposed: dict[str, tuple[MarketState, Cause]] = {}
        self._feeds: dict[str, FeedHealth | None] = {}

    def cause(self, record: Record, event_id: str, received_at: int) -> Cause:
        """Name what is answered; the log's time never goes behind its newest tick."""
        at = max(received_at, self.partition.at)
        trace = trace_of(record.headers) if record.headers else b""
        return Cause(event_id, at, source_of(record), trace)

    def market(self, market_id: str) -> MarketState | None:
        """Return a market's row."""
        return self._shard.get(MARKETS, market_id)

    def new_market(self, market: MarketState) -> MarketState:
        """Enter a market's row; it is written again when the market is priced."""
        self._shard.put(MARKETS, market.market_id, market)
        return market

    def fixture(self, fixture_id: str) -> FixtureState:
        """Return a fixture's row, a new one for a fixture that was never heard of."""
        return self._shard.get(FIXTURES, fixture_id) or FixtureState(fixture_id)

    def put_fixture(self, fixture: FixtureState) -> None:
        """Write a fixture's row; the clock looks at each from when it is first written."""
        if not fixture.look_at:
            look_later(self._shard, fixture, self.partition.at + LOOK_EVERY_US)
        self._shard.put(FIXTURES, fixture.fixture_id, fixture)

    def customer(self, market_id: str, customer_id: str) -> CustomerExposure:
        """Return what a customer has taken in a market."""
        return self._shard.get(CUSTOMERS, customer_key(market_id, customer_id)) or CustomerExposure()

    def put_customer(self, market_id: str, customer_id: str, row: CustomerExposure) -> None:
        """Write what a customer has taken in a market; nothing leaves no row."""
        key = customer_key(market_id, customer_id)
        if row.taken.is_empty:
            self._shard.delete(CUSTOMERS, key)
        else:
            self._shard.put(CUSTOMERS, key, row)

    def feed(self, key: str) -> FeedHealth | None:
        """Return a feed's health as its provider's state lets it count, worked out once a flush."""
        try:
            return self._feeds[key]
        except KeyError:
            provider = self._shard.get(PROVIDERS, key.rpartition("/")[0])
            feed = self._feeds[key] = seen_through(self._shard.get(FEEDS, key), provider)
            return feed

    def feed_in(self, fixture: FixtureState, key: str) -> FeedHealth | None:
        """Return a feed's health as it counts in a fixture where its provider is not complete."""
        return seen_through(self.feed(key), fixture.short.get(key.rpartition("/")[0]))

    def price(self, market: MarketState, cause: Cause) -> None:
        """Have a market priced when the unit ends."""
        self._dirty[market.market_id] = (market, cause)

    def price_fixture(self, fixture: FixtureState, cause: Cause) -> None:
        """Have all markets of a fixture priced when the unit ends."""
        for market_id in fixture.markets:
            market = self.market(market_id)
            assert market is not None, f"fixture {fixture.fixture_id} lists {market_id}, which is not there"
            self.price(market, cause)

    def close_markets(self, fixture: FixtureState) -> None:
        """Close all markets of a fixture for good; they are written when they are priced."""
        for market_id in fixture.markets:
            market = self.market(market_id)
            assert market is not None, f"fixture {fixture.fixture_id} lists {market_id}, which is not there"
            market.closed = True

    def expose(self, market: MarketState, cause: Cause) -> None:
        """Have a market's liability published, and its largest stakes worked out, when the unit ends."""
        self._exposed[market.market_id] = (market, cause)
        self.price(market, cause)

    def say(self, verdict: LegVerdict, cause: Cause) -> None:
        """Send a verdict to the customer's account."""
        headers = followed(cause.trace, cause.source)
        self._out.send(topics.LEG_VERDICTS.name, verdict.customer_id.encode(), encode(verdict), headers=headers)

    def flush(self) -> None:
        """Price what changed, write its rows and send what is new of it."""
        shard, out = self._shard, self._out
        self._feeds.clear()
        for market, cause in self._exposed.values():
            said = exposure(market, self._playbook, cause)
            headers = followed(cause.trace, cause.source)
            key = market.market_id.encode()
            out.send(topics.EXPOSURES.name, key, encode(said), partition=shard.partition, headers=headers)
        for market_id, (market, cause) in self._dirty.items():
            fixture = self.fixture(market.fixture_id)
            feeds = partial(self.feed_in, fixture) if fixture.short else self.feed
            around = Around(fixture, feeds, self.partition)
            priced = requote(market, around, self._playbook, cause)
            if priced.quote is not None:
                value, headers = encode(priced.quote), followed(cause.trace, cause.source)
                out.send(topics.QUOTES.name, market_id.encode(), value, partition=shard.partition, headers=headers)
                MADE[priced.quote.status].inc()
            if market.listed != len(market.selections):
                self._list(market, cause)
            if market.quote is None or market.quote.status != "CLOSED":
                wake(shard, market, priced.wake_at, cause.at)
            shard.put(MARKETS, market_id, market)
        self._exposed.clear()
        self._dirty.clear()

    def _list(self, market: MarketState, cause: Cause) -> None:
        """Say what a market is, to the fixture's partition."""
        market.listed = len(market.selections)
        key, value, headers = (
            market.market_id.encode(),
            encode(listing(market, cause)),
            followed(cause.trace, cause.source),
        )
        self._out.send(topics.LISTINGS.name, key, value, partition=self._shard.partition, headers=headers)

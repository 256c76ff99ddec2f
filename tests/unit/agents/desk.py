"""The book's desk in memory: one partition, and short words for what is fed to it."""

from typing import Any

from agents.book import book_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.api import Batch, Record
from bookstream.delivery.memory import MemoryOutbox, MemoryShard
from bookstream.delivery.outbox import Sent
from bookstream.partitioner import partition_for
from domain.events.betting import BetLeg
from domain.events.canonical import Fixture, MarketOdds, SelectionOdds
from domain.events.feeds import ClockTick
from domain.events.head import Event, Source
from domain.events.trading import Quote
from domain.trading.rules import BookRules
from tables.book import MARKETS

SECOND = 1_000_000
HOUR = 3600 * SECOND
NOW = 1_700_000_000 * SECOND
FX = "fx-1"
PARTITION = partition_for(FX.encode(), topics.PARTITIONS)
MARKET = f"{FX}/MATCH_ODDS/FT"
TOTALS = f"{FX}/TOTAL_GOALS/FT/2500"
FAIR = {"home": 0.5, "draw": 0.3, "away": 0.2}


class Desk:
    """The context on one partition, fed record by record; the cache of rows is lost after every unit."""

    def __init__(self, rules: BookRules | None = None) -> None:
        self.context = book_context(rules)
        self.shard = MemoryShard(PARTITION)
        self.offset = 0

    def feed(self, topic: topics.Topic, *values: bytes | Event | None, key: bytes = FX.encode()) -> list[Sent]:
        out = MemoryOutbox(PARTITION, topics.PARTITIONS)
        records = []
        for value in values:
            self.offset += 1
            raw = encode(value) if isinstance(value, Event) else value
            records.append(Record(topic.name, PARTITION, self.offset, 0, key, raw, (("trace", b"1"),)))
        self.context.handlers[topic.name](self.shard, Batch(topic.name, PARTITION, records), out)
        self.shard.settle()
        self.shard = self.shard.reopened()
        return list(out.sent)

    def head(self, seconds: float, provider: str = "betfair") -> dict[str, Any]:
        at = NOW + int(seconds * SECOND)
        source = Source(f"feeds.{provider}.raw", 3, self.offset)
        return {
            "event_id": f"e{self.offset}.0", "occurred_at": at, "received_at": at, "provider": provider,
            "source": source,
        }  # fmt: skip

    def fixture(self, seconds: float = 0, **changes: Any) -> list[Sent]:
        given: dict[str, Any] = {
            **self.head(seconds), "fixture_id": FX, "sport": "soccer", "competition_id": "cp-1", "competition": "L",
            "name": "A v B", "home_id": None, "away_id": None, "home": "A", "away": "B", "kick_off_at": NOW + HOUR,
            "status": "SCHEDULED", "provider_fixture_id": "1", "confidence": 1.0, **changes,
        }  # fmt: skip
        return self.feed(topics.FIXTURES, Fixture(**given))

    def odds(self, seconds: float = 0, fair: dict[str, float] | None = None, **changes: Any) -> MarketOdds:
        given: dict[str, Any] = {
            **self.head(seconds), "fixture_id": FX, "market_id": MARKET, "market_type": "MATCH_ODDS", "period": "FT",
            "line_milli": None, "bookmaker": "betfair", "status": "OPEN", "in_play": False, "bet_delay_s": 0,
            "late": False, "selections": tuple(ladder(*each) for each in (fair or FAIR).items()), **changes,
        }  # fmt: skip
        return MarketOdds(**given)

    def totals(self, seconds: float = 0, **changes: Any) -> MarketOdds:
        return self.odds(seconds, {"over": 0.55, "under": 0.45}, market_id=TOTALS, market_type="TOTAL_GOALS",
                         line_milli=2500, **changes)  # fmt: skip

    def tick(self, seconds: float) -> list[Sent]:
        at = NOW + int(seconds * SECOND)
        return self.feed(topics.CLOCK, ClockTick(event_id=f"t{at}", occurred_at=at, received_at=at, provider="clock"))

    def leg(self, action: Any = "HOLD", seconds: float = 1, leg_id: str = "ann/b1/0", **changes: Any) -> BetLeg:
        quote = self.market().quote
        at = NOW + int(seconds * SECOND)
        given: dict[str, Any] = {
            "event_id": f"{leg_id}.{action.lower()}", "occurred_at": at, "received_at": at, "provider": "bookstream",
            "leg_id": leg_id, "bet_id": "b1", "customer_id": "ann", "action": action, "fixture_id": FX,
            "market_id": MARKET, "selection_id": "home", "odds": (quote.odds[0] or 1500) if quote else 1900,
            "quote_version": quote.version if quote else 0, "price_policy": "any", "currency": "GBP",
            "stake_minor": 1000, "other_odds": 1000, **changes,
        }  # fmt: skip
        return BetLeg(**given)

    def market(self) -> Any:
        return self.shard.get(MARKETS, MARKET)

    def names(self, rows: Any) -> list[str]:
        return [key for key, _ in self.shard.scan(rows)]


def ladder(name: str, p: float) -> SelectionOdds:
    return SelectionOdds(
        selection_id=name, name=name.title(), back_odds=int(1000 / (p + 0.005)), back_size_minor=10_000,
        lay_odds=int(1000 / (p - 0.005)) + 1, lay_size_minor=10_000,
    )  # fmt: skip


def said(sent: list[Sent], topic: topics.Topic, kind: type[Event]) -> list[Any]:
    return [decode(kind, each.value or b"") for each in sent if each.topic == topic.name]


def quotes(sent: list[Sent]) -> list[Quote]:
    return said(sent, topics.QUOTES, Quote)

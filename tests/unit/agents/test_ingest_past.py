"""What ingest forgets: streams that ended, markets settled or left, events and fixtures long past."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
import pytest

from agents.ingest import ingest_context
from agents.ingest_past import LOOKS_PER_TICK
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.api import Rows
from bookstream.delivery.memory import MemoryLog
from connectors.raw import RawStream
from domain.events.canonical import Fixture, MarketOdds
from domain.events.feeds import ClockTick, FeedStatus
from domain.events.head import Event
from tables.ingest import BOOKS, EVENTS, LINKS, LISTS, LOOKS, STREAMS
from tables.quality import FACTS, TALLIES

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
KICK_OFF = 1_493_557_500 * SECOND
LEFT = {rows.name: rows for rows in (STREAMS, LINKS, BOOKS, EVENTS, LISTS, TALLIES, FACTS)}

E = TypeVar("E", bound=Event)


class Trial:
    """Streams through the ingest context in memory, and the clock's ticks."""

    def __init__(self) -> None:
        self.log = MemoryLog([ingest_context()])
        self.at = KICK_OFF - HOUR
        self.now = self.at
        self.streams: dict[str, RawStream] = {}

    def send(self, provider: str, answer: Any) -> None:
        """Send a provider's message on its one stream."""
        self.at += SECOND
        new = RawStream(provider=provider, endpoint="test", stream_id=provider, recorded=True)
        stream = self.streams.setdefault(provider, new)
        message = stream.message(msgspec.json.encode(answer), received_at=self.at)
        self.log.send(topics.raw_topic(provider), provider.encode(), encode(message))
        self.log.run()

    def change(self, *changes: Mapping[str, Any]) -> None:
        """Send the exchange's changes of markets."""
        self.send("betfair", {"op": "mcm", "clk": f"c{self.at}", "pt": self.at // 1000, "mc": list(changes)})

    def poll(self, *events: Mapping[str, Any]) -> None:
        """Send an aggregator's answer."""
        self.send("theoddsapi", list(events))

    def tick(self) -> None:
        """Let the clock say what time it is."""
        tick = ClockTick(event_id=f"t{self.now}", occurred_at=self.now, received_at=self.now, provider="clock")
        for partition in range(topics.PARTITIONS):
            self.log.send(topics.CLOCK.name, b"clock", encode(tick), partition=partition)
        self.log.run()

    def days(self, number: float) -> None:
        """Let days pass for the clock and for the streams, an hour at a time."""
        for _ in range(int(number * 24)):
            self.now += HOUR
            self.at = max(self.at, self.now)
            self.tick()

    def rows(self, rows: Rows[Any]) -> dict[str, Any]:
        """Return every row of a kind."""
        shards = [self.log.shard("ingest", partition) for partition in range(topics.PARTITIONS)]
        return {key: row for shard in shards for key, row in shard.scan(rows)}

    def left(self) -> dict[str, int]:
        """Count the rows that are left of each kind; each but a list is named by one look."""
        counts = {name: len(self.rows(rows)) for name, rows in LEFT.items()}
        assert len(self.rows(LOOKS.rows)) == sum(counts.values()) - counts["list"]
        return {name: count for name, count in counts.items() if count}

    def said(self, topic: topics.Topic, kind: type[E]) -> list[E]:
        """Return every event of a topic."""
        return [decode(kind, record.value or b"") for record in self.log.records(topic.name)]


def market(market_id: str = "1.1", **changes: Any) -> dict[str, Any]:
    runners = [{"id": n, "name": name, "sortPriority": n, "status": "ACTIVE"} for n, name in ((1, "Hull"), (2, "Ajax"))]
    made = {
        "status": "OPEN", "inPlay": False, "betDelay": 0, "version": 1, "eventId": "28202626", "eventTypeId": "1",
        "bettingType": "ODDS", "marketType": "MATCH_ODDS", "marketTime": "2017-04-30T13:05:00.000Z",
        "openDate": "2017-04-30T13:05:00.000Z", "eventName": "Hull v Ajax", "regulators": ["MR_INT"],
        "runners": runners,
    }  # fmt: skip
    return {"id": market_id, "img": True, "marketDefinition": made | changes}


def event(event_id: str = "e1") -> dict[str, Any]:
    outcomes = [{"name": name, "price": price} for name, price in (("Hull", 2.5), ("Ajax", 2.9), ("Draw", 3.2))]
    start = datetime.fromtimestamp(KICK_OFF / SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    h2h = {"key": "h2h", "last_update": start, "outcomes": outcomes}
    return {
        "id": event_id, "sport_key": "soccer_epl", "sport_title": "EPL", "commence_time": start, "home_team": "Hull",
        "away_team": "Ajax", "bookmakers": [{"key": "unibet", "title": "Unibet", "markets": [h2h]}],
    }  # fmt: skip


@pytest.fixture
def trial() -> Trial:
    return Trial()


def test_streams_that_go_on_leave_nothing_of_what_is_past(trial: Trial) -> None:
    trial.change(market())
    trial.poll(event())
    trial.change(market(status="CLOSED"))
    assert trial.left() == {"stream": 2, "link": 2, "book": 1, "event": 1, "list": 1, "tally": 2, "facts": 1}
    for _ in range(50):
        trial.days(1)
        trial.change()
        trial.poll()
    assert trial.left() == {"stream": 2, "list": 1}


def test_a_market_is_kept_for_a_day_after_its_settlement_and_its_name_for_a_month(trial: Trial) -> None:
    trial.change(market())
    trial.change(market(status="CLOSED"))
    trial.days(1)
    (book,) = trial.rows(BOOKS).values()
    assert book.lines
    for _ in range(7):
        trial.days(0.5)
        trial.change()
    (book,) = trial.rows(BOOKS).values()
    assert book.forgotten
    assert not book.lines
    for _ in range(32):
        trial.days(1)
        trial.change()
    assert trial.rows(BOOKS) == {}


def test_what_comes_late_for_a_forgotten_market_opens_nothing_and_breaks_no_stream(trial: Trial) -> None:
    trial.change(market())
    trial.change(market(status="CLOSED"))
    for _ in range(3):
        trial.days(1)
        trial.change()
    before = len(trial.said(topics.ODDS, MarketOdds))
    trial.change({"id": "1.1", "rc": [{"id": 1, "atb": [[2.0, 5.0]]}]})
    assert len(trial.said(topics.ODDS, MarketOdds)) == before
    assert trial.rows(STREAMS)["betfair"].broken == []
    trial.change(market(status="CLOSED", version=9))
    assert [odds.status for odds in trial.said(topics.ODDS, MarketOdds)[before:]] == ["CLOSED"]
    assert trial.left()["book"] == 1


def test_a_market_that_is_left_without_its_image_no_longer_holds_its_stream_up(trial: Trial) -> None:
    trial.change(market(), {"id": "1.2", "rc": [{"id": 1, "atb": [[2.0, 5.0]]}]})
    assert trial.rows(STREAMS)["betfair"].broken == ["1.2"]
    for _ in range(32):
        trial.days(1)
        trial.change({"id": "1.1", "rc": [{"id": 1, "tv": trial.at // DAY}]})
    assert [book.book.market_id for book in trial.rows(BOOKS).values()] == ["1.1"]
    last = [status for status in trial.said(topics.FEED_STATUS, FeedStatus) if status.stream_id == "betfair"][-1]
    assert (last.state, last.reason) == ("UP", "heartbeat")


def test_a_stream_that_ended_is_said_to_have_and_takes_its_markets_along(trial: Trial) -> None:
    trial.change(market())
    trial.poll(event())
    trial.days(7)
    assert trial.left() == {"stream": 2, "link": 2, "book": 1, "event": 1, "list": 1, "tally": 2, "facts": 1}
    trial.days(1)
    assert {(status.provider, status.stream_id, status.state) for status in trial.said(topics.FEED_STATUS, FeedStatus)
            if status.reason == "ended"} == {(name, name, "DOWN") for name in ("betfair", "theoddsapi")}  # fmt: skip
    assert trial.left() == {"link": 2, "facts": 1}
    trial.days(8)
    assert trial.left() == {}


def test_an_old_match_is_kept_while_it_is_replayed_and_a_week_after_it_was_noted_to_be_past(trial: Trial) -> None:
    trial.now += 300 * 7 * DAY
    trial.change(market())
    trial.tick()
    for _ in range(7):
        trial.now += DAY
        trial.tick()
        trial.change({"id": "1.1", "rc": [{"id": 1, "tv": trial.at // DAY}]})
    assert trial.left() == {"stream": 1, "link": 1, "book": 1, "tally": 1, "facts": 1}
    trial.now += DAY
    trial.tick()
    assert trial.left() == {"stream": 1, "book": 1}


def test_an_event_is_kept_while_it_is_listed_though_nothing_of_it_changes(trial: Trial) -> None:
    for _ in range(40):
        trial.poll(event())
        trial.days(1)
    assert trial.left() == {"stream": 1, "event": 1, "list": 1}
    trial.poll(event() | {"sport_title": "Premier League"})
    trial.days(1)
    assert trial.left() == {"stream": 1, "link": 1, "event": 1, "list": 1, "tally": 1, "facts": 1}
    assert len({fixture.fixture_id for fixture in trial.said(topics.FIXTURES, Fixture)}) == 1
    assert len(trial.said(topics.ODDS, MarketOdds)) == 1


def test_no_tick_looks_at_more_rows_than_it_may(trial: Trial) -> None:
    number = LOOKS_PER_TICK + 40
    trial.change(*(market(f"1.{n}", status="CLOSED", marketType=f"T{n}") for n in range(number)))
    trial.now += 400 * DAY
    trial.tick()
    noted = [book for book in trial.rows(BOOKS).values() if book.past_at]
    assert 0 < len(noted) <= LOOKS_PER_TICK
    trial.tick()
    assert all(book.past_at for book in trial.rows(BOOKS).values())

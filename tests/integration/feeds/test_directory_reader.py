"""Ingest workers that know of each other only by the topics: what one has seen, the other matches."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from confluent_kafka import Producer

from agents.ingest import ingest_context
from bookstream import topic_admin, topics
from bookstream.codecs import decode, encode
from bookstream.delivery.memory import MemoryLog
from bookstream.directory_reader import DirectoryReader, fed
from bookstream.settings import Settings
from connectors.raw import RawStream
from domain.errors import Misconfigured, Unavailable
from domain.events.canonical import Fixture
from domain.identity.directory import FixtureDirectory
from ops.broker import Broker

pytestmark = pytest.mark.broker

SECOND = 1_000_000
SECONDS = 60
PUBLISHED = (topics.FIXTURES.name, topics.PARTICIPANTS.name)


class Worker:
    """The ingest context with a directory of its own; what it says of fixtures goes to the broker."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.directory = FixtureDirectory()
        self.reader = DirectoryReader(bootstrap, self.directory)
        self.reader.start()
        self.log = MemoryLog([fed(ingest_context(self.directory), self.reader)])
        self._sent: set[tuple[str, int, int]] = set()

    def take(self, provider: str, payload: Any) -> None:
        """Take a provider's message, and publish what follows."""
        stream = RawStream(provider=provider, endpoint="test", stream_id=f"{provider}-{time.time_ns()}", recorded=True)
        message = stream.message(msgspec.json.encode(payload), received_at=NOW)
        self.log.send(topics.raw_topic(provider), message.stream_id.encode(), encode(message))
        self.log.run()
        producer = Producer({"bootstrap.servers": self.bootstrap, "partitioner": "murmur2_random", "log_level": 0})
        for topic in PUBLISHED:
            for record in self.log.records(topic):
                if (place := (topic, record.partition, record.offset)) not in self._sent:
                    producer.produce(topic, record.value, record.key)
                    self._sent.add(place)
        assert producer.flush(30) == 0

    @property
    def fixtures(self) -> list[Fixture]:
        return [decode(Fixture, record.value or b"") for record in self.log.records(topics.FIXTURES.name)]

    def knows(self, provider: str, reference: str) -> bool:
        """Wait until a provider's fixture is known here."""
        deadline = time.monotonic() + SECONDS
        while self.directory.linked(provider, reference) is None and time.monotonic() < deadline:
            self.reader.drain()
            time.sleep(0.05)
        return self.directory.linked(provider, reference) is not None


NOW = time.time_ns() // 1000
KICK_OFF = NOW // SECOND * SECOND + 3600 * SECOND


def iso(at: int) -> str:
    return datetime.fromtimestamp(at / SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def on_the_exchange(event: str, home: str, away: str) -> dict[str, Any]:
    """Say as the exchange does that a match is open."""
    runners = [
        {"id": number, "name": name, "sortPriority": number, "status": "ACTIVE"}
        for number, name in enumerate((home, away, "The Draw"), 1)
    ]
    definition = {
        "status": "OPEN", "inPlay": False, "betDelay": 0, "version": 1, "eventId": event, "eventTypeId": "1",
        "bettingType": "ODDS", "marketType": "MATCH_ODDS", "marketTime": iso(KICK_OFF), "openDate": iso(KICK_OFF),
        "eventName": f"{home} v {away}", "regulators": ["MR_INT"], "runners": runners, "numberOfWinners": 1,
        "numberOfActiveRunners": 3,
    }  # fmt: skip
    change = {"id": f"1.{event}", "img": True, "marketDefinition": definition}
    return {"op": "mcm", "clk": "c0", "pt": NOW // 1000, "mc": [change]}


def at_the_aggregator(event: str, home: str, away: str) -> list[dict[str, Any]]:
    """Say as the aggregator does that a match is priced."""
    outcomes = [{"name": home, "price": 2.1}, {"name": away, "price": 3.4}, {"name": "Draw", "price": 3.2}]
    market = {"key": "h2h", "last_update": iso(NOW), "outcomes": outcomes}
    maker = {"key": "book", "title": "Book", "last_update": iso(NOW), "markets": [market]}
    return [
        {
            "id": event, "sport_key": "soccer_epl", "sport_title": "EPL", "commence_time": iso(KICK_OFF),
            "home_team": home, "away_team": away, "bookmakers": [maker],
        }
    ]  # fmt: skip


@pytest.fixture
def workers(bootstrap: str, data_dir: Path) -> Iterator[Callable[[], Worker]]:
    """Give workers on a broker that has its topics."""
    topic_admin.apply(bootstrap, Settings(data_dir=data_dir))
    made: list[Worker] = []

    def make() -> Worker:
        made.append(Worker(bootstrap))
        return made[-1]

    yield make
    for worker in made:
        worker.reader.stop()


def test_what_one_worker_has_seen_the_other_matches_by_a_name_that_differs(workers: Callable[[], Worker]) -> None:
    one, other = workers(), workers()
    event = str(time.time_ns())
    one.take("betfair", on_the_exchange(event, "Brighton", "Nottm Forest"))
    assert other.knows("betfair", event)
    other.take("theoddsapi", at_the_aggregator(f"a{event}", "Brighton and Hove Albion", "Nottingham Forest"))

    assert one.fixtures[-1].fixture_id == other.fixtures[-1].fixture_id
    assert one.knows("theoddsapi", f"a{event}")
    assert one.directory.linked("theoddsapi", f"a{event}") == other.directory.linked("theoddsapi", f"a{event}")
    assert one.directory.linked("betfair", event) == other.directory.linked("betfair", event)
    # The exchange's record knew no competition; its echo does not take away what the aggregator told.
    assert (one.directory.get(one.fixtures[-1].fixture_id) or one.fixtures[-1]).competition == "Premier League"


def test_a_worker_that_begins_later_knows_everything_before_its_first_unit(workers: Callable[[], Worker]) -> None:
    event = str(time.time_ns())
    workers().take("betfair", on_the_exchange(event, f"Home {event}", f"Away {event}"))
    later = workers()
    assert later.directory.linked("betfair", event) is not None
    assert later.reader.drain() == 0


def test_workers_that_know_nothing_of_each_other_would_not_agree(workers: Callable[[], Worker]) -> None:
    one, alone = workers(), workers()
    alone.reader.stop()
    event = str(time.time_ns())
    one.take("betfair", on_the_exchange(event, "Gateshead Rovers FC", f"Spennymoor {event}"))
    assert not alone.directory.linked("betfair", event)
    alone.take("theoddsapi", at_the_aggregator(f"a{event}", "Gateshead Rovers", f"Spennymoor Town {event}"))
    assert alone.fixtures[-1].fixture_id != one.fixtures[-1].fixture_id


def test_a_record_that_cannot_be_read_is_logged_and_passed(
    workers: Callable[[], Worker], bootstrap: str, caplog: pytest.LogCaptureFixture
) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0})
    producer.produce(topics.FIXTURES.name, b"no event", b"unreadable")
    producer.flush(30)
    event = str(time.time_ns())
    worker = workers()
    worker.take("betfair", on_the_exchange(event, f"Home {event}", f"Away {event}"))
    assert worker.knows("betfair", event)
    assert "fixtures/" in caplog.text
    # Compaction removes it; so does a deletion, which adds nothing to a directory either.
    producer.produce(topics.FIXTURES.name, None, b"unreadable")
    producer.flush(30)
    assert workers().directory.linked("betfair", event) is not None


def test_a_broker_that_restarts_is_followed_again(data_dir: Path) -> None:
    with Broker(data_dir) as broker:
        topic_admin.apply(broker.bootstrap, Settings(data_dir=data_dir))
        one, other = Worker(broker.bootstrap), Worker(broker.bootstrap)
        one.take("betfair", on_the_exchange("1", "Home", "Away"))
        assert other.knows("betfair", "1")
        broker.kill()
        time.sleep(2)
        assert other.reader.drain() == 0
        broker.restart()
        one.take("betfair", on_the_exchange("2", "Visitors", "Hosts"))
        assert other.knows("betfair", "2")
        for worker in (one, other):
            worker.reader.stop()


def test_no_worker_begins_without_the_topics_or_the_broker(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Broker(data_dir, ephemeral=True) as broker, pytest.raises(Misconfigured, match="no topic fixtures"):
        DirectoryReader(broker.bootstrap, FixtureDirectory()).start()
    monkeypatch.setattr("bookstream.reading.TIMEOUT_SECONDS", 0.5)
    with pytest.raises(Unavailable, match="does not answer"):
        DirectoryReader(broker.bootstrap, FixtureDirectory()).start()

"""A live feed in rounds: what is saved, what is told, what is missing; and the file that says where a feed stands."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError, Producer

from bookstream.feed_place import Place, load, place_to_go_on_from, save
from bookstream.feed_sources import live_source
from bookstream.feeding import ROUTE, Feeding, LiveConnector, Source
from bookstream.settings import Settings
from connectors.contract import Item, Position
from connectors.publisher import Publisher
from connectors.raw import RawStream
from connectors.resilience.breaker import Guard
from domain.errors import Misconfigured, Unavailable
from domain.events.feeds import FeedState
from tests.unit.connectors.test_publisher import FakeKafka

STATES: tuple[tuple[FeedState, str], ...] = (
    ("DOWN", "ended"), ("UP", "connected"), ("DOWN", "silent"), ("UP", "connected"),
)  # fmt: skip
PLACE = Place(subscription="s", stream_id="markets@1", next_sequence=7, tokens=("i", "c7"), saved_at=1)


class Scripted:
    """A connector that yields what it is given, then waits or raises."""

    provider = "betfair"

    def __init__(self, messages: int, *, ends: Exception | None = None, guard: Guard | None = None) -> None:
        self.position: Position | None = None
        self.asked: Position | None = None
        self.closed = False
        self._messages = messages
        self._ends = ends
        self._guard = guard

    def recorded(self, path: Path, *, start: int = 0, received_at: int | None = None) -> Iterator[Any]:
        raise AssertionError((path, start, received_at))

    async def live(self, *, position: Position | None = None) -> AsyncGenerator[Item]:
        self.asked = position
        stream = RawStream(provider="betfair", endpoint="e", stream_id="markets@1",
                           next_sequence=position.next_sequence if position else 0)  # fmt: skip
        try:
            for state, reason in STATES:
                item = stream.status(state, reason, at=1)
                self.position = Position("markets@1", stream.next_sequence)
                yield item
            for n in range(self._messages):
                message = stream.message(b"%d" % n, received_at=n)
                self.position = Position("markets@1", stream.next_sequence, ("i", f"c{n}"))
                yield message
            if self._guard is not None:
                for _ in range(5):
                    self._guard.fail()
            if self._ends is not None:
                raise self._ends
            await asyncio.Event().wait()
        finally:
            self.closed = True


class Trial:
    """One feed into a fake broker."""

    def __init__(self, path: Path, connector: Scripted, *, error: int | None = None) -> None:
        self.kafka = FakeKafka(error=error)
        self.path = path
        self.told: list[str] = []
        guard = connector._guard or Guard()
        source = Source(cast("LiveConnector", connector), guard, "subscription")
        publisher = Publisher(cast("Producer", self.kafka), ROUTE)
        self.feeding = Feeding(source, publisher, path, self.told.append)

    def when(self, messages: int) -> Callable[[], bool]:
        """Ask to stop once so many messages are acknowledged."""
        return lambda: self.feeding.fed.messages >= messages

    @property
    def raw(self) -> int:
        return sum(topic == "feeds.betfair.raw" for topic, *_ in self.kafka.records)


async def test_what_was_acknowledged_is_where_the_next_run_goes_on(tmp_path: Path) -> None:
    connector = Scripted(5)
    trial = Trial(tmp_path / "place.json", connector)

    fed = await trial.feeding.run(None, trial.when(5))

    assert (fed.messages, fed.reconnects, trial.raw) == (5, 1, 5)
    assert connector.closed
    place = load(trial.path)
    assert place is not None
    assert place.position == Position("markets@1", 5, ("i", "c4"))
    again = Scripted(2)
    later = Trial(trial.path, again)
    await later.feeding.run(place.position, later.when(2))
    assert again.asked == place.position
    assert (load(trial.path) or PLACE).next_sequence == 7


async def test_a_feed_that_is_stopped_says_so_to_everyone(tmp_path: Path) -> None:
    trial = Trial(tmp_path / "place.json", Scripted(1))
    fed = await trial.feeding.run(None, trial.when(1))
    assert fed.statuses == 5
    last = trial.kafka.records[-8:]
    assert [(topic, partition) for topic, _, _, partition in last] == [("feeds.status", n) for n in range(8)]
    assert all(b"the feed was stopped" in value for _, value, _, _ in last)


async def test_what_the_broker_refused_is_not_where_the_next_run_goes_on(tmp_path: Path) -> None:
    save(tmp_path / "place.json", PLACE)
    trial = Trial(tmp_path / "place.json", Scripted(5), error=KafkaError._MSG_TIMED_OUT)
    with pytest.raises(Unavailable, match="did not acknowledge"):
        await trial.feeding.run(PLACE.position, lambda: False)
    assert load(tmp_path / "place.json") == PLACE


async def test_what_came_before_a_refusal_is_published_and_saved(tmp_path: Path) -> None:
    trial = Trial(tmp_path / "place.json", Scripted(3, ends=Misconfigured("no access")))
    with pytest.raises(Misconfigured, match="no access"):
        await trial.feeding.run(None, lambda: False)
    assert trial.raw == 3
    assert (load(trial.path) or PLACE).next_sequence == 3


async def test_states_and_an_open_circuit_are_told(tmp_path: Path) -> None:
    guard = Guard()
    trial = Trial(tmp_path / "place.json", Scripted(1, guard=guard))
    await trial.feeding.run(None, lambda: any("circuit" in line for line in trial.told))
    assert trial.told == [
        "betfair DOWN ended", "betfair UP connected", "betfair DOWN silent", "betfair UP connected",
        "betfair circuit open, 5 failures in a row",
    ]  # fmt: skip


def test_a_place_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "place.json"
    assert load(path) is None
    save(path, PLACE)
    save(path, PLACE)
    assert load(path) == PLACE
    assert [each.name for each in tmp_path.iterdir()] == ["place.json"]


def test_a_place_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "place.json"
    path.write_text("{")
    with pytest.raises(Misconfigured, match=r"place.json does not tell where the feed stands.*remove it"):
        load(path)


def test_without_a_broker_no_feed_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bookstream.reading.TIMEOUT_SECONDS", 0.5)
    for saved in (None, PLACE):
        with pytest.raises(Unavailable, match="the Kafka broker does not answer"):
            place_to_go_on_from("localhost:1", "betfair", saved, "s")


@pytest.mark.parametrize(
    ("provider", "given", "says"),
    [
        ("nobody", {}, "no live feed of 'nobody': known are betfair, theoddsapi, betsapi, uof"),
        ("betfair", {}, "set BOOKSTREAM_BETFAIR_APP_KEY"),
        ("betfair", {"betfair_app_key": "k"}, "set BOOKSTREAM_BETFAIR_SESSION"),
        ("betfair", {"betfair_app_key": ""}, "set BOOKSTREAM_BETFAIR_APP_KEY"),
        ("betfair", {"betfair_ca": "/nowhere.pem", "betfair_app_key": "k", "betfair_session": "s"}, "BETFAIR_CA"),
        ("theoddsapi", {}, "set BOOKSTREAM_THEODDSAPI_KEY"),
        ("theoddsapi", {"theoddsapi_key": "k", "theoddsapi_sports": " , "}, "set BOOKSTREAM_THEODDSAPI_SPORTS"),
        ("theoddsapi", {"theoddsapi_key": "k", "theoddsapi_markets": ""}, "set BOOKSTREAM_THEODDSAPI_MARKETS"),
        ("betsapi", {}, "set BOOKSTREAM_BETSAPI_TOKEN"),
        ("betsapi", {"betsapi_token": "t", "betsapi_sports": " , "}, "set BOOKSTREAM_BETSAPI_SPORTS"),
        ("uof", {}, "set BOOKSTREAM_UOF_TOKEN"),
        ("uof", {"uof_token": "t", "uof_ca": "/nowhere.pem"}, "UOF_CA"),
    ],
)
def test_a_setting_that_is_missing_is_named(provider: str, given: dict[str, Any], says: str) -> None:
    with pytest.raises(Misconfigured, match=says):
        live_source(provider, Settings(**given))


def test_a_place_belongs_to_what_was_asked_for() -> None:
    given = Settings.model_validate({"betfair_app_key": "k", "betfair_session": "s", "theoddsapi_key": "k"})
    names = [
        live_source(provider, given, sports, markets).subscription
        for provider in ("betfair", "theoddsapi")
        for sports, markets in ((None, None), ("2", None), (None, "h2h,totals"), ("2", "h2h,totals"))
    ]
    assert len(set(names)) == len(names)
    assert live_source("betfair", given, "1", "MATCH_ODDS").subscription == names[0]


def test_the_unified_odds_feed_is_whole_or_not_at_all() -> None:
    given = Settings.model_validate({"uof_token": "t", "uof_producers": "3, 1"})
    assert live_source("uof", given).connector.provider == "uof"
    assert (
        live_source("uof", given).subscription
        != live_source("uof", Settings.model_validate({"uof_token": "t"})).subscription
    )
    with pytest.raises(Misconfigured, match="leave --sports and --markets out"):
        live_source("uof", given, sports="1")


def test_betsapi_is_asked_for_the_matches_of_its_sports_and_the_odds_of_its_events() -> None:
    given = Settings.model_validate({"betsapi_token": "t", "betsapi_events": "1500, 1600"})
    assert live_source("betsapi", given).connector.provider == "betsapi"
    names = [live_source("betsapi", given, sports).subscription for sports in (None, "1", "1,18")]
    assert names[0] == names[1] != names[2]
    with pytest.raises(Misconfigured, match="leave out --markets"):
        live_source("betsapi", given, markets="h2h")


def test_a_place_that_cannot_be_kept_ends_the_feed_and_the_one_before_stays(tmp_path: Path) -> None:
    path = tmp_path / "place.json"
    save(path, PLACE)
    path.with_suffix(".partial").mkdir()
    with pytest.raises(Unavailable, match=r"place\.json: Is a directory"):
        save(path, PLACE)
    assert load(path) == PLACE

"""How complete feeds are and how far their clocks are off, as ingest publishes it."""

from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
import pytest

from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.api import Context
from bookstream.delivery.memory import MemoryLog
from connectors.raw import RawStream
from domain.events.canonical import Incident, IncidentKind, Statistic
from domain.events.feeds import ClockSkew, ClockTick, FeedCompleteness, ProviderDifference, RawMessage
from domain.events.head import Event
from ops.metrics import REGISTRY

SECOND = 1_000_000
KICK_OFF = 1_776_511_800 * SECOND
MINUTE = 60 * SECOND
NAMES = ("Brighton and Hove Albion", "Nottingham Forest")

E = TypeVar("E", bound=Event)


class Trial:
    """A live poller of one match in play through ingest, in memory, and the clock beside it."""

    def __init__(self, *others: Context, batch_records: int = 1024) -> None:
        self.log = MemoryLog([ingest_context(), *others], batch_records=batch_records)
        self.stream = RawStream(provider="theoddsapi", endpoint="test", stream_id="odds", recorded=False)
        self.at = KICK_OFF + MINUTE
        self.price = 2000

    def poll(self, *, lost: bool = False, ahead: int = 0, **changes: Any) -> RawMessage:
        """Poll once a minute, at new odds each time; `ahead` is how far the provider's clock is."""
        self.at += MINUTE
        self.price += 10
        commence = datetime.fromtimestamp(KICK_OFF / SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        outcomes = [{"name": name, "price": price} for name, price in zip(NAMES, (self.price / 1000, 2.5), strict=True)]
        maker = {"key": "a", "title": "A", "markets": [{"key": "h2h", "outcomes": outcomes}]}
        event = {
            "id": "2c2061", "sport_key": "soccer_epl", "sport_title": "EPL", "commence_time": commence,
            "home_team": NAMES[0], "away_team": NAMES[1], "bookmakers": [maker],
        }  # fmt: skip
        payload = msgspec.json.encode([event | changes])
        message = self.stream.message(payload, received_at=self.at, occurred_at=self.at + ahead)
        if not lost:
            self.send(message)
        return message

    def send(self, message: RawMessage) -> None:
        self.log.send(topics.raw_topic("theoddsapi"), b"odds", encode(message))
        self.log.run()

    def tick(self, *, after: int = 0) -> None:
        self.at += after
        tick = ClockTick(event_id=f"t{self.at}", occurred_at=self.at, received_at=self.at, provider="clock")
        for partition in range(topics.PARTITIONS):
            self.log.send(topics.CLOCK.name, b"clock", encode(tick), partition=partition)
        self.log.run()

    def tell(self, provider: str, kind: IncidentKind, *, at: int = 0, **changes: Any) -> None:
        """Let another provider tell of an incident of the match, on another worker."""
        fixture_id = self.log.records(topics.FIXTURES.name)[0].key or b""
        told = Incident(
            event_id=f"{provider}{kind}{self.at + at}", occurred_at=self.at + at, received_at=self.at,
            provider=provider, fixture_id=fixture_id.decode(), kind=kind, **changes,
        )  # fmt: skip
        self.log.send(topics.INCIDENTS.name, fixture_id, encode(told))
        self.log.run()

    def figure(self, provider: str, name: str, value: float) -> None:
        """Let another provider tell of a figure of the match."""
        fixture_id = self.log.records(topics.FIXTURES.name)[0].key or b""
        told = Statistic(
            event_id=f"{provider}{name}{self.at}", occurred_at=self.at, received_at=self.at, provider=provider,
            fixture_id=fixture_id.decode(), name=name, value=value,
        )  # fmt: skip
        self.log.send(topics.STATISTICS.name, fixture_id, encode(told))
        self.log.run()

    def differences(self) -> list[tuple[str, bool, float, dict[tuple[str, str], float]]]:
        return [
            (each.measure, each.differs, each.apart, {(by.provider, by.name): by.value for by in each.figures})
            for each in self.said(topics.DIFFERENCES, ProviderDifference)
        ]

    def said(self, topic: topics.Topic, kind: type[E]) -> list[E]:
        return [decode(kind, record.value or b"") for record in self.log.records(topic.name)]

    def count(self, measure: str, provider: str = "theoddsapi") -> tuple[int, int, bool]:
        """Return what was last said of a measure: expected, received, and whether that is enough."""
        said = [
            each
            for each in self.said(topics.COMPLETENESS, FeedCompleteness)
            if (each.measure, each.provider) == (measure, provider)
        ]
        return said[-1].expected, said[-1].received, said[-1].met


@pytest.fixture
def trial() -> Trial:
    return Trial()


def scored(home: int) -> dict[str, Any]:
    return {"scores": [{"name": NAMES[0], "score": str(home)}, {"name": NAMES[1], "score": "0"}], "completed": False}


def test_a_stream_that_loses_nothing_is_complete(trial: Trial) -> None:
    for _ in range(30):
        trial.poll()
        trial.tick()
    assert trial.count("MESSAGES")[0] > 20
    assert trial.count("TICKS")[0] > 9
    assert {(each.share, each.met) for each in trial.said(topics.COMPLETENESS, FeedCompleteness)} == {(1.0, True)}


def test_a_lost_message_is_missing_of_the_fixture_until_it_comes_late(trial: Trial) -> None:
    trial.poll()
    lost = trial.poll(lost=True)
    trial.poll()
    trial.tick(after=MINUTE)
    assert trial.count("MESSAGES") == (3, 2, False)
    trial.send(lost)
    trial.tick(after=MINUTE)
    assert trial.count("MESSAGES") == (3, 3, True)


def test_silence_is_missing_ticks_while_it_lasts(trial: Trial) -> None:
    trial.poll()
    labels = {"provider": "theoddsapi", "measure": "TICKS"}
    before = REGISTRY.get_sample_value("bookstream_feed_objectives_missed_total", labels) or 0
    for _ in range(10):
        trial.tick(after=MINUTE)
    expected, received, met = trial.count("TICKS")
    assert (received, met) == (1, False)
    assert expected in {6, 7}
    assert REGISTRY.get_sample_value("bookstream_feed_objectives_missed_total", labels) == before + 1


def test_of_a_match_that_is_over_no_tick_is_missing(trial: Trial) -> None:
    trial.poll(**scored(0))
    trial.poll(**scored(0) | {"completed": True})
    for _ in range(30):
        trial.tick(after=MINUTE)
    assert trial.count("TICKS") == (1, 1, True)


def test_a_goal_that_others_told_is_missing_and_then_made_up_for(trial: Trial) -> None:
    trial.poll(**scored(0))
    trial.tell("uof", "GOAL", side="HOME", home_score=1, away_score=0)
    trial.tick(after=4 * MINUTE)
    assert trial.count("INCIDENTS", "uof") == (1, 1, True)
    assert trial.count("INCIDENTS") == (1, 0, False)
    trial.poll(**scored(1))
    trial.tick(after=2 * MINUTE)
    assert trial.count("INCIDENTS") == (1, 1, True)


def test_a_clock_that_is_ahead_is_published_and_measured(trial: Trial) -> None:
    for _ in range(3):
        trial.poll(ahead=2 * SECOND)
        trial.tick()
    skews = trial.said(topics.SKEW, ClockSkew)
    assert {(each.provider, each.against, each.scope_id, each.skew_us) for each in skews} == {
        ("theoddsapi", "bookstream", "odds", 2 * SECOND)
    }
    labels = {"provider": "theoddsapi", "against": "bookstream"}
    assert REGISTRY.get_sample_value("bookstream_clock_skew_seconds", labels) == 2


def test_clocks_of_providers_are_compared_by_what_both_told(trial: Trial) -> None:
    trial.poll(**scored(0))
    for home in (1, 2):
        trial.tell("uof", "GOAL", at=10 * SECOND, side="HOME", home_score=home, away_score=0)
        trial.poll(**scored(home))
    trial.tick(after=MINUTE)
    (skew,) = [each for each in trial.said(topics.SKEW, ClockSkew) if each.against == "uof"]
    assert (skew.provider, skew.skew_us, skew.samples) == ("theoddsapi", 50 * SECOND, 2)


def test_messages_are_counted_by_their_place(trial: Trial) -> None:
    def counted() -> list[float]:
        labels = [{"provider": "theoddsapi", "place": place} for place in ("NEXT", "GAP", "LATE", "DUPLICATE")]
        return [REGISTRY.get_sample_value("bookstream_feed_messages_total", each) or 0 for each in labels]

    before = counted()
    trial.poll()
    lost = trial.poll(lost=True)
    trial.send(trial.poll())
    trial.send(lost)
    assert [now - then for now, then in zip(counted(), before, strict=True)] == [1, 1, 1, 1]


def test_final_scores_that_differ_are_told_once_and_again_when_they_agree(trial: Trial) -> None:
    trial.poll(**scored(1))
    trial.poll(**scored(1) | {"completed": True})
    trial.tell("uof", "FULL_TIME", home_score=2, away_score=0)
    for _ in range(5):
        trial.tick(after=2 * MINUTE)
    values = {("theoddsapi", "home_score"): 1.0, ("uof", "home_score"): 2.0,
              ("theoddsapi", "away_score"): 0.0, ("uof", "away_score"): 0.0}  # fmt: skip
    assert trial.differences() == [("SCORE", True, 1.0, values)]
    (event,) = trial.said(topics.DIFFERENCES, ProviderDifference)
    assert (event.provider, event.tolerance) == ("bookstream", 0.0)
    trial.tell("uof", "GOAL_CANCELLED", side="HOME", home_score=1, away_score=0)
    for _ in range(5):
        trial.tick(after=2 * MINUTE)
    assert trial.differences()[1:] == [("SCORE", False, 0.0, values | {("uof", "home_score"): 1.0})]


def test_scores_that_differ_while_play_goes_on_are_not_compared(trial: Trial) -> None:
    trial.poll(**scored(0))
    trial.tell("uof", "GOAL", side="HOME", home_score=1, away_score=0)
    trial.tell("uof", "FULL_TIME", home_score=1, away_score=0)
    trial.tick(after=10 * MINUTE)
    assert trial.differences() == []


def test_cards_that_differ_are_told_when_both_say_that_it_is_over(trial: Trial) -> None:
    trial.poll()
    for provider, yellow in (("uof", 2), ("footballdata", 3)):
        trial.figure(provider, "home_yellow_cards_count", yellow)
        trial.figure(provider, "home_shots_count", yellow)
        trial.tell(provider, "FULL_TIME", home_score=1, away_score=0)
    trial.tick(after=2 * MINUTE)
    ((measure, differs, apart, values),) = trial.differences()
    assert (measure, differs, apart) == ("CARDS", True, 1.0)
    assert values["uof", "home_yellow_cards_count"] == 2
    trial.figure("uof", "home_yellow_cards_count", 3)
    trial.tick(after=10 * MINUTE)
    assert [(each[0], each[1]) for each in trial.differences()] == [("CARDS", True), ("CARDS", False)]


def test_what_is_said_of_a_fixture_is_said_in_its_partition(trial: Trial) -> None:
    trial.poll()
    trial.tell("uof", "FULL_TIME", home_score=2, away_score=0)
    trial.tell("opta", "FULL_TIME", home_score=1, away_score=0)
    trial.tick(after=2 * MINUTE)
    (home,) = [number for number, records in enumerate(trial.log.topics[topics.FIXTURES.name]) if records]
    for topic in (topics.COMPLETENESS, topics.DIFFERENCES):
        filled = [number for number, records in enumerate(trial.log.topics[topic.name]) if records]
        assert filled == [home], topic.name

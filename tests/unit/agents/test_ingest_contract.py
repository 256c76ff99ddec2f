"""A provider that changes its messages: new fields are kept and counted, a broken contract is said and measured."""

import itertools
from typing import Any, TypeVar

import msgspec
import pytest

from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.memory import MemoryLog
from connectors.raw import RawStream
from domain.errors import ContractViolation
from domain.events.canonical import MarketOdds
from domain.events.feeds import FeedStatus, RawMessage
from domain.events.head import Event
from domain.feeds.contract import BROKEN_AT, LOOKED_AT_EVERY, LOOKED_AT_FIRST, NEWEST
from ops.metrics import REGISTRY

SECOND = 1_000_000
START = 1_776_508_200 * SECOND

E = TypeVar("E", bound=Event)


class Trial:
    """A provider whose answers change."""

    def __init__(self) -> None:
        self.log = MemoryLog([ingest_context()])
        self.stream = RawStream(provider="theoddsapi", endpoint="test", stream_id="odds", recorded=True)
        self.at = START
        self.price = 2.0

    def poll(self, **changes: Any) -> bytes:
        """Answer with new odds; `changes` are the provider's to the event."""
        self.at += 10 * SECOND
        self.price += 0.01
        outcomes = [{"name": name, "price": self.price} for name in ("Hull", "Ajax")]
        event = {
            "id": "e1", "sport_key": "soccer_epl", "sport_title": "EPL", "commence_time": "2026-04-18T11:30:00Z",
            "home_team": "Hull", "away_team": "Ajax",
            "bookmakers": [{"key": "a", "title": "A", "markets": [{"key": "h2h", "outcomes": outcomes}]}],
        }  # fmt: skip
        payload = msgspec.json.encode([event | changes])
        message = self.stream.message(payload, received_at=self.at)
        self.log.send(topics.raw_topic("theoddsapi"), b"odds", encode(message))
        self.log.run()
        return payload

    def said(self, topic: topics.Topic, kind: type[E]) -> list[E]:
        return [decode(kind, record.value or b"") for record in self.log.records(topic.name) if record.partition == 0]

    @property
    def notices(self) -> list[tuple[str, str]]:
        """Return what was said of the feed, without what only repeats it."""
        said = [(each.state, each.reason) for each in self.said(topics.FEED_STATUS, FeedStatus)]
        told = [("UP", "connected") if reason == "heartbeat" else (state, reason) for state, reason in said]
        return [each for each, _ in itertools.groupby(told)]


@pytest.fixture
def trial() -> Trial:
    return Trial()


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, {"provider": "theoddsapi", **labels}) or 0.0


def test_a_field_that_a_provider_adds_is_kept_counted_and_said_once(trial: Trial) -> None:
    for _ in range(LOOKED_AT_FIRST):
        trial.poll()
    before = value("bookstream_feed_undeclared_fields_total", path="venue")
    for _ in range(2 * LOOKED_AT_EVERY):
        changed = trial.poll(venue={"roof": "open"})
    assert value("bookstream_feed_undeclared_fields_total", path="venue") - before == 2
    new = [each for each in trial.said(topics.FEED_STATUS, FeedStatus) if each.reason == "new_fields"]
    assert [(each.state, each.detail) for each in new] == [("UP", "venue")]
    newest = trial.log.records(topics.raw_topic("theoddsapi"))[-1]
    assert decode(RawMessage, newest.value or b"").payload == changed
    assert not trial.log.records(topics.DEAD_LETTERS.name)
    assert len(trial.log.records(topics.ODDS.name)) == LOOKED_AT_FIRST + 2 * LOOKED_AT_EVERY


@pytest.mark.parametrize(
    "change",
    [{"commence_time": 1_776_511_800}, {"commence_time": None, "commenceTime": "2026-04-18T11:30:00Z"}],
    ids=["retyped", "renamed"],
)
def test_a_field_that_is_retyped_or_renamed_is_dead_lettered_and_alarms_once(
    trial: Trial, change: dict[str, Any]
) -> None:
    names = ("bookstream_feed_contracts_broken_total",)
    before = [value(name) for name in names] + [value("bookstream_feed_refused_total", reason="contract_violation")]
    trial.poll()
    sent = [trial.poll(**change) for _ in range(BROKEN_AT + 2)]
    letters = trial.log.records(topics.DEAD_LETTERS.name)
    assert [decode(RawMessage, letter.value or b"").payload for letter in letters] == sent
    assert trial.notices == [("UP", "connected"), ("DELAYED", "contract")]
    (alarm,) = [each for each in trial.said(topics.FEED_STATUS, FeedStatus) if each.reason == "contract"][:1]
    assert "3 of the newest 32 messages were refused" in alarm.detail
    assert "commence_time" in alarm.detail
    after = [value(name) for name in names] + [value("bookstream_feed_refused_total", reason="contract_violation")]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, len(sent)]


def test_a_contract_that_is_kept_again_restores_the_feed(trial: Trial) -> None:
    for _ in range(BROKEN_AT):
        trial.poll(commence_time=1)
    for _ in range(NEWEST):
        trial.poll()
    assert trial.notices == [("UP", "connected"), ("DELAYED", "contract"), ("UP", "connected")]
    assert len(trial.log.records(topics.ODDS.name)) == NEWEST


def test_one_bad_message_is_a_dead_letter_and_says_nothing_of_the_feed(trial: Trial) -> None:
    trial.poll()
    trial.poll(commence_time=1)
    trial.poll()
    assert trial.notices == [("UP", "connected")]
    assert len(trial.log.records(topics.DEAD_LETTERS.name)) == 1


def test_what_was_refused_is_taken_when_it_is_sent_again_to_a_program_that_understands_it(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial.poll()
    with monkeypatch.context() as without:
        without.setattr("agents.ingest_theoddsapi.check_event", refuse)
        trial.poll()
    trial.poll()
    (letter,) = trial.log.records(topics.DEAD_LETTERS.name)
    for _ in range(2):
        trial.log.send(topics.raw_topic("theoddsapi"), letter.key, letter.value)
        trial.log.run()
    odds = [decode(MarketOdds, record.value or b"") for record in trial.log.records(topics.ODDS.name)]
    assert [(each.late, each.selections[0].back_odds) for each in odds] == [(False, 2010), (False, 2030), (True, 2020)]


def refuse(_event: object) -> None:
    raise ContractViolation("not understood yet")

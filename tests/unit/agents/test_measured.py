"""What agents count of what they say: the counters that the dashboard shows."""

import pytest

from bookstream import topics
from bookstream.codecs import encode
from domain.betting.rules import AccountRules
from domain.events.feeds import FeedState, FeedStatus
from domain.events.trading import Quote
from domain.trading.rules import MarketRules
from ops.metrics import REGISTRY
from tests.unit.agents.floor import Floor

CHANCES = {"home": 0.5, "away": 0.3, "draw": 0.2}
FIXTURE = "fx-1"


@pytest.fixture
def floor() -> Floor:
    """Open a match."""
    floor = Floor(MarketRules(), AccountRules())
    floor.open(FIXTURE, CHANCES)
    return floor


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_quotes_are_counted_by_status(floor: Floor) -> None:
    said = len(floor.said(topics.QUOTES, Quote))
    before = {status: value("bookstream_quotes_total", status=status) for status in ("OPEN", "SUSPENDED", "CLOSED")}
    floor.price(FIXTURE, {"home": 0.6, "away": 0.3, "draw": 0.1})
    floor.wait(7200)
    statuses: list[str] = [quote.status for quote in floor.said(topics.QUOTES, Quote)[said:]]
    assert set(statuses) == {"OPEN", "SUSPENDED"}
    for status, counted in before.items():
        assert value("bookstream_quotes_total", status=status) - counted == statuses.count(status)


def test_a_bet_is_counted_when_it_is_decided_and_not_when_it_is_answered_again(floor: Floor) -> None:
    accepted = {"outcome": "ACCEPTED", "code": ""}
    refused = {"outcome": "REJECTED", "code": "INSUFFICIENT_BALANCE"}
    before = [value("bookstream_bet_decisions_total", **labels) for labels in (accepted, refused)]
    floor.credit("ann", 1500)
    leg = floor.shown(FIXTURE)
    floor.bet("ann", leg, bet_id="first")
    floor.bet("ann", leg, bet_id="second")
    floor.bet("ann", leg, bet_id="first")
    after = [value("bookstream_bet_decisions_total", **labels) for labels in (accepted, refused)]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1]


def test_dead_letters_are_counted_by_context_and_reason(floor: Floor) -> None:
    labels = {"context": "accounts", "reason": "undecodable"}
    before = value("bookstream_dead_letters_total", **labels)
    floor.log.send(topics.BET_REQUESTS.name, b"ann", b"rubbish")
    floor.log.run()
    assert value("bookstream_dead_letters_total", **labels) - before == 1


def test_a_feed_is_up_while_it_has_streams_and_all_of_them_live(floor: Floor) -> None:
    seen = []
    told: list[tuple[str, FeedState, str]] = [
        ("a", "UP", "connected"), ("b", "UP", "connected"), ("a", "DOWN", "silent"), ("a", "UP", "heartbeat"),
        ("a", "DOWN", "ended"), ("b", "DOWN", "ended"),
    ]  # fmt: skip
    for stream, state, reason in told:
        say(floor, stream, state, reason)
        seen.append(value("bookstream_feed_up", provider="made-up"))
    assert seen == [1, 1, 0, 1, 1, 0]


def say(floor: Floor, stream: str, state: FeedState, reason: str) -> None:
    """Say of a stream how it is; each stream lies in a partition of its own."""
    floor.at += 1
    status = FeedStatus(
        event_id=f"{stream}-{floor.at}", occurred_at=floor.at, received_at=floor.at, provider="made-up",
        stream_id=stream, state=state, reason=reason, detail="",
    )  # fmt: skip
    floor.log.send(topics.FEED_STATUS.name, b"made-up", encode(status), partition=3)
    floor.log.run()

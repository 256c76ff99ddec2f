"""What holds for any stream: nothing raises, nothing is doubled, and what is published is what the stream says."""

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.api import Batch, Record
from bookstream.delivery.memory import MemoryOutbox, MemoryShard
from bookstream.delivery.outbox import Sent
from connectors.raw import RawStream
from domain.events.canonical import MarketOdds
from domain.events.feeds import RawMessage
from domain.feeds.scores import changes_of
from domain.feeds.sequence import HOLES_KEPT, StreamSequence, place
from domain.feeds.watermark import Watermark, observe
from domain.identity import names
from domain.identity.similarity import similarity

SECOND = 1_000_000
START = 1_493_550_000 * SECOND

DEFINITION: dict[str, Any] = {
    "status": "OPEN", "inPlay": False, "betDelay": 0, "version": 1, "eventId": "1", "eventTypeId": "1",
    "bettingType": "ODDS", "marketType": "MATCH_ODDS", "marketTime": "2017-04-30T13:05:00.000Z",
    "eventName": "Middlesbrough v Man City", "regulators": ["MR_INT"],
    "runners": [
        {"id": number, "name": name, "sortPriority": place, "status": "ACTIVE"}
        for place, (number, name) in enumerate(((1, "Middlesbrough"), (2, "Man City"), (58805, "The Draw")), 1)
    ],
}  # fmt: skip
IMAGE: dict[str, Any] = {"id": "1.1", "img": True, "marketDefinition": DEFINITION, "rc": []}
MCM: dict[str, Any] = {"op": "mcm", "clk": "c", "pt": START // 1000, "mc": [IMAGE]}
CCM: dict[str, Any] = {
    "op": "ccm", "clk": "c", "pt": START // 1000,
    "cc": [{
        "eventId": "7", "marketId": "1.7",
        "fixtureInfo": {
            "homeTeam": "A", "awayTeam": "B", "expectedStartTime": START // 1000, "fixtureStatus": "IN_RUNNING",
        },
        "matchStats": {"inningsStats": [{"inningsNum": 1, "battingTeam": "A", "inningsRuns": 4}]},
    }],
}  # fmt: skip
ANSWER: list[dict[str, Any]] = [{
    "id": "e", "sport_key": "soccer_epl", "sport_title": "EPL", "commence_time": "2026-04-18T11:30:00Z",
    "home_team": "Brentford", "away_team": "Fulham", "completed": False,
    "scores": [{"name": "Brentford", "score": "1"}, {"name": "Fulham", "score": "0"}],
    "bookmakers": [{
        "key": "pinnacle", "title": "Pinnacle",
        "markets": [
            {"key": "h2h", "outcomes": [{"name": "Brentford", "price": 2.1}, {"name": "Fulham", "price": 3.3}]},
            {"key": "totals", "outcomes": [{"name": "Over", "price": 1.9, "point": 2.5}]},
        ],
    }],
}]  # fmt: skip

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


class Runner:
    """Records of one partition through the handler, in units of the given sizes."""

    def __init__(self, provider: str) -> None:
        self.topic = topics.raw_topic(provider)
        self.handler = ingest_context().handlers[self.topic]
        self.shard = MemoryShard(0)
        self.offset = 0

    def take(self, messages: Sequence[RawMessage]) -> list[Sent]:
        records = [
            Record(self.topic, 0, self.offset + n, 0, message.stream_id.encode(), encode(message))
            for n, message in enumerate(messages)
        ]
        self.offset += len(records)
        out = MemoryOutbox()
        self.handler(self.shard, Batch(self.topic, 0, records), out)
        self.shard.settle()
        return out.sent


def stream(provider: str) -> RawStream:
    return RawStream(provider=provider, endpoint="test", stream_id="s", recorded=True)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value in a document, itself included."""
    found = [path]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found += leaves(inner, (*path, key))
    return found


@st.composite
def mutations(draw: st.DrawFn, document: Any) -> bytes:
    """Change, remove or damage any part of a message."""
    changed = msgspec.json.decode(msgspec.json.encode(document))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(leaves(changed)))
        if not path:
            continue
        holder = changed
        for key in path[:-1]:
            holder = holder[key]
        if draw(st.booleans()):
            holder[path[-1]] = draw(json_values)
        else:
            del holder[path[-1]]
    payload = msgspec.json.encode(changed)
    return payload[: draw(st.integers(0, len(payload)))] if draw(st.integers(0, 9)) == 0 else payload


@settings(max_examples=300, deadline=None)
@given(st.lists(mutations(MCM) | mutations(CCM) | st.binary(max_size=40), min_size=1, max_size=4))
def test_whatever_the_exchange_sends_is_taken_or_a_dead_letter(payloads: list[bytes]) -> None:
    raw, runner = stream("betfair"), Runner("betfair")
    messages = [raw.message(payload, received_at=START + n) for n, payload in enumerate(payloads)]
    image = raw.message(msgspec.json.encode({**MCM, "clk": "whole"}), received_at=START + 9)
    sent = runner.take([*messages, image])
    rejected = [each.value for each in sent if each.topic == topics.DEAD_LETTERS.name]
    assert len(rejected) == len(set(rejected))
    assert encode(image) not in rejected


@settings(max_examples=300, deadline=None)
@given(st.lists(mutations(ANSWER) | st.binary(max_size=40), min_size=1, max_size=4))
def test_whatever_the_aggregator_sends_is_taken_or_a_dead_letter(payloads: list[bytes]) -> None:
    raw, runner = stream("theoddsapi"), Runner("theoddsapi")
    messages = [raw.message(payload, received_at=START + n) for n, payload in enumerate(payloads)]
    rejected = [each.value for each in runner.take(messages) if each.topic == topics.DEAD_LETTERS.name]
    assert len(rejected) == len(set(rejected))


prices = st.sampled_from([1.01, 1.5, 2.0, 2.02, 5.1, 100.0, 1000.0])
sizes = st.sampled_from([0, 0, 0.01, 2, 20.55, 1000])
levels = st.lists(st.tuples(prices, sizes), max_size=3)
deltas = st.fixed_dictionaries(
    {"id": st.sampled_from([1, 2, 58805])}, optional={"atb": levels, "atl": levels, "ltp": prices}
)
messages_of = st.lists(st.lists(deltas, max_size=3), max_size=12)


def book_stream(changes: list[list[dict[str, Any]]]) -> list[RawMessage]:
    raw = stream("betfair")
    made = [raw.message(msgspec.json.encode(MCM), received_at=START)]
    for n, change in enumerate(changes, 1):
        body = {"op": "mcm", "clk": str(n), "pt": START // 1000 + n, "mc": [{"id": "1.1", "rc": change}]}
        made.append(raw.message(msgspec.json.encode(body), received_at=START + n * 1000))
    return made


def spoken(sent: list[Sent]) -> list[tuple[str, bytes | None]]:
    """Return what was said, without the offset that caused it."""
    return [(each.topic, each.key) for each in sent if each.topic != topics.ODDS.name] + [
        (
            each.topic,
            msgspec.msgpack.encode(msgspec.structs.replace(decode(MarketOdds, each.value or b""), source=None)),
        )
        for each in sent
        if each.topic == topics.ODDS.name
    ]


@settings(max_examples=100, deadline=None)
@given(messages_of)
def test_what_is_published_last_is_what_the_stream_says(changes: list[list[dict[str, Any]]]) -> None:
    ladders: dict[tuple[int, str], dict[float, float]] = {}
    for runner in (delta for message in changes for delta in message):
        for side in ("atb", "atl"):
            for price, size in runner.get(side, ()):
                ladders.setdefault((runner["id"], side), {})[price] = size
    sent = Runner("betfair").take(book_stream(changes))
    odds = [decode(MarketOdds, each.value or b"") for each in sent if each.topic == topics.ODDS.name]
    for number, selection in zip((1, 2, 58805), odds[-1].selections, strict=True):
        backs = [price for price, size in ladders.get((number, "atb"), {}).items() if size]
        lays = [price for price, size in ladders.get((number, "atl"), {}).items() if size]
        assert selection.back_odds == (round(max(backs) * 1000) if backs else None)
        assert selection.lay_odds == (round(min(lays) * 1000) if lays else None)
    assert all(one.selections != other.selections for one, other in pairwise(odds))


@settings(max_examples=100, deadline=None)
@given(messages_of, st.randoms(use_true_random=False))
def test_messages_sent_again_at_any_later_time_change_nothing(
    changes: list[list[dict[str, Any]]], chance: random.Random
) -> None:
    once = book_stream(changes)
    again: list[RawMessage] = []
    for n, message in enumerate(once):
        again.append(message)
        again += chance.sample(once[: n + 1], chance.randrange(min(3, n + 1)))
    assert spoken(Runner("betfair").take(again)) == spoken(Runner("betfair").take(once))


@settings(max_examples=100, deadline=None)
@given(messages_of, st.lists(st.integers(1, 5), max_size=13))
def test_units_of_any_size_and_restarts_between_them_say_the_same(
    changes: list[list[dict[str, Any]]], cuts: list[int]
) -> None:
    messages, whole, cut = book_stream(changes), Runner("betfair"), Runner("betfair")
    sent, start = [], 0
    for size in [*cuts, len(messages)]:
        sent += cut.take(messages[start : start + size])
        cut.shard = cut.shard.reopened()
        start += size
    assert sent == whole.take(messages)


@given(st.lists(st.integers(0, 100), min_size=1, max_size=50), st.integers(0, 100))
def test_no_order_within_the_allowed_lateness_makes_anything_late(times: list[int], allowed: int) -> None:
    state, newest = Watermark(), 0
    for at in times:
        late = observe(state, START + at * SECOND, START + 1000 * SECOND, allowed * SECOND)
        assert late == (newest - at > allowed)
        newest = max(newest, at)


@given(st.integers(1, HOLES_KEPT).flatmap(lambda n: st.permutations(range(n))), st.randoms(use_true_random=False))
def test_every_number_of_a_stream_counts_once_in_any_order(order: list[int], chance: random.Random) -> None:
    state = StreamSequence()
    numbers = order + chance.sample(order, len(order) // 2)
    places = [place(state, number, START).place for number in numbers]
    assert places[len(order) :] == ["DUPLICATE"] * (len(order) // 2)
    assert "DUPLICATE" not in places[: len(order)]
    assert (state.lost, state.holes, state.expected) == (0, [], len(order))


@given(*[st.integers(0, 9)] * 4)
def test_the_goals_between_two_scores_lead_from_one_to_the_other(a: int, b: int, c: int, d: int) -> None:
    changes = changes_of(a, b, c, d)
    assert len(changes) == abs(a - c) + abs(b - d)
    if changes:
        assert (changes[-1].home, changes[-1].away) == (c, d)


@given(st.text(max_size=30), st.text(max_size=30))
def test_similarity_is_symmetric_and_bounded_and_certain_only_of_the_same(one: str, other: str) -> None:
    a, b = names.team(one), names.team(other)
    score = similarity(a, b)
    assert score == similarity(b, a)
    assert 0 <= score <= 1
    assert (score == 1.0) == (a == b and bool(a.words))

"""Mutated answers of BetsAPI through ingest: each is taken, or dead-lettered with its bytes; nothing else escapes."""

import contextlib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.memory import MemoryLog
from connectors.betsapi.parser import parse, unknown_fields
from connectors.raw import RawStream
from domain.errors import RejectedInput
from domain.events.canonical import Incident, MarketOdds
from domain.events.feeds import RawMessage
from tests.property.connectors.test_connectors_fuzz import mutated
from tests.unit.connectors import betsapi_samples as samples

LINES = [
    {"id": "1", "text": "12' - 1st Goal -   (Redtown Rovers) -"},
    {"id": "2", "text": "33' - 1st Yellow Card -  (Bluefield United)"},
]
TREND: dict[str, Any] = {"attacks": {"home": [{"time_str": "0", "val": "1"}], "away": [{"time_str": "7", "val": "4"}]}}
ROWS = {"1_1": samples.row(1), "1_2": samples.handicap_row(2, "-0.5", ss="1-0")}
XBET = {
    "id": "1", "league": {"name": "L"}, "home": {"name": "A"}, "away": {"name": "B"}, "time": str(samples.BEGAN),
    "Value": {"SN": "Football", "GE": [
        {"G": 1, "E": [[{"T": 1, "G": 1, "C": 2.5}], [{"T": 3, "G": 1, "C": 2.9}]]},
        {"G": 17, "E": [[{"T": 9, "G": 17, "C": 1.9, "P": 2.5}]]},
    ]},
}  # fmt: skip
SBOBET = {
    "id": "9", "league": {"name": "L"}, "home": {"name": "A"}, "away": {"name": "B"}, "time": str(samples.BEGAN),
    "home_score": "1", "away_score": "0", "period": "1H",
    "markets": [{"id": 1, "market_id": 1, "display": "Asian Handicap", "handicap": 0, "odds": [1.9, 1.95]}],
}  # fmt: skip
BWIN = {
    "Id": 5, "SportId": 4, "LeagueName": "L", "HomeTeam": "A", "AwayTeam": "B", "Date": "2020-09-13T12:26:40Z",
    "Markets": [
        {"Id": 1, "Name": "Total Goals - Over/Under", "Results": [{"Id": 1, "Name": "Over 2,5", "Odds": 1.9}]},
        {"Id": 2, "Name": "Handicap 0:1", "Results": [{"Id": 1, "Name": "A", "Odds": 3.0}]},
    ],
}  # fmt: skip
ANSWERS = [
    samples.answer([samples.event(ss="1-0", events=LINES, stats={"corners": ["1", "2"], "redcards": ["0", "1"]})]),
    samples.odds(m1_1=[samples.row(1), samples.row(2, ss="1-0")], m1_2=[samples.handicap_row(1, "0.0,-0.5")]),
    samples.answer({"Maker": {"matching_dir": "-1", "odds": {"start": ROWS, "end": ROWS}}}),
    samples.answer([{"from_id": "1500", "to_id": "1600", "created_at": str(samples.BEGAN)}]),
    samples.answer([samples.timeline()]),
    samples.answer(TREND),
    samples.bet365(),
    samples.answer([XBET]),
    samples.answer([SBOBET]),
    samples.answer([BWIN]),
]


def dead_letters(log: MemoryLog) -> list[bytes]:
    return [decode(RawMessage, record.value or b"").payload for record in log.records(topics.DEAD_LETTERS.name)]


def replay(payloads: list[bytes]) -> MemoryLog:
    """Let ingest take answers of one stream, each asked for the same event."""
    log = MemoryLog([ingest_context()])
    stream = RawStream(provider="betsapi", endpoint="test", stream_id="polls", recorded=True)
    for number, payload in enumerate(payloads):
        message = stream.message(
            payload, received_at=(samples.BEGAN + 9_000 + number) * 1_000_000, endpoint="/v1/event/odds?event_id=1500"
        )
        log.send(topics.raw_topic("betsapi"), b"polls", encode(message))
    log.run()
    return log


def test_the_answers_as_they_are_are_taken_whole() -> None:
    log = replay(ANSWERS)
    assert dead_letters(log) == []
    assert len(log.records(topics.ODDS.name)) > 10


@settings(max_examples=300, deadline=None)
@given(st.lists(mutated(ANSWERS), min_size=1, max_size=5))
def test_what_is_no_answer_is_dead_lettered_with_its_bytes(payloads: list[bytes]) -> None:
    log = replay([*ANSWERS[:2], *payloads, ANSWERS[0]])
    letters = dead_letters(log)
    for payload in payloads:
        try:
            parse(payload)
        except RejectedInput:
            assert payload in letters
        with contextlib.suppress(RejectedInput):
            unknown_fields(payload)
    for record in log.records(topics.ODDS.name):
        odds = decode(MarketOdds, record.value or b"")
        assert all(each.back_odds is None or 1_000 < each.back_odds <= 10**9 for each in odds.selections)
    for record in log.records(topics.INCIDENTS.name):
        incident = decode(Incident, record.value or b"")
        assert 0 <= (incident.home_score or 0) <= 100

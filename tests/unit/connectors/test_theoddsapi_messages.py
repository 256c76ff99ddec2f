"""The aggregator's answers, parsed."""

import json
from typing import Any

import pytest

from connectors.raw import RawStream
from connectors.theoddsapi import flat, messages
from connectors.theoddsapi.parser import parse_message
from domain.errors import ContractViolation, UndecodableInput
from tests.unit.connectors.samples import event

ROW = (
    "e1,soccer_epl,EPL,2026-04-18T11:30:00Z,Home,Away,2026-04-16T19:00:22Z,main,book,Book,2026-04-16T19:00:14Z,"
    "totals,Over,1.91,2.5,0.52\n"
)


def test_every_kind_of_answer_has_one_shape() -> None:
    sport = {"key": "soccer_epl", "group": "Soccer", "title": "EPL", "active": True}

    assert [e.id for e in messages.parse(json.dumps([event(1, {"A": 2}), event(2, {"A": 2})]).encode()).events] == [
        "event1",
        "event2",
    ]
    assert [e.id for e in messages.parse(json.dumps(event(3, {"A": 2})).encode()).events] == ["event3"]
    assert [s.key for s in messages.parse(json.dumps([sport]).encode()).sports] == ["soccer_epl"]
    assert messages.parse(b"[]") == messages.Answer()


def test_odds_and_lines_are_thousandths() -> None:
    outcome = messages.Outcome(name="Home", price=1.835, point=-0.25)

    assert (outcome.odds, outcome.line_milli) == (1835, -250)


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        (b"", UndecodableInput),
        (b'[{"id"', UndecodableInput),
        (b'{"message":"no"}', ContractViolation),
        (b"[1]", ContractViolation),
        (b'"text"', ContractViolation),
        (json.dumps([event(1, {"A": 0.5})]).encode(), ContractViolation),
        (json.dumps([event(1, {"": 2.0})]).encode(), ContractViolation),
        (json.dumps([event(1, {"A": 2}) | {"home_team": 7}]).encode(), ContractViolation),
    ],
)
def test_what_is_no_answer_is_rejected(payload: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        messages.parse(payload)


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        (ROW.encode() + b"short,row\n", ContractViolation),
        (ROW.replace("1.91", "cheap").encode(), ContractViolation),
        (ROW.replace("1.91", "nan").encode(), ContractViolation),
        (ROW.replace("2.5", "inf").encode(), ContractViolation),
        (ROW.replace("Over", "\xff").encode("latin-1"), UndecodableInput),
        (ROW.replace("Over", '"Over').encode(), UndecodableInput),
    ],
)
def test_rows_that_break_the_format_are_rejected(payload: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        flat.parse(payload)


def test_flat_rows_say_what_the_native_answer_says() -> None:
    (flat_event,) = flat.parse(ROW.encode() + ROW.replace("Over,1.91", "Under,1.95").encode()).events

    market = {
        "key": "totals", "last_update": "2026-04-16T19:00:14Z",
        "outcomes": [{"name": "Over", "price": 1.91, "point": 2.5}, {"name": "Under", "price": 1.95, "point": 2.5}],
    }  # fmt: skip
    native: dict[str, Any] = {
        "id": "e1", "sport_key": "soccer_epl", "sport_title": "EPL", "commence_time": "2026-04-18T11:30:00Z",
        "home_team": "Home", "away_team": "Away",
        "bookmakers": [
            {"key": "book", "title": "Book", "last_update": "2026-04-16T19:00:14Z", "markets": [market]},
        ],
    }  # fmt: skip
    assert messages.parse(json.dumps([native]).encode()).events == (flat_event,)


def test_a_content_type_that_this_provider_does_not_have_is_rejected() -> None:
    stream = RawStream(provider="theoddsapi", endpoint="x", stream_id="s", content_type="text/html")

    with pytest.raises(ContractViolation, match="no content type 'text/html'"):
        parse_message(stream.message(b"<html>", received_at=1))


def test_fields_that_nobody_declared_are_counted_by_their_path() -> None:
    payload = json.dumps([event(1, {"A": 2}) | {"weather": 1}, {**event(2, {"A": 2}), "weather": 2}]).encode()

    assert messages.unknown_fields(payload) == {"weather": 2}

"""Two versions of a contract side by side on one topic: each program reads what the other writes."""

import copy
from io import BytesIO
from typing import Any

import msgspec
import pytest
from fastavro import parse_schema, schemaless_reader, schemaless_writer

import schemas
from bookstream import topics
from bookstream.codecs import HEADER_BYTES, decode, encode, writer_schema
from bookstream.contracts.compatibility import breaks
from bookstream.contracts.ids import plain
from domain.events.canonical import Incident, IncidentKind
from domain.events.trading import Quote
from domain.trading.rules import MarketRules
from tests.unit.agents.floor import START, Floor

FIXTURE = "fx-0123456789abcdef"
OLD, NEW = 1, 2
SINCE_NEW: tuple[IncidentKind, ...] = ("SCORE_CORRECTED", "YELLOW_CARD_CANCELLED", "RED_CARD_CANCELLED", "VAR_REVIEW")


def incident(kind: IncidentKind, at: int = START) -> Incident:
    return Incident(
        event_id=f"i{kind}{at}", occurred_at=at, received_at=at, provider="uof", fixture_id=FIXTURE, kind=kind,
        side="HOME", home_score=1, away_score=0,
    )  # fmt: skip


def released(version: int) -> dict[str, Any]:
    schema: dict[str, Any] = plain(schemas.released("Incident")[version])
    return schema


def as_written(event: Incident, version: int) -> bytes:
    """Write an event as the program of this version does, under the id of that version."""
    body = BytesIO()
    schemaless_writer(body, parse_schema(released(version)), msgspec.to_builtins(event, builtin_types=(bytes,)))
    return b"\0" + schemas.pinned_ids()["Incident"][version].to_bytes(4) + body.getvalue()


def as_read(value: bytes, version: int) -> dict[str, Any]:
    """Read a value as the program of this version does, which looks up the writer's schema by the value's id."""
    writer = plain(writer_schema(int.from_bytes(value[1:HEADER_BYTES])))
    found = schemaless_reader(BytesIO(value[HEADER_BYTES:]), parse_schema(writer), parse_schema(released(version)))
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("kind", ["GOAL", "GOAL_CANCELLED", "RED_CARD", "FULL_TIME"])
@pytest.mark.parametrize("version", [OLD, NEW])
def test_this_program_reads_what_either_version_wrote(kind: IncidentKind, version: int) -> None:
    assert decode(Incident, as_written(incident(kind), version)) == incident(kind)


def test_this_program_writes_the_new_version() -> None:
    assert encode(incident("GOAL")) == as_written(incident("GOAL"), NEW)


@pytest.mark.parametrize("kind", SINCE_NEW)
def test_a_program_of_the_old_version_sees_a_new_word_as_unknown_and_all_else_as_it_is(kind: IncidentKind) -> None:
    seen = as_read(encode(incident(kind)), OLD)
    assert seen == {**msgspec.to_builtins(incident(kind)), "kind": "UNKNOWN"}


def test_a_program_of_the_old_version_reads_an_old_word_of_the_new_one() -> None:
    assert as_read(encode(incident("GOAL")), OLD) == msgspec.to_builtins(incident("GOAL"))


def test_the_book_acts_on_both_versions_of_one_topic() -> None:
    floor = Floor(MarketRules())
    floor.open(FIXTURE, {"home": 0.5, "away": 0.3, "draw": 0.2})
    said: list[str] = []
    told: list[tuple[int, IncidentKind]] = [(OLD, "RED_CARD"), (NEW, "RED_CARD_CANCELLED")]
    for version, kind in told:
        floor.wait(120)
        floor.price(FIXTURE, {"home": 0.5, "away": 0.3, "draw": 0.2})
        before = floor.said(topics.QUOTES, Quote)[-1].status
        floor.log.send(topics.INCIDENTS.name, FIXTURE.encode(), as_written(incident(kind, floor.at), version))
        floor.log.run()
        said += [before, floor.said(topics.QUOTES, Quote)[-1].status]
    assert said == ["OPEN", "SUSPENDED", "OPEN", "SUSPENDED"]
    assert not floor.log.records(topics.DEAD_LETTERS.name)


def test_the_gate_lets_the_new_version_pass() -> None:
    assert breaks(schemas.released("Incident")[NEW], {OLD: schemas.released("Incident")[OLD]}) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": "minute_of_match"}, "minute"),
        ({"type": "string", "default": ""}, "reader type: string not compatible with writer type: int"),
        (
            {"type": ["null", "double"]},
            "version 1 cannot read what the new schema wrote: reader union lacking writer type",
        ),
    ],
    ids=["renamed without a default", "retyped", "narrower for an older reader"],
)
def test_the_gate_stops_a_version_that_the_old_program_could_not_read(change: dict[str, Any], reason: str) -> None:
    schema = copy.deepcopy(schemas.released("Incident")[NEW])
    field = next(each for each in schema["fields"] if each["name"] == "minute")
    field |= change
    if "name" in change:
        del field["default"]
    faults = breaks(schema, {OLD: schemas.released("Incident")[OLD]})
    assert faults
    assert reason in "".join(faults)

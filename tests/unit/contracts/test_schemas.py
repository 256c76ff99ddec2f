"""The schemas are the structs, field by field, and every version reads every other."""

import copy
from typing import Any

import pytest

import schemas
from bookstream.contracts.agreement import differences
from bookstream.contracts.compatibility import breaks
from bookstream.contracts.ids import RECORDS
from bookstream.contracts.reference import nested
from bookstream.topics import PUBLIC

NAMES = sorted(RECORDS)


def changed(record: str, **fields: dict[str, Any] | None) -> dict[str, Any]:
    """Copy a schema with some of its fields changed, or removed where None is given."""
    schema = copy.deepcopy(schemas.current(record))
    kept = []
    for field in schema["fields"]:
        change = fields.get(field["name"], {})
        if change is not None:
            kept.append({**field, **change})
    schema["fields"] = kept
    return schema


def test_every_event_has_a_schema_and_a_topic() -> None:
    assert schemas.records() == NAMES
    assert {topic.record for topic in PUBLIC if topic.record} == set(NAMES)
    assert sorted(schemas.pinned_ids()) == NAMES


def test_every_key_of_a_topic_is_made_of_fields_of_its_record() -> None:
    for topic in PUBLIC:
        if topic.record:
            fields = {field["name"] for field in schemas.current(topic.record)["fields"]}
            assert set(topic.key.split("/")) <= fields, topic.name


@pytest.mark.parametrize("record", NAMES)
def test_a_schema_is_its_struct(record: str) -> None:
    assert differences(schemas.current(record)) == []


def test_a_record_within_several_is_the_same_in_all() -> None:
    seen: dict[str, Any] = {}
    for record in NAMES:
        for inner in nested(schemas.current(record)):
            assert seen.setdefault(inner["name"], inner) == inner


@pytest.mark.parametrize(
    ("record", "fields", "reason"),
    [
        ("Statistic", {"value": None}, "the struct has"),
        ("Statistic", {"value": {"type": "long"}}, "float'> in the struct, long in the schema"),
        ("Statistic", {"value": {"doc": ""}}, "Statistic.value: no doc"),
        ("Statistic", {"value": {"type": ["null", "double"], "default": None}}, "a union, but not optional"),
        ("Statistic", {"late": {"default": True}}, "the struct's default is False, the schema's True"),
        ("Statistic", {"market_id": {"type": "string"}}, "optional, but not a union"),
        ("Statistic", {"market_id": {"default": ""}}, "optional, but its default is not null"),
        ("Statistic", {"occurred_at": {"type": "long"}}, "are timestamp-micros"),
        ("Participant", {"kind": {"type": "string"}}, "a closed set in the struct"),
        ("Participant", {"aliases": {"type": {"type": "array", "items": "long"}}}, "str'> in the struct, long"),
        ("Participant", {"aliases": {"type": {"type": "map", "values": "string"}}}, "map in the schema"),
    ],
)
def test_a_schema_that_is_not_its_struct_is_told(record: str, fields: dict[str, Any], reason: str) -> None:
    assert any(reason in found for found in differences(changed(record, **fields)))


def test_an_enum_has_the_structs_symbols_behind_unknown() -> None:
    schema = changed("Participant")
    kind = next(each for each in nested(schema) if each["name"] == "ParticipantKind")
    kind["symbols"] = ["UNKNOWN", "PLAYER", "TEAM", "RUNNER"]
    assert any("UNKNOWN comes first" in found for found in differences(schema))
    kind["symbols"] = ["TEAM", "PLAYER", "RUNNER"]
    del kind["default"]
    found = differences(schema)
    assert any("UNKNOWN comes first" in each for each in found)
    assert any("default symbol" in each for each in found)


def test_a_schema_of_no_event_is_told() -> None:
    assert differences({"type": "record", "name": "Nothing", "fields": []}) == ["Nothing: no such event"]
    assert differences({**schemas.current("Account"), "namespace": "x"}) == ["Account: its namespace is not bookstream"]


@pytest.mark.parametrize("record", NAMES)
def test_every_version_reads_every_other(record: str) -> None:
    versions = schemas.released(record)
    assert breaks(schemas.current(record), versions) == []
    for schema in versions.values():
        assert breaks(schema, versions) == []


@pytest.mark.parametrize("record", NAMES)
def test_the_current_schema_is_the_latest_release(record: str) -> None:
    versions = schemas.released(record)
    assert versions[max(versions)] == schemas.current(record)
    assert sorted(versions) == list(range(1, len(versions) + 1)) == sorted(schemas.pinned_ids()[record])


def test_no_id_stands_for_two_schemas() -> None:
    ids = [number for versions in schemas.pinned_ids().values() for number in versions.values()]
    assert len(ids) == len(set(ids))


def test_a_field_with_a_default_and_a_new_symbol_are_compatible() -> None:
    released = {1: schemas.current("Participant")}
    schema = changed("Participant")
    schema["fields"].append({"name": "country", "type": ["null", "string"], "default": None, "doc": "Its country."})
    next(each for each in nested(schema) if each["name"] == "ParticipantKind")["symbols"].append("JOCKEY")
    assert breaks(schema, released) == []


@pytest.mark.parametrize(
    ("fields", "more", "reason"),
    [
        ({}, [{"name": "country", "type": "string"}], "the new schema cannot read what version 1 wrote: country"),
        ({"name": None}, [], "version 1 cannot read what the new schema wrote: name"),
        ({"sport": {"type": "long"}}, [], "reader type: long not compatible with writer type: string"),
        ({"provider_sequence": {"type": "string", "default": ""}}, [], "not compatible with writer type: null"),
    ],
)
def test_what_one_version_could_not_read_is_refused(
    fields: dict[str, Any], more: list[dict[str, Any]], reason: str
) -> None:
    schema = changed("Participant", **fields)
    schema["fields"] += more
    assert any(reason in found for found in breaks(schema, {1: schemas.current("Participant")}))


def test_a_removed_symbol_falls_to_unknown_and_a_symbol_without_that_fallback_is_refused() -> None:
    schema = changed("Participant")
    kind = next(each for each in nested(schema) if each["name"] == "ParticipantKind")
    kind["symbols"].remove("RUNNER")
    assert breaks(schema, {1: schemas.current("Participant")}) == []
    del kind["default"]
    assert breaks(schema, {1: schemas.current("Participant")}) != []

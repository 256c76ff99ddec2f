"""For any event of any record: fastavro writes the same bytes, and only typed errors escape from reading."""

from io import BytesIO
from typing import Any

import msgspec
import pytest
from fastavro import parse_schema, schemaless_reader, schemaless_writer
from hypothesis import given
from hypothesis import strategies as st

import schemas
from bookstream.codecs import decode, encode
from bookstream.contracts.ids import RECORDS, STRUCTS, plain
from domain.errors import RejectedInput
from domain.events.head import Event

NAMES = sorted(RECORDS)
LONGS = st.integers(-(2**63), 2**63 - 1)
SIMPLE: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(st.characters(exclude_categories=["Cs"])),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": LONGS | st.integers(0, 2**22) | st.integers(1_500_000_000_000_000, 1_800_000_000_000_000),
    "double": st.floats(allow_nan=False),
    "boolean": st.booleans(),
    "bytes": st.binary(max_size=300),
}


def values(schema: Any) -> st.SearchStrategy[Any]:
    """Make values of a schema, records as structs."""
    if isinstance(schema, list):
        return st.none() | values(schema[1])
    kind = schema["type"] if isinstance(schema, dict) else schema
    if kind == "record":
        fields = {field["name"]: values(field["type"]) for field in schema["fields"]}
        return st.builds(STRUCTS[schema["name"]], **fields)
    if kind == "enum":
        return st.sampled_from(schema["symbols"][1:])
    if kind == "array":
        return st.lists(values(schema["items"]), max_size=4).map(tuple)
    if kind == "map":
        return st.dictionaries(SIMPLE["string"], values(schema["values"]), max_size=4)
    return SIMPLE[kind]


EVENTS: dict[str, st.SearchStrategy[Event]] = {name: values(plain(schemas.current(name))) for name in NAMES}
PARSED = {name: parse_schema(plain(schemas.current(name))) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_an_event_is_written_as_fastavro_writes_it_and_read_as_fastavro_reads_it(
    name: str, data: st.DataObject
) -> None:
    event = data.draw(EVENTS[name])
    value = encode(event)
    body = BytesIO()
    schemaless_writer(body, PARSED[name], msgspec.to_builtins(event, builtin_types=(bytes,)))
    assert value[5:] == body.getvalue()
    body.seek(0)
    assert decode(type(event), value) == event
    assert msgspec.convert(schemaless_reader(body, PARSED[name], None), type(event)) == event


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_from_damaged_bytes_only_typed_errors_escape(name: str, data: st.DataObject) -> None:
    kind = RECORDS[name]
    value = bytearray(encode(data.draw(EVENTS[name])))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(value)))
        value[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=12))
    try:
        event = decode(kind, bytes(value))
    except RejectedInput:
        return
    # What can be read is a whole event of its kind: every type right, and it can be written again.
    msgspec.convert(msgspec.to_builtins(event, builtin_types=(bytes,)), kind)
    assert decode(kind, encode(event)) == event or "nan" in repr(event)


@given(st.sampled_from(NAMES), st.binary(max_size=400))
def test_from_any_bytes_behind_an_id_only_typed_errors_escape(name: str, body: bytes) -> None:
    head = b"\0" + schemas.pinned_ids()[name][1].to_bytes(4)
    try:
        decode(RECORDS[name], head + body)
    except RejectedInput:
        return
    assert encode(decode(RECORDS[name], head + body))[:5] == head

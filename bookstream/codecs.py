"""Events to Kafka values and back: the Confluent wire format (byte 0, schema id, Avro body) by fastavro.

Ids come from the repository, or from a schema registry that `use_ids` was told of. Times stay integers: the logical
types are for others. The current version of a record goes by compiled functions (codec_compiler.py); a value written by
another released version is read by fastavro and resolved to the current one.
"""

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from typing import Any, TypeVar

import msgspec
from fastavro import parse_schema, schemaless_reader

import schemas
from bookstream.codec_compiler import Decode, Encode, compile_decoder, compile_encoder
from domain.errors import ContractViolation, UndecodableInput
from domain.events import betting, canonical, feeds, trading
from domain.events.head import Event, Source

E = TypeVar("E", bound=Event)

HEADER_BYTES = 5
MOST_BYTES = 16 * 1024 * 1024
"""No value is larger: a broker of this system takes no more in one record."""

RECORDS: dict[str, type[Event]] = {
    kind.__name__: kind
    for module in (feeds, canonical, trading, betting)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
}


STRUCTS: dict[str, type[msgspec.Struct]] = {"Source": Source} | {
    kind.__name__: kind
    for module in (feeds, canonical, trading, betting)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
}


class Writer(msgspec.Struct, frozen=True):
    """What stands behind a wire id: the record, its version, and the schema it was written by.

    `fast` reads it when it is the current schema; otherwise `parsed` is for fastavro.
    """

    record: str
    version: int
    schema: dict[str, Any]
    parsed: Any
    fast: Decode | None


class Ids:
    """Wire ids both ways: by record for writing, by id for reading."""

    def __init__(self, ids: Mapping[str, Mapping[int, int]]) -> None:
        self.writers: dict[int, Writer] = {}
        self.encoders: dict[type[Event], Encode] = {}
        for record, versions in ids.items():
            current = _plain(schemas.current(record))
            fast = compile_decoder(current, STRUCTS)
            for version, number in versions.items():
                schema = schemas.released(record)[version]
                same = _plain(schema) == current
                self.writers[number] = Writer(
                    record, version, schema, parse_schema(_plain(schema)), fast if same else None
                )
            head = b"\0" + versions[max(versions)].to_bytes(4)
            self.encoders[RECORDS[record]] = compile_encoder(current, head)


def _plain(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """Strip what the codec does not read: logical types, so that times stay integers, and the words for people."""
    if isinstance(schema, dict):
        return {key: _plain(value) for key, value in schema.items() if key not in {"logicalType", "doc"}}
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    return schema


class _Current:
    """The ids in use; one for the process."""

    ids = Ids(schemas.pinned_ids())


@cache
def _reader_schema(record: str) -> Any:  # noqa: ANN401 - JSON
    return parse_schema(_plain(schemas.current(record)))


def use_ids(ids: Mapping[str, Mapping[int, int]]) -> None:
    """Write and read with these ids from now on: record → version → id."""
    _Current.ids = Ids(ids)


def encode(event: Event) -> bytes:
    """Encode an event as the value of its topic."""
    return _Current.ids.encoders[type(event)](event)


def writer_schema(schema_id: int) -> dict[str, Any]:
    """Return the schema that a wire id stands for.

    Raises:
        ContractViolation: no released schema has this id.
    """
    writer = _Current.ids.writers.get(schema_id)
    if writer is None:
        raise ContractViolation(f"no released schema has the id {schema_id}")
    return writer.schema


def decode(kind: type[E], data: bytes) -> E:
    """Decode a value of a topic.

    Raises:
        UndecodableInput: the bytes are not the wire format, are cut short, too long, or do not follow their schema.
        ContractViolation: the schema id is unknown or another record's.
    """
    writer = _writer_of(kind, data)
    try:
        event, end = writer.fast(data, HEADER_BYTES) if writer.fast else _resolve(writer, kind, data)
    except Exception as error:  # the bytes may make a reader trip over anything
        raise UndecodableInput(f"not a {kind.__name__}: {_first_line(error)}") from error
    if end != len(data):
        raise UndecodableInput(f"not a {kind.__name__}: it ends at byte {end} of {len(data)}")
    result: E = event
    return result


def _resolve(writer: Writer, kind: type[E], data: bytes) -> tuple[E, int]:
    body = BytesIO(data)
    body.seek(HEADER_BYTES)
    fields = schemaless_reader(body, writer.parsed, _reader_schema(writer.record))
    return msgspec.convert(fields, kind), body.tell()


def _writer_of(kind: type[Event], data: bytes) -> Writer:
    if len(data) < HEADER_BYTES or data[0] != 0:
        raise UndecodableInput("the value does not begin with byte 0 and a schema id")
    if len(data) > MOST_BYTES:
        raise UndecodableInput(f"the value has {len(data)} bytes, more than {MOST_BYTES}")
    schema_id = int.from_bytes(data[1:HEADER_BYTES])
    writer = _Current.ids.writers.get(schema_id)
    if writer is None:
        raise ContractViolation(f"no released schema has the id {schema_id}")
    if writer.record != kind.__name__:
        raise ContractViolation(f"the value is a {writer.record}, not a {kind.__name__}")
    return writer


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).split("\n", maxsplit=1)[0][:200]

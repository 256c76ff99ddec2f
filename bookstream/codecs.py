"""Events to Kafka values and back: the Confluent wire format (byte 0, schema id, Avro body) by fastavro.

Ids come from the repository, or from a schema registry that `use_ids` was told of. Times stay integers: the logical
types are for others. A value written by another released version of its record is resolved to the current one.
"""

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from typing import Any, TypeVar

import msgspec
from fastavro import parse_schema, schemaless_reader, schemaless_writer

import schemas
from domain.errors import ContractViolation, UndecodableInput
from domain.events import betting, canonical, feeds, trading
from domain.events.head import Event

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


class Writer(msgspec.Struct, frozen=True):
    """What stands behind a wire id: the record, its version, and the schema it was written by."""

    record: str
    version: int
    schema: dict[str, Any]
    parsed: Any


class Ids:
    """Wire ids both ways: by record for writing, by id for reading."""

    def __init__(self, ids: Mapping[str, Mapping[int, int]]) -> None:
        self.writers: dict[int, Writer] = {}
        self.headers: dict[str, bytes] = {}
        for record, versions in ids.items():
            for version, number in versions.items():
                schema = schemas.released(record)[version]
                self.writers[number] = Writer(record, version, schema, parse_schema(_plain(schema)))
            latest = versions[max(versions)]
            self.headers[record] = b"\0" + latest.to_bytes(4)


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
    record = type(event).__name__
    ids = _Current.ids
    out = BytesIO()
    out.write(ids.headers[record])
    schemaless_writer(out, _reader_schema(record), msgspec.to_builtins(event, builtin_types=(bytes,)))
    return out.getvalue()


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
    body = BytesIO(data)
    body.seek(HEADER_BYTES)
    reader = _reader_schema(writer.record)
    try:
        fields = schemaless_reader(body, writer.parsed, None if writer.parsed == reader else reader)
        event = msgspec.convert(fields, kind)
    except Exception as error:  # fastavro raises whatever the bytes make it trip over
        raise UndecodableInput(f"not a {kind.__name__}: {_first_line(error)}") from error
    if body.tell() != len(data):
        raise UndecodableInput(f"not a {kind.__name__}: {len(data) - body.tell()} bytes after its end")
    return event


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

"""Events to Kafka values and back, in the Confluent wire format: byte 0, the schema's id, the Avro body.

Ids come from the repository, or from a schema registry (registry.py calls `use_ids` when the process starts). Times
stay integers: the logical types are for others. The current version of a record goes by compiled functions; a value
written by another version is read by fastavro and resolved to the current one.
"""

from typing import Any, TypeVar

import msgspec

from bookstream.contracts.ids import RECORDS, Ids, pinned
from bookstream.topics import BY_NAME
from domain.errors import BookstreamError, ContractViolation, UndecodableInput
from domain.events.head import Event

E = TypeVar("E", bound=Event)

HEADER_BYTES = 5
MOST_BYTES = 16 * 1024 * 1024
"""No value is larger: a broker of this system takes no more in one record."""


class _InUse:
    """The ids of this process."""

    ids: Ids = pinned()


def use_ids(ids: Ids | None) -> None:
    """Write and read by these ids from now on; None returns to those that the repository pins."""
    _InUse.ids = ids or pinned()


def encode(event: Event) -> bytes:
    """Encode an event as the value of its topic.

    Raises:
        ContractViolation: the event does not fit its schema: a wrong type, an unknown symbol, a number too large.
            It has no place in a topic, so what caused it is at fault: encode before you change state.
    """
    try:
        return _InUse.ids.encoders[type(event)](event)
    except Exception as error:  # whatever a value that does not fit made the encoder trip over
        raise ContractViolation(f"no {type(event).__name__} can be written: {_misfit(event, error)}") from error


def decode(kind: type[E], data: bytes) -> E:
    """Decode a value of a topic.

    Raises:
        UndecodableInput: the bytes are not the wire format, are cut short, too long, or do not follow their schema.
        ContractViolation: the schema id is unknown or another record's, or a newer program's word is not understood.
        Unavailable: the id is new, and the registry that would know it is away.
    """
    if len(data) < HEADER_BYTES or data[0] != 0:
        raise UndecodableInput("the value does not begin with byte 0 and a schema id")
    if len(data) > MOST_BYTES:
        raise UndecodableInput(f"the value has {len(data)} bytes, more than {MOST_BYTES}")
    reader = _InUse.ids.reader(int.from_bytes(data[1:HEADER_BYTES]))
    if reader.record != kind.__name__:
        raise ContractViolation(f"the value is a {reader.record}, not a {kind.__name__}")
    try:
        event, end = reader.read(data, HEADER_BYTES)
    except ContractViolation as error:
        raise ContractViolation(f"not a {kind.__name__} that this version understands: {error}") from error
    except Exception as error:  # the bytes may make a reader trip over anything
        raise UndecodableInput(f"not a {kind.__name__}: {_first_line(error)}") from error
    if end != len(data):
        raise UndecodableInput(f"not a {kind.__name__}: it ends at byte {end} of {len(data)}")
    result: E = event
    return result


def check(topic: str, value: bytes) -> None:
    """Decode a value of a topic and forget it; a topic of untyped bytes holds whatever it likes.

    Raises:
        RejectedInput: it cannot be decoded, with the reason.
    """
    record = BY_NAME[topic].record
    if record is not None:
        decode(RECORDS[record], value)


def writer_schema(schema_id: int) -> dict[str, Any]:
    """Return the schema that a wire id stands for.

    Raises:
        ContractViolation: no released schema has this id.
        Unavailable: the id is new, and the registry that would know it is away.
    """
    return _InUse.ids.reader(schema_id).schema


def _misfit(event: Event, error: Exception) -> str:
    """Say which field does not fit, where the types tell; else what tripped."""
    try:
        msgspec.convert(msgspec.to_builtins(event, builtin_types=(bytes,)), type(event))
    except (msgspec.MsgspecError, BookstreamError, TypeError, ValueError) as misfit:
        return _first_line(misfit)
    return _first_line(error)


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).split("\n", maxsplit=1)[0][:200]

"""Dead letters: where each came from and why, and which were sent again."""

from collections.abc import Iterable

from bookstream.delivery.api import Record

PREFIX = "__connect.errors."
REPLAYED = "__bookstream.replayed.from"
"""On a record that was sent again: the dead letter that it was."""


def header(record: Record, name: str) -> str:
    """Return one of a dead letter's headers; empty when it has none."""
    found = next((value for key, value in record.headers if key == PREFIX + name), b"")
    return (found or b"").decode(errors="replace")


def origin(record: Record) -> tuple[str, int, int] | None:
    """Return the topic, partition and offset of the record that was rejected."""
    topic, partition, offset = (header(record, name) for name in ("topic", "partition", "offset"))
    return (topic, int(partition), int(offset)) if topic and partition.isdigit() and offset.isdigit() else None


def place(record: Record) -> str:
    """Name a dead letter by its own place: `<partition>@<offset>`."""
    return f"{record.partition}@{record.offset}"


def replayed(records: Iterable[Record]) -> set[str]:
    """Return the places of the dead letters that these records of other topics are, sent again."""
    return {(value or b"").decode() for record in records for name, value in record.headers if name == REPLAYED}

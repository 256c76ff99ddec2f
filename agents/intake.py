"""What every agent does with a record before its rules: decode it, find whose it is, set aside what is rejected."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from agents.dead_letters import dead_letter
from bookstream import topics
from bookstream.codecs import decode
from bookstream.delivery.api import Batch, Outbox, Record
from bookstream.partitioner import partition_for
from domain.errors import RejectedInput, UndecodableInput
from domain.events.head import Event, Source

E = TypeVar("E", bound=Event)


def decoded(cls: type[E], record: Record) -> E:
    """Decode a record's event.

    Raises:
        RejectedInput: it has no value, or none of its contract.
    """
    if record.value is None:
        raise UndecodableInput(f"a {cls.__name__} without a value")
    return decode(cls, record.value)


def each(batch: Batch, out: Outbox, cls: type[E], take: Callable[[Record, E], None], *, stage: str) -> None:
    """Hand each event on with its record; what is rejected, here or by `take`, becomes a dead letter of `stage`."""
    for record in batch.records:
        try:
            take(record, decoded(cls, record))
        except RejectedInput as error:
            dead_letter(out, record, error, stage)


def source_of(record: Record) -> Source:
    """Name the record that causes what is said of it."""
    return Source(record.topic, record.partition, record.offset)


@lru_cache(maxsize=65_536)
def home_of(key: str) -> int:
    """Return the partition in which everything of a fixture or a customer is."""
    return partition_for(key.encode(), topics.PARTITIONS)

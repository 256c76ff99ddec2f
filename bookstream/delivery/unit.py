"""The unit: a batch through its handler, and then durable, in the one order that a kill at any instant survives."""

import time
from collections.abc import Iterator, Sequence
from typing import Protocol

from bookstream.delivery.api import Batch, Context, Record
from bookstream.delivery.metrics import HANDLING, OUTPUTS, RECORDS, REPUBLISHED, UNIT
from bookstream.delivery.outbox import Sent, UnitOutbox, pack, unpack
from bookstream.delivery.producer import UNIT_BYTES, Built, Change, FencedProducer, batch_bytes, plan
from bookstream.delivery.shard import LocalStore, RowShard
from domain.errors import MustStop

OUTBOX_KEY = b"\0outbox"
EMPTY_OUTBOX = pack([])

INPUT_BYTES = 2 * 1024 * 1024
"""Inputs of one unit: rows and outputs are stored in one record batch, so large inputs come in small numbers."""


class DurableStore(LocalStore, Protocol):
    """What a unit needs of the local store."""

    def offset(self) -> int:
        """Return the changelog offset that the store goes up to."""

    def write(self, changes: Sequence[Change], offset: int) -> None:
        """Write changes and the offset, whole or not at all."""


class ShardRunner:
    """Runs the units of one shard, one after another.

    The order: (1) rows, cursor and outputs in one record batch of the private changelog, acknowledged; (2) the local
    store; (3) the outputs, acknowledged; (4) done. Since a unit begins only when the one before is done, a crash can
    leave the outputs of one unit unsent, and the outbox row holds exactly those: `resume` sends them again.
    """

    def __init__(self, context: Context, partition: int, store: DurableStore, producer: FencedProducer) -> None:
        self.context = context
        self.partition = partition
        self._store = store
        self._producer = producer
        self._shard = RowShard(partition, store)
        self._cursors: dict[str, int] = {}
        self._outbox_used = False
        self._next_offset = -1
        name = context.name
        self._outputs = OUTPUTS.labels(name)
        self._measures = {
            topic: (HANDLING.labels(name, topic), UNIT.labels(name, topic), RECORDS.labels(name, topic))
            for topic in context.handlers
        }

    async def resume(self, changelog_end: int) -> int:
        """Take over after recovery: check the store, send what may be unsent, and return how much that was.

        Raises:
            MustStop: the store is not what the changelog says.
        """
        stored = self._store.offset()
        if stored != changelog_end - 1:
            raise MustStop(
                f"{self.context.name}/{self.partition}: the store goes up to offset {stored}, "
                f"its changelog to {changelog_end - 1}"
            )
        self._next_offset = changelog_end
        for topic in self.context.handlers:
            cursor = self._store.get(_cursor_key(topic))
            self._cursors[topic] = -1 if cursor is None else int(cursor)
        outputs = unpack(self._store.get(OUTBOX_KEY) or EMPTY_OUTBOX)
        self._outbox_used = bool(outputs)
        await self._publish(self._producer.build(plan(outputs)))
        REPUBLISHED.labels(self.context.name).inc(len(outputs))
        return len(outputs)

    async def run(self, topic: str, records: Sequence[Record]) -> float:
        """Take records of one topic, in offset order; those at or below the cursor were taken before.

        Return for how many seconds the handler worked.

        Raises:
            MustStop: an input alone causes more than a record batch holds, or another writer is at work.
        """
        cursor = self._cursors[topic]
        if records and records[0].offset <= cursor:
            records = [record for record in records if record.offset > cursor]
        return sum([await self._unit(topic, unit) for unit in slices(records, self.context.unit_records)], 0.0)

    async def _unit(self, topic: str, records: Sequence[Record]) -> float:
        handling, whole, taken = self._measures[topic]
        began = time.perf_counter()
        outbox = UnitOutbox(self.partition, self.context.partitions)
        self.context.handlers[topic](self._shard, Batch(topic, self.partition, records), outbox)
        handled = time.perf_counter() - began
        handling.observe(handled)
        changes = self._changes(topic, records[-1].offset, outbox.sent)
        if batch_bytes(changes) > UNIT_BYTES:
            return handled + await self._halves(topic, records)
        planned = plan(outbox.sent)
        await self._producer.check(planned)
        acknowledged = self._producer.append(changes)
        built = self._producer.build(planned)
        self._durable(changes, await acknowledged)
        self._shard.settled()
        self._cursors[topic] = records[-1].offset
        self._outbox_used = bool(outbox.sent)
        await self._publish(built)
        whole.observe(time.perf_counter() - began)
        taken.inc(len(records))
        self._outputs.inc(len(outbox.sent))
        return handled

    async def _halves(self, topic: str, records: Sequence[Record]) -> float:
        """Begin again with less: nothing of the unit is durable, so forgetting what it changed undoes it."""
        if len(records) == 1:
            raise MustStop(
                f"{topic}/{self.partition} at offset {records[0].offset}: the rows and outputs of this one input "
                f"do not fit one record batch of {self.context.private_topic}"
            )
        self._shard.forget()
        middle = len(records) // 2
        return await self._unit(topic, records[:middle]) + await self._unit(topic, records[middle:])

    def _changes(self, topic: str, cursor: int, outputs: list[Sent]) -> list[Change]:
        changes = self._shard.changes()
        changes.append((_cursor_key(topic), str(cursor).encode()))
        if outputs or self._outbox_used:
            changes.append((OUTBOX_KEY, pack(outputs)))
        return changes

    def _durable(self, changes: Sequence[Change], base: int) -> None:
        if base != self._next_offset:
            # Somebody else appended: what is in memory here is not what the changelog says.
            raise MustStop(f"{self.context.name}/{self.partition}: another writer is at work on its changelog")
        self._next_offset = base + len(changes)
        self._store.write(changes, self._next_offset - 1)

    async def _publish(self, built: Built) -> None:
        """Send what was built; by itself, so that tests can end the process before it."""
        await self._producer.send(built)


def slices(records: Sequence[Record], most: int) -> Iterator[Sequence[Record]]:
    """Cut a batch into units of at most `most` records and INPUT_BYTES; a larger record is a unit of its own."""
    start = size = 0
    for index, record in enumerate(records):
        length = len(record.value) if record.value is not None else 0
        if index > start and (index - start >= most or size + length > INPUT_BYTES):
            yield records[start:index]
            start, size = index, 0
        size += length
    if start < len(records):
        yield records[start:]


def _cursor_key(topic: str) -> bytes:
    return b"\0cursor\0" + topic.encode()

"""The unit: a batch through its handler, and then durable, in the one order that a kill at any instant survives."""

import time
from collections.abc import Sequence
from typing import Protocol

from bookstream.delivery.api import Batch, Context, Record
from bookstream.delivery.outbox import Sent, UnitOutbox, pack, unpack
from bookstream.delivery.producer import Change, FencedProducer
from bookstream.delivery.shard import LocalStore, RowShard
from domain.errors import MustStop
from ops.metrics import HANDLING, RECORDS

OUTBOX_KEY = b"\0outbox"
EMPTY_OUTBOX = pack([])


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
        await self._producer.send(outputs)
        return len(outputs)

    async def run(self, topic: str, records: Sequence[Record]) -> None:
        """Take records of one topic, in offset order; those at or below the cursor were taken before."""
        cursor = self._cursors[topic]
        if records and records[0].offset <= cursor:
            records = [record for record in records if record.offset > cursor]
        step = self.context.unit_records
        for start in range(0, len(records), step):
            await self._unit(topic, records[start : start + step])

    async def _unit(self, topic: str, records: Sequence[Record]) -> None:
        outbox = UnitOutbox(self.partition, self.context.partitions)
        began = time.perf_counter()
        self.context.handlers[topic](self._shard, Batch(topic, self.partition, records), outbox)
        HANDLING.labels(self.context.name, topic).observe(time.perf_counter() - began)
        changes = self._shard.changes()
        cursor = records[-1].offset
        changes.append((_cursor_key(topic), str(cursor).encode()))
        if outbox.sent or self._outbox_used:
            changes.append((OUTBOX_KEY, pack(outbox.sent)))
        await self._make_durable(changes)
        self._shard.settled()
        self._cursors[topic] = cursor
        self._outbox_used = bool(outbox.sent)
        await self._publish(outbox.sent)
        RECORDS.labels(self.context.name, topic).inc(len(records))

    async def _make_durable(self, changes: Sequence[Change]) -> None:
        base = await self._producer.append(changes)
        if base != self._next_offset:
            # Somebody else appended: what is in memory here is not what the changelog says.
            raise MustStop(f"{self.context.name}/{self.partition}: another writer is at work on its changelog")
        self._next_offset = base + len(changes)
        self._store.write(changes, self._next_offset - 1)

    async def _publish(self, outputs: Sequence[Sent]) -> None:
        await self._producer.send(outputs)


def _cursor_key(topic: str) -> bytes:
    return b"\0cursor\0" + topic.encode()

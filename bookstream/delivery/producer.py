"""Fenced producers: one idempotent producer for each shard, which only its newest owner can use.

A producer's id and epoch come from starting aiokafka's producer under a fixed transactional id, so that the broker
raises the epoch and refuses the previous owner's. Then that producer goes, and plain idempotent batches are sent under
the epoch (wire.py). One fence record makes the private changelog's partition know the epoch at once. `_txn_manager` is
private to aiokafka (0.14.0, pinned): it can go when a client offers epochs without transactions.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from bookstream.delivery.api import Headers
from bookstream.delivery.outbox import Place, Sent
from bookstream.delivery.wire import Wire, with_tls
from domain.errors import MustStop

FENCE_KEY = b"\0fence"

UNIT_BYTES = 15 * 1024 * 1024
"""A unit's record batch must stay below its topic's max.message.bytes (16 MiB), framing included."""

BATCH_BYTES = 900_000
RECORD_BYTES = 1_048_000
"""Outputs go in batches below what any broker takes by default, larger records alone. A record that no topic takes
must be found before the unit is durable: afterwards every owner would fail to publish it."""

FRAMING_BYTES = 32
"""More than what a record takes besides its key, value and headers."""

MAGIC = 2
SEQUENCES = 1 << 31

Change = tuple[bytes, bytes | None]
Plan = dict[Place, list[list[Sent]]]
Built = list[tuple[Place, list[bytes]]]
"""Record batches by place, in their order."""


def batch_bytes(changes: Sequence[Change]) -> int:
    """Return an upper bound of what the changes take in a record batch."""
    return sum(len(key) + len(value or b"") + FRAMING_BYTES for key, value in changes)


def plan(outputs: Sequence[Sent]) -> Plan:
    """Divide outputs into record batches for each topic and partition, in their order.

    Raises:
        MustStop: an output is larger than what a topic takes.
    """
    planned: Plan = {}
    sizes: dict[Place, int] = {}
    for output in outputs:
        length = FRAMING_BYTES + len(output.key or b"") + len(output.value or b"")
        for name, value in output.headers:
            length += len(name) + len(value) + 4
        if length > RECORD_BYTES:
            raise MustStop(f"an output of {length} bytes does not fit a record of {output.topic}")
        place = output.topic, output.partition
        size = sizes.get(place)
        if size is None:
            planned[place], size = [[output]], 0
        elif size + length > BATCH_BYTES:
            planned[place].append([output])
            size = 0
        else:
            planned[place][-1].append(output)
        sizes[place] = size + length
    return planned


class FencedProducer:
    """The producer of one shard of one context.

    Args:
        wire: sends the batches; shared by the shards of a worker.
        bootstrap: the Kafka address.
        name: the transactional id: the same for every owner of this shard.
        changelog: the shard's partition of the context's private changelog.
        security: aiokafka settings for SASL and TLS.
    """

    def __init__(self, wire: Wire, bootstrap: str, name: str, changelog: Place, security: dict[str, Any]) -> None:
        self._wire = wire
        self._bootstrap = bootstrap
        self._name = name
        self._changelog = changelog
        self._security = security
        self._known: set[Place] = set()
        self._identity = (-1, -1)
        self._sequences: dict[Place, int] = defaultdict(int)

    async def start(self) -> int:
        """Raise the epoch, fence the changelog partition, and return the fence record's offset."""
        elected = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap.split(","),
            client_id=self._name,
            transactional_id=self._name,
            retry_backoff_ms=20,
            **with_tls(self._security),
        )
        try:
            await elected.start()
            manager = elected._txn_manager  # noqa: SLF001 - see the module's docstring
            self._identity = (manager.producer_id, manager.producer_epoch)
        finally:
            await elected.stop()
        return await self.append([(FENCE_KEY, b"")])

    async def check(self, planned: Plan) -> None:
        """Check that every topic and partition exists, before a unit that sends there is durable.

        Raises:
            MustStop: one does not.
        """
        for place in planned.keys() - self._known:
            topic, partition = place
            try:
                partitions = await self._wire.partitions(topic)
            except KafkaError as error:
                raise MustStop(f"outputs to topic {topic}: {error!r}") from error
            if partition not in partitions:
                raise MustStop(f"an output to partition {partition} of {topic}, which has {len(partitions)}")
            self._known.add(place)

    def append(self, changes: Sequence[Change]) -> Awaitable[int]:
        """Append changes to the private changelog as ONE record batch; what is returned gives its first offset.

        The caller has checked that they fit (`batch_bytes`).
        """
        batch = self._batch(self._changelog, [(key, value, ()) for key, value in changes])
        return asyncio.create_task(self._wire.append(self._changelog, batch))

    def build(self, planned: Plan) -> Built:
        """Build the record batches of a plan, all of which must be sent; done while the changelog is awaited."""
        return [
            (place, [self._batch(place, [(each.key, each.value, each.headers) for each in group]) for group in groups])
            for place, groups in planned.items()
        ]

    async def send(self, built: Built) -> None:
        """Send built batches, in order within each partition, and wait until all are acknowledged.

        Raises:
            KafkaError: the broker refused one; ProducerFenced when another owner took over.
        """
        if len(built) == 1:
            await self._send_place(*built[0])
        elif built:
            await asyncio.gather(*(self._send_place(place, batches) for place, batches in built))

    async def _send_place(self, place: Place, batches: Sequence[bytes]) -> None:
        for batch in batches:
            await self._wire.append(place, batch)

    def _batch(self, place: Place, records: Iterable[tuple[bytes | None, bytes | None, Headers]]) -> bytes:
        """Build a batch under this producer's id and epoch, with the next numbers of its place."""
        first = self._sequences[place]
        builder = DefaultRecordBatchBuilder(MAGIC, 0, 0, *self._identity, first, 2 * UNIT_BYTES)
        now, count = int(time.time() * 1000), 0
        for key, value, headers in records:
            appended = builder.append(count, timestamp=now, key=key, value=value, headers=list(headers))
            assert appended is not None, "a unit is split before it does not fit"
            count += 1
        self._sequences[place] = (first + count) % SEQUENCES
        return bytes(builder.build())

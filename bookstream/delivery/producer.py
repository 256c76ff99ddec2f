"""Fenced producers: one idempotent producer for each shard, which only its newest owner can use.

A producer is started under a fixed transactional id, so that the broker raises its epoch and refuses the previous
owner's; then the id is taken away from aiokafka's client, and it sends plain idempotent batches under that epoch. One
fence record makes the private changelog's partition know the epoch at once. `_txn_manager.transactional_id` is
private to aiokafka (0.14.0, pinned): it can go when a client offers epochs without transactions.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer

from bookstream.delivery.outbox import Sent
from domain.errors import MustStop

FENCE_KEY = b"\0fence"
UNIT_BYTES = 15 * 1024 * 1024
"""A unit's record batch must stay below its topic's max.message.bytes (16 MiB), framing included."""

OUTPUT_BYTES = 900_000
"""Outputs go in batches below the megabyte that any broker takes."""

Change = tuple[bytes, bytes | None]


class FencedProducer:
    """The producer of one shard of one context.

    Args:
        bootstrap: the Kafka address.
        name: the transactional id: the same for every owner of this shard.
        topic: the context's private changelog.
        partition: the shard's.
        security: aiokafka settings for SASL and TLS.
    """

    def __init__(self, bootstrap: str, name: str, topic: str, partition: int, security: dict[str, object]) -> None:
        self._topic = topic
        self._partition = partition
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap.split(","),
            client_id=name,
            transactional_id=name,
            acks="all",
            linger_ms=0,
            max_batch_size=UNIT_BYTES + 1024 * 1024,
            max_request_size=UNIT_BYTES + 2 * 1024 * 1024,
            request_timeout_ms=20_000,
            retry_backoff_ms=20,
            **security,
        )

    async def start(self) -> int:
        """Raise the epoch, fence the changelog partition, and return the fence record's offset."""
        await self._producer.start()
        self._producer._txn_manager.transactional_id = None  # noqa: SLF001 - see the module's docstring
        return await self.append([(FENCE_KEY, b"")])

    async def append(self, changes: Sequence[Change]) -> int:
        """Append changes to the private changelog as ONE record batch and return its first offset.

        Raises:
            MustStop: the changes do not fit one batch.
        """
        if sum(len(key) + len(value or b"") + 16 for key, value in changes) > UNIT_BYTES:
            raise MustStop(
                f"a unit of {len(changes)} rows does not fit one record batch of {self._topic}: take fewer inputs"
            )
        batch = self._producer.create_batch()
        now = int(time.time() * 1000)
        for key, value in changes:
            appended = batch.append(timestamp=now, key=key, value=value)
            assert appended is not None, "the sizes were summed above"
        batch.close()
        sent = await self._producer.send_batch(batch, self._topic, partition=self._partition)
        metadata = await sent
        return int(metadata.offset)

    async def send(self, outputs: Sequence[Sent]) -> None:
        """Send outputs, in order within each partition, and wait until all are acknowledged."""
        if not outputs:
            return
        places: dict[tuple[str, int], list[Sent]] = defaultdict(list)
        for output in outputs:
            places[output.topic, output.partition].append(output)
        await asyncio.gather(*(self._send_place(topic, p, group) for (topic, p), group in places.items()))

    async def _send_place(self, topic: str, partition: int, outputs: Sequence[Sent]) -> None:
        now = int(time.time() * 1000)
        acknowledgements = []
        batch, size = self._producer.create_batch(), 0
        for output in outputs:
            length = len(output.key or b"") + len(output.value or b"") + sum(len(n) + len(v) for n, v in output.headers)
            if size and size + length > OUTPUT_BYTES:
                batch.close()
                acknowledgements.append(await self._producer.send_batch(batch, topic, partition=partition))
                batch, size = self._producer.create_batch(), 0
            batch.append(timestamp=now, key=output.key, value=output.value, headers=list(output.headers))
            size += length + 16
        batch.close()
        acknowledgements.append(await self._producer.send_batch(batch, topic, partition=partition))
        await asyncio.gather(*acknowledgements)

    async def stop(self) -> None:
        """Close the connections; nothing is in flight when a shard is given up."""
        await self._producer.stop()

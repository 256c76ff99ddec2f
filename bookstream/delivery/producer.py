"""Fenced producers: one idempotent producer for each shard, which only its newest owner can use.

A producer is started under a fixed transactional id, so that the broker raises its epoch and refuses the previous
owner's; then the id is taken away from aiokafka's client, and it sends plain idempotent batches under that epoch. One
fence record makes the private changelog's partition know the epoch at once. `_txn_manager.transactional_id` is
private to aiokafka (0.14.0, pinned): it can go when a client offers epochs without transactions.
"""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from bookstream.delivery.connection import survive_resets
from bookstream.delivery.outbox import Place, Sent
from domain.errors import MustStop

survive_resets()

FENCE_KEY = b"\0fence"

UNIT_BYTES = 15 * 1024 * 1024
"""A unit's record batch must stay below its topic's max.message.bytes (16 MiB), framing included."""

BATCH_BYTES = 900_000
RECORD_BYTES = 1_048_000
"""Outputs go in batches below what any broker takes by default, larger records alone. A record that no topic takes
must be found before the unit is durable: afterwards every owner would fail to publish it."""

FRAMING_BYTES = 32
"""More than what a record takes besides its key, value and headers."""

Change = tuple[bytes, bytes | None]
Plan = dict[Place, list[list[Sent]]]


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
        bootstrap: the Kafka address.
        name: the transactional id: the same for every owner of this shard.
        topic: the context's private changelog.
        partition: the shard's.
        security: aiokafka settings for SASL and TLS.
    """

    def __init__(self, bootstrap: str, name: str, topic: str, partition: int, security: dict[str, object]) -> None:
        self._topic = topic
        self._partition = partition
        self._known: set[Place] = set()
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
            **_with_tls(security),
        )

    async def start(self) -> int:
        """Raise the epoch, fence the changelog partition, and return the fence record's offset."""
        await self._producer.start()
        self._producer._txn_manager.transactional_id = None  # noqa: SLF001 - see the module's docstring
        return await (await self.append([(FENCE_KEY, b"")]))

    async def check(self, planned: Plan) -> None:
        """Check that every topic and partition exists, before a unit that sends there is durable.

        Raises:
            MustStop: one does not.
        """
        for place in planned.keys() - self._known:
            topic, partition = place
            try:
                partitions = await self._producer.partitions_for(topic)
            except KafkaError as error:
                raise MustStop(f"outputs to topic {topic}: {error!r}") from error
            if partition not in partitions:
                raise MustStop(f"an output to partition {partition} of {topic}, which has {len(partitions)}")
            self._known.add(place)

    async def append(self, changes: Sequence[Change]) -> Awaitable[int]:
        """Hand over changes for the private changelog as ONE record batch; what is returned awaits its first offset.

        The caller has checked that they fit (`batch_bytes`).
        """
        batch = self._producer.create_batch()
        now = int(time.time() * 1000)
        for key, value in changes:
            appended = batch.append(timestamp=now, key=key, value=value)
            assert appended is not None, "a unit is split before it does not fit"
        batch.close()
        return _base_offset(await self._producer.send_batch(batch, self._topic, partition=self._partition))

    def build(self, planned: Plan) -> list[tuple[Place, list[Any]]]:
        """Build the record batches of a plan; done while the changelog's acknowledgement is awaited."""
        now = int(time.time() * 1000)
        built = []
        for place, groups in planned.items():
            batches = []
            for group in groups:
                batch = self._producer.create_batch()
                for output in group:
                    batch.append(timestamp=now, key=output.key, value=output.value, headers=list(output.headers))
                batch.close()
                batches.append(batch)
            built.append((place, batches))
        return built

    async def send(self, built: Sequence[tuple[Place, list[Any]]]) -> None:
        """Send built batches, in order within each partition, and wait until all are acknowledged.

        Raises:
            KafkaError: the broker refused one; ProducerFenced when another owner took over.
        """
        if len(built) == 1:
            await self._send_place(*built[0])
        elif built:
            await asyncio.gather(*(self._send_place(place, batches) for place, batches in built))

    async def _send_place(self, place: Place, batches: Sequence[Any]) -> None:
        topic, partition = place
        acknowledgements = [await self._producer.send_batch(batch, topic, partition=partition) for batch in batches]
        for acknowledgement in acknowledgements:
            await acknowledgement

    async def stop(self) -> None:
        """Close the connections; nothing is in flight when a shard is given up."""
        await self._producer.stop()


def _with_tls(security: dict[str, object]) -> dict[str, object]:
    if str(security.get("security_protocol", "")).endswith("SSL"):
        return {"ssl_context": ssl.create_default_context(), **security}
    return security


async def _base_offset(sent: Awaitable[Any]) -> int:
    return int((await sent).offset)

"""Produce requests of a worker: one connection to each broker for all of its shards.

aiokafka's producer takes five tasks and some 300 µs of processor time for a request, and each of eight shards made its
own. Here what the shards append while two requests are under way goes in the next one, packed and read in one go. The
connections, with their reconnection, TLS and SASL, and the metadata are aiokafka's.

Safe by the broker's own rules: each batch bears its producer's id, epoch and sequence number. A batch whose answer was
lost is sent again as it was, for ever; the broker knows it by its number and answers with its first offset. One batch
of a shard and partition is under way at a time, so none overtakes another. Protocol: Kafka's Produce, version 7.
"""

import asyncio
import logging
import ssl
from collections import defaultdict, deque
from collections.abc import Callable
from io import BytesIO
from struct import Struct
from typing import Any, ClassVar, NamedTuple

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import (
    InvalidProducerEpoch,
    KafkaConnectionError,
    KafkaError,
    LeaderNotAvailableError,
    NodeNotReadyError,
    ProducerFenced,
    for_code,
)
from aiokafka.structs import TopicPartition

from bookstream.delivery.connection import survive_resets
from bookstream.delivery.outbox import Place

survive_resets()

log = logging.getLogger(__name__)

BACKOFF_SECONDS = 0.02
REQUEST_TIMEOUT_MS = 20_000
MOST_REQUEST_BYTES = 32 * 1024 * 1024
"""A request of more goes in two; a batch alone is at most half of that."""

MOST_UNDER_WAY = 2
"""Requests to one broker. The broker is busy then, and what waits goes together: each request costs it as much."""

PRODUCE, VERSION = 0, 7

_header = Struct(">hhih").pack
_begin = Struct(">hhii").pack
_short = Struct(">h").pack
_int = Struct(">i").pack
_pair = Struct(">ii").pack
_read_short = Struct(">h").unpack_from
_read_int = Struct(">i").unpack_from
_read_partition = Struct(">ihqqq").unpack_from
_PARTITION_BYTES = 30

Answers = dict[Place, tuple[int, int]]
"""Error code and first offset of each partition's batch."""


def read_answers(data: bytes) -> Answers:
    """Read the answer to a produce request, version 7."""
    answers: Answers = {}
    (topics,) = _read_int(data, 0)
    at = 4
    for _ in range(topics):
        (length,) = _read_short(data, at)
        topic = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        (partitions,) = _read_int(data, at)
        at += 4
        for _ in range(partitions):
            partition, error, offset, _, _ = _read_partition(data, at)
            answers[topic, partition] = error, offset
            at += _PARTITION_BYTES
    return answers


class _Header(NamedTuple):
    """The head of a request or of an answer, as aiokafka's connection asks for it."""

    correlation_id: int
    packed: bytes = b""

    def encode(self) -> bytes:
        return self.packed


class _Answer:
    """How aiokafka's connection reads the answer."""

    @staticmethod
    def decode(rest: BytesIO) -> Answers:
        return read_answers(rest.read())


class ProduceRequest:
    """One batch for each of several partitions; what aiokafka's connection needs of a request."""

    RESPONSE_TYPE: ClassVar[type[_Answer]] = _Answer

    def __init__(self, batches: dict[Place, bytes]) -> None:
        self._batches = batches

    def prepare(self, versions: dict[int, tuple[int, int]]) -> "ProduceRequest":
        """Check that the broker speaks this version."""
        low, high = versions[PRODUCE]
        if not low <= VERSION <= high:
            raise KafkaConnectionError(f"the broker takes produce requests of versions {low} to {high}, not {VERSION}")
        return self

    def build_request_header(self, correlation_id: int, client_id: str) -> _Header:
        """Pack the head."""
        name = client_id.encode()
        return _Header(correlation_id, _header(PRODUCE, VERSION, correlation_id, len(name)) + name)

    def encode(self) -> bytes:
        """Pack the body: no transaction, acknowledged by all replicas."""
        topics: dict[str, list[bytes]] = defaultdict(list)
        for (topic, partition), batch in self._batches.items():
            topics[topic] += (_pair(partition, len(batch)), batch)
        parts = [_begin(-1, -1, REQUEST_TIMEOUT_MS, len(topics))]
        for topic, batches in topics.items():
            name = topic.encode()
            parts += (_short(len(name)), name, _int(len(batches) // 2), *batches)
        return b"".join(parts)

    @staticmethod
    def parse_response_header(answer: BytesIO) -> _Header:
        """Read the head of the answer."""
        return _Header(_read_int(answer.read(4))[0])


class _Sending(NamedTuple):
    """A batch on its way."""

    place: Place
    batch: bytes
    answered: asyncio.Future[tuple[int, int]]


class Wire:
    """Sends the batches of all shards of a worker.

    Args:
        bootstrap: the Kafka address.
        name: told to the broker.
        security: aiokafka settings for SASL and TLS.
    """

    def __init__(self, bootstrap: str, name: str, security: dict[str, Any]) -> None:
        self._client_of: Callable[[], AIOKafkaClient] = lambda: AIOKafkaClient(
            bootstrap_servers=bootstrap.split(","),
            client_id=name,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
            retry_backoff_ms=int(BACKOFF_SECONDS * 1000),
            **with_tls(security),
        )
        self._client: Any = None
        self._queues: dict[int, deque[_Sending]] = defaultdict(deque)
        self._under_way: dict[int, int] = defaultdict(int)
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Connect, and learn of the brokers.

        Raises:
            KafkaConnectionError: none of them answers.
        """
        self._client = self._client_of()
        await self._client.bootstrap()

    async def stop(self) -> None:
        """Close the connections; nothing is under way when a worker ends."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def partitions(self, topic: str) -> set[int]:
        """Return the partitions of a topic.

        Raises:
            KafkaError: there is none of that name.
        """
        known: set[int] = await self._client._wait_on_metadata(topic)  # noqa: SLF001 - as aiokafka's producer does
        return known

    async def append(self, place: Place, batch: bytes) -> int:
        """Append a batch to a partition, once, and return its first offset; waits as long as its leader is away.

        Raises:
            ProducerFenced: a newer owner uses the producer's id.
            KafkaError: the broker refuses the batch.
        """
        while True:
            try:
                error, offset = await self._send(place, batch)
            except KafkaError as failure:
                if not failure.retriable:
                    raise
                problem: KafkaError = failure
            else:
                if not error:
                    return offset
                problem = _problem(error)
                if not problem.retriable:
                    raise problem
            log.warning("appending to %s/%d, again: %r", *place, problem)
            await asyncio.sleep(BACKOFF_SECONDS)
            await self._client.force_metadata_update()

    async def _send(self, place: Place, batch: bytes) -> tuple[int, int]:
        node = self._client.cluster.leader_for_partition(TopicPartition(*place))
        if node is None:
            await self.partitions(place[0])
            node = self._client.cluster.leader_for_partition(TopicPartition(*place))
        if node is None or node == -1:
            raise LeaderNotAvailableError
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[tuple[int, int]] = loop.create_future()
        queue = self._queues[node]
        if not queue:
            loop.call_soon(self._flush, node)
        queue.append(_Sending(place, batch, answered))
        return await answered

    def _flush(self, node: int) -> None:
        """Send what was appended to a broker's partitions, unless enough is under way: then it gathers meanwhile."""
        queue = self._queues[node]
        while queue and self._under_way[node] < MOST_UNDER_WAY:
            sending = _together(queue)
            self._under_way[node] += 1
            task = asyncio.create_task(self._request(node, sending))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _request(self, node: int, sending: list[_Sending]) -> None:
        try:
            answers = await self._exchange(node, {each.place: each.batch for each in sending})
        except Exception as error:  # noqa: BLE001 - whoever waits must learn of it
            for each in sending:
                if not each.answered.done():
                    each.answered.set_exception(error)
        else:
            for each in sending:
                if each.answered.done():
                    continue  # given up by a worker that rests
                if each.place in answers:
                    each.answered.set_result(answers[each.place])
                else:
                    each.answered.set_exception(KafkaConnectionError(f"no answer for {each.place[0]}/{each.place[1]}"))
        finally:
            self._under_way[node] -= 1
            self._flush(node)

    async def _exchange(self, node: int, batches: dict[Place, bytes]) -> Answers:
        if not await self._client.ready(node):
            raise NodeNotReadyError(f"broker {node} is not connected")
        answers: Answers = await self._client.send(node, ProduceRequest(batches))
        return answers


def _together(queue: deque[_Sending]) -> list[_Sending]:
    """Take what goes in one request: of batches for one partition the first, and no more bytes than a request takes."""
    taken: list[_Sending] = []
    left: list[_Sending] = []
    places: set[Place] = set()
    size = 0
    while queue:
        each = queue.popleft()
        if each.place in places or (taken and size + len(each.batch) > MOST_REQUEST_BYTES):
            left.append(each)
            continue
        taken.append(each)
        places.add(each.place)
        size += len(each.batch)
    queue.extend(left)
    return taken


def with_tls(security: dict[str, Any]) -> dict[str, Any]:
    """Return aiokafka's settings with the TLS context that they need."""
    if str(security.get("security_protocol", "")).endswith("SSL"):
        return {"ssl_context": ssl.create_default_context(), **security}
    return security


def _problem(code: int) -> KafkaError:
    kind = for_code(code)
    return ProducerFenced() if kind is InvalidProducerEpoch else kind()

"""Publish what connectors yield: idempotent, acknowledged by all replicas, with bounded records in flight.

Each record begins a trace, which what it leads to goes on with (domain/events/trace.py).
"""

import asyncio
from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Producer

from connectors.contract import Item
from domain.errors import MustStop, Unavailable
from domain.events.feeds import RawMessage
from domain.events.head import Event
from domain.events.trace import Headers, begun

FLUSH_SECONDS: Final = 30.0
POLL_SECONDS: Final = 0.05

CONFIG: Final[Mapping[str, Any]] = {
    "enable.idempotence": True,
    "acks": "all",
    "partitioner": "murmur2_random",
    # The one codec that every client reads without a library of its own.
    "compression.type": "gzip",
    "linger.ms": 5,
    # A whole image of many markets, or one answer with all bookmakers, is one message.
    "message.max.bytes": 16 * 1024 * 1024,
    "delivery.timeout.ms": 60_000,
}
"""Of a producer that neither loses nor doubles nor reorders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where events go and how they are written; the composition knows, a connector does not."""

    encode: Callable[[Event], bytes]
    raw_topic: Callable[[str], str]
    status_topic: str
    partitions: int


@dataclass(slots=True)
class Published:
    """What was published, and how many records were at most not yet acknowledged."""

    messages: int = 0
    statuses: int = 0
    bytes: int = 0
    most_in_flight: int = 0
    topics: dict[str, int] = field(default_factory=dict)


class Publisher:
    """Publishes items in their order. A message goes under its stream's key, a state to every partition.

    After an error nothing more is accepted: what was not acknowledged is sent again by starting from the place after
    the last acknowledged message.
    """

    def __init__(self, kafka: Producer, route: Route, *, max_in_flight: int = 10_000) -> None:
        self._kafka = kafka
        self._route = route
        self._max_in_flight = max_in_flight
        self._in_flight = 0
        self._failure: KafkaError | None = None
        self.published = Published()

    async def run(self, items: AsyncIterable[Item]) -> Published:
        """Publish a live feed until it ends; back-pressure reaches the feed.

        Raises:
            Unavailable: the broker does not take records.
            MustStop: the broker refused a record for good.
        """
        try:
            async for item in items:
                while self._in_flight >= self._max_in_flight:
                    await asyncio.to_thread(self._kafka.poll, POLL_SECONDS)
                    self._raise_failure()
                self._send(item)
        finally:
            left = await asyncio.to_thread(self._kafka.flush, FLUSH_SECONDS)
        return self._flushed(left)

    def replay(self, items: Iterable[Item]) -> Published:
        """Publish a recording to its end; raises like `run`."""
        try:
            for item in items:
                while self._in_flight >= self._max_in_flight:
                    self._kafka.poll(POLL_SECONDS)
                    self._raise_failure()
                self._send(item)
        finally:
            left = self._kafka.flush(FLUSH_SECONDS)
        return self._flushed(left)

    def _send(self, item: Item) -> None:
        value, headers = self._route.encode(item), begun(item.event_id)
        if isinstance(item, RawMessage):
            self._produce(self._route.raw_topic(item.provider), value, item.stream_id.encode(), -1, headers)
            self.published.messages += 1
            self.published.bytes += len(item.payload)
        else:
            for partition in range(self._route.partitions):
                self._produce(self._route.status_topic, value, item.provider.encode(), partition, headers)
            self.published.statuses += 1

    def _produce(self, topic: str, value: bytes, key: bytes, partition: int, headers: Headers) -> None:
        self._raise_failure()
        while True:
            try:
                self._kafka.produce(topic, value, key, partition, headers=list(headers), on_delivery=self._delivered)
            except BufferError:
                # librdkafka's own queue is full before ours is.
                self._kafka.poll(POLL_SECONDS)
                self._raise_failure()
            except KafkaException as error:
                raise MustStop(f"{topic} cannot take a record: {error.args[0].str()}") from error
            else:
                break
        self._in_flight += 1
        published = self.published
        published.most_in_flight = max(published.most_in_flight, self._in_flight)
        published.topics[topic] = published.topics.get(topic, 0) + 1
        self._kafka.poll(0)

    def _delivered(self, error: KafkaError | None, _message: object) -> None:
        self._in_flight -= 1
        if error is not None and self._failure is None:
            self._failure = error

    def _flushed(self, left: int) -> Published:
        self._raise_failure()
        if left:
            raise Unavailable(f"the Kafka broker left {left} records unacknowledged for {FLUSH_SECONDS:g} s")
        return self.published

    def _raise_failure(self) -> None:
        if self._failure is None:
            return
        if self._failure.retriable() or self._failure.code() in _AWAY:
            raise Unavailable(f"the Kafka broker did not acknowledge a record: {self._failure.str()}")
        raise MustStop(f"the Kafka broker refused a record: {self._failure.str()}")


_AWAY: Final = frozenset(
    {
        KafkaError._MSG_TIMED_OUT,  # noqa: SLF001 - the client names its own codes so
        KafkaError._ALL_BROKERS_DOWN,  # noqa: SLF001
        KafkaError._TRANSPORT,  # noqa: SLF001
        KafkaError.NOT_ENOUGH_REPLICAS,
        KafkaError.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.REQUEST_TIMED_OUT,
    }
)
"""Codes of a broker that is away; librdkafka has tried again by itself until the delivery timeout."""

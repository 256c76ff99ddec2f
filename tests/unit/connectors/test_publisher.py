"""Publishing: where items go, how many may be in flight, and what failures mean."""

from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer

from connectors.contract import Item
from connectors.publisher import Publisher, Route
from connectors.raw import RawStream
from domain.errors import MustStop, Unavailable
from domain.events.trace import begun

STREAM = RawStream(provider="betfair", endpoint="e", stream_id="the-stream")
ROUTE = Route(
    encode=lambda event: event.event_id.encode(),
    raw_topic=lambda provider: f"feeds.{provider}.raw",
    status_topic="feeds.status",
    partitions=8,
)


class FakeKafka:
    """Takes records, and acknowledges them when polled with time to spare."""

    def __init__(self, *, error: int | None = None, full_every: int = 0, refuses: bool = False) -> None:
        self.records: list[tuple[str, bytes, bytes, int]] = []
        self.headers: list[Any] = []
        self._waiting: list[Callable[[KafkaError | None, object], None]] = []
        self._error = error
        self._full_every = full_every
        self._refuses = refuses
        self.flushed = False

    def produce(self, topic: str, value: bytes, key: bytes, partition: int, *, headers: Any, on_delivery: Any) -> None:
        if self._refuses:
            raise KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))
        if self._full_every and len(self._waiting) == self._full_every:
            raise BufferError
        self.records.append((topic, value, key, partition))
        self.headers.append(headers)
        self._waiting.append(on_delivery)

    def poll(self, timeout: float) -> int:
        return self._acknowledge() if timeout else 0

    def flush(self, timeout: float) -> int:
        self.flushed = True
        self._acknowledge()
        return 0

    def _acknowledge(self) -> int:
        waiting, self._waiting = self._waiting, []
        for deliver in waiting:
            deliver(None if self._error is None else KafkaError(self._error), None)
        return len(waiting)


def publisher(kafka: FakeKafka, **options: Any) -> Publisher:
    return Publisher(cast("Producer", kafka), ROUTE, **options)


def items(count: int) -> list[Item]:
    stream = RawStream(provider="betfair", endpoint="e", stream_id="the-stream")
    return [stream.message(b"%d" % n, received_at=n) for n in range(count)]


async def live(given: list[Item]) -> AsyncIterator[Item]:
    for item in given:
        yield item


async def test_messages_go_under_their_stream_and_states_to_every_partition() -> None:
    kafka = FakeKafka()
    status = STREAM.status("UP", "connected", at=1)
    message = STREAM.message(b"bytes", received_at=2)

    published = await publisher(kafka).run(live([status, message]))

    states, messages = kafka.records[:8], kafka.records[8:]
    assert [(topic, key, partition) for topic, _, key, partition in states] == [
        ("feeds.status", b"betfair", n) for n in range(8)
    ]
    assert messages == [("feeds.betfair.raw", message.event_id.encode(), b"the-stream", -1)]
    assert (published.messages, published.statuses, published.bytes) == (1, 1, 5)
    assert published.topics == {"feeds.status": 8, "feeds.betfair.raw": 1}
    assert kafka.headers == [list(begun(status.event_id))] * 8 + [list(begun(message.event_id))]
    assert kafka.flushed


@pytest.mark.parametrize("is_live", [True, False])
async def test_records_in_flight_are_bounded(is_live: bool) -> None:  # noqa: FBT001 - a parameter of the test
    kafka = FakeKafka()
    given = publisher(kafka, max_in_flight=10)

    published = await given.run(live(items(95))) if is_live else given.replay(items(95))

    assert published.messages == 95
    assert published.most_in_flight == 10
    assert [value for _, value, _, _ in kafka.records] == [item.event_id.encode() for item in items(95)]


def test_a_full_queue_of_the_client_is_waited_for() -> None:
    kafka = FakeKafka(full_every=7)

    assert publisher(kafka).replay(items(50)).messages == 50
    assert len(kafka.records) == 50


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (KafkaError._MSG_TIMED_OUT, Unavailable),
        (KafkaError.NOT_ENOUGH_REPLICAS, Unavailable),
        (KafkaError.MSG_SIZE_TOO_LARGE, MustStop),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, MustStop),
    ],
)
def test_a_failed_delivery_stops_publishing(code: int, error: type[Exception]) -> None:
    kafka = FakeKafka(error=code)

    with pytest.raises(error, match="broker"):
        publisher(kafka, max_in_flight=3).replay(items(50))

    assert len(kafka.records) == 3


async def test_a_failed_delivery_of_the_last_records_is_not_missed() -> None:
    with pytest.raises(Unavailable, match="did not acknowledge"):
        await publisher(FakeKafka(error=KafkaError._MSG_TIMED_OUT)).run(live(items(1)))


def test_a_record_that_cannot_be_sent_must_stop() -> None:
    with pytest.raises(MustStop, match=r"feeds.betfair.raw cannot take a record"):
        publisher(FakeKafka(refuses=True)).replay(items(1))


async def test_what_came_before_the_feed_broke_is_published() -> None:
    async def broken() -> AsyncIterator[Item]:
        for item in items(3):
            yield item
        raise Unavailable("the feed broke")

    kafka = FakeKafka()
    with pytest.raises(Unavailable, match="the feed broke"):
        await publisher(kafka).run(broken())

    assert len(kafka.records) == 3
    assert kafka.flushed

"""A feed, live and recorded, into a real broker: every byte arrives, in its stream's order, in one partition."""

import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from random import Random

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from bookstream.codecs import decode, encode
from bookstream.faults.exchange import Exchange
from bookstream.faults.tls import temporary_tls
from bookstream.partitioner import partition_for
from connectors.betfair.connector import Betfair
from connectors.contract import Item
from connectors.publisher import CONFIG, Publisher, Route
from domain.errors import Unavailable
from domain.events.feeds import FeedStatus, RawMessage
from tests.unit.connectors.samples import exchange_payloads, line

pytestmark = pytest.mark.broker

PARTITIONS = 8


@pytest.fixture
def route(bootstrap: str, unique: str) -> Route:
    """Make the two topics of this test, and the way to them."""
    large = {"max.message.bytes": str(16 * 1024 * 1024)}
    topics = [NewTopic(f"{unique}-{name}", PARTITIONS, 1, config=large) for name in ("raw", "status")]
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for future in admin.create_topics(topics).values():
        future.result(30)
    return Route(
        encode=encode,
        raw_topic=lambda _: f"{unique}-raw",
        status_topic=f"{unique}-status",
        partitions=PARTITIONS,
    )


def producer(bootstrap: str, **config: str) -> Producer:
    """Make the producer of feeds."""
    return Producer({"bootstrap.servers": bootstrap, **CONFIG, **config})


def read(bootstrap: str, topic: str, count: int) -> list[tuple[int, bytes, bytes]]:
    """Return (partition, key, value) of a topic's first records."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": topic, "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, n, 0) for n in range(PARTITIONS)])
    records: list[tuple[int, bytes, bytes]] = []
    deadline = time.monotonic() + 60
    while len(records) < count and time.monotonic() < deadline:
        for message in consumer.consume(1000, 0.2):
            assert message.error() is None
            partition, key, value = message.partition(), message.key(), message.value()
            assert partition is not None
            assert isinstance(key, bytes)
            assert isinstance(value, bytes)
            records.append((partition, key, value))
    consumer.close()
    return records


async def until(connector: Betfair, messages: int) -> AsyncIterator[Item]:
    """Pass on a live feed's items up to so many messages."""
    seen = 0
    async with aclosing(connector.live()) as live:
        async for item in live:
            yield item
            seen += isinstance(item, RawMessage)
            if seen == messages:
                return


async def test_a_live_feed_that_breaks_reaches_kafka_whole(bootstrap: str, route: Route) -> None:
    payloads = exchange_payloads(300)
    async with Exchange(payloads, cut_after=120, tls=temporary_tls()).open() as exchange:
        connector = Betfair(exchange.options(queue_size=16))
        published = await Publisher(producer(bootstrap), route, max_in_flight=20).run(until(connector, 300))

    records = read(bootstrap, route.raw_topic(""), 300)
    messages = [decode(RawMessage, value) for _, _, value in records]
    stream_id = messages[0].stream_id
    assert [message.payload for message in messages] == payloads
    assert [message.stream_sequence for message in messages] == list(range(300))
    assert {(partition, key) for partition, key, _ in records} == {
        (partition_for(stream_id.encode(), PARTITIONS), stream_id.encode())
    }
    assert published.messages == 300
    assert published.most_in_flight <= 20 + PARTITIONS

    states = read(bootstrap, route.status_topic, published.statuses * PARTITIONS)
    for partition in range(PARTITIONS):
        told = [decode(FeedStatus, value) for at, _, value in states if at == partition]
        assert [(each.state, each.reason) for each in told] == [
            ("DOWN", "ended"), ("UP", "connected"), ("DOWN", "ended"), ("UP", "connected"),
        ]  # fmt: skip


def test_a_recording_reaches_kafka_whole(tmp_path: Path, bootstrap: str, route: Route) -> None:
    payloads = exchange_payloads(2000)
    path = tmp_path / "stream"
    path.write_bytes(b"\n".join(payloads) + b"\n")

    published = Publisher(producer(bootstrap), route).replay(Betfair().recorded(path))

    records = read(bootstrap, route.raw_topic(""), 2000)
    assert [decode(RawMessage, value) for _, _, value in records] == list(Betfair().recorded(path))
    assert published.messages == 2000
    assert published.bytes == sum(map(len, payloads))


def test_an_image_of_very_many_markets_is_one_record(tmp_path: Path, bootstrap: str, route: Route) -> None:
    # Random sizes, so that compression does not make it small.
    levels = [[round(1.01 + n / 100, 2), Random(n).randrange(10**9) / 100] for n in range(150_000)]
    image = line(0, {"img": True, "rc": [{"id": 1, "atb": levels}]})
    path = tmp_path / "image"
    path.write_bytes(image)
    assert len(image) > 2_500_000

    Publisher(producer(bootstrap), route).replay(Betfair().recorded(path))

    ((_, _, value),) = read(bootstrap, route.raw_topic(""), 1)
    assert decode(RawMessage, value).payload == image


def test_a_broker_that_is_away_is_told_and_nothing_is_claimed(tmp_path: Path, route: Route) -> None:
    path = tmp_path / "stream"
    path.write_bytes(b"\n".join(exchange_payloads(3)) + b"\n")
    nobody = producer("localhost:1", **{"log_level": "0", "delivery.timeout.ms": "1000", "request.timeout.ms": "500"})

    with pytest.raises(Unavailable, match="the Kafka broker did not acknowledge a record"):
        Publisher(nobody, route).replay(Betfair().recorded(path))

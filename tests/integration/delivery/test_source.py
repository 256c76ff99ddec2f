"""The source: what it fetches, from where, and under which assignment."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from bookstream.delivery.outbox import Place
from bookstream.delivery.source import Fetched, Source

pytestmark = pytest.mark.broker


class Taken:
    """What a source handed over, by assignment."""

    def __init__(self) -> None:
        self.offsets: list[tuple[int, Place, int]] = []
        self.values: list[bytes | None] = []

    def __call__(self, number: int, fetched: Fetched) -> None:
        for place, records in fetched.items():
            self.offsets += [(number, place, record.offset) for record in records]
            self.values += [record.value for record in records]

    def of(self, number: int, place: Place) -> list[int]:
        return [offset for each, at, offset in self.offsets if (each, at) == (number, place)]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in a thread
            await asyncio.sleep(0.01)


def append(bootstrap: str, topic: str, *partitions: int) -> None:
    producer = Producer({"bootstrap.servers": bootstrap})
    for partition in partitions:
        producer.produce(topic, b"new", partition=partition)
    assert producer.flush(10) == 0


@pytest.fixture
def topic(bootstrap: str, unique: str) -> str:
    """Give a topic of two partitions with fifty records in each."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(unique, 2, 1)])[unique].result(10)
    producer = Producer({"bootstrap.servers": bootstrap})
    for number in range(100):
        producer.produce(unique, b"%d" % number, partition=number % 2, headers=[("h", b"v")])
    assert producer.flush(10) == 0
    return unique


@pytest.fixture
def taken() -> Taken:
    return Taken()


@pytest.fixture
async def source(bootstrap: str, taken: Taken) -> AsyncIterator[Source]:
    made = Source("test", bootstrap, {}, taken)
    made.start()
    yield made
    await made.stop()


async def test_it_fetches_what_is_assigned_from_where_it_is_told(source: Source, taken: Taken, topic: str) -> None:
    source.assign({(topic, 0): 10, (topic, 1): 49})
    await until(lambda: len(taken.offsets) == 41)
    assert taken.of(1, (topic, 0)) == list(range(10, 50))
    assert taken.of(1, (topic, 1)) == [49]
    source.look()
    await until(lambda: source.end((topic, 0)) == 50)


async def test_a_new_assignment_has_a_new_number_and_the_old_one_brings_nothing_more(
    source: Source, taken: Taken, topic: str
) -> None:
    source.assign({(topic, 0): 0})
    source.assign({(topic, 1): 20})
    await until(lambda: len(taken.of(2, (topic, 1))) == 30)
    assert taken.of(2, (topic, 0)) == []
    source.revoke()
    await asyncio.sleep(0.3)
    assert [number for number, _, _ in taken.offsets if number > 2] == []


async def test_one_partition_is_fetched_again(source: Source, taken: Taken, topic: str) -> None:
    source.assign({(topic, 0): 0, (topic, 1): 0})
    await until(lambda: len(taken.offsets) == 100)
    source.again((topic, 1), 45)
    await until(lambda: len(taken.offsets) == 105)
    assert taken.of(1, (topic, 1))[-5:] == list(range(45, 50))


async def test_a_held_partition_waits_and_the_others_go_on(
    source: Source, taken: Taken, topic: str, bootstrap: str
) -> None:
    source.assign({(topic, 0): 50, (topic, 1): 50})
    source.hold((topic, 0))
    await asyncio.sleep(0.3)
    append(bootstrap, topic, 0, 1)
    await until(lambda: taken.of(1, (topic, 1)) == [50])
    await asyncio.sleep(0.3)
    assert taken.of(1, (topic, 0)) == []
    source.let_go((topic, 0))
    await until(lambda: taken.of(1, (topic, 0)) == [50])


async def test_when_all_is_held_nothing_comes_until_it_is_let_go(
    source: Source, taken: Taken, topic: str, bootstrap: str
) -> None:
    source.assign({(topic, 0): 49})
    await until(lambda: len(taken.offsets) == 1)
    source.hold_all()
    await asyncio.sleep(0.3)
    append(bootstrap, topic, 0)
    await asyncio.sleep(0.3)
    assert len(taken.offsets) == 1
    source.let_all_go()
    await until(lambda: taken.of(1, (topic, 0)) == [49, 50])
    assert taken.values[-1] == b"new"


@pytest.mark.parametrize("pause_s", [0.0, 0.03, 0.3])
async def test_what_was_held_is_fetched_when_it_is_assigned_or_added_again(
    source: Source, taken: Taken, topic: str, bootstrap: str, pause_s: float
) -> None:
    place = topic, 0
    source.assign({place: 50})
    source.hold(place)
    await asyncio.sleep(pause_s)
    source.assign({place: 49})
    await until(lambda: taken.of(2, place) == [49])
    source.hold(place)
    await asyncio.sleep(pause_s)
    source.drop([place])
    append(bootstrap, topic, 0)
    source.add({place: 50})
    await until(lambda: taken.of(2, place) == [49, 50])
    source.hold(place)
    source.again(place, 48)
    await asyncio.sleep(pause_s)
    source.let_go(place)
    await until(lambda: taken.of(2, place) == [49, 50, 48, 49, 50])

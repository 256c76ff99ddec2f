"""The sources together: topics move between their clients, and every record is taken once, in order."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from bookstream.delivery import sources as module
from bookstream.delivery.outbox import Place
from bookstream.delivery.source import Fetched, Fetching
from bookstream.delivery.sources import Sources

pytestmark = pytest.mark.broker

TOPICS, PARTITIONS = 3, 2


class Taker:
    """Takes what follows on what it has, as a worker does."""

    def __init__(self) -> None:
        self.expected: dict[Place, int] = {}
        self.values: dict[Place, list[bytes | None]] = {}
        self.sources: Sources
        self.repeated = 0

    def __call__(self, number: int, fetched: Fetched) -> None:
        if number != self.sources.number:
            return
        for place, records in fetched.items():
            if records[0].offset > self.expected[place]:
                self.sources.again(place, self.expected[place])
                continue
            new = [record for record in records if record.offset >= self.expected[place]]
            self.repeated += len(records) - len(new)
            self.values[place] += [record.value for record in new]
            self.expected[place] += len(new)

    def position(self, place: Place) -> int | None:
        return self.expected.get(place)

    def assign(self, places: list[Place]) -> None:
        for place in places:
            self.expected.setdefault(place, 0)
            self.values.setdefault(place, [])
        self.sources.assign({place: self.expected[place] for place in places})


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in threads
            await asyncio.sleep(0.01)


@pytest.fixture
def places(bootstrap: str, unique: str) -> list[Place]:
    names = [f"{unique}-{number}" for number in range(TOPICS)]
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for each in admin.create_topics([NewTopic(name, PARTITIONS, 1) for name in names]).values():
        each.result(10)
    return [(name, partition) for name in names for partition in range(PARTITIONS)]


@pytest.fixture
async def taker(bootstrap: str) -> AsyncIterator[Taker]:
    taker = Taker()
    taker.sources = Sources("test", bootstrap, {}, taker, position=taker.position, fetching=Fetching())
    taker.sources.start()
    yield taker
    await taker.sources.stop()


@pytest.fixture
def producer(bootstrap: str) -> Producer:
    return Producer({"bootstrap.servers": bootstrap, "linger.ms": 0})


def send(producer: Producer, place: Place, value: bytes) -> None:
    producer.produce(place[0], value, partition=place[1])
    producer.poll(0)


def is_heard(taker: Taker, topic: str) -> bool:
    return topic in taker.sources._heard_at


def end_seen(taker: Taker, place: Place) -> int | None:
    taker.sources.look()
    return taker.sources.end(place)


async def test_a_topic_that_speaks_is_fetched_apart_from_the_silent_ones(
    taker: Taker, places: list[Place], producer: Producer, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, topic = places[0], places[0][0]
    taker.assign(places)
    assert not is_heard(taker, topic)
    send(producer, place, b"1")
    await until(lambda: taker.values[place] == [b"1"])
    assert is_heard(taker, topic)
    assert not is_heard(taker, places[-1][0])
    await until(lambda: end_seen(taker, place) == 1)
    taker.sources.hold(place)
    await asyncio.sleep(0.3)
    send(producer, place, b"2")
    monkeypatch.setattr(module, "SILENT_SECONDS", 0.0)
    taker.sources.look()
    assert is_heard(taker, topic), "what is held stays where it is"
    assert taker.values[place] == [b"1"]
    taker.sources.let_go(place)
    await until(lambda: taker.values[place] == [b"1", b"2"])
    taker.sources.look()
    assert not is_heard(taker, topic)
    send(producer, place, b"3")
    await until(lambda: taker.values[place] == [b"1", b"2", b"3"])


async def test_what_is_held_stays_held_when_its_topic_speaks(
    taker: Taker, places: list[Place], producer: Producer
) -> None:
    place, other = places[0], places[1]
    taker.assign(places)
    taker.sources.hold(place)
    await asyncio.sleep(0.3)
    send(producer, place, b"1")
    send(producer, other, b"2")
    await until(lambda: taker.values[other] == [b"2"])
    await asyncio.sleep(0.5)
    assert (taker.sources.held, taker.values[place]) == ({place}, [])
    taker.sources.let_go(place)
    await until(lambda: taker.values[place] == [b"1"])


def _disturb(taker: Taker, chance: random.Random, places: list[Place]) -> None:
    what = chance.randrange(6)
    if what == 0:
        taker.sources.hold(chance.choice(places))
    elif what == 1:
        for each in sorted(taker.sources.held):
            taker.sources.let_go(each)
    elif what == 2:
        taker.sources.look()
    elif what == 3:
        taker.sources.hold_all()
    elif what == 4:
        taker.sources.let_all_go()


async def test_nothing_is_lost_doubled_or_out_of_order_however_topics_move(
    taker: Taker, places: list[Place], producer: Producer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SILENT_SECONDS", 0.02)
    chance = random.Random(7)
    sent: dict[Place, list[bytes | None]] = {place: [] for place in places}
    moves, before = 0, [False]
    taker.assign(places)
    for number in range(600):
        place = chance.choice(places)
        for n in range(chance.choice((1, 1, 40))):
            sent[place].append(b"%d.%d" % (number, n))
            send(producer, place, b"%d.%d" % (number, n))
        _disturb(taker, chance, places)
        if number % 150 == 149:
            taker.assign(places)
        now = [is_heard(taker, topic) for topic, _ in places]
        moves, before = moves + (now != before), now
        await asyncio.sleep(chance.random() * 0.02)
    for each in taker.sources.held:
        taker.sources.let_go(each)
    taker.sources.let_all_go()
    producer.flush(10)
    await until(lambda: taker.values == sent)
    assert moves > 50
    assert taker.repeated > 0, "some were fetched by two, or the test tries nothing"


async def test_what_nobody_is_assigned_has_no_end_and_a_revoked_topic_brings_nothing(
    taker: Taker, places: list[Place], producer: Producer
) -> None:
    assert taker.sources.end(places[0]) is None
    taker.assign(places)
    send(producer, places[0], b"1")
    await until(lambda: taker.values[places[0]] == [b"1"])
    taker.sources.revoke()
    send(producer, places[0], b"2")
    await asyncio.sleep(0.3)
    assert taker.values[places[0]] == [b"1"]
    assert taker.sources.end(places[0]) is None

"""The input of a worker, fetched by librdkafka on threads that do not wait for Python's lock.

aiokafka, inside Faust, keeps the group: membership, assignment, commits. It decodes every field of every answer in
Python, 1.5 ms of a core for one record of one of 56 partitions; librdkafka does it beside Python. Nothing here decides
what is next: the consumer names the positions, and takes only what follows on what it has.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from bookstream.clients import client
from bookstream.delivery.api import Record
from bookstream.delivery.outbox import Place
from bookstream.delivery.stopping import stop_now
from domain.errors import Misconfigured, MustStop

log = logging.getLogger(__name__)

POLL_SECONDS = 0.03
"""Orders wait for a poll that finds nothing."""
HELD_POLL_SECONDS = 0.01
LEARN_SECONDS = 1.0
MOST_RECORDS = 2000
MOST_ON_THE_WAY = 2
"""So many takings may be on the way to the event loop: a loop that is busy is not buried."""

Fetched = dict[Place, list[Record]]
Take = Callable[[int, Fetched], None]

_REFUSED = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError._AUTHENTICATION,  # noqa: SLF001 - librdkafka's public constants begin so
        KafkaError._SSL,  # noqa: SLF001
    }
)


@dataclass(frozen=True)
class Fetching:
    """How a client fetches: the broker answers when it has so many bytes or has waited so long.

    A partition that a running fetch does not ask for waits for it to end. `queued_kib` may be fetched ahead.
    """

    wait_ms: int = 50
    least_bytes: int = 1
    queued_kib: int = 16 * 1024


class Source:
    """Fetches the assigned partitions from the positions that it is given.

    Args:
        name: of the worker, for what is said when it must end.
        bootstrap: the Kafka address.
        security: librdkafka's settings for SASL and TLS.
        take: called in the event loop with the number of the assignment and what was fetched under it.
        fetching: how.
    """

    def __init__(
        self,
        name: str,
        bootstrap: str,
        security: Mapping[str, str],
        take: Take,
        fetching: Fetching = Fetching(),
    ) -> None:
        self._name = name
        self._take = take
        self._client = client(Consumer, bootstrap, security, _settings(name, fetching))
        self._wanted = threading.Event()
        self._on_the_way = threading.Semaphore(MOST_ON_THE_WAY)
        self._stopping = False
        self._orders: deque[Callable[[], None]] = deque()
        self._assigned = 0
        self._next: dict[Place, int] = {}
        self._resting: set[Place] = set()
        self._ends: dict[Place, int] = {}
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop
        self.number = 0
        self.held: set[Place] = set()

    def start(self) -> None:
        """Start the thread that hands over; nothing comes before positions are assigned."""
        self._loop = asyncio.get_running_loop()
        self._wanted.set()
        self._thread = threading.Thread(target=self._run, name="source", daemon=True)
        self._thread.start()

    def assign(self, positions: Mapping[Place, int]) -> None:
        """Fetch these partitions from these offsets, and nothing else; what is on the way is of the past."""
        self.number += 1
        self.held.clear()
        self._orders.append(partial(self._assign, self.number, dict(positions)))
        self._wanted.set()

    def revoke(self) -> None:
        """Fetch nothing."""
        self.assign({})

    def add(self, positions: Mapping[Place, int]) -> None:
        """Fetch these partitions, too."""
        self._orders.append(partial(self._add, self.number, dict(positions)))

    def drop(self, places: Iterable[Place]) -> None:
        """Fetch these partitions no more; what is on the way still comes."""
        dropped = list(places)
        self.held.difference_update(dropped)
        self._orders.append(partial(self._drop, self.number, dropped))

    def again(self, place: Place, offset: int) -> None:
        """Fetch one partition again from an offset."""
        self._orders.append(partial(self._again, self.number, place, offset))

    def hold(self, place: Place) -> None:
        """Fetch no more of a partition until it is let go."""
        if place not in self.held:
            self.held.add(place)
            self._orders.append(partial(self._hold, self.number, place))

    def let_go(self, place: Place) -> None:
        """Fetch a held partition again."""
        self.held.discard(place)
        self._orders.append(partial(self._let_go, self.number, place))

    def hold_all(self) -> None:
        """Hand nothing over until `let_all_go`; what was fetched waits in librdkafka's bounded queue."""
        self._wanted.clear()

    def let_all_go(self) -> None:
        """Hand over again."""
        self._wanted.set()

    def end(self, place: Place) -> int | None:
        """Return the offset behind a partition's last record, as of the last `look`; None before it is known."""
        return self._ends.get(place)

    def look(self) -> None:
        """Have the ends of the partitions noted, as the broker's last answers told them."""
        self._orders.append(self._look)

    async def stop(self) -> None:
        """End the thread and close the connections."""
        self._stopping = True
        self._wanted.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
            self._client.close()

    # -- in the thread -------------------------------------------------------------------------------------------

    def _run(self) -> None:
        """Obey and poll, by turns: another thread's call of the client would wait for a poll that finds nothing."""
        while not self._stopping:
            try:
                while self._orders:
                    self._orders.popleft()()
                if not self._wanted.wait(POLL_SECONDS) or not self._on_the_way.acquire(timeout=POLL_SECONDS):
                    continue
                fetched = self._poll()
            except Exception as error:  # noqa: BLE001 - a worker without input must say so and end
                stop_now(f"{self._name} while fetching", error)
            if fetched:
                self._loop.call_soon_threadsafe(self._hand_over, self._assigned, fetched)
            else:
                self._on_the_way.release()

    # What is held is taken from librdkafka rather than paused there: its pause outlives an assignment, and one that
    # comes right after an assignment makes it forget where to begin (librdkafka issue 2190).

    def _assign(self, number: int, positions: Mapping[Place, int]) -> None:
        self._assigned = number
        self._next = dict(positions)
        self._resting.clear()
        self._learn(positions)
        self._client.assign(_offsets(positions))

    def _add(self, number: int, positions: Mapping[Place, int]) -> None:
        if number == self._assigned:
            self._next.update(positions)
            self._learn(positions)
            self._client.incremental_assign(_offsets(positions))

    def _learn(self, places: Iterable[Place]) -> None:
        """Ask where topics are before they are assigned: librdkafka itself looks once a second for what it lacks."""
        for topic in sorted({topic for topic, _ in places}):
            try:
                self._client.list_topics(topic, LEARN_SECONDS)
            except KafkaException as error:
                log.info("asking where %s is: %s", topic, error)
                return

    def _drop(self, number: int, places: Iterable[Place]) -> None:
        if number == self._assigned:
            fetched = [place for place in places if place not in self._resting]
            for place in places:
                del self._next[place]
                self._resting.discard(place)
            self._client.incremental_unassign([TopicPartition(*place) for place in fetched])

    def _hold(self, number: int, place: Place) -> None:
        if number == self._assigned:
            self._resting.add(place)
            self._client.incremental_unassign([TopicPartition(*place)])

    def _let_go(self, number: int, place: Place) -> None:
        if number == self._assigned and place in self._resting:
            self._resting.remove(place)
            self._client.incremental_assign([TopicPartition(*place, self._next[place])])

    def _again(self, number: int, place: Place, offset: int) -> None:
        if number == self._assigned:
            self._next[place] = offset
            if place not in self._resting:
                self._client.incremental_unassign([TopicPartition(*place)])
                self._client.incremental_assign([TopicPartition(*place, offset)])

    def _look(self) -> None:
        ends = {place: self._ends[place] for place in self._resting if place in self._ends}
        for each in self._client.assignment():
            _, end = self._client.get_watermark_offsets(each, cached=True)
            if end >= 0:
                ends[each.topic, each.partition] = end
        self._ends = ends

    def _hand_over(self, number: int, fetched: Fetched) -> None:
        self._on_the_way.release()
        self._take(number, fetched)

    def _poll(self) -> Fetched:
        """Wait for a first message, and take with it what else is there: `consume` alone would wait to have enough."""
        fetched: Fetched = {}
        first = self._client.poll(HELD_POLL_SECONDS if self.held else POLL_SECONDS)
        if first is None:
            return fetched
        for message in (first, *self._client.consume(MOST_RECORDS - 1, 0.0)):
            error = message.error()
            if error is not None:
                self._note(error)
                continue
            place = str(message.topic()), int(message.partition() or 0)
            record = _record(message, *place)
            if place in fetched:
                fetched[place].append(record)
            else:
                fetched[place] = [record]
        self._next.update({place: records[-1].offset + 1 for place, records in fetched.items()})
        return fetched

    def _note(self, error: KafkaError) -> None:
        """Let what passes by itself pass: librdkafka goes on trying, and the watchdog knows what takes too long."""
        if error.code() in _REFUSED:
            raise Misconfigured(f"the broker refuses this worker: {error.str()}")
        if error.fatal():
            raise MustStop(f"the consumer's client has ended: {error.str()}")
        log.warning("fetching: %s", error.str())


def _offsets(positions: Mapping[Place, int]) -> list[TopicPartition]:
    return [TopicPartition(*place, offset) for place, offset in positions.items()]


def _record(message: Any, topic: str, partition: int) -> Record:  # noqa: ANN401 - its stubs say less than it does
    return Record(
        topic,
        partition,
        message.offset(),
        message.timestamp()[1],
        message.key(),
        message.value(),
        message.headers() or (),
    )


def _settings(name: str, fetching: Fetching) -> dict[str, Any]:
    return {
        "client.id": f"{name}-source",
        # Asked for by the client; no group of this name is ever joined.
        "group.id": f"{name}-source",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",
        "check.crcs": True,
        "fetch.wait.max.ms": fetching.wait_ms,
        "fetch.min.bytes": fetching.least_bytes,
        "fetch.queue.backoff.ms": 5,
        "fetch.error.backoff.ms": 50,
        "queued.max.messages.kbytes": fetching.queued_kib,
        "reconnect.backoff.ms": 20,
        "reconnect.backoff.max.ms": 500,
        "socket.keepalive.enable": True,
    }

"""Lanes: what was delivered of each partition, who works on it, and up to where it may be committed.

A lane takes the batches of all source topics of one partition and handles them one after another: one sequential actor
for each partition. What is committed is a prefix of what was delivered and done, never anything that Faust counted.
"""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from bookstream.delivery.api import Record
from bookstream.delivery.outbox import Place
from bookstream.delivery.stopping import stop_now
from bookstream.delivery.turns import Turns

MOST_UNDONE_BYTES = 4 * 1024 * 1024
"""Of one topic and partition, delivered and not done: beyond it the partition is not fetched until half is done."""
MOST_TOPIC_BYTES = 4 * 1024 * 1024
"""Of one topic, delivered and not done, all partitions together: a topic that floods cannot fill what all share."""
RECORD_BYTES = 200
"""What a record takes in memory besides its value."""


@dataclass(slots=True)
class Delivered:
    """One batch as delivered; offsets up to `last` may be committed once it and all before it are done.

    `size` is about how many bytes it takes.
    """

    place: Place
    records: Sequence[Record]
    last: int
    size: int = 0
    done: bool = False


Work = Callable[[Place, Sequence[Record]], Awaitable[float]]
"""Works on records of a place, and returns for how many seconds it used the processor."""
Take = Callable[[Place, Sequence[Record]], Awaitable[None]]


class Progress:
    """What was delivered and done, by topic and partition; `most_topic_bytes` bounds what is undone of one topic."""

    def __init__(self, most_topic_bytes: int = MOST_TOPIC_BYTES) -> None:
        self._most_topic_bytes = most_topic_bytes
        self._expected: dict[Place, int] = {}
        self._delivered: dict[Place, deque[Delivered]] = defaultdict(deque)
        self._undone_bytes: dict[Place, int] = defaultdict(int)
        self._topic_bytes: dict[str, int] = defaultdict(int)
        self.undone_bytes = 0
        self._committable: dict[Place, int] = {}
        self._uncommitted_since: float | None = None

    def expect(self, place: Place, offset: int) -> None:
        """Say which offset comes next."""
        self._expected[place] = offset

    def expected(self, place: Place) -> int | None:
        """Return the offset that comes next; None before it is known."""
        return self._expected.get(place)

    def expectations(self) -> Iterable[Place]:
        """Return the places of which it is known what comes next."""
        return self._expected

    def deliver(self, place: Place, records: Sequence[Record]) -> Delivered:
        """Note a batch that begins at the expected offset or, after holes, above it."""
        size = sum([len(record.value or b"") for record in records]) + len(records) * RECORD_BYTES
        batch = Delivered(place, records, records[-1].offset, size)
        self._expected[place] = batch.last + 1
        self._delivered[place].append(batch)
        self._undone_bytes[place] += size
        self._topic_bytes[place[0]] += size
        self.undone_bytes += size
        return batch

    def finish(self, batch: Delivered) -> None:
        """Note that a batch is done, and what may be committed by that."""
        batch.done = True
        self._undone_bytes[batch.place] -= batch.size
        self._topic_bytes[batch.place[0]] -= batch.size
        self.undone_bytes -= batch.size
        undone = self._delivered[batch.place]
        while undone and undone[0].done:
            self._committable[batch.place] = undone.popleft().last + 1
            self._uncommitted_since = self._uncommitted_since or time.monotonic()

    def full(self, place: Place) -> bool:
        """Tell whether so much of a place, or of its topic, is not done that no more is to be fetched of it."""
        return self._undone_bytes[place] >= MOST_UNDONE_BYTES or self._topic_bytes[place[0]] >= self._most_topic_bytes

    def half_empty(self, place: Place) -> bool:
        """Tell whether so much of a place is done that a held one is to be fetched again."""
        is_topic_low = self._topic_bytes[place[0]] <= self._most_topic_bytes // 2
        return is_topic_low and self._undone_bytes[place] <= MOST_UNDONE_BYTES // 2

    def committable(self) -> dict[Place, int]:
        """Return the next offset to commit of each place where something was done."""
        return self._committable

    def committed(self, *, everything: bool) -> None:
        """Note that a commit got through, and whether anything more may be committed by now."""
        self._uncommitted_since = None if everything else time.monotonic()

    def uncommitted_seconds(self) -> float:
        """Return for how long something could have been committed and nothing was; 0 when all is committed."""
        return time.monotonic() - self._uncommitted_since if self._uncommitted_since else 0.0

    def forget(self) -> None:
        """Forget everything: the partitions were revoked."""
        self._expected.clear()
        self._delivered.clear()
        self._undone_bytes.clear()
        self._topic_bytes.clear()
        self.undone_bytes = 0
        self._committable.clear()
        self._uncommitted_since = None


class Lanes:
    """One sequential worker for each partition; an error in any of them stops the process.

    What waits of one topic is worked on together, up to `most_records`: the more there is to do, the larger the units.
    Topics take turns (turns.py): one that floods does not hold up the others.
    """

    def __init__(self, work: Work, on_done: Callable[[Delivered], None], most_records: int = 1024) -> None:
        self._work = work
        self._on_done = on_done
        self._turns = Turns(most_records)
        self._waiting: dict[int, dict[str, deque[Delivered]]] = {}
        self._given: dict[int, asyncio.Event] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._running: dict[int, float] = {}
        self._idle = asyncio.Event()
        self._idle.set()

    def size(self, topic: str) -> int:
        """Return how many records of a topic are best given at once: a lane gives none of them to two turns."""
        return self._turns.size(topic)

    def give(self, batch: Delivered) -> None:
        """Hand a batch to its partition's worker."""
        topic, partition = batch.place
        self._turns.hear(topic)
        if partition not in self._tasks:
            self._waiting[partition] = {}
            self._given[partition] = asyncio.Event()
            self._tasks[partition] = asyncio.create_task(self._run(partition), name=f"lane-{partition}")
        self._waiting[partition].setdefault(topic, deque()).append(batch)
        self._given[partition].set()

    async def rest(self) -> None:
        """Let running units end, start no others, and drop what waits: it was not committed and comes again."""
        for waiting in self._waiting.values():
            waiting.clear()
        await self._idle.wait()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()
        self._waiting.clear()
        self._given.clear()
        self._turns.forget()

    def working_seconds(self) -> float:
        """Return for how long the work that has taken longest is going on."""
        return time.monotonic() - min(self._running.values()) if self._running else 0.0

    def _turn(self, partition: int) -> list[Delivered]:
        """Take what a lane may work on next; the topic goes behind the others. Nothing: none of them has its turn."""
        waiting = self._waiting[partition]
        for topic, batches in waiting.items():
            is_behind = sum([len(batch.records) for batch in batches]) >= self._turns.size(topic)
            if self._turns.begin(topic, partition, is_behind=is_behind):
                del waiting[topic]
                taken = _most(batches, self._turns.records(topic))
                if batches:
                    waiting[topic] = batches
                return taken
        return []

    async def _run(self, partition: int) -> None:
        given = self._given[partition]
        while True:
            batches = self._turn(partition)
            if not batches:
                given.clear()
                await given.wait()
                continue
            self._running[partition] = time.monotonic()
            self._idle.clear()
            records = batches[0].records if len(batches) == 1 else [r for batch in batches for r in batch.records]
            topic = batches[0].place[0]
            try:
                seconds = await self._work(batches[0].place, records)
            except BaseException as error:  # noqa: BLE001 - nothing may be committed past this
                stop_now(f"{topic}/{partition} at offset {records[0].offset}", error)
            self._turns.took(topic, len(records), seconds)
            for batch in batches:
                self._on_done(batch)
            following = self._turns.end(topic)
            if following is not None:
                self._given[following].set()
            del self._running[partition]
            if not self._running:
                self._idle.set()


def _most(batches: deque[Delivered], most_records: int) -> list[Delivered]:
    """Take the first batches, at least one and up to `most_records`."""
    taken = [batches.popleft()]
    count = len(taken[0].records)
    while batches and count + len(batches[0].records) <= most_records:
        count += len(batches[0].records)
        taken.append(batches.popleft())
    return taken


class Pool:
    """Work on several batches of a partition at once: for sinks that gather. Same rule of committing."""

    def __init__(self, work: Take, on_done: Callable[[Delivered], None]) -> None:
        self._work = work
        self._on_done = on_done
        self._tasks: set[asyncio.Task[None]] = set()

    def give(self, batch: Delivered) -> None:
        """Start work on a batch."""
        task = asyncio.create_task(self._run(batch))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def rest(self) -> None:
        """Give up what is not done: it was not committed and comes again."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def working_seconds(self) -> float:
        """Return 0: a sink may wait for the other side as long as that is away."""
        return 0.0

    async def _run(self, batch: Delivered) -> None:
        try:
            await self._work(batch.place, batch.records)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - nothing may be committed past this
            stop_now(f"{batch.place[0]}/{batch.place[1]} at offset {batch.records[0].offset}", error)
        self._on_done(batch)


def places(partitions: Iterable[tuple[str, int]], topics: Iterable[str]) -> list[Place]:
    """Return those of the partitions that are of these topics."""
    wanted = set(topics)
    return sorted((topic, partition) for topic, partition in partitions if topic in wanted)

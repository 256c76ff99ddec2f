"""The log in memory: topics, private changelogs, and the fences that keep a former owner of a shard out.

What is durable when is what `bookstream.delivery.unit` makes of it: the units that run here are the real ones. Only
the producer is another, which stops at every acknowledgement so that anything may happen there.
"""

import types
from collections import defaultdict
from collections.abc import Awaitable, Callable, Generator, Sequence
from random import Random
from typing import Protocol

import msgspec

from bookstream.delivery.api import Headers, Record
from bookstream.delivery.memory import MemoryStore
from bookstream.delivery.outbox import Place, Sent, UnitOutbox
from bookstream.delivery.producer import Built, Change, FencedProducer, Plan
from bookstream.topics import BY_NAME, PARTITIONS
from domain.errors import MustStop

ShardName = tuple[str, int]
"""A context's name and a partition."""


class Fenced(Exception):
    """Another owner took over."""


class Watcher(Protocol):
    """Looks at everything that becomes durable."""

    def appended(self, shard: ShardName, changes: Sequence[Change]) -> None:
        """Look at a unit's rows, cursor and outbox."""

    def published(self, shard: ShardName | None, record: Record) -> None:
        """Look at a record on a topic; of a provider, a customer or a clock there is no shard."""


class Changelog(msgspec.Struct):
    """A partition of a private changelog: the newest value of each key, its end, and its owner's epoch."""

    folded: dict[bytes, bytes] = msgspec.field(default_factory=dict)
    end: int = 0
    epoch: int = 0


class Broker:
    """Topics of records; whoever appends is known by shard and epoch.

    Args:
        watcher: looks at everything that becomes durable.
        arrived: is told of every new record's place.
    """

    def __init__(self, watcher: Watcher, arrived: Callable[[Place], None]) -> None:
        self.now_ms = 0
        self.events = 0
        self.topics: dict[str, list[list[Record]]] = defaultdict(lambda: [[] for _ in range(PARTITIONS)])
        self.changelogs: dict[ShardName, Changelog] = defaultdict(Changelog)
        self._epochs: dict[tuple[Place, ShardName], int] = {}
        self._watcher = watcher
        self._arrived = arrived

    def take_over(self, shard: ShardName) -> int:
        """Make a new owner: raise the epoch and write the fence record. Return the epoch."""
        changelog = self.changelogs[shard]
        changelog.epoch += 1
        changelog.end += 1
        return changelog.epoch

    def append(self, shard: ShardName, epoch: int, changes: Sequence[Change]) -> int:
        """Append a unit to a changelog, whole, and return its first offset.

        Raises:
            Fenced: by a former owner.
        """
        changelog = self.changelogs[shard]
        if epoch != changelog.epoch:
            raise Fenced
        base = changelog.end
        changelog.end += len(changes)
        for key, value in changes:
            if value is None:
                changelog.folded.pop(key, None)
            else:
                changelog.folded[key] = value
        self._watcher.appended(shard, changes)
        return base

    def publish(self, shard: ShardName, epoch: int, group: Sequence[Sent]) -> None:
        """Append a record batch to a topic.

        Raises:
            Fenced: by a former owner, where the new one has spoken already.
        """
        place = group[0].topic, group[0].partition
        if epoch < self._epochs.get((place, shard), 0):
            raise Fenced
        self._epochs[place, shard] = epoch
        for sent in group:
            self._append(shard, sent)

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        *,
        partition: int | None = None,
        headers: Headers = (),
    ) -> None:
        """Append what somebody outside says."""
        outbox = UnitOutbox(0, PARTITIONS)
        outbox.send(topic, key, value, partition=partition, headers=headers)
        self._append(None, outbox.sent[0])

    def _append(self, shard: ShardName | None, sent: Sent) -> None:
        log = self.topics[sent.topic][sent.partition]
        record = Record(
            sent.topic, sent.partition, len(log), self.now_ms, sent.key, sent.value, tuple(sent.headers)
        )  # fmt: skip
        log.append(record)
        self.events += 1
        self._watcher.published(shard, record)
        self._arrived((sent.topic, sent.partition))


@types.coroutine
def pause() -> Generator[None, None, None]:
    """Let the rest of the world go on; whoever waits here may never come back."""
    yield


class Producer(FencedProducer):
    """One owner's producer: it pauses before and after each thing becomes durable.

    Args:
        broker: takes what is sent.
        shard: whose producer it is.
        random: decides in which order the places of a unit's outputs are served.
    """

    def __init__(self, broker: Broker, shard: ShardName, random: Random) -> None:
        self._broker = broker
        self._shard = shard
        self._random = random
        self._epoch = broker.take_over(shard)

    async def check(self, planned: Plan) -> None:
        """Check that the places exist."""
        for topic, partition in planned:
            if topic not in BY_NAME or not 0 <= partition < PARTITIONS:
                raise MustStop(f"an output to {topic}/{partition}")

    def append(self, changes: Sequence[Change]) -> Awaitable[int]:
        """Append changes as one record batch; what is returned gives its first offset."""
        return self._append(list(changes))

    async def _append(self, changes: list[Change]) -> int:
        await pause()
        base = self._broker.append(self._shard, self._epoch, changes)
        await pause()
        return base

    def build(self, planned: Plan) -> Built:
        """Keep the batches as they are: the memory needs no bytes."""
        return list(planned.items())  # type: ignore[arg-type] # `send` below is their only reader

    async def send(self, built: Built) -> None:
        """Send batches, in their order within each partition and in any order of partitions."""
        waiting = list(built)
        while waiting:
            place, groups = waiting.pop(self._random.randrange(len(waiting)))
            await pause()
            self._broker.publish(self._shard, self._epoch, groups[0])  # type: ignore[arg-type] # see `build`
            if len(groups) > 1:
                waiting.append((place, groups[1:]))
        await pause()


class Store(MemoryStore):
    """A worker's disk: rows up to an offset of the changelog."""

    def __init__(self) -> None:
        super().__init__()
        self._offset = -1

    def recover(self, changelog: Changelog) -> None:
        """Read the changelog to its end."""
        self.data = dict(changelog.folded)
        self._offset = changelog.end - 1

    def offset(self) -> int:
        """Return the changelog offset that the store goes up to."""
        return self._offset

    def write(self, changes: Sequence[Change], offset: int) -> None:
        """Write changes and the offset."""
        self.apply(changes)
        self._offset = offset

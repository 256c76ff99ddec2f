"""The same contract without Kafka: for tests, simulations and benchmarks of the rules."""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence

from bookstream.delivery.api import Batch, Context, Headers, Record, Row, Rows
from bookstream.delivery.outbox import Sent, UnitOutbox
from bookstream.delivery.shard import RowShard


class MemoryStore:
    """Rows of one partition in a dict."""

    def __init__(self) -> None:
        self.data: dict[bytes, bytes] = {}

    def get(self, key: bytes) -> bytes | None:
        """Return a value."""
        return self.data.get(key)

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Iterate over the keys that start with a prefix."""
        return iter(sorted(item for item in self.data.items() if item[0].startswith(prefix)))

    def apply(self, changes: Sequence[tuple[bytes, bytes | None]]) -> None:
        """Write the changes of a unit."""
        for key, value in changes:
            if value is None:
                self.data.pop(key, None)
            else:
                self.data[key] = value


class MemoryShard(RowShard):
    """A shard on a dict; `settle()` writes what was changed, as the end of a unit does."""

    def __init__(self, partition: int = 0, rows: Sequence[Rows[Row]] = ()) -> None:  # noqa: ARG002 - the Context's shape
        self.store = MemoryStore()
        super().__init__(partition, self.store)

    def settle(self) -> int:
        """End the unit and return how many rows it wrote."""
        changes = self.changes()
        self.store.apply(changes)
        self.settled()
        return len(changes)

    def reopened(self) -> "MemoryShard":
        """Return a shard with the same rows and an empty cache: what a restart sees."""
        again = MemoryShard(self.partition)
        again.store.data.update(self.store.data)
        return again


class MemoryOutbox(UnitOutbox):
    """An outbox whose `sent` tests look at."""

    def __init__(self, partition: int = 0, partitions: int = 8) -> None:
        super().__init__(partition, partitions)


class MemoryLog:
    """Runs contexts over topics in memory, one batch after another, until nothing is left to do.

    Args:
        contexts: the contexts to run; each topic they take is read from its beginning.
        partitions: of every topic.
        batch_records: the most records that a handler is given at once.
    """

    def __init__(self, contexts: Sequence[Context], *, partitions: int = 8, batch_records: int = 1024) -> None:
        self.topics: dict[str, list[list[Record]]] = defaultdict(lambda: [[] for _ in range(partitions)])
        self.shards: dict[tuple[str, int], MemoryShard] = {}
        self._partitions = partitions
        self._batch_records = batch_records
        self._waiting: deque[tuple[Context, str, int]] = deque()
        self._read: dict[tuple[str, str, int], int] = defaultdict(int)
        self._takers: dict[str, list[Context]] = defaultdict(list)
        for context in contexts:
            for topic in context.handlers:
                self._takers[topic].append(context)

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        *,
        partition: int | None = None,
        headers: Headers = (),
        timestamp_ms: int = 0,
    ) -> None:
        """Append a record; it is handled by the next `run`."""
        outbox = UnitOutbox(0, self._partitions)
        outbox.send(topic, key, value, partition=partition, headers=headers)
        self._append(outbox.sent[0], timestamp_ms)

    def run(self) -> int:
        """Handle everything, also what handlers send, and return the number of units."""
        units = 0
        while self._waiting:
            context, topic, partition = self._waiting.popleft()
            place = context.name, topic, partition
            records = self.topics[topic][partition][self._read[place] :][: self._batch_records]
            if not records:
                continue
            self._read[place] += len(records)
            self._unit(context, Batch(topic, partition, records))
            self._waiting.append((context, topic, partition))
            units += 1
        return units

    def records(self, topic: str) -> list[Record]:
        """Return every record of a topic, partition by partition."""
        return [record for partition in self.topics[topic] for record in partition]

    def shard(self, context: str, partition: int) -> MemoryShard:
        """Return the shard of a context's partition."""
        return self.shards.setdefault((context, partition), MemoryShard(partition))

    def _unit(self, context: Context, batch: Batch) -> None:
        shard = self.shard(context.name, batch.partition)
        outbox = UnitOutbox(batch.partition, self._partitions)
        context.handlers[batch.topic](shard, batch, outbox)
        shard.settle()
        for sent in outbox.sent:
            self._append(sent, batch.records[-1].timestamp_ms)

    def _append(self, sent: Sent, timestamp_ms: int) -> None:
        log = self.topics[sent.topic][sent.partition]
        log.append(
            Record(sent.topic, sent.partition, len(log), timestamp_ms, sent.key, sent.value, tuple(sent.headers))
        )
        for context in self._takers[sent.topic]:
            self._waiting.append((context, sent.topic, sent.partition))

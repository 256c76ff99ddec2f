"""What a context sees of delivery: records in, rows and outputs out, one partition at a time.

A handler is a plain function `handler(shard, batch, out)`. It folds a batch through the pure rules, puts the rows it
changed and sends what follows from them. When it returns, delivery makes the unit durable:

1. changed rows, the batch's cursor and the unit's outputs go into ONE record batch of the context's private changelog
   (atomic in Kafka), and the acknowledgement is awaited;
2. the rows enter the local RocksDB;
3. the outputs are sent, and all their acknowledgements are awaited;
4. the batch is done, and only now may its offset be committed.

A crash between 1 and 3 leaves the outputs in the changelog: the next owner publishes them again, byte for byte, before
it takes new input. Input at or below the cursor is never handed to a handler twice.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import msgspec

Row = TypeVar("Row")

Headers = Sequence[tuple[str, bytes]]


class Record(msgspec.Struct, frozen=True, gc=False):
    """One Kafka record as consumed; `timestamp_ms` is the broker's or producer's record time.

    A Struct, since a frozen dataclass takes ten times as long to make, and every input is one.
    """

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one topic and partition in offset order, each above the shard's cursor for that topic."""

    topic: str
    partition: int
    records: Sequence[Record]


@dataclass(frozen=True, slots=True)
class Rows(Generic[Row]):
    r"""A kind of row in a context's private table: its name, and its type, a msgspec.Struct.

    The stored key is `<name>\0<key>`, the stored value msgpack. Names are one word and never change: they are data.
    """

    name: str
    type: type[Row]


class Shard(Protocol):
    """All state of one partition of one context; the running handler is its only writer."""

    partition: int

    def get(self, rows: Rows[Row], key: str) -> Row | None:
        """Return the row as an object. It is cached: the same object until `put` or eviction; change it, then `put`."""

    def put(self, rows: Rows[Row], key: str, row: Row) -> None:
        """Mark a row as changed by this unit; it is encoded once, when the unit ends."""

    def delete(self, rows: Rows[Row], key: str) -> None:
        """Mark a row as removed by this unit."""

    def scan(self, rows: Rows[Row], prefix: str = "") -> Iterator[tuple[str, Row]]:
        """Iterate over the rows whose key starts with `prefix`, this unit's changes included, in key order."""


class Outbox(Protocol):
    """Where a unit's outputs go; nothing leaves before the unit's rows are durable."""

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        *,
        partition: int | None = None,
        headers: Headers = (),
    ) -> None:
        """Send a record. Without `partition` it goes by the key's murmur2 hash, as from every other client."""


Handler = Callable[[Shard, Batch, Outbox], None]


@dataclass(frozen=True, slots=True)
class Context:
    """A bounded context: its name (also the consumer group), its input topics and their handlers, and its one table.

    Every input topic has `partitions` partitions. `unit_records` bounds how many inputs one unit takes.
    """

    name: str
    partitions: int
    handlers: dict[str, Handler]
    private_topic: str
    rows: Sequence[Rows[Any]]
    unit_records: int = 1024


class SinkContext(Protocol):
    """A context that keeps no state of its own and writes elsewhere; offsets follow what is durable there."""

    name: str
    topics: dict[str, int]
    """Topics to take, and how many partitions each has."""

    async def start(self) -> None:
        """Connect; called once, before anything is consumed."""

    async def assigned(self, partitions: list[tuple[str, int]]) -> None:
        """Learn what is durable of newly assigned partitions; awaited before their first batch."""

    async def take(self, batch: Batch) -> None:
        """Return when the batch is durable; several batches may be given before the first returns."""

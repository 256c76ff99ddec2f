"""A handler that works as engines without batches do: each event by itself, its state decoded before and encoded after.

So the price of safe delivery can be compared without what batches save: here no row stays an object between two
events, and no market is priced once for several ticks.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from bookstream.delivery.api import Batch, Context, Handler, Outbox, Row, Rows, Shard

_encode = msgspec.msgpack.Encoder().encode
_ABSENT = object()


class CodedShard:
    """A shard whose rows are bytes between two events; `forget` ends an event."""

    def __init__(self, inner: Shard) -> None:
        self.partition = inner.partition
        self.inner = inner
        self._coded: dict[tuple[str, str], bytes | None] = {}
        self._rows: dict[tuple[str, str], Any] = {}
        self._decoders: dict[str, msgspec.msgpack.Decoder[Any]] = {}

    def get(self, rows: Rows[Row], key: str) -> Row | None:
        """Return a row, decoded once an event."""
        place = rows.name, key
        row = self._rows.get(place)
        if row is None:
            row = self._rows[place] = self._decoded(rows, place)
        return None if row is _ABSENT else row

    def put(self, rows: Rows[Row], key: str, row: Row) -> None:
        """Encode a row now; the unit's end encodes it again."""
        place = rows.name, key
        self._rows[place] = row
        self._coded[place] = _encode(row)
        self.inner.put(rows, key, row)

    def delete(self, rows: Rows[Row], key: str) -> None:
        """Remove a row."""
        place = rows.name, key
        self._rows[place] = _ABSENT
        self._coded[place] = None
        self.inner.delete(rows, key)

    def scan(self, rows: Rows[Row], prefix: str = "") -> Iterator[tuple[str, Row]]:
        """Iterate over rows by key."""
        for key, _ in self.inner.scan(rows, prefix):
            row = self.get(rows, key)
            if row is not None:
                yield key, row

    def forget(self) -> None:
        """Forget the objects: the next event decodes."""
        self._rows.clear()

    def _decoded(self, rows: Rows[Any], place: tuple[str, str]) -> Any:  # noqa: ANN401 - a row of any kind
        if place not in self._coded:
            known = self.inner.get(rows, place[1])
            self._coded[place] = None if known is None else _encode(known)
        value = self._coded[place]
        if value is None:
            return _ABSENT
        decoder = self._decoders.get(rows.name)
        if decoder is None:
            decoder = self._decoders[rows.name] = msgspec.msgpack.Decoder(rows.type)
        return decoder.decode(value)


def each_event(handler: Handler) -> Handler:
    """Wrap a handler so that each event is handled by itself, with its state decoded and encoded."""
    shards: dict[int, CodedShard] = {}

    def handle(shard: Shard, batch: Batch, out: Outbox) -> None:
        coded = shards.get(shard.partition)
        if coded is None or coded.inner is not shard:
            coded = shards[shard.partition] = CodedShard(shard)
        for record in batch.records:
            handler(coded, Batch(batch.topic, batch.partition, [record]), out)
            coded.forget()

    return handle


def each_event_context(context: Context) -> Context:
    """Return a context whose handlers take each event by itself."""
    handlers: Mapping[str, Handler] = {topic: each_event(handler) for topic, handler in context.handlers.items()}
    return Context(
        name=context.name, partitions=context.partitions, handlers=dict(handlers),
        private_topic=context.private_topic, rows=context.rows, unit_records=context.unit_records,
    )  # fmt: skip

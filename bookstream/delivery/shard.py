"""A partition's rows as objects: read through from the local store, changed in memory, written once a unit."""

from collections.abc import Iterator
from typing import Any, Protocol

import msgspec

from bookstream.delivery.api import Row, Rows

CACHED_ROWS = 100_000

_encode = msgspec.msgpack.Encoder().encode
_ABSENT = object()


class LocalStore(Protocol):
    """What a shard reads from: raw keys and values of one partition."""

    def get(self, key: bytes) -> bytes | None:
        """Return a value."""

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Iterate over the keys that start with a prefix, in order."""


class RowShard:
    """The rows of one partition; `changes()` is what the running unit changed.

    Objects stay cached between units. When too many are, the longest unused clean ones go; a dirty one never does.
    """

    def __init__(self, partition: int, store: LocalStore, cached_rows: int = CACHED_ROWS) -> None:
        self.partition = partition
        self._store = store
        self._cached_rows = cached_rows
        self._cache: dict[bytes, Any] = {}
        self._dirty: dict[bytes, None] = {}
        self._decoders: dict[str, msgspec.msgpack.Decoder[Any]] = {}

    def get(self, rows: Rows[Row], key: str) -> Row | None:
        """Return a row, or None when there is none."""
        stored_key = _stored_key(rows.name, key)
        row = self._cache.get(stored_key)
        if row is None:
            value = self._store.get(stored_key)
            row = _ABSENT if value is None else self._decode(rows, value)
            self._cache[stored_key] = row
        return None if row is _ABSENT else row  # type: ignore[return-value]

    def put(self, rows: Rows[Row], key: str, row: Row) -> None:
        """Mark a row as changed."""
        stored_key = _stored_key(rows.name, key)
        self._cache[stored_key] = row
        self._dirty[stored_key] = None

    def delete(self, rows: Rows[Row], key: str) -> None:
        """Mark a row as removed."""
        stored_key = _stored_key(rows.name, key)
        self._cache[stored_key] = _ABSENT
        self._dirty[stored_key] = None

    def scan(self, rows: Rows[Row], prefix: str = "") -> Iterator[tuple[str, Row]]:
        """Iterate over rows by key, this unit's changes included."""
        start = _stored_key(rows.name, prefix)
        found: dict[bytes, Any] = {key: None for key, _ in self._store.scan(start)}
        found |= {key: None for key in self._dirty if key.startswith(start)}
        skip = len(rows.name.encode()) + 1
        for stored_key in sorted(found):
            key = stored_key[skip:].decode()
            row = self.get(rows, key)
            if row is not None:
                yield key, row

    def changes(self) -> list[tuple[bytes, bytes | None]]:
        """Encode the rows that this unit changed, in the order of their first change; None removes."""
        cache = self._cache
        return [(key, None if cache[key] is _ABSENT else _encode(cache[key])) for key in self._dirty]

    def settled(self) -> None:
        """Forget which rows were changed: they are durable now."""
        self._dirty.clear()
        excess = len(self._cache) - self._cached_rows
        if excess > 0:
            for key in list(self._cache)[: excess + self._cached_rows // 10]:
                del self._cache[key]

    def _decode(self, rows: Rows[Row], value: bytes) -> Row:
        decoder = self._decoders.get(rows.name)
        if decoder is None:
            decoder = self._decoders[rows.name] = msgspec.msgpack.Decoder(rows.type)
        row: Row = decoder.decode(value)
        return row


def _stored_key(name: str, key: str) -> bytes:
    return f"{name}\0{key}".encode()

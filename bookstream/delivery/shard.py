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

    Objects stay cached between units, in two generations: when the younger one is half of `cached_rows`, the older one
    goes and the younger one becomes it. So the longest unused rows go, and a row in use costs one dict lookup. Nothing
    goes while a unit runs.
    """

    def __init__(self, partition: int, store: LocalStore, cached_rows: int = CACHED_ROWS) -> None:
        self.partition = partition
        self._store = store
        self._generation_rows = max(1, cached_rows // 2)
        self._young: dict[bytes, Any] = {}
        self._old: dict[bytes, Any] = {}
        self._dirty: dict[bytes, None] = {}
        self._decoders: dict[str, msgspec.msgpack.Decoder[Any]] = {}

    def get(self, rows: Rows[Row], key: str) -> Row | None:
        """Return a row, or None when there is none."""
        stored_key = f"{rows.name}\0{key}".encode()
        row = self._young.get(stored_key)
        if row is None:
            row = self._load(rows, stored_key)
        return None if row is _ABSENT else row

    def put(self, rows: Rows[Row], key: str, row: Row) -> None:
        """Mark a row as changed."""
        stored_key = f"{rows.name}\0{key}".encode()
        self._young[stored_key] = row
        self._dirty[stored_key] = None

    def delete(self, rows: Rows[Row], key: str) -> None:
        """Mark a row as removed."""
        stored_key = f"{rows.name}\0{key}".encode()
        self._young[stored_key] = _ABSENT
        self._dirty[stored_key] = None

    def scan(self, rows: Rows[Row], prefix: str = "") -> Iterator[tuple[str, Row]]:
        """Iterate over rows by key, this unit's changes included."""
        start = f"{rows.name}\0{prefix}".encode()
        found = {key for key, _ in self._store.scan(start)}
        found.update(key for key in self._dirty if key.startswith(start))
        skip = len(rows.name.encode()) + 1
        for stored_key in sorted(found):
            key = stored_key[skip:].decode()
            row = self.get(rows, key)
            if row is not None:
                yield key, row

    def changes(self) -> list[tuple[bytes, bytes | None]]:
        """Encode the rows that this unit changed, in the order of their first change; None removes."""
        young = self._young
        return [(key, None if young[key] is _ABSENT else _encode(young[key])) for key in self._dirty]

    def settled(self) -> None:
        """Forget which rows were changed: they are durable now."""
        self._dirty.clear()
        if len(self._young) >= self._generation_rows:
            self._old = self._young
            self._young = {}

    def forget(self) -> None:
        """Forget what the running unit did, and every object that it may have changed."""
        self._dirty.clear()
        self._young = {}
        self._old = {}

    def _load(self, rows: Rows[Any], stored_key: bytes) -> Any:  # noqa: ANN401 - a row of any kind
        row = self._old.get(stored_key)
        if row is None:
            value = self._store.get(stored_key)
            row = _ABSENT if value is None else self._decode(rows, value)
        self._young[stored_key] = row
        return row

    def _decode(self, rows: Rows[Any], value: bytes) -> Any:  # noqa: ANN401
        decoder = self._decoders.get(rows.name)
        if decoder is None:
            decoder = self._decoders[rows.name] = msgspec.msgpack.Decoder(rows.type)
        return decoder.decode(value)

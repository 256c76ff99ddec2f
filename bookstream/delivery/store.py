"""The local store of a context's table: RocksDB by rocksdict, one database for each partition, opened by Faust.

Rows are written here only after the changelog has them, together with the offset that they go up to, in one write
batch: the store is never ahead of the changelog, and a kill between the two is mended by Faust's recovery.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from rocksdict import WriteBatch

OPTIONS = {
    # Faust's defaults take three buffers of 64 MB and a cache of 2 GiB for every partition.
    "write_buffer_size": 4 * 1024 * 1024,
    "max_write_buffer_number": 2,
    "target_file_size_base": 16 * 1024 * 1024,
    "block_cache_size": 4 * 1024 * 1024,
}


class PartitionStore:
    """One partition's database; looked up at each use, since a rebalance closes and reopens it."""

    def __init__(self, table: Any, partition: int) -> None:  # noqa: ANN401 - Faust's table has no types
        self._table = table
        self._partition = partition

    @property
    def _store(self) -> Any:  # noqa: ANN401
        return self._table.data

    @property
    def _database(self) -> Any:  # noqa: ANN401
        return self._store._db_for_partition(self._partition)  # noqa: SLF001 - Faust offers no other way

    def get(self, key: bytes) -> bytes | None:
        """Return a value."""
        value: bytes | None = self._database.get(key)
        return value

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Iterate over the keys that start with a prefix, in order."""
        cursor = self._database.iter()
        cursor.seek(prefix)
        while cursor.valid():
            key = cursor.key()
            if not key.startswith(prefix):
                return
            yield key, cursor.value()
            cursor.next()

    def offset(self) -> int:
        """Return the changelog offset that the store goes up to; -1 when it is empty."""
        value = self._database.get(self._store.offset_key)
        return -1 if value is None else int(value)

    def write(self, changes: Sequence[tuple[bytes, bytes | None]], offset: int) -> None:
        """Write a unit's changes and the changelog offset of the last of them, whole or not at all."""
        batch = WriteBatch(raw_mode=True)
        for key, value in changes:
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(self._store.offset_key, str(offset).encode())
        self._database.write(batch)

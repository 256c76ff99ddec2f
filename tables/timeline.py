"""An index by time that a tick of the clock reads without looking at what is not due.

Rows lie in buckets of a fixed width, under the key `<bucket>/<time>/<name>`; one small row lists the buckets in use.
Only buckets that have begun are scanned, and none again once it has passed: no pile of deleted rows is ever walked.
"""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice
from typing import Generic, TypeVar

import msgspec

from bookstream.delivery.api import Rows, Shard

Name = TypeVar("Name")


class Buckets(msgspec.Struct, frozen=True):
    """The numbers of the buckets in use, ascending."""

    used: tuple[int, ...]


BUCKETS = Rows("buckets", Buckets)


class Timeline(Generic[Name]):
    """Names by time, in rows of their own.

    Args:
        rows: where the names lie.
        width_us: the width of a bucket, in microseconds.
    """

    def __init__(self, rows: Rows[Name], width_us: int) -> None:
        self.rows = rows
        self._width_us = width_us

    def add(self, shard: Shard, at: int, key: str, name: Name) -> None:
        """Enter a name at a time (microseconds, zero or later)."""
        assert at >= 0, f"{key} is before the epoch: {at}"
        shard.put(self.rows, self._key(at, key), name)
        used = self._used(shard)
        bucket = at // self._width_us
        place = bisect_left(used, bucket)
        if used[place : place + 1] != (bucket,):
            shard.put(BUCKETS, self.rows.name, Buckets((*used[:place], bucket, *used[place:])))

    def remove(self, shard: Shard, at: int, key: str) -> None:
        """Take a name out again."""
        shard.delete(self.rows, self._key(at, key))

    def until(self, shard: Shard, at: int, most: int) -> list[Name]:
        """Return up to `most` names at or before `at`, the earliest first; the caller removes each of them."""
        found = list(islice(self._early(shard, at), most))
        if len(found) < most:
            self._drop_passed(shard, at)
        return found

    def _early(self, shard: Shard, at: int) -> Iterator[Name]:
        for bucket in self._used(shard):
            if bucket * self._width_us > at:
                return
            for key, name in shard.scan(self.rows, f"{bucket:020d}/"):
                if int(key[21:41]) > at:
                    return
                yield name

    def _drop_passed(self, shard: Shard, at: int) -> None:
        used = self._used(shard)
        kept = tuple(bucket for bucket in used if (bucket + 1) * self._width_us > at)
        if kept != used:
            shard.put(BUCKETS, self.rows.name, Buckets(kept))

    def _used(self, shard: Shard) -> tuple[int, ...]:
        row = shard.get(BUCKETS, self.rows.name)
        return row.used if row is not None else ()

    def _key(self, at: int, key: str) -> str:
        return f"{at // self._width_us:020d}/{at:020d}/{key}"

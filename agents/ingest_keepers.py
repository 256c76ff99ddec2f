"""Who says at a look whether a row of ingest is kept: by the time since it was told, or since it was past."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from bookstream.delivery.api import Rows, Shard
from domain.identity.directory import KEEP_US

Keeper = Callable[[Shard, str, int], bool]
"""Says at a time whether the row of a key is kept; one that is not is deleted."""


class Passing(Protocol):
    """A row that notes when it was first seen to be long past."""

    past_at: int


Row = TypeVar("Row")
PassingRow = TypeVar("PassingRow", bound=Passing)


def kept_for(rows: Rows[Row], kept_us: int, since: Callable[[Row], int]) -> Keeper:
    """Keep a row for its time since it was told."""

    def keep(shard: Shard, key: str, now: int) -> bool:
        if now - since(looked_at(shard, rows, key)) <= kept_us:
            return True
        shard.delete(rows, key)
        return False

    return keep


def kept_while_present(rows: Rows[PassingRow], since: Callable[[PassingRow], int]) -> Keeper:
    """Keep a row until it has been noted as long past, and has stayed so for its time."""

    def keep(shard: Shard, key: str, now: int) -> bool:
        row = looked_at(shard, rows, key)
        if not row.past_at and now - since(row) > KEEP_US:
            row.past_at = now
            shard.put(rows, key, row)
        if not row.past_at or now - row.past_at <= KEEP_US:
            return True
        shard.delete(rows, key)
        return False

    return keep


def looked_at(shard: Shard, rows: Rows[Row], key: str) -> Row:
    """Return the row that a look names: it is there as long as nobody but its keeper deletes it."""
    row = shard.get(rows, key)
    assert row is not None, f"a look at {rows.name} {key!r}, which is not there"
    return row

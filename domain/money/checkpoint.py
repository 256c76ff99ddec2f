"""Checkpoints: how far a partition's chain had come at a time, in bytes for the house to sign."""

from collections.abc import Callable
from typing import Final

import msgspec

from domain.money.chain import Tip

PREFIX: Final = b"bookstream ledger checkpoint 1\n"
"""What is signed begins so, and nothing else that the key signs does."""


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a partition's chain at `at` (microseconds), signed with the key that `key_id` names.

    `hash` is that of the entry numbered `sequence`, `previous` that of the one before it; `entries` counts the chain.
    """

    partition: int
    sequence: int
    hash: bytes
    previous: bytes
    entries: int
    at: int
    key_id: str
    signature: bytes = b""


Sign = Callable[[int, Tip, int], Checkpoint]
"""Signs the end of a partition's chain (partition, tip) as of a time in microseconds."""


def checkpoint(partition: int, tip: Tip, *, at: int, key_id: str) -> Checkpoint:
    """Describe the end of a chain that has entries, for signing."""
    assert tip.sequence >= 0, "a chain without entries has no checkpoint"
    return Checkpoint(
        partition=partition,
        sequence=tip.sequence,
        hash=tip.hash,
        previous=tip.previous,
        entries=tip.sequence + 1,
        at=at,
        key_id=key_id,
    )


def signed_bytes(said: Checkpoint) -> bytes:
    """Return the canonical bytes that the signature is over: all of it but the signature."""
    fields = (said.partition, said.sequence, said.hash, said.previous, said.entries, said.at, said.key_id)
    return PREFIX + msgspec.msgpack.encode(fields)

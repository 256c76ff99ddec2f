"""The hash chain of a partition's ledger entries: each carries its number and the SHA-256 of the one before it.

An entry's hash is over its canonical bytes, its number and the hash that it carries among them, so that no entry can be
changed, removed, inserted or moved without breaking the chain behind it (domain/money/verifying.py finds where).
"""

from hashlib import sha256
from typing import Final, Protocol, TypeVar

import msgspec

from domain.events.betting import LedgerEntry, Posting
from domain.events.head import Source
from domain.money.cause import PROVIDER

FORMAT: Final = 1
"""Of the canonical bytes; another layout is another number, and old entries keep theirs."""

HASH_BYTES: Final = 32

_encode = msgspec.msgpack.Encoder().encode


class Chained(Protocol):
    """What the chain covers of an entry, as made here or as read from a topic or a table."""

    @property
    def sequence(self) -> int:
        """Return its number in its partition, from 0."""

    @property
    def previous(self) -> bytes:
        """Return the hash of the entry before it; the first carries the partition's genesis."""

    @property
    def entry_id(self) -> str:
        """Return the id, which no other entry has."""

    @property
    def customer_id(self) -> str:
        """Return whose accounts it moves, the key of its partition."""

    @property
    def kind(self) -> str:
        """Return what it does."""

    @property
    def reference(self) -> str:
        """Return the id of what it is about."""

    @property
    def currency(self) -> str:
        """Return the currency of its postings."""

    @property
    def occurred_at(self) -> int:
        """Return the time of the log at which it was made, in microseconds."""

    @property
    def source(self) -> Source | None:
        """Return the record that caused it."""

    @property
    def postings(self) -> tuple[Posting, ...]:
        """Return its lines, which sum to zero."""


class Tip(msgspec.Struct, frozen=True):
    """Where a chain ends: the last entry's number, its hash, and the hash that it carries; −1 before the first."""

    sequence: int
    hash: bytes
    previous: bytes


Link = TypeVar("Link", bound=msgspec.Struct)


def genesis(partition: int) -> bytes:
    """Return what the first entry of a partition carries: no partition's chain passes for another's."""
    return sha256(b"bookstream ledger partition %d" % partition).digest()


def start(partition: int) -> Tip:
    """Return the tip of a chain without entries."""
    return Tip(-1, genesis(partition), b"")


def canonical(entry: Chained, sequence: int, previous: bytes) -> bytes:
    """Return the bytes that an entry's hash is over, as if it carried this number and this hash.

    A MessagePack array: format, sequence, previous, entry_id, customer_id, kind, reference, currency, occurred_at, then
    an array of topic, partition and offset of its source, empty without one, and one of account and amount of each
    posting in turn. What only tells of its delivery is not in it.
    """
    source = entry.source
    lines: list[str | int] = []
    for posting in entry.postings:
        lines += (posting.ledger_account, posting.amount_minor)
    said = (
        FORMAT, sequence, previous, entry.entry_id, entry.customer_id, entry.kind, entry.reference, entry.currency,
        entry.occurred_at, () if source is None else (source.topic, source.partition, source.offset), lines,
    )  # fmt: skip
    return _encode(said)


def digest(entry: Chained) -> bytes:
    """Return an entry's hash."""
    return sha256(canonical(entry, entry.sequence, entry.previous)).digest()


def digest_as(entry: Chained, sequence: int, previous: bytes) -> bytes:
    """Return the hash that an entry would have with another number or another hash before it."""
    return sha256(canonical(entry, sequence, previous)).digest()


def link(entry: Link, tip: Tip) -> tuple[Link, Tip]:
    """Put an entry (any struct that is `Chained`) at the end of a chain; returns it as it is to be written."""
    linked = msgspec.structs.replace(entry, sequence=tip.sequence + 1, previous=tip.hash)
    return linked, Tip(tip.sequence + 1, digest(linked), tip.hash)  # type: ignore[arg-type] # no intersection types


def misfit(entry: LedgerEntry) -> str:
    """Say what of an entry's record does not follow from what the chain covers; empty if all of it does."""
    if entry.event_id != entry.entry_id:
        return f"its event_id is {entry.event_id[:64]!r}"
    if entry.received_at != entry.occurred_at:
        return "it was received at another time than it is of"
    if (entry.provider, entry.provider_sequence) != (PROVIDER, None):
        return f"its provider is {entry.provider[:64]!r}, {entry.provider_sequence!r}"
    return ""

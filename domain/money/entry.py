"""An entry of the ledger, the head of every view of it, and balances at any past instant."""

from collections.abc import Iterable
from typing import Literal, Protocol

import msgspec

from domain.events.betting import Posting
from domain.events.head import Source

EntryKind = Literal["TRANSFER", "RESERVE", "POST", "VOID", "EXPIRE", "REVERSE"]


class Booked(Protocol):
    """What any entry of the ledger says, as made here or as read from a topic or a table."""

    @property
    def entry_id(self) -> str:
        """Return the id, which no other entry has."""

    @property
    def occurred_at(self) -> int:
        """Return the time of the log at which it was made, in microseconds."""

    @property
    def postings(self) -> tuple[Posting, ...]:
        """Return its lines, which sum to zero."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A double entry: postings of one currency that sum to zero.

    `reference` is the id of the transfer that it is about: a reservation and all that resolves it share one.
    `customer_id` is whose accounts it moves, empty for the house's alone; it is the entry's key. `sequence` and
    `previous` chain it to the entry before it in its partition (domain/money/chain.py); −1 until it is linked.
    """

    entry_id: str
    customer_id: str
    kind: EntryKind
    reference: str
    currency: str
    occurred_at: int
    postings: tuple[Posting, ...]
    source: Source | None = None
    sequence: int = -1
    previous: bytes = b""


def as_of(entries: Iterable[Booked], at: int) -> dict[str, int]:
    """Sum entries into balances by ledger account as they stood at an instant, its own entries included.

    Minor units, `at` in microseconds; in any order, and delivered any number of times.
    """
    balances: dict[str, int] = {}
    seen: set[str] = set()
    for entry in entries:
        if entry.occurred_at > at or entry.entry_id in seen:
            continue
        seen.add(entry.entry_id)
        for posting in entry.postings:
            balances[posting.ledger_account] = balances.get(posting.ledger_account, 0) + posting.amount_minor
    return balances

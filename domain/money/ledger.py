"""The double-entry ledger: every movement of money is an entry whose postings sum to zero.

Accounts of the ledger, for each customer: `customer:<id>:cash` (free to bet or withdraw), `customer:<id>:reserved`
(held for bets being decided), `customer:<id>:owed` (what a correction could not take back) and `house:stakes:<id>`
(stakes of open bets). What bets leave to the house is `house:profit`. Money from and to the world passes `house:bank`,
which is the negative of all the rest.
"""

from collections.abc import Callable, Iterable
from hashlib import blake2b

import msgspec

from domain.errors import ContractViolation
from domain.events.betting import EntryKind, LedgerEntry, Posting
from domain.money.cause import PROVIDER, Cause

HOUSE_BANK = "house:bank"
HOUSE_PROFIT = "house:profit"


def cash(customer_id: str) -> str:
    """Name the ledger account of a customer's free money."""
    return f"customer:{customer_id}:cash"


def reserved(customer_id: str) -> str:
    """Name the ledger account of what a customer's undecided bets hold."""
    return f"customer:{customer_id}:reserved"


def open_stakes(customer_id: str) -> str:
    """Name the house's ledger account of the stakes of a customer's open bets."""
    return f"house:stakes:{customer_id}"


def owed(customer_id: str) -> str:
    """Name the ledger account of what a customer owes; its balance is zero or below."""
    return f"customer:{customer_id}:owed"


def bank(_customer_id: str) -> str:
    """Name the house's bank, the same for every customer."""
    return HOUSE_BANK


ROUTES: dict[EntryKind, tuple[Callable[[str], str], Callable[[str], str]]] = {
    "TRANSFER_REFUSED": (bank, cash),
    "RESERVE": (cash, reserved),
    "STAKE": (reserved, open_stakes),
}
"""From which ledger account to which an entry moves money, of the kinds that move it from one to another."""


def movement(
    kind: EntryKind, reference: str, *, customer_id: str, currency: str, amount_minor: int, cause: Cause
) -> LedgerEntry:
    """Write the entry that moves `amount_minor` (minor units) along the route of its kind; none has no postings.

    `entry_id` is `<customer_id>/<reference>.<kind>`: the same command makes the same entry.
    """
    assert amount_minor >= 0, f"{kind} goes one way, not {amount_minor}"
    assert amount_minor == 0 or kind != "TRANSFER_REFUSED", f"a refused transfer moves nothing, not {amount_minor}"
    from_, to = ROUTES[kind]
    postings = (
        Posting(ledger_account=from_(customer_id), amount_minor=-amount_minor),
        Posting(ledger_account=to(customer_id), amount_minor=amount_minor),
    )
    return entry(
        f"{customer_id}/{reference}.{kind.lower()}",
        kind,
        reference,
        customer_id=customer_id,
        currency=currency,
        postings=postings if amount_minor else (),
        cause=cause,
    )


def entry(
    entry_id: str,
    kind: EntryKind,
    reference: str,
    *,
    customer_id: str,
    currency: str,
    postings: tuple[Posting, ...],
    cause: Cause,
) -> LedgerEntry:
    """Write an entry of postings that sum to zero."""
    assert sum([posting.amount_minor for posting in postings]) == 0, postings
    return LedgerEntry(
        event_id=entry_id,
        occurred_at=cause.at,
        received_at=cause.at,
        provider=PROVIDER,
        source=cause.source,
        entry_id=entry_id,
        customer_id=customer_id,
        kind=kind,
        reference=reference,
        currency=currency,
        postings=postings,
    )


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer's account must show, by its entries alone; minor units."""

    balance_minor: int
    reserved_minor: int
    open_stakes_minor: int
    owed_minor: int = 0


class Ledger:
    """Balances as the sum of entries; an entry delivered again changes nothing."""

    def __init__(self) -> None:
        self.balances: dict[str, int] = {}
        self.currency: str | None = None
        self._entries: dict[str, bytes] = {}

    def add(self, entry: LedgerEntry) -> bool:
        """Post an entry; returns False for one that was posted before.

        Raises:
            ContractViolation: the postings do not sum to zero, the id was used for another entry, or the currency
                is not that of the entries before.
        """
        content, earlier = _content(entry), self._entries.get(entry.entry_id)
        if earlier is not None:
            if earlier != content:
                raise ContractViolation(f"ledger entry {entry.entry_id} was written twice, with different content")
            return False
        total = sum(posting.amount_minor for posting in entry.postings)
        if total:
            raise ContractViolation(f"ledger entry {entry.entry_id} is out of balance by {total}")
        if entry.postings:
            self.currency = self.currency or entry.currency
        if entry.postings and entry.currency != self.currency:
            raise ContractViolation(
                f"ledger entry {entry.entry_id} is in {entry.currency}, the book is in {self.currency}"
            )
        self._entries[entry.entry_id] = content
        for posting in entry.postings:
            balance = self.balances.get(posting.ledger_account, 0)
            self.balances[posting.ledger_account] = balance + posting.amount_minor
        return True

    def forget(self) -> None:
        """Begin anew with other customers, in the same currency."""
        self.balances.clear()
        self._entries.clear()

    def figures(self, customer_id: str) -> Figures:
        """Return what the customer's account must show."""
        held = self.balances.get(reserved(customer_id), 0)
        return Figures(
            balance_minor=self.balances.get(cash(customer_id), 0) + held,
            reserved_minor=held,
            open_stakes_minor=self.balances.get(open_stakes(customer_id), 0),
            owed_minor=-self.balances.get(owed(customer_id), 0),
        )


def _content(entry: LedgerEntry) -> bytes:
    """Return a digest of what an entry says, short enough to remember every entry."""
    said = (entry.kind, entry.reference, entry.postings)
    return blake2b(msgspec.msgpack.encode(said), digest_size=16).digest()


def replay(entries: Iterable[LedgerEntry]) -> dict[str, int]:
    """Sum entries, in any order and delivered any number of times, into balances by ledger account, minor units.

    Raises:
        ContractViolation: as `Ledger.add`.
    """
    ledger = Ledger()
    for entry in entries:
        ledger.add(entry)
    return ledger.balances

"""The ledger's side of a reconciliation, from its entries alone."""

from collections.abc import Iterable
from typing import Final

from domain.events.betting import EntryKind, LedgerEntry
from domain.money.payment_lines import ledger_lines
from domain.money.payment_moves import ENTRIES
from domain.money.payment_terms import LedgerMove, MoveKind
from domain.money.reconcile import PaymentLine

KINDS: Final[dict[EntryKind, MoveKind]] = {entry: move for move, entry in ENTRIES.items()}


def entry_lines(entries: Iterable[LedgerEntry]) -> list[PaymentLine]:
    """Return what the ledger says of payments, by its entries in their order; one that is said again is one."""
    said = {entry.entry_id: entry for entry in entries if entry.kind in KINDS}
    return ledger_lines((_move(entry), entry.occurred_at) for entry in said.values())


def _move(entry: LedgerEntry) -> LedgerMove:
    kind = KINDS[entry.kind]
    name = f"{entry.customer_id}/{entry.reference}"
    verb = "capture" if kind is MoveKind.CREDIT else "payout"
    return LedgerMove(
        kind=kind, move_id=f"{name}/{kind.lower()}", customer_id=entry.customer_id, currency=entry.currency,
        amount_minor=sum(each.amount_minor for each in entry.postings if each.amount_minor > 0),
        key=f"{name}/{verb}",
    )  # fmt: skip

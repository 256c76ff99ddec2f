"""A payment's moves as moves of the customer's account, each with the entry that explains it."""

from typing import Final

import msgspec

from domain.events.betting import EntryKind, LedgerEntry, Posting
from domain.money import ledger
from domain.money.account import AccountState, changed
from domain.money.cause import Cause
from domain.money.payment_terms import LedgerMove, MoveKind

ENTRIES: Final[dict[MoveKind, EntryKind]] = {
    MoveKind.CREDIT: "DEPOSIT",
    MoveKind.HOLD: "WITHDRAWAL_HELD",
    MoveKind.POST: "WITHDRAWN",
    MoveKind.RELEASE: "WITHDRAWAL_RELEASED",
    MoveKind.RETURN: "WITHDRAWAL_RETURNED",
}
"""The kinds of entries that moves write; ADMIT and RESCIND move no money."""


def book(account: AccountState, move: LedgerMove, cause: Cause) -> tuple[AccountState, LedgerEntry]:
    """Do a move of money; a credit pays what is owed first.

    The entry's id is `<customer_id>/<payment_id>.<kind>`: the same move writes the same entry. Whether money may be
    held was decided before (`payment_limits.hold_fault`).
    """
    amount, customer_id = move.amount_minor, account.customer_id
    match move.kind:
        case MoveKind.CREDIT | MoveKind.RETURN:
            after, lines = changed(account, amount)
            lines = (_line(ledger.HOUSE_BANK, -amount), *lines)
        case MoveKind.HOLD:
            assert 0 < amount <= account.available_minor, f"{account} cannot hold {amount}"
            after = msgspec.structs.replace(account, reserved_minor=account.reserved_minor + amount)
            lines = (_line(ledger.cash(customer_id), -amount), _line(ledger.reserved(customer_id), amount))
        case MoveKind.POST:
            after = _taken(account, amount)
            lines = (_line(ledger.reserved(customer_id), -amount), _line(ledger.HOUSE_BANK, amount))
        case MoveKind.RELEASE:
            after, lines = changed(_taken(account, amount), amount)
            lines = (_line(ledger.reserved(customer_id), -amount), *lines)
        case _:
            raise AssertionError(f"{move} moves no money")
    reference, kind = move.move_id.removeprefix(f"{customer_id}/").rpartition("/")[0], ENTRIES[move.kind]
    entry = ledger.entry(
        f"{customer_id}/{reference}.{kind.lower()}", kind, reference, customer_id=customer_id,
        currency=account.currency, postings=lines, cause=cause,
    )  # fmt: skip
    return after, entry


def _taken(account: AccountState, amount: int) -> AccountState:
    """Take what was held out of the account."""
    return msgspec.structs.replace(
        account, balance_minor=account.balance_minor - amount, reserved_minor=account.reserved_minor - amount
    )


def _line(name: str, amount: int) -> Posting:
    return Posting(ledger_account=name, amount_minor=amount)

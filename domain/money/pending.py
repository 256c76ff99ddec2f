"""Two-phase transfers: money is held, then posted whole or in part, voided or expired, once."""

from typing import Final

import msgspec

from domain.money import chart
from domain.money.commands import Expire, Post, Reserve, TransferStatus, Void
from domain.money.parties import Line, sides, write
from domain.money.rows import AccountRow, Draft, TransferRow
from domain.money.transfer_codes import Result

_RESOLVED: Final = {
    "POSTED": Result.PENDING_ALREADY_POSTED,
    "VOIDED": Result.PENDING_ALREADY_VOIDED,
    "EXPIRED": Result.PENDING_EXPIRED,
}


def reserve(draft: Draft, command: Reserve, at: int) -> Result:
    """Hold money for later: out of the debit account's balance, and within what the credit account may yet take."""
    if 0 < command.expires_at <= at:
        return Result.EXPIRY_PAST
    pair = sides(draft, command)
    if isinstance(pair, Result):
        return pair
    debit, credit = pair
    name, amount = chart.held(command.debit_account), command.amount_minor
    hold = draft.account(name) or _holding(debit)
    if not hold.bears_credit(amount):
        return Result.EXCEEDS_MOST
    draft.accounts[command.debit_account] = debit.moved(-amount, outgoing=amount)
    draft.accounts[name] = hold.moved(amount)
    draft.accounts[command.credit_account] = credit.moved(0, incoming=amount)
    draft.transfers[command.id] = TransferRow(command, at, "PENDING")
    lines = ((command.debit_account, -amount), (name, amount))
    write(draft, "RESERVE", command.id, lines, asked=command, reference=command.id, at=at)
    return Result.CREATED


def post(draft: Draft, command: Post, at: int) -> Result:
    """Take what is pending, or part of it; the rest goes back."""
    if command.amount_minor is not None and command.amount_minor <= 0:
        return Result.AMOUNT_NOT_POSITIVE
    held = _pending(draft, command.pending_id, at)
    if isinstance(held, Result):
        return held
    amount = held.amount_minor if command.amount_minor is None else command.amount_minor
    if amount > held.amount_minor:
        return Result.EXCEEDS_PENDING
    lines = _resolve(draft, held, "POSTED", amount)
    draft.transfers[command.id] = TransferRow(command, at, "POSTED", amount)
    write(draft, "POST", command.id, lines, asked=held, reference=held.id, at=at)
    return Result.CREATED


def void(draft: Draft, command: Void, at: int) -> Result:
    """Give back all that is pending."""
    held = _pending(draft, command.pending_id, at)
    if isinstance(held, Result):
        return held
    lines = _resolve(draft, held, "VOIDED", 0)
    draft.transfers[command.id] = TransferRow(command, at, "VOIDED")
    write(draft, "VOID", command.id, lines, asked=held, reference=held.id, at=at)
    return Result.CREATED


def expire(draft: Draft, command: Expire, at: int) -> Result:
    """Give back what is pending past its time; again, it exists."""
    found = _reservation(draft, command.pending_id)
    if isinstance(found, Result):
        return found
    row, held = found
    if row.status != "PENDING":
        return Result.EXISTS if row.status == "EXPIRED" else _RESOLVED[row.status]
    if not 0 < held.expires_at <= at:
        return Result.PENDING_NOT_DUE
    lines = _resolve(draft, held, "EXPIRED", 0)
    write(draft, "EXPIRE", held.id, lines, asked=held, reference=held.id, at=at)
    return Result.CREATED


def _holding(debit: AccountRow) -> AccountRow:
    limits = chart.LIMITS[chart.AccountClass.HELD]
    return AccountRow(debit.currency, debit.customer_id, limits.least_minor, limits.most_minor, holds=True)


def _reservation(draft: Draft, pending_id: str) -> tuple[TransferRow, Reserve] | Result:
    row = draft.transfer(pending_id)
    if row is None or row.status == "FAILED":
        return Result.PENDING_UNKNOWN
    return (row, row.command) if isinstance(row.command, Reserve) else Result.PENDING_NOT_PENDING


def _pending(draft: Draft, pending_id: str, at: int) -> Reserve | Result:
    """Return what is pending under an id, if a client can still resolve it."""
    found = _reservation(draft, pending_id)
    if isinstance(found, Result):
        return found
    row, held = found
    if row.status != "PENDING":
        return _RESOLVED[row.status]
    return Result.PENDING_EXPIRED if 0 < held.expires_at <= at else held


def _resolve(draft: Draft, held: Reserve, status: TransferStatus, amount: int) -> tuple[Line, ...]:
    """End what is pending: `amount` of it (minor units) goes to the credit account, the rest back."""
    row = draft.transfer(held.id)
    assert row is not None, held
    assert row.status == "PENDING", row
    whole, name = held.amount_minor, chart.held(held.debit_account)
    draft.accounts[name] = draft.opened(name).moved(-whole)
    credit = draft.opened(held.credit_account)
    draft.accounts[held.credit_account] = credit.moved(amount, incoming=-whole)
    debit = draft.opened(held.debit_account)
    draft.accounts[held.debit_account] = debit.moved(whole - amount, outgoing=-whole)
    draft.transfers[held.id] = msgspec.structs.replace(row, status=status)
    return (name, -whole), (held.credit_account, amount), (held.debit_account, whole - amount)

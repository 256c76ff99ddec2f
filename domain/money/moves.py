"""Each command of the ledger as a rule on a draft: it changes the draft and answers CREATED, or changes nothing."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from domain.money import chart, pending
from domain.money.commands import Expire, Open, Post, Reserve, Reverse, Transfer, Void
from domain.money.parties import Between, sides, two_lines, unbearable, write
from domain.money.rows import AccountRow, Draft, TransferRow
from domain.money.transfer_codes import Result


def open_account(draft: Draft, command: Open, _at: int) -> Result:
    """Open an account; again on the same terms, it exists."""
    name = chart.parse(command.account)
    if name is None:
        return Result.ACCOUNT_NOT_IN_CHART
    if name.account_class is chart.AccountClass.HELD:
        return Result.ACCOUNT_HOLDS_PENDING
    widest = chart.LIMITS[name.account_class]
    limits = command.limits or widest
    if not widest.hold(limits) or not limits.least_minor <= 0 <= limits.most_minor:
        return Result.LIMITS_INVALID
    row = draft.account(command.account)
    asked = AccountRow(command.currency, name.customer_id, limits.least_minor, limits.most_minor)
    if row is not None:
        return _reopened(row, asked)
    draft.accounts[command.account] = asked
    return Result.CREATED


def _reopened(row: AccountRow, asked: AccountRow) -> Result:
    if row.currency != asked.currency:
        return Result.EXISTS_WITH_DIFFERENT_CURRENCY
    same = (row.least_minor, row.most_minor) == (asked.least_minor, asked.most_minor)
    return Result.EXISTS if same else Result.EXISTS_WITH_DIFFERENT_LIMITS


def transfer(draft: Draft, command: Transfer, at: int) -> Result:
    """Move money at once."""
    pair = sides(draft, command)
    if isinstance(pair, Result):
        return pair
    debit, credit = pair
    draft.accounts[command.debit_account] = debit.moved(-command.amount_minor)
    draft.accounts[command.credit_account] = credit.moved(command.amount_minor)
    draft.transfers[command.id] = TransferRow(command, at, "POSTED", command.amount_minor)
    lines = two_lines(command, command.amount_minor)
    write(draft, "TRANSFER", command.id, lines, asked=command, reference=command.id, at=at)
    return Result.CREATED


def reverse(draft: Draft, command: Reverse, at: int) -> Result:
    """Move back what was moved for good, whole and once; a reversal itself is not reversed but done anew."""
    row = draft.transfer(command.transfer_id)
    if row is None or row.status == "FAILED":
        return Result.TRANSFER_UNKNOWN
    if row.status == "REVERSED":
        return Result.TRANSFER_ALREADY_REVERSED
    asked = _between(draft, row)
    if asked is None:
        return Result.TRANSFER_NOT_POSTED
    debit, credit, amount = draft.opened(asked.debit_account), draft.opened(asked.credit_account), row.moved_minor
    fault = unbearable(credit, debit, amount)
    if fault is not None:
        return fault
    draft.accounts[asked.debit_account] = debit.moved(amount)
    draft.accounts[asked.credit_account] = credit.moved(-amount)
    draft.transfers[command.transfer_id] = msgspec.structs.replace(row, status="REVERSED")
    draft.transfers[command.id] = TransferRow(command, at, "POSTED", amount)
    lines = two_lines(asked, -amount)
    write(draft, "REVERSE", command.id, lines, asked=asked, reference=command.transfer_id, at=at)
    return Result.CREATED


def _between(draft: Draft, row: TransferRow) -> Between | None:
    """Return the command that named the accounts between which a row moved money; None if it moved none for good."""
    if isinstance(row.command, Transfer):
        return row.command
    held = draft.transfer(row.command.pending_id) if isinstance(row.command, Post) else None
    return held.command if held is not None and isinstance(held.command, Reserve) else None


RULES: Final[dict[type, Callable[[Draft, Any, int], Result]]] = {
    Open: open_account,
    Transfer: transfer,
    Reserve: pending.reserve,
    Post: pending.post,
    Void: pending.void,
    Expire: pending.expire,
    Reverse: reverse,
}
"""By the command's type."""

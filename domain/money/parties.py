"""The two sides of a transfer: who may deal with whom, what each can bear, and the entry that moves money between."""

from domain.events.betting import Posting
from domain.money import chart
from domain.money.bounds import MOST_MINOR
from domain.money.commands import Reserve, Transfer
from domain.money.entry import Entry, EntryKind
from domain.money.rows import AccountRow, Draft
from domain.money.transfer_codes import Result

Between = Transfer | Reserve
"""The commands that name the accounts."""

Line = tuple[str, int]
"""A ledger account and what is added to it, in minor units."""


def sides(draft: Draft, asked: Between) -> tuple[AccountRow, AccountRow] | Result:
    """Return the debit account and the credit account, or why money cannot move between them."""
    fault = _senseless(asked)
    if fault is not None:
        return fault
    debit, credit = draft.account(asked.debit_account), draft.account(asked.credit_account)
    if debit is None:
        return _unknown(asked.debit_account, Result.DEBIT_ACCOUNT_UNKNOWN)
    if credit is None:
        return _unknown(asked.credit_account, Result.CREDIT_ACCOUNT_UNKNOWN)
    fault = _strangers(debit, credit, asked.currency) or unbearable(debit, credit, asked.amount_minor)
    return (debit, credit) if fault is None else fault


def unbearable(debit: AccountRow, credit: AccountRow, amount_minor: int) -> Result | None:
    """Say which limit so much would break."""
    if not debit.bears_debit(amount_minor):
        return Result.EXCEEDS_BALANCE
    return None if credit.bears_credit(amount_minor) else Result.EXCEEDS_MOST


def _senseless(asked: Between) -> Result | None:
    if asked.amount_minor <= 0:
        return Result.AMOUNT_NOT_POSITIVE
    if asked.amount_minor > MOST_MINOR:
        return Result.AMOUNT_TOO_LARGE
    return Result.ACCOUNTS_THE_SAME if asked.debit_account == asked.credit_account else None


def _strangers(debit: AccountRow, credit: AccountRow, currency: str) -> Result | None:
    """Say why two accounts never have to do with each other."""
    if debit.holds or credit.holds:
        return Result.ACCOUNT_HOLDS_PENDING
    if debit.customer_id != credit.customer_id and debit.customer_id and credit.customer_id:
        return Result.TWO_CUSTOMERS
    return None if debit.currency == credit.currency == currency else Result.CURRENCY_MISMATCH


def _unknown(name: str, otherwise: Result) -> Result:
    parsed = chart.parse(name)
    if parsed is None:
        return Result.ACCOUNT_NOT_IN_CHART
    return Result.ACCOUNT_HOLDS_PENDING if parsed.account_class is chart.AccountClass.HELD else otherwise


def two_lines(asked: Between, amount_minor: int) -> tuple[Line, Line]:
    """Return the lines that move so much from the debit account to the credit account; below zero, back."""
    return (asked.debit_account, -amount_minor), (asked.credit_account, amount_minor)


def write(
    draft: Draft, kind: EntryKind, command_id: str, lines: tuple[Line, ...], *, asked: Between, reference: str, at: int
) -> None:
    """Add the entry of a command to the draft; `asked` named the accounts. Lines of nothing are left out."""
    assert sum([minor for _, minor in lines]) == 0, lines
    owner = draft.opened(asked.debit_account).customer_id or draft.opened(asked.credit_account).customer_id
    entry = Entry(
        entry_id=f"{command_id}.{kind.lower()}",
        customer_id=owner,
        kind=kind,
        reference=reference,
        currency=asked.currency,
        occurred_at=at,
        postings=tuple([Posting(ledger_account=name, amount_minor=minor) for name, minor in lines if minor]),
    )
    draft.entries.append(entry)

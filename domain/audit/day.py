"""The end of a day: ledger, bets and accounts tied together to zero, each difference by itself and with its size.

Two sides are told apart. The ledger says what each customer had before the day and after it, and what each bet, each
transfer and each payment moved in it. The commands' side says what should have moved: stakes by the decisions, returns
by the settlements, transfers as they were asked for, payments as they stand. For each customer and for all of them,
opening balance + deposits − withdrawals − charges − stakes + returns = closing balance: the ends and what was charged
by the ledger, the rest by the commands. A balance is what is the customer's: free and held money less debts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from domain.audit.day_books import BetDay, CustomerDay, DayBooks, Standing, TransferDay

ALL: Final = ""
"""The customer_id of the row that sums all customers."""


class DayRow(msgspec.Struct, kw_only=True):
    """A customer's day, or that of all; `win` is what the house made of settled bets."""

    customer_id: str
    opening_minor: int = 0
    deposits_minor: int = 0
    withdrawals_minor: int = 0
    charges_minor: int = 0
    stakes_minor: int = 0
    returns_minor: int = 0
    closing_minor: int = 0
    open_stakes_minor: int = 0
    win_minor: int = 0

    @property
    def due_minor(self) -> int:
        """Return what the closing balance must be by the opening one and what moved."""
        moved_out = self.withdrawals_minor + self.charges_minor + self.stakes_minor
        return self.opening_minor + self.deposits_minor - moved_out + self.returns_minor


class DayDifference(msgspec.Struct, frozen=True, kw_only=True):
    """Two figures that should be the same and are not."""

    rule: str
    subject: str
    expected_minor: int
    found_minor: int

    @property
    def size_minor(self) -> int:
        """Return by how much there is too much (positive) or too little."""
        return self.found_minor - self.expected_minor


class DayReport(msgspec.Struct, frozen=True, kw_only=True):
    """The day of each customer, that of all, what was compared by rule, and every difference."""

    customers: tuple[DayRow, ...]
    total: DayRow
    checked: Mapping[str, int]
    unknown: Mapping[str, int]
    differences: tuple[DayDifference, ...]


class _Ties:
    """Counts what was compared and gathers what differs."""

    def __init__(self) -> None:
        self.checked: dict[str, int] = defaultdict(int)
        self.unknown: dict[str, int] = defaultdict(int)
        self.differences: list[DayDifference] = []

    def tie(self, rule: str, subject: str, *, expected: int, found: int) -> None:
        self.checked[rule] += 1
        if expected != found:
            self.differences.append(
                DayDifference(rule=rule, subject=subject, expected_minor=expected, found_minor=found)
            )

    def tie_each(self, rule: str, *, expected: Mapping[str, int], found: Mapping[str, int]) -> None:
        for subject in sorted(expected.keys() | found.keys()):
            self.tie(rule, subject, expected=expected.get(subject, 0), found=found.get(subject, 0))


_BET_RULES: Final = (
    ("stakes by bet", "staked_minor"),
    ("settled stakes by bet", "settled_minor"),
    ("returns by bet", "returned_minor"),
    ("open stakes by bet", "open_minor"),
)


def end_of_day(books: DayBooks) -> DayReport:
    """Tie a day's books together.

    A row that is there twice counts twice, so that what was booked once and told twice is a difference.
    """
    ties = _Ties()
    for rule, figure in _BET_RULES:
        ties.tie_each(rule, expected=_by_bet(books.taken_bets, figure), found=_by_bet(books.booked_bets, figure))
    asked, booked = _by_transfer(books.asked_transfers), _by_transfer(books.booked_transfers)
    ties.tie_each("transfers and payments", expected=asked, found=booked)
    rows = _rows(books)
    ledger = {each.customer_id: each for each in books.customers}
    for name, row in rows.items():
        known = ledger.get(name) or CustomerDay(customer_id=name)
        _tie_customer(ties, row, known)
    _tie_standings(ties, books)
    total = _total(rows.values())
    _tie_customer(ties, total, _ledger_total(books.customers))
    ties.tie("the ledger sums to zero", "all accounts", expected=0, found=sum(books.balances.values()))
    for entry_id, minor in books.unbalanced.items():
        ties.tie("an entry sums to zero", entry_id, expected=0, found=minor)
    if books.log_balances is not None:
        ties.tie_each("history has the ledger's entries", expected=books.log_balances, found=books.balances)
    return DayReport(
        customers=tuple(rows[name] for name in sorted(rows)), total=total, checked=dict(ties.checked),
        unknown=dict(ties.unknown), differences=tuple(ties.differences),
    )  # fmt: skip


def _rows(books: DayBooks) -> dict[str, DayRow]:
    rows: dict[str, DayRow] = {}

    def row(customer_id: str) -> DayRow:
        return rows.setdefault(customer_id, DayRow(customer_id=customer_id))

    for known in books.customers:
        own = row(known.customer_id)
        own.opening_minor += known.opening_minor
        own.closing_minor += known.closing_minor
        own.charges_minor += known.charged_minor
    for transfer in books.asked_transfers:
        own = row(transfer.customer_id)
        own.deposits_minor += max(0, transfer.amount_minor)
        own.withdrawals_minor += max(0, -transfer.amount_minor)
    for bet in books.taken_bets:
        own = row(bet.customer_id)
        own.stakes_minor += bet.staked_minor
        own.returns_minor += bet.returned_minor
        own.open_stakes_minor += bet.open_minor
        own.win_minor += bet.settled_minor - bet.returned_minor
    return rows


def _tie_customer(ties: _Ties, row: DayRow, ledger: CustomerDay) -> None:
    """Hold what the commands make of a customer (or of all) against the ledger."""
    subject = row.customer_id or "all customers"
    ties.tie("closing balance", subject, expected=row.due_minor, found=ledger.closing_minor)
    ties.tie("house's profit", subject, expected=row.win_minor, found=ledger.profit_minor)
    ties.tie("open stakes", subject, expected=row.open_stakes_minor, found=ledger.open_stakes_minor)


def _tie_standings(ties: _Ties, books: DayBooks) -> None:
    """Hold the accounts as they were published against the ledger."""
    standings: dict[str, Standing] = {each.customer_id: each for each in books.standings}
    for ledger in books.customers:
        subject = ledger.customer_id
        standing = standings.pop(subject, None) or Standing(customer_id=subject, own_minor=0, open_stakes_minor=0)
        if standing.own_minor is None:
            ties.unknown["account as published"] += 1
            continue
        ties.tie("account as published", subject, expected=ledger.closing_minor, found=standing.own_minor)
        stakes = ledger.open_stakes_minor
        ties.tie("account's open stakes", subject, expected=stakes, found=standing.open_stakes_minor)
    for subject, standing in standings.items():
        ties.tie("account as published", subject, expected=0, found=standing.own_minor or 0)


def _total(rows: Iterable[DayRow]) -> DayRow:
    total = DayRow(customer_id=ALL)
    for row in rows:
        for name in DayRow.__struct_fields__[1:]:
            setattr(total, name, getattr(total, name) + getattr(row, name))
    return total


def _ledger_total(customers: Sequence[CustomerDay]) -> CustomerDay:
    sums = {name: sum([getattr(each, name) for each in customers]) for name in CustomerDay.__struct_fields__[1:]}
    return CustomerDay(customer_id=ALL, **sums)


def _by_bet(bets: Iterable[BetDay], figure: str) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for bet in bets:
        sums[f"{bet.customer_id}/{bet.bet_id}"] += getattr(bet, figure)
    return sums


def _by_transfer(transfers: Iterable[TransferDay]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for transfer in transfers:
        sums[f"{transfer.customer_id}/{transfer.transfer_id}"] += transfer.amount_minor
    return sums

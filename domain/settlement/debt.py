"""What a customer has and owes: how a correction takes back what is no longer there.

The debt rule: no correction takes a customer's free money below its limit. What cannot be taken is owed, on
`customer:<id>:owed` (of a bonus on `customer:<id>:bonus-owed`), a balance below zero; every credit pays that first:
winnings, deposits, what a released hold gives back. So what is free and what is owed follow from their difference
alone, and a correction that is corrected again leaves no trace. The bonus is not taken for a debt of cash, nor cash for
one of bonus.
"""

import msgspec

from domain.events.betting import Posting
from domain.money import chart, ledger


class Purse(msgspec.Struct, frozen=True, kw_only=True):
    """One of a customer's two purses, cash or bonus, in minor units: what is free, what is owed, and the limit."""

    free_minor: int
    owed_minor: int = 0
    least_minor: int = 0

    def __post_init__(self) -> None:
        assert self.free_minor >= self.least_minor, self
        assert self.owed_minor >= 0, self

    def after(self, change_minor: int) -> "Purse":
        """Return the purse after a credit (positive) or a debit that must be borne (negative); 0 pays what it can."""
        worth = self.free_minor - self.owed_minor + change_minor
        free = max(worth, self.least_minor)
        return msgspec.structs.replace(self, free_minor=free, owed_minor=free - worth)


def cash_postings(customer_id: str, purse: Purse, change_minor: int) -> tuple[tuple[Posting, ...], Purse]:
    """Return the postings of a change of a customer's cash, which sum to it, and the purse after."""
    return _postings(ledger.cash(customer_id), ledger.owed(customer_id), purse, change_minor)


def bonus_postings(customer_id: str, purse: Purse, change_minor: int) -> tuple[tuple[Posting, ...], Purse]:
    """Return the postings of a change of a customer's bonus, which sum to it, and the purse after."""
    return _postings(chart.bonus(customer_id), chart.bonus_owed(customer_id), purse, change_minor)


def _postings(free: str, debt: str, purse: Purse, change_minor: int) -> tuple[tuple[Posting, ...], Purse]:
    after = purse.after(change_minor)
    moved = ((free, after.free_minor - purse.free_minor), (debt, purse.owed_minor - after.owed_minor))
    return tuple([Posting(ledger_account=name, amount_minor=amount) for name, amount in moved if amount]), after

"""The chart of accounts: each class of ledger account, how its accounts are named, and what its balance may be.

A balance is credits less debits, in minor units: what the house owes is positive (customers' money, open stakes), what
it has is negative (payment clearing is the negative of all the rest), and all accounts together are zero.
"""

from enum import StrEnum
from typing import Final

import msgspec

from domain.money import ledger
from domain.money.bounds import MOST_MINOR

MOST_HOUSE_MINOR: Final = 10**18
"""An account of the house sums those of many customers; it stays inside 64 bits."""


class AccountClass(StrEnum):
    """What a ledger account is for."""

    CASH = "CASH"
    BONUS = "BONUS"
    HELD = "HELD"
    OPEN_STAKES = "OPEN_STAKES"
    OWED = "OWED"
    PROFIT = "PROFIT"
    CLEARING = "CLEARING"
    FEES = "FEES"
    TAX = "TAX"


class Limits(msgspec.Struct, frozen=True):
    """The least and the most that an account's balance may be, in minor units."""

    least_minor: int
    most_minor: int

    def hold(self, inner: "Limits") -> bool:
        """Tell whether other limits are limits, and no looser than these."""
        return self.least_minor <= inner.least_minor <= inner.most_minor <= self.most_minor


CUSTOMERS: Final = Limits(0, MOST_MINOR)
"""Of what belongs to a customer or hangs on a customer's bet: it is never below zero."""

CLAIM: Final = Limits(-MOST_MINOR, 0)
"""Of what a customer owes the house: it is never above zero."""

FREE: Final = Limits(-MOST_HOUSE_MINOR, MOST_HOUSE_MINOR)
"""Of the house's own accounts."""

LIMITS: Final[dict[AccountClass, Limits]] = {
    AccountClass.CASH: CUSTOMERS,
    AccountClass.BONUS: CUSTOMERS,
    AccountClass.HELD: CUSTOMERS,
    AccountClass.OPEN_STAKES: CUSTOMERS,
    AccountClass.OWED: CLAIM,
    AccountClass.PROFIT: FREE,
    AccountClass.CLEARING: FREE,
    AccountClass.FEES: FREE,
    AccountClass.TAX: FREE,
}
"""What no sequence of transfers can break."""

PROFIT: Final = ledger.HOUSE_PROFIT
CLEARING: Final = ledger.HOUSE_BANK
FEES: Final = "house:fees"
TAX: Final = "house:tax"

HELD_SUFFIX: Final = "-reserved"

_CUSTOMER, _STAKES = "customer:", "house:stakes:"
_HELD_STAKES = f"house:stakes{HELD_SUFFIX}:"
_CUSTOMERS = {
    "cash": AccountClass.CASH,
    "bonus": AccountClass.BONUS,
    "owed": AccountClass.OWED,
    "bonus-owed": AccountClass.OWED,
    "reserved": AccountClass.HELD,
    **{f"{name}{HELD_SUFFIX}": AccountClass.HELD for name in ("bonus", "owed", "bonus-owed")},
}
_HOUSE = {
    PROFIT: AccountClass.PROFIT,
    CLEARING: AccountClass.CLEARING,
    FEES: AccountClass.FEES,
    TAX: AccountClass.TAX,
}


class AccountName(msgspec.Struct, frozen=True):
    """What a ledger account's name says: its class, and whose it is ("" for the house's own)."""

    account_class: AccountClass
    customer_id: str


def cash(customer_id: str) -> str:
    """Name the account of a customer's own free money."""
    return ledger.cash(customer_id)


def bonus(customer_id: str) -> str:
    """Name the account of what the house has given a customer to bet with."""
    return f"{_CUSTOMER}{customer_id}:bonus"


def owed(customer_id: str) -> str:
    """Name the account of what corrections could not take back from a customer; its balance is the negative of it."""
    return ledger.owed(customer_id)


def bonus_owed(customer_id: str) -> str:
    """Name the account of what corrections could not take back of a customer's bonus."""
    return f"{_CUSTOMER}{customer_id}:bonus-owed"


def open_stakes(customer_id: str) -> str:
    """Name the account of the stakes of a customer's open bets."""
    return ledger.open_stakes(customer_id)


def held(name: str) -> str:
    """Name the account that holds what is pending out of another, one for each: what is void goes back whole."""
    if name.startswith(_STAKES):
        return _HELD_STAKES + name.removeprefix(_STAKES)
    if name.startswith(_CUSTOMER) and name.endswith(":cash"):
        return ledger.reserved(name.removeprefix(_CUSTOMER).removesuffix(":cash"))
    return name + HELD_SUFFIX


def parse(name: str) -> AccountName | None:
    """Read the name of a ledger account; None if the chart has no such account."""
    if name in _HOUSE:
        return AccountName(_HOUSE[name], "")
    if name.startswith(_CUSTOMER):
        customer_id, _, last = name.removeprefix(_CUSTOMER).rpartition(":")
        return _named(_CUSTOMERS.get(last), customer_id)
    if name.startswith(_STAKES):
        return _named(AccountClass.OPEN_STAKES, name.removeprefix(_STAKES))
    if name.startswith(_HELD_STAKES):
        return _named(AccountClass.HELD, name.removeprefix(_HELD_STAKES))
    if name.removesuffix(HELD_SUFFIX) in _HOUSE:
        return AccountName(AccountClass.HELD, "")
    return None


def _named(account_class: AccountClass | None, customer_id: str) -> AccountName | None:
    return AccountName(account_class, customer_id) if account_class and customer_id else None

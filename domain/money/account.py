"""A customer's account: what it holds, and the ways that money moves in and out of it.

Each move returns the new state and the entry that explains it, and asserts what must hold of any account:
0 ≤ reserved ≤ balance, 0 ≤ open stakes, and that nothing is free while anything is owed.
"""

import msgspec

from domain.events.betting import Account, EntryKind, LedgerEntry, Posting
from domain.money import ledger
from domain.money.bounds import MOST_HELD_MINOR, MOST_MINOR
from domain.money.cause import PROVIDER, Cause
from domain.settlement.bet import Move
from domain.settlement.debt import Purse, cash_postings
from domain.settlement.postings import postings as settlement_postings

NO_BONUS = Purse(free_minor=0)


class AccountState(msgspec.Struct, frozen=True, kw_only=True):
    """What an account holds, in minor units of `currency`; `version` counts its published changes.

    `owed_minor` is what a correction could not take back: every credit pays it first (domain/settlement/debt.py).
    """

    customer_id: str
    currency: str
    version: int = 0
    balance_minor: int = 0
    reserved_minor: int = 0
    open_stakes_minor: int = 0
    owed_minor: int = 0

    def __post_init__(self) -> None:
        assert 0 <= self.reserved_minor <= self.balance_minor <= MOST_HELD_MINOR, self
        assert self.open_stakes_minor >= 0, self
        assert self.owed_minor == 0 or (self.owed_minor > 0 and self.available_minor == 0), self

    @property
    def available_minor(self) -> int:
        """Return what is free to bet or withdraw."""
        return self.balance_minor - self.reserved_minor

    @property
    def purse(self) -> Purse:
        """Return what is free and what is owed of the customer's cash."""
        return Purse(free_minor=self.available_minor, owed_minor=self.owed_minor)


def _entry(account: AccountState, kind: EntryKind, reference: str, amount: int, cause: Cause) -> LedgerEntry:
    return ledger.movement(
        kind,
        reference,
        customer_id=account.customer_id,
        currency=account.currency,
        amount_minor=amount,
        cause=cause,
    )


def _posted(
    account: AccountState, kind: EntryKind, reference: str, postings: tuple[Posting, ...], cause: Cause
) -> LedgerEntry:
    return ledger.entry(
        f"{account.customer_id}/{reference}.{kind.lower()}",
        kind,
        reference,
        customer_id=account.customer_id,
        currency=account.currency,
        postings=postings,
        cause=cause,
    )


def changed(account: AccountState, cash_minor: int) -> tuple[AccountState, tuple[Posting, ...]]:
    """Change the free cash by so many minor units by the debt rule; the postings sum to it."""
    postings, purse = cash_postings(account.customer_id, account.purse, cash_minor)
    moved = purse.free_minor - account.available_minor
    after = msgspec.structs.replace(account, balance_minor=account.balance_minor + moved, owed_minor=purse.owed_minor)
    return after, postings


def reserve(account: AccountState, stake_minor: int, bet_id: str, cause: Cause) -> tuple[AccountState, LedgerEntry]:
    """Hold a stake (minor units) while its bet is being decided."""
    assert 0 < stake_minor <= account.available_minor, f"{account} cannot reserve {stake_minor}"
    entry = _entry(account, "RESERVE", bet_id, stake_minor, cause)
    return msgspec.structs.replace(account, reserved_minor=account.reserved_minor + stake_minor), entry


def release(account: AccountState, stake_minor: int, bet_id: str, cause: Cause) -> tuple[AccountState, LedgerEntry]:
    """Give back what a bet held and did not take (minor units)."""
    assert stake_minor > 0, f"{account} cannot release {stake_minor}"
    held = msgspec.structs.replace(
        account, balance_minor=account.balance_minor - stake_minor, reserved_minor=account.reserved_minor - stake_minor
    )
    after, postings = changed(held, stake_minor)
    taken = Posting(ledger_account=ledger.reserved(account.customer_id), amount_minor=-stake_minor)
    return after, _posted(account, "RELEASE", bet_id, (taken, *postings), cause)


def stake(account: AccountState, stake_minor: int, bet_id: str, cause: Cause) -> tuple[AccountState, LedgerEntry]:
    """Take a held stake (minor units) into the house's open stakes."""
    assert stake_minor > 0, f"{account} cannot stake {stake_minor}"
    entry = _entry(account, "STAKE", bet_id, stake_minor, cause)
    return (
        msgspec.structs.replace(
            account,
            balance_minor=account.balance_minor - stake_minor,
            reserved_minor=account.reserved_minor - stake_minor,
            open_stakes_minor=account.open_stakes_minor + stake_minor,
        ),
        entry,
    )


def transfer(
    account: AccountState, amount_minor: int, transfer_id: str, cause: Cause
) -> tuple[AccountState, LedgerEntry]:
    """Move money into (positive) or out of (negative) the account, in minor units.

    What the account cannot bear, a debit above what is available or a credit above what an account may hold, moves
    nothing and leaves an entry of kind TRANSFER_REFUSED.
    """
    if not -account.available_minor <= amount_minor <= MOST_MINOR - account.balance_minor:
        return account, _entry(account, "TRANSFER_REFUSED", transfer_id, 0, cause)
    after, postings = changed(account, amount_minor)
    bank = Posting(ledger_account=ledger.HOUSE_BANK, amount_minor=-amount_minor)
    return after, _posted(account, "TRANSFER", transfer_id, (bank, *postings), cause)


def settle(
    account: AccountState, move: Move, bet_id: str, version: int, cause: Cause
) -> tuple[AccountState, LedgerEntry]:
    """Move what a change of a bet's settlement moves; `version` is the bet's, and part of the entry's id."""
    lines, cash, _ = settlement_postings(account.customer_id, move, account.purse, NO_BONUS)
    after = msgspec.structs.replace(
        account,
        balance_minor=account.balance_minor + cash.free_minor - account.available_minor,
        open_stakes_minor=account.open_stakes_minor + move.stakes_minor,
        owed_minor=cash.owed_minor,
    )
    entry = ledger.entry(
        f"{account.customer_id}/{bet_id}.settle.v{version}",
        "SETTLE",
        bet_id,
        customer_id=account.customer_id,
        currency=account.currency,
        postings=lines,
        cause=cause,
    )
    return after, entry


def publish(account: AccountState, cause: Cause) -> tuple[AccountState, Account]:
    """Count a change of the account and say how it now stands; `event_id` is `<customer_id>.v<version>`."""
    counted = msgspec.structs.replace(account, version=account.version + 1)
    return counted, Account(
        event_id=f"{counted.customer_id}.v{counted.version}",
        occurred_at=cause.at,
        received_at=cause.at,
        provider=PROVIDER,
        source=cause.source,
        customer_id=counted.customer_id,
        version=counted.version,
        currency=counted.currency,
        balance_minor=counted.balance_minor,
        reserved_minor=counted.reserved_minor,
        open_stakes_minor=counted.open_stakes_minor,
        owed_minor=counted.owed_minor,
    )

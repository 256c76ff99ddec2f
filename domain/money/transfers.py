"""Money into and out of accounts: one `wallet.transfers` command, done once however often it is sent."""

from hashlib import blake2b

import msgspec

from domain.errors import ContractViolation
from domain.events.betting import WalletTransfer
from domain.events.head import Event
from domain.money import account as accounts
from domain.money.account import AccountState
from domain.money.bounds import MOST_MINOR
from domain.money.cause import Cause
from domain.money.ids import plain_id
from domain.money.ledger import movement


class TransferState(msgspec.Struct, frozen=True):
    """That a transfer was done or refused; kept for ever, for money is never moved twice."""

    fingerprint: bytes


class TransferStep(msgspec.Struct, frozen=True, kw_only=True):
    """What a transfer changes (None: nothing) and what it says."""

    account: AccountState | None = None
    transfer: TransferState | None = None
    events: tuple[Event, ...] = ()


def fingerprint(transfer: WalletTransfer) -> bytes:
    """Return what two transfers under one id must share: all that the customer meant, nothing of the delivery."""
    meant = (transfer.customer_id, transfer.currency, transfer.amount_minor, transfer.reason)
    return blake2b(msgspec.msgpack.encode(meant), digest_size=16).digest()


def on_transfer(
    account: AccountState | None, done: TransferState | None, transfer: WalletTransfer, currency: str, cause: Cause
) -> TransferStep:
    """Move the money, or write that it was refused; `currency` is the house's.

    A credit opens the account. A debit above what is available, any transfer in another currency and a debit of an
    unknown account are refused with an entry of kind TRANSFER_REFUSED. Idempotent by `transfer_id`: again, it says and
    changes nothing.

    Raises:
        ContractViolation: the amount is zero or beyond 10^15, an id cannot be carried on, or the transfer_id was used
            for another transfer.
    """
    plain_id("customer_id", transfer.customer_id)
    plain_id("transfer_id", transfer.transfer_id)
    plain_id("currency", transfer.currency)
    if not 0 < abs(transfer.amount_minor) <= MOST_MINOR:
        raise ContractViolation(f"transfer {transfer.transfer_id} moves {transfer.amount_minor}, not 1 to {MOST_MINOR}")
    mark = fingerprint(transfer)
    if done is not None:
        if done.fingerprint != mark:
            raise ContractViolation(f"transfer_id {transfer.transfer_id} was used for another transfer")
        return TransferStep()
    known = TransferState(fingerprint=mark)
    if transfer.currency != currency or (account is None and transfer.amount_minor < 0):
        refused = movement(
            "TRANSFER_REFUSED",
            transfer.transfer_id,
            customer_id=transfer.customer_id,
            currency=transfer.currency,
            amount_minor=0,
            cause=cause,
        )
        return TransferStep(transfer=known, events=(refused,))
    account = account or AccountState(customer_id=transfer.customer_id, currency=currency)
    after, entry = accounts.transfer(account, transfer.amount_minor, transfer.transfer_id, cause)
    if after is account:
        return TransferStep(transfer=known, events=(entry,))
    after, event = accounts.publish(after, cause)
    return TransferStep(account=after, transfer=known, events=(entry, event))

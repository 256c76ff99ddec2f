"""What the ledger can be told to do, each thing under an id that its client made."""

from typing import Literal

import msgspec

from domain.money.chart import Limits


class Open(msgspec.Struct, frozen=True, kw_only=True, tag="OPEN"):
    """Open an account of the chart; limits (minor units) may be tighter than its class's, None means its class's."""

    account: str
    currency: str
    limits: Limits | None = None


class Transfer(msgspec.Struct, frozen=True, kw_only=True, tag="TRANSFER"):
    """Move an amount (minor units) from the debit account to the credit account at once."""

    id: str
    debit_account: str
    credit_account: str
    amount_minor: int
    currency: str


class Reserve(msgspec.Struct, frozen=True, kw_only=True, tag="RESERVE"):
    """Hold an amount (minor units) of the debit account for the credit account, until it is resolved.

    It expires at `expires_at`, in microseconds; 0 means never.
    """

    id: str
    debit_account: str
    credit_account: str
    amount_minor: int
    currency: str
    expires_at: int = 0


class Post(msgspec.Struct, frozen=True, kw_only=True, tag="POST"):
    """Take what is pending, whole (None) or in part (minor units); the rest goes back to the debit account."""

    id: str
    pending_id: str
    amount_minor: int | None = None


class Void(msgspec.Struct, frozen=True, kw_only=True, tag="VOID"):
    """Give all that is pending back to the debit account."""

    id: str
    pending_id: str


class Expire(msgspec.Struct, frozen=True, kw_only=True, tag="EXPIRE"):
    """Give back what is pending once its time has come; it needs no id, for it happens once."""

    pending_id: str


class Reverse(msgspec.Struct, frozen=True, kw_only=True, tag="REVERSE"):
    """Move what a transfer or a post has moved back again, with new entries, once."""

    id: str
    transfer_id: str


Identified = Transfer | Reserve | Post | Void | Reverse
"""The commands that leave a row under their own id."""

Command = Open | Identified | Expire

TransferStatus = Literal["PENDING", "POSTED", "VOIDED", "EXPIRED", "REVERSED", "FAILED"]
"""A pending transfer is PENDING, then POSTED, VOIDED or EXPIRED; a transfer or a post is POSTED, then perhaps REVERSED.

A void is VOIDED and a reversal is POSTED from the start. FAILED is what was refused and must stay so.
"""

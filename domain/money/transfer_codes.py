"""What became of a command to the ledger: a closed set, in TigerBeetle's meaning.

A code is a contract: it never changes its meaning.
"""

from typing import Final

from domain.coded import Coded


class Result(Coded):
    """The answer to a command; CREATED alone says that it was done now, EXISTS that it was done before."""

    CREATED = "CREATED", "done, for the first time"
    EXISTS = "EXISTS", "the same command was done before; nothing more is done"

    EXISTS_WITH_DIFFERENT_KIND = "EXISTS_WITH_DIFFERENT_KIND", "the id was used for another kind of command"
    EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT = (
        "EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT",
        "the id was used with another debit account",
    )
    EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT = (
        "EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT",
        "the id was used with another credit account",
    )
    EXISTS_WITH_DIFFERENT_AMOUNT = "EXISTS_WITH_DIFFERENT_AMOUNT", "the id was used with another amount"
    EXISTS_WITH_DIFFERENT_CURRENCY = "EXISTS_WITH_DIFFERENT_CURRENCY", "the id was used with another currency"
    EXISTS_WITH_DIFFERENT_EXPIRY = "EXISTS_WITH_DIFFERENT_EXPIRY", "the id was used with another expiry"
    EXISTS_WITH_DIFFERENT_PENDING_ID = (
        "EXISTS_WITH_DIFFERENT_PENDING_ID",
        "the id was used to resolve another pending transfer",
    )
    EXISTS_WITH_DIFFERENT_TRANSFER_ID = (
        "EXISTS_WITH_DIFFERENT_TRANSFER_ID",
        "the id was used to reverse another transfer",
    )
    EXISTS_WITH_DIFFERENT_LIMITS = "EXISTS_WITH_DIFFERENT_LIMITS", "the account was opened with other limits"
    ID_ALREADY_FAILED = "ID_ALREADY_FAILED", "a command under this id was refused; it needs a new id"
    LINKED_COMMAND_FAILED = "LINKED_COMMAND_FAILED", "another command of the chain was refused, so none was done"

    ID_INVALID = "ID_INVALID", "the id is empty, too long or not printable"
    AMOUNT_NOT_POSITIVE = "AMOUNT_NOT_POSITIVE", "the amount is zero or below"
    AMOUNT_TOO_LARGE = "AMOUNT_TOO_LARGE", "the amount is above the most that one transfer moves"
    ACCOUNTS_THE_SAME = "ACCOUNTS_THE_SAME", "the debit account and the credit account are one"
    ACCOUNT_NOT_IN_CHART = "ACCOUNT_NOT_IN_CHART", "the chart of accounts has no account of this name"
    ACCOUNT_HOLDS_PENDING = "ACCOUNT_HOLDS_PENDING", "the account holds pending transfers, which alone move it"
    LIMITS_INVALID = "LIMITS_INVALID", "the limits are looser than those of the account's class, or shut out zero"
    DEBIT_ACCOUNT_UNKNOWN = "DEBIT_ACCOUNT_UNKNOWN", "the debit account was never opened"
    CREDIT_ACCOUNT_UNKNOWN = "CREDIT_ACCOUNT_UNKNOWN", "the credit account was never opened"
    TWO_CUSTOMERS = "TWO_CUSTOMERS", "the accounts are of two customers"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH", "an account is not in the transfer's currency"
    EXPIRY_PAST = "EXPIRY_PAST", "the pending transfer would expire before it begins"

    EXCEEDS_BALANCE = "EXCEEDS_BALANCE", "the debit account would fall below its least balance"
    EXCEEDS_MOST = "EXCEEDS_MOST", "the credit account could rise above its most, with all that is pending"

    PENDING_UNKNOWN = "PENDING_UNKNOWN", "there is no pending transfer of this id"
    PENDING_NOT_PENDING = "PENDING_NOT_PENDING", "the id is of something other than a pending transfer"
    PENDING_ALREADY_POSTED = "PENDING_ALREADY_POSTED", "the pending transfer was posted before"
    PENDING_ALREADY_VOIDED = "PENDING_ALREADY_VOIDED", "the pending transfer was voided before"
    PENDING_EXPIRED = "PENDING_EXPIRED", "the pending transfer has expired"
    PENDING_NOT_DUE = "PENDING_NOT_DUE", "the pending transfer expires later or never"
    EXCEEDS_PENDING = "EXCEEDS_PENDING", "more would be posted than is pending"

    TRANSFER_UNKNOWN = "TRANSFER_UNKNOWN", "there is no transfer of this id"
    TRANSFER_NOT_POSTED = "TRANSFER_NOT_POSTED", "the id is of something that moved no money for good"
    TRANSFER_ALREADY_REVERSED = "TRANSFER_ALREADY_REVERSED", "the transfer was reversed before"

    @property
    def done(self) -> bool:
        """Tell whether what was asked holds, by this command or by an earlier one."""
        return self in (Result.CREATED, Result.EXISTS)


STICKY: Final = frozenset(
    {
        Result.DEBIT_ACCOUNT_UNKNOWN,
        Result.CREDIT_ACCOUNT_UNKNOWN,
        Result.EXPIRY_PAST,
        Result.EXCEEDS_BALANCE,
        Result.EXCEEDS_MOST,
        Result.PENDING_UNKNOWN,
        Result.PENDING_EXPIRED,
        Result.TRANSFER_UNKNOWN,
    }
)
"""Refusals that another time or state would not have given: the id stays failed, so that a late repeat does nothing.

All other refusals follow from the command alone or from what never changes again: a repeat has the same answer.
"""

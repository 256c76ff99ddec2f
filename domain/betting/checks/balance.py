"""Balance: the account is there, in this currency, and what is free covers the stake."""

from domain.betting.checks.verdict import passed, refused
from domain.betting.codes import Code
from domain.events.betting import CheckVerdict
from domain.money.account import AccountState


def balance(account: AccountState | None, currency: str, stake_minor: int) -> CheckVerdict:
    """Check that the balance after reservations covers a stake (minor units of `currency`).

    A stake is never reduced to what is left: the house offers less of its own appetite, not of the customer's money.
    """
    if account is None:
        return refused("balance", Code.ACCOUNT_UNKNOWN, stake_minor=stake_minor)
    figures = {
        "stake_minor": stake_minor,
        "balance_minor": account.balance_minor,
        "reserved_minor": account.reserved_minor,
        "available_minor": account.available_minor,
    }
    if account.currency != currency:
        return refused("balance", Code.CURRENCY_MISMATCH, **figures)
    if stake_minor > account.available_minor:
        return refused("balance", Code.INSUFFICIENT_BALANCE, **figures)
    return passed("balance", **figures)

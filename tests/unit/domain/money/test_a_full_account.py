"""An account that is as full as a deposit can make it is still paid what its bets win."""

from domain.money import account as accounts
from domain.money.account import AccountState
from domain.money.bounds import MOST_MINOR
from domain.money.cause import Cause
from domain.settlement.bet import Move

AT = Cause(1)
WON = Move(stakes_minor=-1000, cash_minor=2500, bonus_minor=0, profit_minor=-1500)


def full() -> AccountState:
    """Stake 1000, then pay in all that the account may hold."""
    state = AccountState(customer_id="ann", currency="GBP", balance_minor=1000)
    state, _ = accounts.reserve(state, 1000, "b", AT)
    state, _ = accounts.stake(state, 1000, "b", AT)
    state, _ = accounts.transfer(state, MOST_MINOR, "t", AT)
    return state


def test_a_bet_that_wins_is_paid_into_a_full_account() -> None:
    paid, _ = accounts.settle(full(), WON, "b", 1, AT)
    assert (paid.balance_minor, paid.open_stakes_minor) == (MOST_MINOR + 2500, 0)


def test_a_full_account_takes_no_deposit_and_can_be_paid_out() -> None:
    paid, _ = accounts.settle(full(), WON, "b", 1, AT)
    refused, entry = accounts.transfer(paid, 1, "more", AT)
    assert (refused, entry.kind) == (paid, "TRANSFER_REFUSED")
    less, entry = accounts.transfer(paid, -5000, "less", AT)
    assert (less.balance_minor, entry.kind) == (MOST_MINOR - 2500, "TRANSFER")

"""Accounts and the ledger explain each other."""

import msgspec
import pytest

from domain.errors import ContractViolation
from domain.events.betting import Posting
from domain.money.account import AccountState, publish, release, reserve, stake, transfer
from domain.money.bounds import MOST_MINOR
from domain.money.cause import Cause
from domain.money.ids import plain_id
from domain.money.ledger import Ledger, cash, movement, open_stakes, replay, reserved

CAUSE = Cause(1_000_000)
EMPTY = AccountState(customer_id="ann", currency="GBP")


def test_a_bet_moves_money_from_cash_through_reserved_to_open_stakes() -> None:
    account, paid_in = transfer(EMPTY, 1000, "t1", CAUSE)
    account, held = reserve(account, 600, "b1", CAUSE)
    account, taken = stake(account, 400, "b1", CAUSE)
    account, freed = release(account, 200, "b1", CAUSE)
    assert replay([paid_in, held, taken, freed]) == {
        "house:bank": -1000,
        cash("ann"): 600,
        reserved("ann"): 0,
        open_stakes("ann"): 400,
    }
    assert (account.balance_minor, account.reserved_minor, account.open_stakes_minor) == (600, 0, 400)


def test_the_ledger_tells_what_an_account_must_show() -> None:
    account, paid_in = transfer(EMPTY, 1000, "t1", CAUSE)
    account, held = reserve(account, 600, "b1", CAUSE)
    ledger = Ledger()
    ledger.add(paid_in)
    ledger.add(held)
    figures = ledger.figures("ann")
    assert (figures.balance_minor, figures.reserved_minor, figures.open_stakes_minor) == (1000, 600, 0)
    assert ledger.figures("bob").balance_minor == 0


def test_an_entry_delivered_again_is_posted_once() -> None:
    _, entry = transfer(EMPTY, 1000, "t1", CAUSE)
    ledger = Ledger()
    assert ledger.add(entry) is True
    assert ledger.add(entry) is False
    assert ledger.balances[cash("ann")] == 1000


def test_one_entry_id_with_two_contents_breaks_the_contract() -> None:
    _, entry = transfer(EMPTY, 1000, "t1", CAUSE)
    _, other = transfer(EMPTY, 999, "t1", CAUSE)
    with pytest.raises(ContractViolation, match="twice"):
        replay([entry, other])


def test_an_entry_that_is_out_of_balance_breaks_the_contract() -> None:
    _, entry = transfer(EMPTY, 1000, "t1", CAUSE)
    wrong = msgspec.structs.replace(entry, postings=(*entry.postings, Posting(ledger_account="x", amount_minor=1)))
    with pytest.raises(ContractViolation, match="out of balance by 1"):
        replay([wrong])


def test_money_of_two_currencies_is_never_summed() -> None:
    _, pounds = transfer(EMPTY, 1000, "t1", CAUSE)
    _, euros = transfer(AccountState(customer_id="bob", currency="EUR"), 1000, "t2", CAUSE)
    with pytest.raises(ContractViolation, match="EUR"):
        replay([pounds, euros])


def test_a_debit_above_what_is_available_moves_nothing() -> None:
    account, _ = transfer(EMPTY, 1000, "t1", CAUSE)
    account, _ = reserve(account, 600, "b1", CAUSE)
    after, entry = transfer(account, -401, "t2", CAUSE)
    assert after is account
    assert (entry.kind, entry.postings) == ("TRANSFER_REFUSED", ())
    after, entry = transfer(account, -400, "t3", CAUSE)
    assert after.available_minor == 0
    assert replay([entry]) == {"house:bank": 400, cash("ann"): -400}


def test_a_credit_beyond_what_an_account_may_hold_moves_nothing() -> None:
    account, _ = transfer(EMPTY, MOST_MINOR, "t1", CAUSE)
    assert transfer(account, 1, "t2", CAUSE)[1].kind == "TRANSFER_REFUSED"


@pytest.mark.parametrize("amount", [0, 1001])
def test_what_is_not_there_cannot_be_reserved(amount: int) -> None:
    account, _ = transfer(EMPTY, 1000, "t1", CAUSE)
    with pytest.raises(AssertionError):
        reserve(account, amount, "b1", CAUSE)


@pytest.mark.parametrize("move", [release, stake])
def test_what_was_not_reserved_can_be_neither_released_nor_staked(move: object) -> None:
    account, _ = transfer(EMPTY, 1000, "t1", CAUSE)
    account, _ = reserve(account, 600, "b1", CAUSE)
    with pytest.raises(AssertionError):
        move(account, 601, "b1", CAUSE)  # type: ignore[operator]  # both moves share one signature


def test_an_account_in_debt_cannot_exist_even_when_read_back() -> None:
    with pytest.raises(AssertionError):
        AccountState(customer_id="ann", currency="GBP", balance_minor=-1)
    stored = msgspec.msgpack.encode({"customer_id": "ann", "currency": "GBP", "balance_minor": 1, "reserved_minor": 2})
    with pytest.raises(AssertionError):
        msgspec.msgpack.decode(stored, type=AccountState)


def test_only_a_transfer_has_a_direction() -> None:
    with pytest.raises(AssertionError):
        movement("RESERVE", "b1", customer_id="ann", currency="GBP", amount_minor=-1, cause=CAUSE)
    with pytest.raises(AssertionError):
        movement("TRANSFER_REFUSED", "t1", customer_id="ann", currency="GBP", amount_minor=1, cause=CAUSE)


def test_a_published_account_counts_its_versions() -> None:
    account, event = publish(EMPTY, CAUSE)
    again, second = publish(account, CAUSE)
    assert (event.version, second.version, again.version) == (1, 2, 2)
    assert (event.event_id, second.event_id) == ("ann.v1", "ann.v2")


@pytest.mark.parametrize("name", ["", "a/b", "a\nb", "a\0b", "é" * 129])
def test_an_id_with_a_separator_or_without_end_is_refused(name: str) -> None:
    with pytest.raises(ContractViolation):
        plain_id("bet_id", name)


def test_an_id_may_be_of_any_script() -> None:
    plain_id("customer_id", "customer-é中-7:x.y")

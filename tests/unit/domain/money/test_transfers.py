"""Money in and out, once."""

from typing import Any

import msgspec
import pytest

from domain.errors import ContractViolation
from domain.events.betting import Account, LedgerEntry, WalletTransfer
from domain.money.account import AccountState
from domain.money.cause import Cause
from domain.money.transfers import on_transfer

CAUSE = Cause(1_000_000)


def command(**changes: Any) -> WalletTransfer:
    transfer = WalletTransfer(
        event_id="w1",
        occurred_at=1,
        received_at=1,
        provider="cashier",
        transfer_id="t1",
        customer_id="ann",
        currency="GBP",
        amount_minor=1000,
        reason="deposit",
    )
    return msgspec.structs.replace(transfer, **changes)


def test_a_credit_opens_the_account() -> None:
    step = on_transfer(None, None, command(), "GBP", CAUSE)
    assert step.account == AccountState(customer_id="ann", currency="GBP", version=1, balance_minor=1000)
    entry, account = step.events
    assert isinstance(entry, LedgerEntry)
    assert entry.kind == "TRANSFER"
    assert isinstance(account, Account)
    assert account.balance_minor == 1000


def test_a_transfer_sent_again_moves_nothing_and_says_nothing() -> None:
    first = on_transfer(None, None, command(), "GBP", CAUSE)
    again = on_transfer(first.account, first.transfer, command(event_id="w2", received_at=9), "GBP", CAUSE)
    assert again.events == ()
    assert again.account is None


@pytest.mark.parametrize("changes", [{"amount_minor": 999}, {"reason": "bonus"}, {"currency": "EUR"}])
def test_another_transfer_under_a_used_transfer_id_breaks_the_contract(changes: dict[str, Any]) -> None:
    first = on_transfer(None, None, command(), "GBP", CAUSE)
    with pytest.raises(ContractViolation, match="t1"):
        on_transfer(first.account, first.transfer, command(**changes), "GBP", CAUSE)


@pytest.mark.parametrize("amount", [0, 10**15 + 1, -(10**15) - 1])
def test_a_transfer_of_nothing_or_of_more_than_there_is_breaks_the_contract(amount: int) -> None:
    with pytest.raises(ContractViolation):
        on_transfer(None, None, command(amount_minor=amount), "GBP", CAUSE)


@pytest.mark.parametrize("changes", [{"customer_id": "a/b"}, {"transfer_id": ""}])
def test_an_id_that_cannot_be_carried_on_breaks_the_contract(changes: dict[str, Any]) -> None:
    with pytest.raises(ContractViolation):
        on_transfer(None, None, command(**changes), "GBP", CAUSE)


@pytest.mark.parametrize("changes", [{"amount_minor": -1}, {"currency": "EUR"}])
def test_what_an_unknown_account_cannot_bear_is_refused_and_opens_none(changes: dict[str, Any]) -> None:
    step = on_transfer(None, None, command(**changes), "GBP", CAUSE)
    assert step.account is None
    (entry,) = step.events
    assert isinstance(entry, LedgerEntry)
    assert (entry.kind, entry.postings, entry.reference) == ("TRANSFER_REFUSED", (), "t1")


def test_a_refused_debit_stays_refused_though_it_would_now_pass() -> None:
    account = AccountState(customer_id="ann", currency="GBP", version=1, balance_minor=10)
    step = on_transfer(account, None, command(amount_minor=-11), "GBP", CAUSE)
    assert [event.kind for event in step.events if isinstance(event, LedgerEntry)] == ["TRANSFER_REFUSED"]
    assert step.account is None
    richer = msgspec.structs.replace(account, balance_minor=100)
    assert on_transfer(richer, step.transfer, command(amount_minor=-11), "GBP", CAUSE).events == ()

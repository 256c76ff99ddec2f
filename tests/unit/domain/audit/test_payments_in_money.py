"""The money audit over payments: sound books pass; money that no payment bears out does not."""

from typing import Any

import msgspec
import pytest

from domain.audit.money import MoneyAudit
from domain.events.betting import LedgerEntry
from domain.events.payments import Payment
from domain.money.account import AccountState, publish
from domain.money.cause import Cause
from domain.money.payment_moves import book
from domain.money.payment_terms import LedgerMove, MoveKind

EMPTY = AccountState(customer_id="c", currency="GBP")
OWING = AccountState(customer_id="c", currency="GBP", owed_minor=300)
DEPOSIT: dict[str, Any] = {"kind": "DEPOSIT", "status": "CAPTURED", "payment_id": "d1", "amount_minor": 10_000}
PAYOUT: dict[str, Any] = {"kind": "WITHDRAWAL", "status": "PAID", "payment_id": "w1", "amount_minor": 4_000}


def payment(version: int = 1, **fields: Any) -> Payment:
    return Payment(
        event_id=f"c/{fields['payment_id']}.v{version}", occurred_at=1, received_at=1, provider="bookstream",
        customer_id="c", version=version, currency="GBP", code="", reason="", opened_at=1, **fields,
    )  # fmt: skip


def move(kind: MoveKind, name: str, amount: int) -> LedgerMove:
    return LedgerMove(
        kind=kind, move_id=f"c/{name}/{kind.lower()}", customer_id="c", currency="GBP", amount_minor=amount
    )


def booked(*moves: LedgerMove, account: AccountState = EMPTY) -> tuple[AccountState, list[LedgerEntry]]:
    entries = []
    for each in moves:
        account, entry = book(account, each, Cause(1))
        entries.append(entry)
    return account, entries


def rules(payments: list[Payment], *moves: LedgerMove) -> set[str]:
    """Return the rules that the books break."""
    account, entries = booked(*moves)
    audit = MoneyAudit()
    for each in payments:
        audit.payment(each)
    for entry in entries:
        audit.entry(entry)
    audit.account(publish(account, Cause(1))[1])
    return {difference.rule for difference in audit.findings().differences}


PAID_IN = move(MoveKind.CREDIT, "d1", 10_000)
HELD = move(MoveKind.HOLD, "w1", 4_000)


@pytest.mark.parametrize(
    ("status", "kinds"),
    [
        ("PAYING", ()),
        ("PAID", (MoveKind.POST,)),
        ("DECLINED", (MoveKind.RELEASE,)),
        ("RETURNED", (MoveKind.POST, MoveKind.RETURN)),
    ],
)
def test_a_withdrawal_may_stand_anywhere_and_only_there(status: str, kinds: tuple[MoveKind, ...]) -> None:
    rest = [move(kind, "w1", 4_000) for kind in kinds]
    stands = [payment(**DEPOSIT), payment(**PAYOUT | {"status": status})]
    assert rules(stands, PAID_IN, HELD, *rest) == set()
    elsewhere = "PAID" if status in {"PAYING", "DECLINED", "RETURNED"} else "DECLINED"
    found = rules([payment(**DEPOSIT), payment(**PAYOUT | {"status": elsewhere})], PAID_IN, HELD, *rest)
    assert "balance by transfers, bets and settlements" in found


def test_money_that_no_payment_brought_is_found() -> None:
    assert "the bank holds what was paid in" in rules([], PAID_IN)
    assert rules([payment(**DEPOSIT | {"amount_minor": 9_999})], PAID_IN) >= {"the bank holds what was paid in"}


def test_a_deposit_that_was_never_credited_is_found() -> None:
    assert rules([payment(**DEPOSIT)]) >= {"the bank holds what was paid in"}


def test_the_last_version_of_a_payment_counts_in_whatever_order_they_are_read() -> None:
    first, last = payment(1, **DEPOSIT | {"status": "CAPTURING"}), payment(2, **DEPOSIT)
    assert rules([last, first], PAID_IN) == rules([first, last], PAID_IN) == set()


def test_a_deposit_pays_what_is_owed_first() -> None:
    account, (entry,) = booked(move(MoveKind.CREDIT, "d1", 1_000), account=OWING)
    assert (account.balance_minor, account.owed_minor) == (700, 0)
    amounts = {each.ledger_account: each.amount_minor for each in entry.postings}
    assert amounts == {"house:bank": -1_000, "customer:c:cash": 700, "customer:c:owed": 300}


def test_an_entry_s_id_is_its_payment_s_and_its_kind_s() -> None:
    _, entries = booked(PAID_IN, HELD, move(MoveKind.RELEASE, "w1", 4_000))
    assert [(each.entry_id, each.reference) for each in entries] == [
        ("c/d1.deposit", "d1"), ("c/w1.withdrawal_held", "w1"), ("c/w1.withdrawal_released", "w1")
    ]  # fmt: skip


def test_moves_of_no_money_and_holds_of_what_is_not_there_are_faults_of_ours() -> None:
    with pytest.raises(AssertionError, match="moves no money"):
        book(EMPTY, move(MoveKind.ADMIT, "d1", 5), Cause(1))
    with pytest.raises(AssertionError, match="cannot hold"):
        book(msgspec.structs.replace(EMPTY, balance_minor=4), move(MoveKind.HOLD, "w1", 5), Cause(1))

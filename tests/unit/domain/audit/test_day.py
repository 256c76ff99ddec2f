"""The end-of-day report: sound books tie to zero; a row that is missing, one cent off or there twice does not."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from domain.audit.day import DayReport, end_of_day
from domain.audit.day_books import BetDay, CustomerDay, DayBooks, Standing, TransferDay

OPEN = BetDay(customer_id="ann", bet_id="open", staked_minor=300, open_minor=300)
WON = BetDay(customer_id="ann", bet_id="won", staked_minor=1000, settled_minor=1000, returned_minor=2500)
LOST = BetDay(customer_id="ben", bet_id="lost", settled_minor=700)
ANN = CustomerDay(
    customer_id="ann", opening_minor=5000, closing_minor=5000 + 2000 - 400 - 50 - 1300 + 2500, charged_minor=50,
    profit_minor=-1500, open_stakes_minor=300,
)  # fmt: skip
BEN = CustomerDay(customer_id="ben", opening_minor=100, closing_minor=1100, profit_minor=700)
BALANCES = {
    "customer:ann:cash": 7750, "customer:ben:cash": 1100, "house:stakes:ann": 300, "house:profit": -900,
    "house:fees": 50, "house:bank": -8300,
}  # fmt: skip
SOUND = DayBooks(
    customers=(ANN, BEN), booked_bets=(OPEN, WON, LOST), taken_bets=(OPEN, WON, LOST),
    booked_transfers=(
        TransferDay(customer_id="ann", transfer_id="in", amount_minor=2000),
        TransferDay(customer_id="ann", transfer_id="out", amount_minor=-400),
        TransferDay(customer_id="ben", transfer_id="in", amount_minor=1000),
    ),
    asked_transfers=(
        TransferDay(customer_id="ann", transfer_id="in", amount_minor=2000),
        TransferDay(customer_id="ann", transfer_id="out", amount_minor=-400),
        TransferDay(customer_id="ben", transfer_id="in", amount_minor=1000),
        TransferDay(customer_id="ann", transfer_id="refused", amount_minor=0),
    ),
    standings=(
        Standing(customer_id="ann", own_minor=7750, open_stakes_minor=300),
        Standing(customer_id="ben", own_minor=1100, open_stakes_minor=0),
    ),
    balances=BALANCES, log_balances=BALANCES,
)  # fmt: skip


def differences(**changes: Any) -> list[tuple[str, str, int]]:
    """Change the sound books, and return each difference with its size."""
    report = end_of_day(msgspec.structs.replace(SOUND, **changes))
    return [(each.rule, each.subject, each.size_minor) for each in report.differences]


def test_sound_books_tie_to_zero_for_each_customer_and_in_total() -> None:
    report: DayReport = end_of_day(SOUND)
    assert report.differences == ()
    assert report.checked == {
        "stakes by bet": 3, "settled stakes by bet": 3, "returns by bet": 3, "open stakes by bet": 3,
        "transfers and payments": 4, "closing balance": 3, "house's profit": 3, "open stakes": 3,
        "account as published": 2, "account's open stakes": 2, "the ledger sums to zero": 1,
        "history has the ledger's entries": 6,
    }  # fmt: skip
    total = report.total
    assert (total.opening_minor, total.deposits_minor, total.withdrawals_minor) == (5100, 3000, 400)
    assert (total.stakes_minor, total.returns_minor, total.closing_minor) == (1300, 2500, 8850)
    assert (total.win_minor, total.open_stakes_minor, total.due_minor) == (-800, 300, 8850)


def test_a_day_on_which_nothing_was_is_well() -> None:
    empty = DayBooks(
        customers=(), booked_bets=(), taken_bets=(), booked_transfers=(), asked_transfers=(), standings=(), balances={}
    )
    assert end_of_day(empty).differences == ()


def test_a_return_that_the_ledger_lacks_is_found_with_its_size() -> None:
    unpaid = msgspec.structs.replace(WON, returned_minor=0)
    assert differences(booked_bets=(OPEN, unpaid, LOST)) == [("returns by bet", "ann/won", -2500)]


def test_a_bet_that_is_missing_in_the_ledger_is_found_with_its_stake() -> None:
    assert differences(booked_bets=(OPEN, WON)) == [("settled stakes by bet", "ben/lost", -700)]
    assert differences(booked_bets=(WON, LOST)) == [
        ("stakes by bet", "ann/open", -300), ("open stakes by bet", "ann/open", -300)
    ]  # fmt: skip


def test_a_bet_that_is_missing_among_the_decisions_leaves_the_ledger_s_too_much() -> None:
    found = differences(taken_bets=(WON, LOST))
    assert ("stakes by bet", "ann/open", 300) in found
    assert ("closing balance", "ann", -300) in found
    assert ("open stakes", "all customers", 300) in found


def test_a_bet_that_is_counted_twice_is_found() -> None:
    assert ("stakes by bet", "ann/won", 1000) in differences(booked_bets=(OPEN, WON, WON, LOST))
    found = differences(taken_bets=(OPEN, WON, LOST, LOST))
    assert ("settled stakes by bet", "ben/lost", -700) in found
    assert ("house's profit", "ben", -700) in found
    assert ("house's profit", "all customers", -700) in found


Change = Callable[[CustomerDay], CustomerDay]


@pytest.mark.parametrize(
    ("figure", "rule", "size"),
    [
        ("opening_minor", "closing balance", -1), ("closing_minor", "closing balance", 1),
        ("charged_minor", "closing balance", 1), ("profit_minor", "house's profit", 1),
        ("open_stakes_minor", "open stakes", 1),
    ],
)  # fmt: skip
def test_one_cent_off_in_the_ledger_is_found_for_the_customer_and_in_total(figure: str, rule: str, size: int) -> None:
    off = msgspec.structs.replace(ANN, **{figure: getattr(ANN, figure) + 1})
    found = differences(customers=(off, BEN))
    assert {(rule, "ann", size), (rule, "all customers", size)} <= set(found)


def test_two_errors_that_cancel_each_other_in_a_sum_are_both_found() -> None:
    more, less = (msgspec.structs.replace(bet, staked_minor=bet.staked_minor + n) for bet, n in ((WON, 1), (OPEN, -1)))
    assert differences(booked_bets=(less, more, LOST)) == [
        ("stakes by bet", "ann/open", -1), ("stakes by bet", "ann/won", 1)
    ]  # fmt: skip


def test_a_transfer_that_was_asked_for_and_not_booked_is_found() -> None:
    assert differences(booked_transfers=SOUND.booked_transfers[::2]) == [("transfers and payments", "ann/out", 400)]
    refused = TransferDay(customer_id="ann", transfer_id="refused", amount_minor=7)
    assert differences(booked_transfers=(*SOUND.booked_transfers, refused)) == [
        ("transfers and payments", "ann/refused", 7)
    ]


def test_an_account_that_was_published_otherwise_or_never_is_found() -> None:
    off = Standing(customer_id="ann", own_minor=7749, open_stakes_minor=299)
    assert differences(standings=(off, SOUND.standings[1])) == [
        ("account as published", "ann", -1), ("account's open stakes", "ann", -1)
    ]  # fmt: skip
    assert differences(standings=SOUND.standings[:1]) == [("account as published", "ben", -1100)]
    stranger = Standing(customer_id="cat", own_minor=5, open_stakes_minor=0)
    assert differences(standings=(*SOUND.standings, stranger)) == [("account as published", "cat", 5)]


def test_an_account_of_which_nobody_can_tell_is_counted_as_unknown() -> None:
    unsure = Standing(customer_id="ann", own_minor=None, open_stakes_minor=0)
    report = end_of_day(msgspec.structs.replace(SOUND, standings=(unsure, SOUND.standings[1])))
    assert (report.differences, report.unknown) == ((), {"account as published": 1})


def test_entries_and_a_ledger_that_do_not_sum_to_zero_are_found() -> None:
    off = BALANCES | {"house:bank": -8299}
    assert differences(balances=off, log_balances=off, unbalanced={"ann/in.transfer": 1}) == [
        ("the ledger sums to zero", "all accounts", 1), ("an entry sums to zero", "ann/in.transfer", 1)
    ]  # fmt: skip


def test_an_entry_that_history_lacks_is_found_by_the_log() -> None:
    log = BALANCES | {"customer:ben:cash": 1600, "house:bank": -8800}
    assert differences(log_balances=log) == [
        ("history has the ledger's entries", "customer:ben:cash", -500),
        ("history has the ledger's entries", "house:bank", 500),
    ]  # fmt: skip
    assert differences(log_balances=None) == []

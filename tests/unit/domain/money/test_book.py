"""The ledger's rules: two-phase transfers, chains, limits, ids and reversals."""

import pytest

from domain.money import chart
from domain.money.book import execute, execute_all, execute_linked
from domain.money.bounds import MOST_MINOR
from domain.money.chart import Limits
from domain.money.commands import Command, Expire, Open, Post, Reserve, Reverse, Transfer, Void
from domain.money.entry import Entry, as_of
from domain.money.rows import Books, Step, due, put
from domain.money.transfer_codes import Result

CASH, STAKES, BANK = chart.cash("ann"), chart.open_stakes("ann"), chart.CLEARING
HELD = chart.held(CASH)
HOUR = 3_600_000_000


class Desk:
    """Books in memory, which keep every entry."""

    def __init__(self) -> None:
        self.books = Books({}, {})
        self.entries: list[Entry] = []
        for account in (CASH, STAKES, BANK, chart.PROFIT, chart.cash("bob")):
            assert self.do(Open(account=account, currency="GBP")) is Result.CREATED
        assert self.do(deposit("d1", 10_000)) is Result.CREATED

    def do(self, command: Command, at: int = 1) -> Result:
        return self.keep(execute(self.books, command, at)).result

    def keep(self, step: Step) -> Step:
        self.books = put(self.books, step)
        self.entries += step.entries
        return step

    def balances(self) -> dict[str, int]:
        by_rows = {name: row.balance_minor for name, row in self.books.accounts.items() if row.balance_minor}
        by_entries = {name: minor for name, minor in as_of(self.entries, 10**18).items() if minor}
        assert by_rows == by_entries
        return by_rows


def deposit(name: str, minor: int, **changed: str) -> Transfer:
    asked = {"debit_account": BANK, "credit_account": CASH, "currency": "GBP", **changed}
    return Transfer(id=name, amount_minor=minor, **asked)


def stake(name: str, minor: int, expires_at: int = 0) -> Reserve:
    return Reserve(
        id=name, debit_account=CASH, credit_account=STAKES, amount_minor=minor, currency="GBP", expires_at=expires_at
    )


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_transfer_moves_money_and_writes_its_entry(desk: Desk) -> None:
    assert desk.balances() == {CASH: 10_000, BANK: -10_000}
    entry = desk.entries[0]
    assert (entry.entry_id, entry.customer_id, entry.kind, entry.reference) == ("d1.transfer", "ann", "TRANSFER", "d1")


def test_a_reservation_is_held_and_posted_whole(desk: Desk) -> None:
    assert desk.do(stake("b1", 4_000)) is Result.CREATED
    assert desk.balances() == {CASH: 6_000, HELD: 4_000, BANK: -10_000}
    assert desk.do(Post(id="b1.p", pending_id="b1")) is Result.CREATED
    assert desk.balances() == {CASH: 6_000, STAKES: 4_000, BANK: -10_000}
    assert desk.entries[-1].reference == "b1"


def test_what_is_not_posted_of_a_reservation_goes_back(desk: Desk) -> None:
    desk.do(stake("b1", 4_000))
    assert desk.do(Post(id="p", pending_id="b1", amount_minor=1_500)) is Result.CREATED
    assert desk.balances() == {CASH: 8_500, STAKES: 1_500, BANK: -10_000}


def test_a_void_gives_back_all(desk: Desk) -> None:
    desk.do(stake("b1", 4_000))
    assert desk.do(Void(id="v", pending_id="b1")) is Result.CREATED
    assert desk.balances() == {CASH: 10_000, BANK: -10_000}


def test_a_reservation_expires_at_its_time_and_not_before(desk: Desk) -> None:
    desk.do(stake("b1", 4_000, expires_at=HOUR))
    assert desk.do(Expire(pending_id="b1"), HOUR - 1) is Result.PENDING_NOT_DUE
    assert due(desk.books.transfers.items(), HOUR - 1) == ()
    assert due(desk.books.transfers.items(), HOUR) == (Expire(pending_id="b1"),)
    assert desk.do(Expire(pending_id="b1"), HOUR) is Result.CREATED
    assert desk.do(Expire(pending_id="b1"), HOUR) is Result.EXISTS
    assert desk.balances() == {CASH: 10_000, BANK: -10_000}
    assert due(desk.books.transfers.items(), HOUR) == ()


def test_what_has_expired_cannot_be_posted_even_before_it_is_given_back(desk: Desk) -> None:
    desk.do(stake("b1", 4_000, expires_at=HOUR))
    assert desk.do(Post(id="p", pending_id="b1"), HOUR) is Result.PENDING_EXPIRED
    assert desk.do(Void(id="v", pending_id="b1"), HOUR) is Result.PENDING_EXPIRED
    assert desk.balances()[HELD] == 4_000


def test_the_earliest_expiry_comes_first(desk: Desk) -> None:
    for name, expires_at in (("late", 9), ("early", 5), ("never", 0), ("also-early", 5)):
        desk.do(stake(name, 10, expires_at))
    assert [each.pending_id for each in due(desk.books.transfers.items(), 9)] == ["also-early", "early", "late"]


@pytest.mark.parametrize(
    ("first", "code"),
    [
        (Post(id="x", pending_id="b1"), Result.PENDING_ALREADY_POSTED),
        (Post(id="x", pending_id="b1", amount_minor=1), Result.PENDING_ALREADY_POSTED),
        (Void(id="x", pending_id="b1"), Result.PENDING_ALREADY_VOIDED),
        (Expire(pending_id="b1"), Result.PENDING_EXPIRED),
    ],
    ids=["post", "part", "void", "expire"],
)
def test_a_reservation_is_resolved_once(desk: Desk, first: Command, code: Result) -> None:
    desk.do(stake("b1", 4_000, expires_at=HOUR))
    assert desk.do(first, HOUR if isinstance(first, Expire) else 2) is Result.CREATED
    before = desk.balances()
    assert desk.do(Post(id="p2", pending_id="b1"), 2) is code
    assert desk.do(Void(id="v2", pending_id="b1"), 2) is code
    if not isinstance(first, Expire):
        assert desk.do(Expire(pending_id="b1"), HOUR) is code
    assert desk.balances() == before


def test_a_repeat_exists_and_changes_nothing(desk: Desk) -> None:
    said: tuple[Command, ...] = (deposit("d1", 10_000), stake("b1", 4_000), Post(id="p", pending_id="b1"))
    for command in said[1:]:
        assert desk.do(command) is Result.CREATED
    books, written = desk.books, len(desk.entries)
    for command in said:
        assert desk.do(command, 99) is Result.EXISTS
    assert (desk.books, len(desk.entries)) == (books, written)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (deposit("d1", 9_999), Result.EXISTS_WITH_DIFFERENT_AMOUNT),
        (deposit("d1", 10_000, debit_account=chart.PROFIT), Result.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT),
        (deposit("d1", 10_000, credit_account=STAKES), Result.EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT),
        (deposit("d1", 10_000, currency="EUR"), Result.EXISTS_WITH_DIFFERENT_CURRENCY),
        (stake("d1", 10_000), Result.EXISTS_WITH_DIFFERENT_KIND),
        (stake("b1", 4_000, expires_at=8), Result.EXISTS_WITH_DIFFERENT_EXPIRY),
        (Post(id="p1", pending_id="b2"), Result.EXISTS_WITH_DIFFERENT_PENDING_ID),
        (Post(id="p1", pending_id="b1", amount_minor=3), Result.EXISTS_WITH_DIFFERENT_AMOUNT),
        (Void(id="p1", pending_id="b1"), Result.EXISTS_WITH_DIFFERENT_KIND),
        (Reverse(id="r1", transfer_id="p1"), Result.EXISTS_WITH_DIFFERENT_TRANSFER_ID),
        (Open(account=CASH, currency="EUR"), Result.EXISTS_WITH_DIFFERENT_CURRENCY),
        (Open(account=CASH, currency="GBP", limits=Limits(0, 5)), Result.EXISTS_WITH_DIFFERENT_LIMITS),
        (Open(account=CASH, currency="GBP"), Result.EXISTS),
    ],
)
def test_a_different_repeat_is_refused_by_the_field_that_differs(desk: Desk, command: Command, code: Result) -> None:
    done: list[Command] = [
        stake("b1", 4_000, expires_at=9),
        stake("b2", 1),
        Post(id="p1", pending_id="b1"),
        deposit("d2", 5),
    ]
    for each in (*done, Reverse(id="r1", transfer_id="d2")):
        assert desk.do(each) is Result.CREATED
    before = desk.balances()
    assert desk.do(command, 2) is code
    assert desk.balances() == before


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (deposit("", 1), Result.ID_INVALID),
        (deposit("a" * 513, 1), Result.ID_INVALID),
        (deposit("a\n", 1), Result.ID_INVALID),
        (deposit("x", 0), Result.AMOUNT_NOT_POSITIVE),
        (deposit("x", -5), Result.AMOUNT_NOT_POSITIVE),
        (deposit("x", MOST_MINOR + 1), Result.AMOUNT_TOO_LARGE),
        (deposit("x", MOST_MINOR), Result.EXCEEDS_MOST),
        (deposit("x", 1, debit_account=CASH), Result.ACCOUNTS_THE_SAME),
        (deposit("x", 1, debit_account="bank"), Result.ACCOUNT_NOT_IN_CHART),
        (deposit("x", 1, debit_account=chart.FEES), Result.DEBIT_ACCOUNT_UNKNOWN),
        (deposit("x", 1, credit_account=chart.cash("zoe")), Result.CREDIT_ACCOUNT_UNKNOWN),
        (deposit("x", 1, debit_account=HELD), Result.ACCOUNT_HOLDS_PENDING),
        (deposit("x", 1, credit_account=chart.held(BANK)), Result.ACCOUNT_HOLDS_PENDING),
        (deposit("x", 1, debit_account=chart.cash("bob")), Result.TWO_CUSTOMERS),
        (deposit("x", 1, currency="EUR"), Result.CURRENCY_MISMATCH),
        (stake("x", 10_001), Result.EXCEEDS_BALANCE),
        (stake("x", 1, expires_at=5), Result.EXPIRY_PAST),
        (Post(id="x", pending_id="none"), Result.PENDING_UNKNOWN),
        (Void(id="x", pending_id="d1"), Result.PENDING_NOT_PENDING),
        (Post(id="x", pending_id="held", amount_minor=101), Result.EXCEEDS_PENDING),
        (Post(id="x", pending_id="held", amount_minor=0), Result.AMOUNT_NOT_POSITIVE),
        (Expire(pending_id="none"), Result.PENDING_UNKNOWN),
        (Expire(pending_id="held"), Result.PENDING_NOT_DUE),
        (Expire(pending_id="d1"), Result.PENDING_NOT_PENDING),
        (Reverse(id="x", transfer_id="none"), Result.TRANSFER_UNKNOWN),
        (Reverse(id="x", transfer_id="held"), Result.TRANSFER_NOT_POSTED),
        (Open(account="house:pool", currency="GBP"), Result.ACCOUNT_NOT_IN_CHART),
        (Open(account=HELD, currency="GBP"), Result.ACCOUNT_HOLDS_PENDING),
        (Open(account=chart.bonus("ann"), currency="GBP", limits=Limits(-1, 5)), Result.LIMITS_INVALID),
        (Open(account=chart.bonus("ann"), currency="GBP", limits=Limits(1, 5)), Result.LIMITS_INVALID),
    ],
)
def test_a_bad_command_is_refused_with_its_code_and_moves_nothing(desk: Desk, command: Command, code: Result) -> None:
    desk.do(stake("held", 100))
    accounts, written = desk.books.accounts, len(desk.entries)
    assert desk.do(command, 5) is code
    assert (desk.books.accounts, len(desk.entries)) == (accounts, written)


@pytest.mark.parametrize("turned", ["debit", "credit"])
def test_both_accounts_must_be_in_the_transfers_currency(desk: Desk, turned: str) -> None:
    desk.do(Open(account=chart.FEES, currency="EUR"))
    pair = (chart.FEES, chart.PROFIT) if turned == "debit" else (chart.PROFIT, chart.FEES)
    for currency in ("EUR", "GBP"):
        asked = deposit(f"x-{currency}", 1, debit_account=pair[0], credit_account=pair[1], currency=currency)
        assert desk.do(asked) is Result.CURRENCY_MISMATCH


def test_no_more_is_held_than_a_holding_account_bears(desk: Desk) -> None:
    for name, minor, code in (("w1", MOST_MINOR, Result.CREATED), ("w2", 1, Result.EXCEEDS_MOST)):
        asked = Reserve(id=name, debit_account=BANK, credit_account=chart.PROFIT, amount_minor=minor, currency="GBP")
        assert desk.do(asked) is code


def test_an_id_that_failed_for_want_of_money_stays_failed(desk: Desk) -> None:
    assert desk.do(stake("b1", 10_001)) is Result.EXCEEDS_BALANCE
    desk.do(deposit("d2", 50_000))
    assert desk.do(stake("b1", 10_001)) is Result.ID_ALREADY_FAILED
    assert desk.do(stake("b1", 5)) is Result.ID_ALREADY_FAILED
    assert desk.do(stake("b2", 10_001)) is Result.CREATED
    assert desk.do(Post(id="p", pending_id="b1")) is Result.PENDING_UNKNOWN


def test_pending_credit_keeps_room_that_nothing_else_can_take(desk: Desk) -> None:
    bonus = chart.bonus("ann")
    desk.do(Open(account=bonus, currency="GBP", limits=Limits(0, 100)))
    gift = {"debit_account": chart.PROFIT, "credit_account": bonus, "currency": "GBP"}
    held = Reserve(id="g1", debit_account=chart.PROFIT, credit_account=bonus, amount_minor=70, currency="GBP")
    assert desk.do(held) is Result.CREATED
    assert desk.do(Transfer(id="g2", amount_minor=31, **gift)) is Result.EXCEEDS_MOST
    assert desk.do(Transfer(id="g3", amount_minor=30, **gift)) is Result.CREATED
    assert desk.do(Post(id="p", pending_id="g1")) is Result.CREATED
    assert desk.balances()[bonus] == 100


def test_what_is_held_can_come_back_whatever_was_credited_meanwhile(desk: Desk) -> None:
    bonus = chart.bonus("ann")
    desk.do(Open(account=bonus, currency="GBP", limits=Limits(0, 100)))
    gift = {"debit_account": chart.PROFIT, "credit_account": bonus, "currency": "GBP"}
    desk.do(Transfer(id="g1", amount_minor=100, **gift))
    bet = Reserve(id="b", debit_account=bonus, credit_account=STAKES, amount_minor=60, currency="GBP")
    assert desk.do(bet) is Result.CREATED
    assert desk.do(Transfer(id="g2", amount_minor=1, **gift)) is Result.EXCEEDS_MOST
    assert desk.do(Void(id="v", pending_id="b")) is Result.CREATED
    assert desk.balances()[bonus] == 100


def test_a_reversal_moves_everything_back_once(desk: Desk) -> None:
    desk.do(stake("b1", 4_000))
    desk.do(Post(id="p", pending_id="b1", amount_minor=1_500))
    assert desk.do(Reverse(id="r", transfer_id="p"), 7) is Result.CREATED
    assert desk.do(Reverse(id="r", transfer_id="p"), 8) is Result.EXISTS
    assert desk.do(Reverse(id="r2", transfer_id="p"), 8) is Result.TRANSFER_ALREADY_REVERSED
    assert desk.do(Reverse(id="r3", transfer_id="r"), 8) is Result.TRANSFER_NOT_POSTED
    assert desk.balances() == {CASH: 10_000, BANK: -10_000}
    assert [entry.kind for entry in desk.entries] == ["TRANSFER", "RESERVE", "POST", "REVERSE"]
    assert desk.do(Post(id="p", pending_id="b1", amount_minor=1_500)) is Result.EXISTS


def test_a_reversal_is_refused_when_the_money_is_gone(desk: Desk) -> None:
    desk.do(stake("b1", 9_000))
    assert desk.do(Reverse(id="r", transfer_id="d1")) is Result.EXCEEDS_BALANCE
    assert desk.balances()[CASH] == 1_000


def test_a_chain_is_done_whole(desk: Desk) -> None:
    chain = (stake("b1", 4_000), Post(id="p", pending_id="b1"), deposit("d2", 50))
    step = desk.keep(execute_linked(desk.books, chain, 3))
    assert (step.result, step.results) == (Result.CREATED, (Result.CREATED,) * 3)
    assert desk.balances() == {CASH: 6_050, STAKES: 4_000, BANK: -10_050}
    again = desk.keep(execute_linked(desk.books, chain, 4))
    assert (again.results, again.entries) == ((Result.EXISTS,) * 3, ())


def test_a_chain_fails_whole_and_says_which_failed(desk: Desk) -> None:
    chain = (deposit("d2", 50), stake("b1", 10_051), deposit("d3", 50))
    step = desk.keep(execute_linked(desk.books, chain, 3))
    linked = Result.LINKED_COMMAND_FAILED
    assert step.results == (linked, Result.EXCEEDS_BALANCE, linked)
    assert (step.result, step.entries) == (Result.EXCEEDS_BALANCE, ())
    assert desk.balances() == {CASH: 10_000, BANK: -10_000}
    assert desk.keep(execute_linked(desk.books, chain, 3)).results == (linked, Result.ID_ALREADY_FAILED, linked)
    assert desk.do(chain[0]) is Result.CREATED


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_chain_of_which_part_was_done_before_fails(desk: Desk, order: tuple[int, int]) -> None:
    pair = (deposit("d1", 10_000), deposit("d2", 50))
    chain = tuple(pair[index] for index in order)
    step = desk.keep(execute_linked(desk.books, chain, 3))
    assert step.result is Result.LINKED_COMMAND_FAILED
    assert step.results[order.index(0)] is Result.EXISTS
    assert desk.balances()[CASH] == 10_000


def test_commands_of_a_batch_stand_each_on_its_own(desk: Desk) -> None:
    batch = (deposit("d2", 50), stake("b1", 99_999), stake("b1", 1), stake("b2", 10_050))
    step = desk.keep(execute_all(desk.books, batch, 3))
    created = Result.CREATED
    assert step.results == (created, Result.EXCEEDS_BALANCE, Result.ID_ALREADY_FAILED, created)
    assert desk.balances() == {HELD: 10_050, BANK: -10_050}


def test_balances_at_a_past_instant_are_those_of_the_entries_until_then(desk: Desk) -> None:
    desk.do(stake("b1", 4_000), 10)
    desk.do(Post(id="p", pending_id="b1", amount_minor=1_000), 20)
    assert as_of(desk.entries, 0) == {}
    assert as_of(desk.entries, 9) == {BANK: -10_000, CASH: 10_000}
    assert as_of([*desk.entries, *reversed(desk.entries)], 10) == {BANK: -10_000, CASH: 6_000, HELD: 4_000}
    assert as_of(desk.entries, 20) == {BANK: -10_000, CASH: 9_000, HELD: 0, STAKES: 1_000}


def test_every_code_says_what_it_means() -> None:
    assert all(code.meaning and code == code.name for code in Result)

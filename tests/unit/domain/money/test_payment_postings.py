"""A payment's moves in the ledger: each is one command, done once."""

import pytest

from domain.money import chart
from domain.money.book import execute, execute_all
from domain.money.commands import Command, Open
from domain.money.payment_codes import PaymentCode
from domain.money.payment_postings import code_of, command_of
from domain.money.payment_terms import LedgerMove, MoveKind
from domain.money.rows import Books, put
from domain.money.transfer_codes import Result

CASH, HELD = chart.cash("ann"), chart.held(chart.cash("ann"))


def move(kind: MoveKind, amount: int = 2_000, name: str = "w1", currency: str = "GBP") -> LedgerMove:
    return LedgerMove(
        kind=kind, move_id=f"ann/{name}/{kind.lower()}", customer_id="ann", currency=currency, amount_minor=amount
    )


def command(of: LedgerMove) -> Command:
    found = command_of(of)
    assert found is not None
    return found


@pytest.fixture
def books() -> Books:
    """Ann, who has deposited 5,000."""
    opened = [Open(account=account, currency="GBP") for account in (CASH, chart.CLEARING)]
    credit = command(move(MoveKind.CREDIT, 5_000, "p1"))
    step = execute_all(Books({}, {}), [*opened, credit], 1)
    assert set(step.results) == {Result.CREATED}
    return put(Books({}, {}), step)


@pytest.mark.parametrize(
    ("kinds", "cash", "held"),
    [
        ([MoveKind.HOLD], 3_000, 2_000),
        ([MoveKind.HOLD, MoveKind.POST], 3_000, 0),
        ([MoveKind.HOLD, MoveKind.RELEASE], 5_000, 0),
        ([MoveKind.HOLD, MoveKind.POST, MoveKind.RETURN], 5_000, 0),
    ],
)
def test_money_is_where_its_moves_bring_it_however_often_they_are_made(
    books: Books, kinds: list[MoveKind], cash: int, held: int
) -> None:
    for kind in [each for each in kinds for _ in range(2)]:
        step = execute(books, command(move(kind)), 2)
        assert code_of(move(kind), step.result) is None
        books = put(books, step)

    assert (books.accounts[CASH].balance_minor, books.accounts[HELD].balance_minor) == (cash, held)
    assert books.accounts[chart.CLEARING].balance_minor == -cash - held


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": 5_001}, PaymentCode.INSUFFICIENT_BALANCE),
        ({"amount": 10**15 + 1}, PaymentCode.AMOUNT_ABOVE_LIMIT),
        ({"currency": "EUR"}, PaymentCode.CURRENCY_MISMATCH),
    ],
)
def test_what_cannot_be_held_has_the_payments_own_code_each_time(
    books: Books, changes: dict[str, int | str], code: PaymentCode
) -> None:
    hold = move(MoveKind.HOLD, **changes)  # type: ignore[arg-type]
    for _ in range(2):
        step = execute(books, command(hold), 2)
        assert code_of(hold, step.result) is code
        books = put(books, step)


def test_money_of_an_unknown_customer_cannot_be_held() -> None:
    step = execute(Books({}, {}), command(move(MoveKind.HOLD)), 2)

    assert code_of(move(MoveKind.HOLD), step.result) is PaymentCode.ACCOUNT_UNKNOWN


def test_a_ledger_that_refuses_a_credit_stops_the_process() -> None:
    step = execute(Books({}, {}), command(move(MoveKind.CREDIT)), 2)

    with pytest.raises(AssertionError, match="refused"):
        code_of(move(MoveKind.CREDIT), step.result)


def test_what_takes_room_moves_no_money() -> None:
    assert command_of(move(MoveKind.ADMIT)) is command_of(move(MoveKind.RESCIND)) is None

"""A customer's limits: in any 24 hours and seven days, of the balance, and of what is free."""

import pytest

from domain.money.account import AccountState
from domain.money.payment_codes import PaymentCode
from domain.money.payment_limits import (
    DAY_US,
    MOST_DEPOSITS,
    WEEK_US,
    Admitted,
    PaymentLimits,
    Room,
    admit,
    hold_fault,
    rescind,
    settle,
)
from domain.money.payment_terms import LedgerMove, MoveKind
from tests.unit.domain.money.payment_samples import T0

LIMITS = PaymentLimits(deposit_day_minor=1_000, deposit_week_minor=3_000, most_balance_minor=5_000)
ANN = AccountState(customer_id="ann", currency="GBP", balance_minor=1_500, reserved_minor=500)


def move(amount: int, kind: MoveKind = MoveKind.ADMIT, name: str = "p1", currency: str = "GBP") -> LedgerMove:
    return LedgerMove(
        kind=kind, move_id=f"ann/{name}/{kind.lower()}", customer_id="ann", currency=currency, amount_minor=amount
    )


def deposited(*amounts: tuple[int, int]) -> Room:
    """Return a room with amounts of so long before T0, all credited."""
    return Room(
        tuple(Admitted(name=f"ann/o{n}", amount_minor=m, at=T0 - ago, is_open=False)
              for n, (m, ago) in enumerate(amounts))
    )  # fmt: skip


@pytest.mark.parametrize(
    ("room", "amount", "code"),
    [
        (deposited(), 1_000, None),
        (deposited(), 1_001, PaymentCode.DEPOSIT_DAY_LIMIT),
        (deposited((600, 1)), 401, PaymentCode.DEPOSIT_DAY_LIMIT),
        (deposited((600, DAY_US - 1)), 401, PaymentCode.DEPOSIT_DAY_LIMIT),
        (deposited((600, DAY_US)), 401, None),
        (deposited((2_600, 2 * DAY_US)), 400, None),
        (deposited((2_600, 2 * DAY_US)), 401, PaymentCode.DEPOSIT_WEEK_LIMIT),
        (deposited((2_600, WEEK_US)), 401, None),
    ],
)
def test_deposits_of_a_day_and_a_week_stay_within_the_limits(room: Room, amount: int, code: PaymentCode | None) -> None:
    after, fault = admit(room, move(amount), ANN, LIMITS, currency="GBP", at=T0)

    assert fault is code
    assert (after == room) is (code is not None)


def test_what_is_under_way_counts_for_the_balance_until_it_is_credited_or_rescinded() -> None:
    limits = PaymentLimits(most_balance_minor=5_000)
    room, fault = admit(Room(), move(2_000), ANN, limits, currency="GBP", at=T0)
    assert fault is None

    assert admit(room, move(1_501, name="p2"), ANN, limits, currency="GBP", at=T0)[1] is PaymentCode.BALANCE_LIMIT
    assert admit(room, move(1_500, name="p2"), ANN, limits, currency="GBP", at=T0)[1] is None
    assert rescind(room, move(2_000, MoveKind.RESCIND)) == Room()
    assert settle(room, move(2_000, MoveKind.CREDIT)).open_minor == 0


def test_what_was_credited_still_counts_for_the_day() -> None:
    room, _ = admit(Room(), move(600), ANN, LIMITS, currency="GBP", at=T0)
    room = settle(room, move(600, MoveKind.CREDIT))

    assert admit(room, move(401, name="p2"), ANN, LIMITS, currency="GBP", at=T0)[1] is PaymentCode.DEPOSIT_DAY_LIMIT


def test_a_deposit_takes_room_once() -> None:
    room, _ = admit(Room(), move(600), ANN, LIMITS, currency="GBP", at=T0)

    assert admit(room, move(600), ANN, LIMITS, currency="GBP", at=T0) == (room, None)


def test_a_deposit_under_way_is_not_forgotten_after_a_week() -> None:
    room, _ = admit(Room(), move(600), ANN, LIMITS, currency="GBP", at=T0)

    room, _ = admit(room, move(100, name="p2"), ANN, LIMITS, currency="GBP", at=T0 + 2 * WEEK_US)

    assert room.open_minor == 700


def test_old_deposits_are_forgotten() -> None:
    room, _ = admit(deposited((600, WEEK_US), (5, 1)), move(100), ANN, LIMITS, currency="GBP", at=T0)

    assert [each.amount_minor for each in room.admitted] == [5, 100]


def test_deposits_without_number_are_refused() -> None:
    room = deposited(*((1, 1) for _ in range(MOST_DEPOSITS)))

    assert admit(room, move(1), ANN, PaymentLimits(), currency="GBP", at=T0)[1] is PaymentCode.TOO_MANY_DEPOSITS


@pytest.mark.parametrize(
    ("account", "house", "code"),
    [(ANN, "EUR", PaymentCode.CURRENCY_MISMATCH), (None, "GBP", PaymentCode.CURRENCY_MISMATCH), (None, "EUR", None)],
)
def test_another_currency_is_refused(account: AccountState | None, house: str, code: PaymentCode | None) -> None:
    assert admit(Room(), move(1, currency="EUR"), account, LIMITS, currency=house, at=T0)[1] is code


@pytest.mark.parametrize(
    ("amount", "currency", "account", "code"),
    [
        (1_000, "GBP", ANN, None),
        (1_001, "GBP", ANN, PaymentCode.INSUFFICIENT_BALANCE),
        (1, "EUR", ANN, PaymentCode.CURRENCY_MISMATCH),
        (1, "GBP", None, PaymentCode.ACCOUNT_UNKNOWN),
    ],
)
def test_only_what_is_free_can_be_held(
    amount: int, currency: str, account: AccountState | None, code: PaymentCode | None
) -> None:
    assert hold_fault(move(amount, MoveKind.HOLD, currency=currency), account) is code

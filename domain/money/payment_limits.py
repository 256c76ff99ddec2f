"""What the ledger checks before money may come in or go out: a customer's limits, as data.

The ledger answers a move of kind ADMIT by `admit` and one of kind HOLD by `hold_fault`; it calls `settle` on CREDIT and
`rescind` on RESCIND. What is being deposited takes room from its admission on, so no two deposits under way together
pass a limit that each of them alone would not.
"""

from typing import Final

import msgspec

from domain.errors import Misconfigured
from domain.money.account import AccountState
from domain.money.bounds import MOST_MINOR
from domain.money.payment_codes import PaymentCode
from domain.money.payment_terms import SECOND_US, LedgerMove, MoveKind

DAY_US: Final = 86_400 * SECOND_US
WEEK_US: Final = 7 * DAY_US
MOST_DEPOSITS: Final = 1_000
"""Deposits that one customer may begin in seven days: the row that remembers them stays small."""


class PaymentLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A customer's limits in minor units, of any 24 hours and any seven days that end now; None is no limit."""

    deposit_day_minor: int | None = None
    deposit_week_minor: int | None = None
    most_balance_minor: int = MOST_MINOR

    def __post_init__(self) -> None:
        least = min(each for each in (self.deposit_day_minor, self.deposit_week_minor, 0) if each is not None)
        if least < 0 or not 0 <= self.most_balance_minor <= MOST_MINOR:
            raise Misconfigured(f"payments: a limit is below zero or above 10^15 in {self}")


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """A deposit that took room; `is_open` until it is credited."""

    name: str
    amount_minor: int
    at: int
    is_open: bool = True


class Room(msgspec.Struct, frozen=True):
    """A customer's deposits of the last seven days and those still under way."""

    admitted: tuple[Admitted, ...] = ()

    def since(self, at: int) -> int:
        """Return what was admitted after a time, in minor units."""
        return sum(each.amount_minor for each in self.admitted if each.at > at)

    @property
    def open_minor(self) -> int:
        """Return what is under way and not credited yet, in minor units."""
        return sum(each.amount_minor for each in self.admitted if each.is_open)


def admit(
    room: Room, move: LedgerMove, account: AccountState | None, limits: PaymentLimits, *, currency: str, at: int
) -> tuple[Room, PaymentCode | None]:
    """Take room for a deposit, or say which limit it would pass; `currency` is the house's, for a first deposit.

    Idempotent by the move's payment.
    """
    assert move.kind is MoveKind.ADMIT, move
    name = _name(move)
    if any(each.name == name for each in room.admitted):
        return room, None
    kept = tuple(each for each in room.admitted if each.is_open or each.at > at - WEEK_US)
    fault = _fault(Room(kept), move, account, limits, currency=currency, at=at)
    if fault is not None:
        return room, fault
    return Room((*kept, Admitted(name=name, amount_minor=move.amount_minor, at=at))), None


def settle(room: Room, move: LedgerMove) -> Room:
    """Note that a deposit was credited: it counts against the day and the week, no more against the balance."""
    assert move.kind is MoveKind.CREDIT, move
    name = _name(move)
    return Room(
        tuple(msgspec.structs.replace(each, is_open=False) if each.name == name else each for each in room.admitted)
    )


def rescind(room: Room, move: LedgerMove) -> Room:
    """Give back the room of a deposit that came to nothing."""
    assert move.kind is MoveKind.RESCIND, move
    name = _name(move)
    return Room(tuple(each for each in room.admitted if each.name != name))


def hold_fault(move: LedgerMove, account: AccountState | None) -> PaymentCode | None:
    """Return why money cannot be held for a withdrawal or a refund."""
    assert move.kind is MoveKind.HOLD, move
    if account is None:
        return PaymentCode.ACCOUNT_UNKNOWN
    if account.currency != move.currency:
        return PaymentCode.CURRENCY_MISMATCH
    return PaymentCode.INSUFFICIENT_BALANCE if move.amount_minor > account.available_minor else None


def _fault(
    room: Room, move: LedgerMove, account: AccountState | None, limits: PaymentLimits, *, currency: str, at: int
) -> PaymentCode | None:
    if move.currency != (account.currency if account else currency):
        return PaymentCode.CURRENCY_MISMATCH
    if len(room.admitted) >= MOST_DEPOSITS:
        return PaymentCode.TOO_MANY_DEPOSITS
    day, week = limits.deposit_day_minor, limits.deposit_week_minor
    if day is not None and room.since(at - DAY_US) + move.amount_minor > day:
        return PaymentCode.DEPOSIT_DAY_LIMIT
    if week is not None and room.since(at - WEEK_US) + move.amount_minor > week:
        return PaymentCode.DEPOSIT_WEEK_LIMIT
    balance = account.balance_minor if account else 0
    if balance + room.open_minor + move.amount_minor > limits.most_balance_minor:
        return PaymentCode.BALANCE_LIMIT
    return None


def _name(move: LedgerMove) -> str:
    return move.move_id.rpartition("/")[0]

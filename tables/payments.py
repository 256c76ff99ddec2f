"""The payments' rows in the accounts' table: payments, the room in customers' limits, what is due by time."""

import msgspec

from bookstream.delivery.api import Rows, Shard
from domain.money.payment_limits import Room
from domain.money.payment_rules import PaymentRules
from domain.money.payment_unit import PaymentState
from domain.money.payments import due_at
from tables.timeline import Timeline


class PaymentName(msgspec.Struct, frozen=True):
    """Which payment the index points to."""

    customer_id: str
    payment_id: str

    @property
    def key(self) -> str:
        """Return the key of the payment's row."""
        return f"{self.customer_id}/{self.payment_id}"


PAYMENTS = Rows("payment", PaymentState)
"""Payments for ever: money is never moved twice."""
ROOMS = Rows("room", Room)
DUE = Timeline(Rows("due", PaymentName), width_us=1_000_000)
"""Payments that wait for the provider, by when it is asked again."""

ROWS = (PAYMENTS, ROOMS, DUE.rows)


def room_of(shard: Shard, customer_id: str) -> Room:
    """Return what a customer's deposits take of the limits."""
    return shard.get(ROOMS, customer_id) or Room()


def put_room(shard: Shard, customer_id: str, room: Room) -> None:
    """Write what a customer's deposits take of the limits."""
    if room.admitted:
        shard.put(ROOMS, customer_id, room)
    else:
        shard.delete(ROOMS, customer_id)


def put_payment(
    shard: Shard, name: PaymentName, before: PaymentState | None, after: PaymentState, rules: PaymentRules
) -> None:
    """Write a payment's row, and move it in the index."""
    shard.put(PAYMENTS, name.key, after)
    was, is_ = (due_at(row.payment, rules.patience) if row is not None else None for row in (before, after))
    if was == is_:
        return
    if was is not None:
        DUE.remove(shard, was, name.key)
    if is_ is not None:
        DUE.add(shard, is_, name.key, name)

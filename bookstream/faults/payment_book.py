"""The books of a sandbox payment provider: what was ordered, what was done, and the statement, which is its truth."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Final

import msgspec

from connectors.payments.messages import STATUSES, Line, Operation, Order, Statement
from domain.money.payment_terms import Outcome, Verb
from domain.money.reconcile import Movement, Settled

SETTLED: Final = {
    Outcome.PENDING: Settled.PENDING,
    Outcome.DONE: Settled.SETTLED,
    Outcome.DECLINED: Settled.FAILED,
    Outcome.RETURNED: Settled.SETTLED,
}


class Reused(Exception):
    """A key came again with another order."""


@dataclass(slots=True)
class Kept:
    """An order and what became of it, at which time (microseconds UTC)."""

    verb: Verb
    order: Order
    outcome: Outcome
    at: int
    reason: str = ""
    returned_at: int = 0
    times: int = 1
    """How often the money moved: a provider that forgets its keys moves it twice."""


@dataclass
class PaymentBook:
    """Does each order once for its key."""

    kept: dict[str, Kept] = field(default_factory=dict)

    def take(self, verb: Verb, order: Order, at: int, outcome: Outcome = Outcome.DONE) -> Operation:
        """Do an order as far as `outcome` says, or say again what became of it.

        Raises:
            Reused: the key stands for another order.
        """
        kept = self.kept.get(order.key)
        if kept is not None:
            if (kept.verb, kept.order) != (verb, order):
                raise Reused(order.key)
            return self.told(order.key)
        reason = self._fault(verb, order) or ("DO_NOT_HONOUR" if outcome is Outcome.DECLINED else "")
        self.kept[order.key] = Kept(verb, order, Outcome.DECLINED if reason else outcome, at, reason)
        return self.told(order.key)

    def finish(self, key: str, outcome: Outcome, at: int) -> Operation:
        """Decide what was pending, or return what was paid."""
        kept = self.kept[key]
        if outcome is Outcome.RETURNED:
            assert kept.outcome in {Outcome.PENDING, Outcome.DONE}, kept
            assert kept.verb in {Verb.PAYOUT, Verb.REFUND}, kept
            kept.at = at if kept.outcome is Outcome.PENDING else kept.at
            kept.returned_at = at
        else:
            assert kept.outcome is Outcome.PENDING, kept
            kept.at = at
        kept.outcome = outcome
        return self.told(key)

    def told(self, key: str) -> Operation:
        """Say what became of an order.

        Raises:
            KeyError: there is none.
        """
        kept = self.kept[key]
        return Operation(
            key=key, status=STATUSES[kept.outcome], amount=kept.order.amount, currency=kept.order.currency,
            reason=kept.reason, reference=f"sb-{list(self.kept).index(key)}",
        )  # fmt: skip

    def statement(self, day: dt.date | None = None) -> Statement:
        """Return the movements of a day, UTC, or of all days."""
        lines = [line for key in self.kept for line in self._lines(key)]
        if day is not None:
            lines = [line for line in lines if dt.datetime.fromtimestamp(line.at / 1e6, dt.UTC).date() == day]
        return Statement(day=day.isoformat() if day else "", count=len(lines), lines=tuple(lines))

    def _lines(self, key: str) -> list[Line]:
        kept = self.kept[key]
        if kept.verb is Verb.AUTHORISE:
            return []
        line = Line(
            id=f"{key}#1", key=key, movement=Movement(kept.verb.value), amount=kept.order.amount,
            currency=kept.order.currency, status=SETTLED[kept.outcome], at=kept.at,
        )  # fmt: skip
        lines = [msgspec.structs.replace(line, id=f"{key}#{n + 1}") for n in range(kept.times)]
        if kept.outcome is Outcome.RETURNED:
            lines.append(
                msgspec.structs.replace(line, id=f"{key}#returned", movement=Movement.RETURN, at=kept.returned_at)
            )
        return lines

    def _fault(self, verb: Verb, order: Order) -> str:
        """Return why an order cannot be done."""
        before = self.kept.get(order.of)
        if verb is Verb.CAPTURE:
            known = before is not None and before.verb is Verb.AUTHORISE and before.outcome is Outcome.DONE
            same = before is not None and before.order.amount == order.amount
            return "" if known and same and not self._sum(Verb.CAPTURE, order.of) else "NO_AUTHORISATION"
        if verb is Verb.REFUND:
            if before is None or before.verb is not Verb.CAPTURE or before.outcome is not Outcome.DONE:
                return "NO_CAPTURE"
            return "" if self._sum(verb, order.of) + order.amount <= before.order.amount else "REFUND_ABOVE_CAPTURE"
        return ""

    def _sum(self, verb: Verb, of: str) -> int:
        """Return how much was taken of an earlier order, or may yet be."""
        lasting = {Outcome.PENDING, Outcome.DONE}
        return sum(
            kept.order.amount for kept in self.kept.values()
            if kept.verb is verb and kept.order.of == of and kept.outcome in lasting
        )  # fmt: skip

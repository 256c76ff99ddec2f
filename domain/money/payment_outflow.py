"""Money out to a customer, a withdrawal or a refund: held first, then asked for, then posted or released, once.

HOLDING → PAYING → PAID → RETURNED, or HOLDING → REFUSED by the ledger, or PAYING → DECLINED by the provider.
"""

from enum import StrEnum
from typing import Final

import msgspec

from domain.money import payment_request as requests
from domain.money.payment_codes import PaymentCode
from domain.money.payment_request import Heard, Known, Request
from domain.money.payment_terms import (
    Ask,
    Event,
    LedgerAnswered,
    LedgerMove,
    MoveKind,
    Patience,
    Tick,
    Verb,
    key_of,
)


class OutflowStatus(StrEnum):
    """Where it stands. Money is held while HOLDING and PAYING, gone when PAID, back when RETURNED."""

    HOLDING = "HOLDING"
    REFUSED = "REFUSED"
    PAYING = "PAYING"
    PAID = "PAID"
    DECLINED = "DECLINED"
    RETURNED = "RETURNED"


HOLDS_OR_TOOK: Final = frozenset({OutflowStatus.HOLDING, OutflowStatus.PAYING, OutflowStatus.PAID})


class Outflow(msgspec.Struct, frozen=True, kw_only=True):
    """Money on its way out; `name` is `<customer_id>/<payment_id>[/<refund_id>]`, `of` the capture to refund."""

    name: str
    verb: Verb
    customer_id: str
    currency: str
    amount_minor: int
    of: str = ""
    status: OutflowStatus = OutflowStatus.HOLDING
    request: Request | None = None
    refusal: PaymentCode | None = None

    @property
    def key(self) -> str:
        """Return the idempotency key of the request to the provider."""
        return f"{self.name}/{self.verb.lower()}"

    def move(self, kind: MoveKind) -> LedgerMove:
        """Write a move of this money."""
        return LedgerMove(
            kind=kind, move_id=f"{self.name}/{kind.lower()}", customer_id=self.customer_id, currency=self.currency,
            amount_minor=self.amount_minor, key=self.key,
        )  # fmt: skip


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """An outflow after something happened to it; the same object where nothing changed."""

    outflow: Outflow
    asks: tuple[Ask, ...] = ()
    moves: tuple[LedgerMove, ...] = ()
    code: PaymentCode | None = None


_MOVES: Final[dict[tuple[Known, OutflowStatus], tuple[OutflowStatus, tuple[MoveKind, ...]]]] = {
    (Known.DONE, OutflowStatus.PAYING): (OutflowStatus.PAID, (MoveKind.POST,)),
    (Known.DECLINED, OutflowStatus.PAYING): (OutflowStatus.DECLINED, (MoveKind.RELEASE,)),
    (Known.RETURNED, OutflowStatus.PAYING): (OutflowStatus.RETURNED, (MoveKind.POST, MoveKind.RETURN)),
    (Known.RETURNED, OutflowStatus.PAID): (OutflowStatus.RETURNED, (MoveKind.RETURN,)),
}


def begin(outflow: Outflow) -> Flow:
    """Ask the ledger to hold the money; asked twice, it holds once."""
    return Flow(outflow=outflow, moves=(outflow.move(MoveKind.HOLD),))


def held(outflow: Outflow, code: PaymentCode | None, at: int, patience: Patience) -> Flow:
    """Take the ledger's answer: held money is asked for at the provider."""
    if outflow.status is not OutflowStatus.HOLDING:
        return Flow(outflow=outflow)
    if code is not None:
        refused = msgspec.structs.replace(outflow, status=OutflowStatus.REFUSED, refusal=code)
        return Flow(outflow=refused, code=code)
    request = Request(
        verb=outflow.verb, key=outflow.key, customer_id=outflow.customer_id, currency=outflow.currency,
        amount_minor=outflow.amount_minor, of=outflow.of, asked_at=at, due_at=at + patience.answer_us,
    )  # fmt: skip
    paying = msgspec.structs.replace(outflow, status=OutflowStatus.PAYING, request=request)
    return Flow(outflow=paying, asks=(request.ask(),))


def follow(outflow: Outflow, heard: Heard) -> Flow:
    """Move the money as the provider's word demands."""
    if heard.request is outflow.request:
        return Flow(outflow=outflow, asks=heard.asks, code=heard.code)
    status, kinds = _MOVES.get((heard.request.known, outflow.status), (outflow.status, ()))
    declined = PaymentCode.DECLINED if status is OutflowStatus.DECLINED else outflow.refusal
    after = msgspec.structs.replace(outflow, request=heard.request, status=status, refusal=declined)
    return Flow(outflow=after, asks=heard.asks, moves=tuple(after.move(kind) for kind in kinds), code=heard.code)


def take(outflow: Outflow, said: Event, at: int, patience: Patience) -> Flow:
    """Take one input; what is not about this outflow is refused."""
    request = outflow.request
    match said:
        case LedgerAnswered():
            if said.move_id != outflow.move(MoveKind.HOLD).move_id:
                return Flow(outflow=outflow, code=PaymentCode.MOVE_UNKNOWN)
            return held(outflow, said.code, at, patience)
        case Tick():
            if outflow.status is OutflowStatus.HOLDING:
                return begin(outflow)
            heard = requests.remind(request, at, patience) if request else None
        case _:
            if request is None or key_of(said) != request.key:
                return Flow(outflow=outflow, code=PaymentCode.REQUEST_UNKNOWN)
            heard = requests.take(request, said, at, patience)
    return follow(outflow, heard) if heard else Flow(outflow=outflow)

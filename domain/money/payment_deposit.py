"""A deposit: credited only when it is captured, and given back by refunds.

ADMITTING (the ledger checks the customer's limits) → AUTHORISING → CAPTURING → CAPTURED; before, it may be REFUSED by
the ledger, DECLINED by the provider, or have LAPSED unauthorised.
"""

from enum import StrEnum
from typing import Final

import msgspec

from domain.money import payment_outflow as outflows
from domain.money import payment_request as requests
from domain.money.ids import plain_id
from domain.money.payment_codes import PaymentCode
from domain.money.payment_commands import amount_fault, fault_of, repeat_of
from domain.money.payment_outflow import HOLDS_OR_TOOK, Outflow
from domain.money.payment_request import Heard, Known, Request
from domain.money.payment_terms import (
    PATIENCE,
    Answered,
    DepositAsked,
    DepositInput,
    Event,
    LedgerAnswered,
    LedgerMove,
    MoveKind,
    Patience,
    RefundAsked,
    Step,
    Tick,
    Unanswered,
    Verb,
    key_of,
)

MOST_REFUNDS: Final = 32
"""Refunds of one deposit, the refused ones too: its row stays small."""


class DepositStatus(StrEnum):
    """Where a deposit stands."""

    ADMITTING = "ADMITTING"
    REFUSED = "REFUSED"
    AUTHORISING = "AUTHORISING"
    CAPTURING = "CAPTURING"
    CAPTURED = "CAPTURED"
    DECLINED = "DECLINED"
    LAPSED = "LAPSED"


class Deposit(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A deposit and its refunds."""

    asked: DepositAsked
    opened_at: int
    status: DepositStatus = DepositStatus.ADMITTING
    authorise: Request | None = None
    capture: Request | None = None
    refunds: tuple[Outflow, ...] = ()
    refusal: PaymentCode | None = None

    @property
    def name(self) -> str:
        """Name it among all customers' payments."""
        return f"{self.asked.customer_id}/{self.asked.payment_id}"

    @property
    def requests(self) -> tuple[Request, ...]:
        """Return the requests that were made for it."""
        every = (self.authorise, self.capture, *(refund.request for refund in self.refunds))
        return tuple(each for each in every if each is not None)

    @property
    def open_requests(self) -> tuple[Request, ...]:
        """Return the requests whose outcome is still to be found out."""
        if self.status is DepositStatus.LAPSED:
            return ()
        return tuple(each for each in self.requests if each.is_open)

    def request(self, verb: Verb, at: int, patience: Patience, of: str = "") -> Request:
        """Write a request of its whole amount."""
        return Request(
            verb=verb, key=f"{self.name}/{verb.lower()}", customer_id=self.asked.customer_id,
            currency=self.asked.currency, amount_minor=self.asked.amount_minor, of=of, asked_at=at,
            due_at=at + patience.answer_us,
        )  # fmt: skip

    def move(self, kind: MoveKind) -> LedgerMove:
        """Write a move of its whole amount."""
        return LedgerMove(
            kind=kind, move_id=f"{self.name}/{kind.lower()}", customer_id=self.asked.customer_id,
            currency=self.asked.currency, amount_minor=self.asked.amount_minor, key=f"{self.name}/capture",
        )  # fmt: skip


def on_deposit(state: Deposit | None, said: DepositInput, at: int, patience: Patience = PATIENCE) -> Step[Deposit]:
    """Take one input of a deposit; `said` of a key or move that is not its own is refused.

    Idempotent by `payment_id`, `refund_id`, request key and move_id: what comes again changes nothing.

    Raises:
        ContractViolation: an id cannot be carried on.
    """
    if isinstance(said, DepositAsked):
        return _deposit(state, said, at)
    if state is None:
        return Step(code=PaymentCode.PAYMENT_UNKNOWN)
    match said:
        case RefundAsked():
            return _refund(state, said)
        case LedgerAnswered():
            return _admitted(state, said, at, patience)
        case Answered() | Unanswered():
            return _heard_of_deposit(state, said, at, patience)
        case Tick():
            return _tick(state, at, patience)


def _deposit(state: Deposit | None, asked: DepositAsked, at: int) -> Step[Deposit]:
    if state is not None:
        return Step(code=repeat_of(state.asked, asked))
    if (fault := fault_of(asked)) is not None:
        return Step(code=fault)
    deposit = Deposit(asked=asked, opened_at=at)
    return Step(state=deposit, moves=(deposit.move(MoveKind.ADMIT),))


def _refund(state: Deposit, asked: RefundAsked) -> Step[Deposit]:
    """Begin to give captured money back: all refunds together are never more than was captured."""
    plain_id("refund_id", asked.refund_id)
    name = f"{state.name}/{asked.refund_id}"
    if (fault := _refund_fault(state, name, asked.amount_minor)) is not None:
        return Step(code=fault)
    flow = outflows.begin(
        Outflow(
            name=name, verb=Verb.REFUND, customer_id=state.asked.customer_id, currency=state.asked.currency,
            amount_minor=asked.amount_minor, of=f"{state.name}/capture",
        )
    )  # fmt: skip
    return Step(state=msgspec.structs.replace(state, refunds=(*state.refunds, flow.outflow)), moves=flow.moves)


def _refund_fault(state: Deposit, name: str, amount_minor: int) -> PaymentCode | None:
    earlier = next((each for each in state.refunds if each.name == name), None)
    if earlier is not None:
        same = earlier.amount_minor == amount_minor
        return PaymentCode.EXISTS if same else PaymentCode.EXISTS_WITH_DIFFERENT_AMOUNT
    if (fault := amount_fault(amount_minor)) is not None:
        return fault
    if state.status is not DepositStatus.CAPTURED:
        return PaymentCode.NOT_CAPTURED
    if len(state.refunds) >= MOST_REFUNDS:
        return PaymentCode.TOO_MANY_REFUNDS
    taken = sum(each.amount_minor for each in state.refunds if each.status in HOLDS_OR_TOOK)
    return PaymentCode.REFUND_ABOVE_CAPTURE if taken + amount_minor > state.asked.amount_minor else None


def _admitted(state: Deposit, said: LedgerAnswered, at: int, patience: Patience) -> Step[Deposit]:
    """Take the ledger's answer about the deposit itself or about the money that a refund holds."""
    if said.move_id != state.move(MoveKind.ADMIT).move_id:
        return _flowing(state, said, at, patience)
    if state.status is not DepositStatus.ADMITTING:
        return Step()
    if said.code is not None:
        refused = msgspec.structs.replace(state, status=DepositStatus.REFUSED, refusal=said.code)
        return Step(state=refused, code=said.code)
    request = state.request(Verb.AUTHORISE, at, patience)
    after = msgspec.structs.replace(state, status=DepositStatus.AUTHORISING, authorise=request)
    return Step(state=after, asks=(request.ask(),))


def _heard_of_deposit(state: Deposit, said: Answered | Unanswered, at: int, patience: Patience) -> Step[Deposit]:
    key = key_of(said)
    for request in (state.authorise, state.capture):
        if request is not None and request.key == key:
            return _follow(state, requests.take(request, said, at, patience), at, patience)
    return _flowing(state, said, at, patience)


def _follow(state: Deposit, heard: Heard, at: int, patience: Patience) -> Step[Deposit]:
    """Go on as the provider's word about the authorisation or the capture demands."""
    request = heard.request
    field = "authorise" if request.verb is Verb.AUTHORISE else "capture"
    if request is getattr(state, field):
        return Step(asks=heard.asks, code=heard.code)
    after: Deposit = msgspec.structs.replace(state, **{field: request})
    match (request.known, state.status):
        case (Known.DONE, DepositStatus.AUTHORISING):
            capture = after.request(Verb.CAPTURE, at, patience, of=request.key)
            after = msgspec.structs.replace(after, status=DepositStatus.CAPTURING, capture=capture)
            return Step(state=after, asks=(capture.ask(),))
        case (Known.DONE, DepositStatus.CAPTURING):
            after = msgspec.structs.replace(after, status=DepositStatus.CAPTURED)
            return Step(state=after, moves=(after.move(MoveKind.CREDIT),))
        case (Known.DECLINED, DepositStatus.AUTHORISING | DepositStatus.CAPTURING):
            after = msgspec.structs.replace(after, status=DepositStatus.DECLINED, refusal=PaymentCode.DECLINED)
            return Step(state=after, moves=(after.move(MoveKind.RESCIND),))
        case (Known.DONE, DepositStatus.LAPSED):
            return Step(state=after, code=PaymentCode.LAPSED)
    asks = () if state.status is DepositStatus.LAPSED else heard.asks
    return Step(state=after, asks=asks, code=heard.code)


def _tick(state: Deposit, at: int, patience: Patience) -> Step[Deposit]:
    """Ask after what is due; give up what nobody authorised in time, for no money has moved."""
    if state.status is DepositStatus.ADMITTING:
        return Step(moves=(state.move(MoveKind.ADMIT),))
    if state.status is DepositStatus.AUTHORISING and at >= state.opened_at + patience.authorise_us:
        lapsed = msgspec.structs.replace(state, status=DepositStatus.LAPSED, refusal=PaymentCode.LAPSED)
        return Step(state=lapsed, moves=(lapsed.move(MoveKind.RESCIND),))
    for request in state.open_requests:
        if request.verb is not Verb.REFUND:
            return _follow(state, requests.remind(request, at, patience), at, patience)
    return _flowing(state, Tick(), at, patience)


def _flowing(state: Deposit, said: Event, at: int, patience: Patience) -> Step[Deposit]:
    """Let the refunds take an input: each takes what is its own."""
    flows = [outflows.take(refund, said, at, patience) for refund in state.refunds]
    strange = PaymentCode.MOVE_UNKNOWN if isinstance(said, LedgerAnswered) else PaymentCode.REQUEST_UNKNOWN
    codes = [flow.code for flow in flows if flow.code is not strange]
    changed = any(flow.outflow is not refund for flow, refund in zip(flows, state.refunds, strict=True))
    after = msgspec.structs.replace(state, refunds=tuple(flow.outflow for flow in flows)) if changed else None
    code = next((code for code in codes if code), None) if codes or isinstance(said, Tick) else strange
    asks = tuple(ask for flow in flows for ask in flow.asks)
    return Step(state=after, asks=asks, moves=tuple(move for flow in flows for move in flow.moves), code=code)

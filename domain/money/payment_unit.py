"""One input of a payment, whole: the machine and the ledger answer each other until neither has more to say.

State, money, what is asked of the provider and what is published belong to one unit of work: all of it or nothing.
"""

from collections import deque

import msgspec

from domain.events.betting import LedgerEntry
from domain.events.head import Event
from domain.events.payments import Payment, PaymentAsk, PaymentRefusal
from domain.money import account as accounts
from domain.money.account import AccountState
from domain.money.cause import PROVIDER, Cause
from domain.money.payment_codes import PaymentCode
from domain.money.payment_limits import Room, admit, hold_fault, rescind, settle
from domain.money.payment_moves import book
from domain.money.payment_rules import PaymentRules
from domain.money.payment_shown import shown
from domain.money.payment_terms import (
    Answered,
    Ask,
    DepositAsked,
    LedgerAnswered,
    LedgerMove,
    MoveKind,
    Tick,
    Unanswered,
    WithdrawalAsked,
)
from domain.money.payments import Deposit, Withdrawal, on_deposit, on_withdrawal

Input = DepositAsked | WithdrawalAsked | LedgerAnswered | Answered | Unanswered | Tick


class PaymentState(msgspec.Struct, frozen=True, kw_only=True):
    """A payment's row: how it stands, what was last published of it, and the trace of its command."""

    payment: Deposit | Withdrawal
    said: Payment
    trace: bytes = b""


class Papers(msgspec.Struct, frozen=True, kw_only=True):
    """What an input of a payment may change: the account, the room in the customer's limits, the payment's row."""

    account: AccountState | None
    room: Room
    payment: PaymentState | None


class PaymentStep(msgspec.Struct, frozen=True, kw_only=True):
    """The papers after an input, what follows from it in order, and why it was refused, if it was."""

    papers: Papers
    events: tuple[Event, ...] = ()
    code: PaymentCode | None = None


def take(before: Papers, said: Input, rules: PaymentRules, cause: Cause) -> PaymentStep:
    """Take an input of a payment; a command that comes again is answered again.

    Raises:
        ContractViolation: an id cannot be carried on.
    """
    desk = _Desk(before, rules, cause)
    code = desk.work(said)
    account, events = desk.account, list[Event](desk.entries)
    if account is not None and account != before.account:
        account, public = accounts.publish(account, cause)
        events.append(public)
    row = before.payment
    if desk.payment is not None:
        known = row.said if row is not None else None
        now = shown(desk.payment, known, cause)
        trace = row.trace if row is not None else cause.trace
        row = PaymentState(payment=desk.payment, said=now, trace=trace)
        if now is not known or code is PaymentCode.EXISTS:
            events.append(now)
    events += [_ask(ask, cause) for ask in desk.asks]
    after = Papers(account=account, room=desk.room, payment=before.payment if row == before.payment else row)
    return PaymentStep(papers=after, events=tuple(events), code=code)


def refusal(code: str, cause: Cause, *, refused: str, about: Event) -> PaymentRefusal:
    """Write down that an input changed nothing, and why; `about` is the input."""
    source = cause.source
    assert source is not None, f"{about.event_id} is refused without a record"
    return PaymentRefusal(
        event_id=f"{source.topic}/{source.partition}/{source.offset}.refused", occurred_at=cause.at,
        received_at=cause.at, provider=PROVIDER, source=source, payment_id=getattr(about, "payment_id", ""),
        customer_id=getattr(about, "customer_id", ""), refused=refused,  # type: ignore[arg-type]
        code=code, request_key=getattr(about, "request_key", ""), currency=getattr(about, "currency", ""),
        amount_minor=getattr(about, "amount_minor", 0),
    )  # fmt: skip


class _Desk:
    """The papers while an input is worked on."""

    def __init__(self, before: Papers, rules: PaymentRules, cause: Cause) -> None:
        self.account, self.room = before.account, before.room
        self.payment = before.payment.payment if before.payment is not None else None
        self.entries: list[LedgerEntry] = []
        self.asks: list[Ask] = []
        self._rules, self._cause = rules, cause

    def work(self, said: Input) -> PaymentCode | None:
        """Take the input, and the ledger's answers to what follows from it; return why it was refused."""
        waiting, code = deque[Input]([said]), None
        while waiting:
            step = self._step(waiting.popleft())
            code = code or step[2]
            self.asks += step[0]
            waiting += [answer for move in step[1] if (answer := self._move(move)) is not None]
        return code

    def _step(self, said: Input) -> tuple[tuple[Ask, ...], tuple[LedgerMove, ...], PaymentCode | None]:
        payment, at, patience = self.payment, self._cause.at, self._rules.patience
        if isinstance(payment, Withdrawal) or (payment is None and isinstance(said, WithdrawalAsked)):
            if isinstance(said, DepositAsked):
                return (), (), PaymentCode.EXISTS_WITH_DIFFERENT_KIND
            out = on_withdrawal(payment, said, at, patience)
            self.payment = out.state or payment
            return out.asks, out.moves, out.code
        if isinstance(said, WithdrawalAsked):
            return (), (), PaymentCode.EXISTS_WITH_DIFFERENT_KIND
        in_ = on_deposit(payment, said, at, patience)
        self.payment = in_.state or payment
        return in_.asks, in_.moves, in_.code

    def _move(self, move: LedgerMove) -> LedgerAnswered | None:
        """Do a move, or refuse one that may be refused; those two are answered."""
        match move.kind:
            case MoveKind.ADMIT:
                limits = self._rules.limits_of(move.customer_id)
                self.room, code = admit(
                    self.room, move, self.account, limits, currency=self._rules.currency, at=self._cause.at
                )
                return LedgerAnswered(move_id=move.move_id, code=code)
            case MoveKind.RESCIND:
                self.room = rescind(self.room, move)
                return None
            case MoveKind.HOLD:
                code = hold_fault(move, self.account)
                if code is None:
                    self._book(move)
                return LedgerAnswered(move_id=move.move_id, code=code)
            case MoveKind.CREDIT:
                self.room = settle(self.room, move)
        self._book(move)
        return None

    def _book(self, move: LedgerMove) -> None:
        account = self.account or AccountState(customer_id=move.customer_id, currency=move.currency)
        self.account, entry = book(account, move, self._cause)
        self.entries.append(entry)


def _ask(ask: Ask, cause: Cause) -> PaymentAsk:
    source = cause.source
    assert source is not None, f"{ask} follows from no record"
    why = "query" if ask.query else "order"
    return PaymentAsk(
        event_id=f"{ask.key}/{why}@{source.topic}/{source.partition}/{source.offset}", occurred_at=cause.at,
        received_at=cause.at, provider=PROVIDER, source=source, payment_id=ask.key.split("/")[1],
        customer_id=ask.customer_id, request_key=ask.key, verb=ask.verb.value, query=ask.query, of_key=ask.of,
        currency=ask.currency, amount_minor=ask.amount_minor,
    )  # fmt: skip

"""Payments at work, for the tests: the machines, a ledger that answers them, rows that are bytes between two steps."""

from collections import Counter

import msgspec

from domain.money.account import AccountState
from domain.money.payment_codes import PaymentCode
from domain.money.payment_limits import PaymentLimits, Room, admit, hold_fault, rescind, settle
from domain.money.payment_lines import ledger_lines
from domain.money.payment_terms import (
    Answered,
    Ask,
    DepositAsked,
    LedgerAnswered,
    LedgerMove,
    MoveKind,
    Patience,
    RefundAsked,
    Tick,
    Unanswered,
    WithdrawalAsked,
    key_of,
)
from domain.money.payments import Deposit, Withdrawal, due_at, on_deposit, on_withdrawal, payment_of
from domain.money.reconcile import PaymentLine

CURRENCY = "GBP"
CLEARING, CASH, HELD = "clearing", "cash", "held"
ROUTES = {
    MoveKind.CREDIT: (CLEARING, CASH),
    MoveKind.HOLD: (CASH, HELD),
    MoveKind.POST: (HELD, CLEARING),
    MoveKind.RELEASE: (HELD, CASH),
    MoveKind.RETURN: (CLEARING, CASH),
}
Command = DepositAsked | WithdrawalAsked
Name = tuple[str, str]


class Desk:
    """One customer's partition: `asks` is what is still to be carried out."""

    def __init__(self, limits: PaymentLimits | None = None, patience: Patience | None = None) -> None:
        self.limits, self.patience = limits or PaymentLimits(), patience or Patience()
        self.rows: dict[Name, bytes] = {}
        self.room = Room()
        self.balances: Counter[str] = Counter()
        self.moves: list[tuple[LedgerMove, int]] = []
        self.moved: dict[str, LedgerMove] = {}
        self.asks: list[Ask] = []
        self.codes: list[PaymentCode] = []

    def payment(self, name: Name) -> Deposit | Withdrawal | None:
        """Read a payment's row."""
        row = self.rows.get(name)
        return None if row is None else msgspec.msgpack.decode(row, type=Deposit | Withdrawal)

    def payments(self) -> dict[Name, Deposit | Withdrawal]:
        """Read every row."""
        return {name: msgspec.msgpack.decode(row, type=Deposit | Withdrawal) for name, row in self.rows.items()}

    def command(self, asked: Command, at: int) -> PaymentCode | None:
        """Take a customer's command."""
        return self._step((asked.customer_id, asked.payment_id), asked, at)

    def refund(self, name: Name, asked: RefundAsked, at: int) -> PaymentCode | None:
        """Take the command to refund a deposit."""
        return self._step(name, asked, at)

    def hear(self, said: Answered | Unanswered, at: int) -> PaymentCode | None:
        """Take the provider's word, wherever it comes from, or that there was none."""
        name = payment_of(key_of(said))
        if name is None or name not in self.rows:
            return PaymentCode.PAYMENT_UNKNOWN
        return self._step(name, said, at)

    def tick(self, at: int) -> None:
        """Let time pass."""
        for name in list(self.rows):
            self._step(name, Tick(), at)

    def due_at(self) -> int | None:
        """Return when time matters next."""
        times = [due_at(payment, self.patience) for payment in self.payments().values()]
        return min((each for each in times if each is not None), default=None)

    def lines(self) -> list[PaymentLine]:
        """Return the ledger's side of a reconciliation."""
        return ledger_lines(self.moves)

    def _step(
        self, name: Name, said: Command | RefundAsked | LedgerAnswered | Answered | Unanswered | Tick, at: int
    ) -> PaymentCode | None:
        state = self.payment(name)
        if isinstance(state, Withdrawal) or (state is None and isinstance(said, WithdrawalAsked)):
            assert not isinstance(said, DepositAsked | RefundAsked)
            assert not isinstance(state, Deposit)
            step = on_withdrawal(state, said, at, self.patience)
            after: Deposit | Withdrawal | None = step.state
        else:
            assert not isinstance(said, WithdrawalAsked)
            paid_in = on_deposit(state, said, at, self.patience)
            step, after = paid_in, paid_in.state  # type: ignore[assignment]
        if after is not None:
            self.rows[name] = msgspec.msgpack.encode(after)
        self.asks.extend(step.asks)
        if step.code is not None:
            self.codes.append(step.code)
        code = step.code
        for move in step.moves:
            answer = self._move(move, at)
            if move.kind in {MoveKind.ADMIT, MoveKind.HOLD}:
                code = self._step(name, LedgerAnswered(move_id=move.move_id, code=answer), at) or code
        return code

    def _move(self, move: LedgerMove, at: int) -> PaymentCode | None:
        """Do a move once, or say why it is refused."""
        if move.move_id in self.moved:
            assert self.moved[move.move_id] == move
            return None
        held, free = self.balances[HELD], self.balances[CASH]
        account = AccountState(
            customer_id=move.customer_id, currency=CURRENCY, balance_minor=free + held, reserved_minor=held
        )
        fault = None
        match move.kind:
            case MoveKind.ADMIT:
                self.room, fault = admit(self.room, move, account, self.limits, currency=CURRENCY, at=at)
            case MoveKind.RESCIND:
                self.room = rescind(self.room, move)
            case MoveKind.HOLD:
                fault = hold_fault(move, account)
            case MoveKind.CREDIT:
                self.room = settle(self.room, move)
        if fault is not None:
            return fault
        self.moved[move.move_id] = move
        self.moves.append((move, at))
        if move.kind in ROUTES:
            from_, to = ROUTES[move.kind]
            self.balances[from_] -= move.amount_minor
            self.balances[to] += move.amount_minor
            assert min(self.balances[CASH], self.balances[HELD]) >= 0, move
        return None

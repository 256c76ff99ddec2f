"""Payments at work, for the tests: the machines, the ledger that answers them, rows that are bytes in between."""

import msgspec

from domain.money import chart
from domain.money.account import AccountState
from domain.money.book import execute
from domain.money.commands import Command as LedgerCommand
from domain.money.commands import Open, Transfer
from domain.money.entry import Entry
from domain.money.payment_codes import PaymentCode
from domain.money.payment_limits import PaymentLimits, Room, admit, hold_fault, rescind, settle
from domain.money.payment_lines import ledger_lines
from domain.money.payment_postings import code_of, command_of
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
from domain.money.rows import Books, put
from domain.money.transfer_codes import Result

CURRENCY = "GBP"
CUSTOMER = "ann"
CLEARING, CASH, HELD = chart.CLEARING, chart.cash(CUSTOMER), chart.held(chart.cash(CUSTOMER))
Command = DepositAsked | WithdrawalAsked
Name = tuple[str, str]


class Desk:
    """One customer's partition: `asks` is what is still to be carried out."""

    def __init__(self, limits: PaymentLimits | None = None, patience: Patience | None = None) -> None:
        self.limits, self.patience = limits or PaymentLimits(), patience or Patience()
        self.rows: dict[Name, bytes] = {}
        self.room = Room()
        self.books, self.entries = Books({}, {}), list[Entry]()
        for account in (CLEARING, CASH, chart.PROFIT):
            assert self._book(Open(account=account, currency=CURRENCY), 0) is Result.CREATED
        self.moves: list[tuple[LedgerMove, int]] = []
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

    @property
    def balances(self) -> dict[str, int]:
        """Return what the ledger's accounts hold."""
        rows = self.books.accounts
        return {name: rows[name].balance_minor if name in rows else 0 for name in (CASH, HELD, CLEARING)}

    def bet(self, won_minor: int, at: int) -> None:
        """Win some money of the house, or lose some."""
        pair = (chart.PROFIT, CASH) if won_minor > 0 else (CASH, chart.PROFIT)
        command = Transfer(
            id=f"bet {len(self.entries)}", debit_account=pair[0], credit_account=pair[1],
            amount_minor=abs(won_minor), currency=CURRENCY,
        )  # fmt: skip
        assert self._book(command, at) is Result.CREATED

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
        command = command_of(move)
        if command is None:
            return self._make_room(move, at)
        expected = hold_fault(move, self._account()) if move.kind is MoveKind.HOLD else None
        result = self._book(command, at)
        code = code_of(move, result)
        if result is Result.CREATED:
            assert expected is None
            self.moves.append((move, at))
            if move.kind is MoveKind.CREDIT:
                self.room = settle(self.room, move)
        return code

    def _make_room(self, move: LedgerMove, at: int) -> PaymentCode | None:
        if move.kind is MoveKind.RESCIND:
            self.room = rescind(self.room, move)
            return None
        self.room, fault = admit(self.room, move, self._account(), self.limits, currency=CURRENCY, at=at)
        return fault

    def _account(self) -> AccountState:
        held = self.balances[HELD]
        return AccountState(
            customer_id=CUSTOMER, currency=CURRENCY, balance_minor=self.balances[CASH] + held, reserved_minor=held
        )

    def _book(self, command: LedgerCommand, at: int) -> Result:
        step = execute(self.books, command, at)
        self.books = put(self.books, step)
        self.entries += step.entries
        return step.result

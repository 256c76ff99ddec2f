"""Payments for the tests, and hands that play the ledger and the provider."""

from domain.money.payment_codes import PaymentCode
from domain.money.payment_terms import (
    Answered,
    Ask,
    DepositAsked,
    LedgerAnswered,
    LedgerMove,
    MoveKind,
    Outcome,
    Said,
    Step,
    WithdrawalAsked,
)
from domain.money.payments import Deposit, Withdrawal, on_deposit, on_withdrawal

T0 = 1_700_000_000_000_000
SECOND = 1_000_000
DEPOSIT = DepositAsked(payment_id="p1", customer_id="ann", currency="GBP", amount_minor=5_000)
WITHDRAWAL = WithdrawalAsked(payment_id="w1", customer_id="ann", currency="GBP", amount_minor=2_000)


def says(ask: Ask, outcome: Outcome = Outcome.DONE, **changes: object) -> Answered:
    """Let the provider say something of what it was asked."""
    said = {"key": ask.key, "outcome": outcome, "amount_minor": ask.amount_minor, "currency": ask.currency}
    return Answered(said=Said(**(said | changes)))  # type: ignore[arg-type]


def answers(move: LedgerMove, code: PaymentCode | None = None) -> LedgerAnswered:
    """Let the ledger answer a move."""
    return LedgerAnswered(move_id=move.move_id, code=code)


def kinds(step: Step[Deposit] | Step[Withdrawal]) -> list[MoveKind]:
    """Return what the ledger is to do."""
    return [move.kind for move in step.moves]


def authorising() -> tuple[Deposit, Ask]:
    """Return a deposit that the ledger admitted, and what was asked of the provider."""
    step = on_deposit(None, DEPOSIT, T0)
    assert step.state
    step = on_deposit(step.state, answers(step.moves[0]), T0)
    assert step.state
    return step.state, step.asks[0]


def capturing() -> tuple[Deposit, Ask]:
    """Return a deposit that the provider authorised, and what was asked of it then."""
    deposit, ask = authorising()
    step = on_deposit(deposit, says(ask), T0)
    assert step.state
    return step.state, step.asks[0]


def captured() -> Deposit:
    """Return a deposit that is credited."""
    deposit, ask = capturing()
    after = on_deposit(deposit, says(ask), T0).state
    assert after
    return after


def paying() -> tuple[Withdrawal, Ask]:
    """Return a withdrawal whose money is held, and what was asked of the provider."""
    step = on_withdrawal(None, WITHDRAWAL, T0)
    assert step.state
    step = on_withdrawal(step.state, answers(step.moves[0]), T0)
    assert step.state
    return step.state, step.asks[0]

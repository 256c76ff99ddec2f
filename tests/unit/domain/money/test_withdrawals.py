"""A withdrawal: the money is held first, leaves once, and comes back once if it comes back."""

import msgspec
import pytest

from domain.money.payment_codes import PaymentCode
from domain.money.payment_outflow import OutflowStatus
from domain.money.payment_terms import LedgerAnswered, MoveKind, Outcome, Tick, Unanswered, Verb
from domain.money.payments import due_at, on_withdrawal, unresolved_since
from tests.unit.domain.money.payment_samples import SECOND, T0, WITHDRAWAL, answers, kinds, paying, says


def test_the_money_is_held_before_anybody_is_asked() -> None:
    step = on_withdrawal(None, WITHDRAWAL, T0)

    assert (kinds(step), step.asks) == ([MoveKind.HOLD], ())
    step = on_withdrawal(step.state, answers(step.moves[0]), T0)
    assert [(ask.verb, ask.key) for ask in step.asks] == [(Verb.PAYOUT, "ann/w1/payout")]


def test_what_cannot_be_held_is_refused() -> None:
    opened = on_withdrawal(None, WITHDRAWAL, T0)

    step = on_withdrawal(opened.state, answers(opened.moves[0], PaymentCode.INSUFFICIENT_BALANCE), T0)

    assert step.state
    assert (step.state.outflow.status, step.asks) == (OutflowStatus.REFUSED, ())
    assert step.code is PaymentCode.INSUFFICIENT_BALANCE


@pytest.mark.parametrize(
    ("said", "moved", "status"),
    [
        ([Outcome.DONE], [MoveKind.POST], OutflowStatus.PAID),
        ([Outcome.DECLINED], [MoveKind.RELEASE], OutflowStatus.DECLINED),
        ([Outcome.PENDING, Outcome.DONE, Outcome.DONE], [MoveKind.POST], OutflowStatus.PAID),
        ([Outcome.DONE, Outcome.PENDING], [MoveKind.POST], OutflowStatus.PAID),
        ([Outcome.DONE, Outcome.RETURNED], [MoveKind.POST, MoveKind.RETURN], OutflowStatus.RETURNED),
        ([Outcome.RETURNED, Outcome.DONE], [MoveKind.POST, MoveKind.RETURN], OutflowStatus.RETURNED),
        ([Outcome.RETURNED, Outcome.RETURNED], [MoveKind.POST, MoveKind.RETURN], OutflowStatus.RETURNED),
    ],
)
def test_money_moves_once_in_whatever_order_it_is_told(
    said: list[Outcome], moved: list[MoveKind], status: OutflowStatus
) -> None:
    state, ask = paying()
    moves: list[MoveKind] = []

    for outcome in said:
        step = on_withdrawal(state, says(ask, outcome), T0)
        state, moves = step.state or state, [*moves, *kinds(step)]

    assert (moves, state.outflow.status) == (moved, status)


def test_money_that_was_released_is_not_paid_out_by_a_second_thought() -> None:
    state, ask = paying()
    state = on_withdrawal(state, says(ask, Outcome.DECLINED), T0).state or state

    step = on_withdrawal(state, says(ask, Outcome.DONE), T0)

    assert (step.state, step.moves, step.code) == (None, (), PaymentCode.CONTRADICTS)


def test_a_payout_that_was_not_answered_keeps_the_money_held() -> None:
    state, ask = paying()
    state = on_withdrawal(state, Unanswered(key=ask.key), T0).state or state
    due = due_at(state)
    assert due

    step = on_withdrawal(state, Tick(), due)

    assert (kinds(step), [each.query for each in step.asks]) == ([], [True])
    assert unresolved_since(state) == T0
    assert kinds(on_withdrawal(step.state, says(ask), due + SECOND)) == [MoveKind.POST]


def test_a_hold_whose_answer_was_lost_is_asked_for_again_under_its_id() -> None:
    opened = on_withdrawal(None, WITHDRAWAL, T0)

    assert on_withdrawal(opened.state, Tick(), T0 + 1).moves == opened.moves


def test_a_hold_answered_twice_asks_once() -> None:
    state, _ = paying()

    step = on_withdrawal(state, LedgerAnswered(move_id="ann/w1/hold"), T0)

    assert (step.state, step.asks) == (None, ())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, PaymentCode.EXISTS),
        ({"amount_minor": 1}, PaymentCode.EXISTS_WITH_DIFFERENT_AMOUNT),
        ({"currency": "EUR"}, PaymentCode.EXISTS_WITH_DIFFERENT_CURRENCY),
    ],
)
def test_a_command_that_comes_again_does_nothing_more(changes: dict[str, object], code: PaymentCode) -> None:
    state, _ = paying()

    step = on_withdrawal(state, msgspec.structs.replace(WITHDRAWAL, **changes), T0)

    assert (step.state, step.asks, step.moves, step.code) == (None, (), (), code)


def test_a_withdrawal_of_nothing_is_refused() -> None:
    step = on_withdrawal(None, msgspec.structs.replace(WITHDRAWAL, amount_minor=0), T0)

    assert (step.state, step.code) == (None, PaymentCode.AMOUNT_NOT_POSITIVE)


def test_words_about_another_payment_are_refused() -> None:
    state, ask = paying()

    assert on_withdrawal(None, says(ask), T0).code is PaymentCode.PAYMENT_UNKNOWN
    assert on_withdrawal(state, Unanswered(key="bob/w1/payout"), T0).code is PaymentCode.REQUEST_UNKNOWN
    assert on_withdrawal(state, LedgerAnswered(move_id="bob/w1/hold"), T0).code is PaymentCode.MOVE_UNKNOWN

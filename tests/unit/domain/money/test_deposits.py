"""A deposit: credited on capture alone, once, whatever the provider says, how often and in which order."""

from itertools import pairwise
from typing import Any

import msgspec
import pytest

from domain.errors import ContractViolation
from domain.money.payment_codes import PaymentCode
from domain.money.payment_deposit import MOST_REFUNDS
from domain.money.payment_outflow import OutflowStatus
from domain.money.payment_request import Known
from domain.money.payment_terms import (
    Ask,
    LedgerAnswered,
    MoveKind,
    Outcome,
    Patience,
    RefundAsked,
    Tick,
    Unanswered,
    Verb,
)
from domain.money.payments import DepositStatus, due_at, on_deposit, payment_of, unresolved_since
from tests.unit.domain.money.payment_samples import (
    DEPOSIT,
    SECOND,
    T0,
    answers,
    authorising,
    captured,
    capturing,
    kinds,
    says,
)


def test_the_provider_is_asked_only_when_the_ledger_has_admitted_it() -> None:
    step = on_deposit(None, DEPOSIT, T0)

    assert kinds(step) == [MoveKind.ADMIT]
    assert step.asks == ()
    assert step.state
    step = on_deposit(step.state, answers(step.moves[0]), T0)
    assert [(ask.verb, ask.key, ask.amount_minor) for ask in step.asks] == [(Verb.AUTHORISE, "ann/p1/authorise", 5_000)]


def test_what_the_ledger_refuses_is_never_asked_for() -> None:
    opened = on_deposit(None, DEPOSIT, T0)
    assert opened.state

    step = on_deposit(opened.state, answers(opened.moves[0], PaymentCode.DEPOSIT_DAY_LIMIT), T0)

    assert step.state
    assert (step.state.status, step.code, step.asks) == (DepositStatus.REFUSED, PaymentCode.DEPOSIT_DAY_LIMIT, ())
    assert on_deposit(step.state, answers(opened.moves[0]), T0).state is None


def test_authorised_money_is_captured_and_only_captured_money_is_credited() -> None:
    deposit, ask = authorising()

    step = on_deposit(deposit, says(ask), T0)

    assert (kinds(step), [(ask.verb, ask.of) for ask in step.asks]) == ([], [(Verb.CAPTURE, "ann/p1/authorise")])
    assert step.state
    step = on_deposit(step.state, says(step.asks[0]), T0)
    assert kinds(step) == [MoveKind.CREDIT]
    assert step.moves[0].move_id == "ann/p1/credit"
    assert step.moves[0].key == "ann/p1/capture"


def test_what_is_pending_is_neither_captured_nor_credited() -> None:
    for deposit, ask in (authorising(), capturing()):
        step = on_deposit(deposit, says(ask, Outcome.PENDING), T0)

        assert (step.asks, step.moves, step.code) == ((), (), None)


def test_a_capture_said_twice_credits_once() -> None:
    deposit, ask = capturing()
    after = on_deposit(deposit, says(ask), T0).state

    again = on_deposit(after, says(ask), T0)

    assert (again.state, again.moves, again.code) == (None, (), None)


@pytest.mark.parametrize("outcome", [Outcome.PENDING, Outcome.UNHEARD_OF])
def test_a_word_that_was_overtaken_does_not_undo_a_capture(outcome: Outcome) -> None:
    _, ask = capturing()

    step = on_deposit(captured(), says(ask, outcome), T0)

    assert (step.state, step.moves, step.code) == (None, (), None)


@pytest.mark.parametrize("outcome", [Outcome.DECLINED, Outcome.RETURNED])
def test_a_capture_that_the_provider_takes_back_is_a_contradiction(outcome: Outcome) -> None:
    _, ask = capturing()

    step = on_deposit(captured(), says(ask, outcome), T0)

    assert (step.state, step.moves, step.code) == (None, (), PaymentCode.CONTRADICTS)


def test_a_declined_authorisation_gives_the_room_back() -> None:
    deposit, ask = authorising()

    step = on_deposit(deposit, says(ask, Outcome.DECLINED, reason="CARD_EXPIRED"), T0)

    assert step.state
    assert step.state.authorise
    assert (step.state.status, step.state.authorise.reason) == (DepositStatus.DECLINED, "CARD_EXPIRED")
    assert kinds(step) == [MoveKind.RESCIND]


def test_a_declined_capture_credits_nothing_and_gives_the_room_back() -> None:
    deposit, ask = capturing()

    step = on_deposit(deposit, says(ask, Outcome.DECLINED), T0)

    assert step.state
    assert (step.state.status, kinds(step)) == (DepositStatus.DECLINED, [MoveKind.RESCIND])


def test_a_request_that_was_not_answered_stays_unknown_and_is_asked_after() -> None:
    deposit, ask = capturing()
    missed = on_deposit(deposit, Unanswered(key=ask.key), T0).state
    assert missed
    assert missed.capture
    due = due_at(missed)

    assert missed.capture.known is Known.UNKNOWN
    assert due == T0 + 5 * SECOND
    assert on_deposit(missed, Tick(), due - 1).asks == ()
    step = on_deposit(missed, Tick(), due)
    assert [(each.key, each.query) for each in step.asks] == [(ask.key, True)]


def test_a_crash_before_the_asking_is_found_by_the_next_tick() -> None:
    deposit, ask = capturing()

    step = on_deposit(deposit, Tick(), T0 + 30 * SECOND)

    assert [(each.key, each.query) for each in step.asks] == [(ask.key, True)]


def test_what_the_provider_never_heard_of_is_asked_again_with_the_same_key() -> None:
    deposit, ask = capturing()

    step = on_deposit(deposit, says(ask, Outcome.UNHEARD_OF, amount_minor=0, currency=""), T0)

    assert step.asks == (ask,)
    assert step.state
    assert kinds(on_deposit(step.state, says(ask), T0)) == [MoveKind.CREDIT]


def test_asking_goes_on_for_ever_but_ever_more_slowly() -> None:
    deposit, _ = capturing()
    times = []
    for _ in range(60):
        at = due_at(deposit)
        assert at
        times.append(at)
        deposit = on_deposit(deposit, Tick(), at).state or deposit

    waits = [later - earlier for earlier, later in pairwise(times)]
    assert waits == sorted(waits)
    assert max(waits) == (900 + 30) * SECOND
    assert unresolved_since(deposit) == T0


def test_a_deposit_that_nobody_authorises_lapses_and_is_not_captured_later() -> None:
    deposit, ask = authorising()
    patience = Patience(authorise_us=60 * SECOND)

    step = on_deposit(deposit, Tick(), T0 + 60 * SECOND, patience)

    assert step.state
    assert (step.state.status, kinds(step), due_at(step.state)) == (DepositStatus.LAPSED, [MoveKind.RESCIND], None)
    late = on_deposit(step.state, says(ask), T0 + 61 * SECOND, patience)
    assert (late.asks, late.moves, late.code) == ((), (), PaymentCode.LAPSED)
    unheard = on_deposit(step.state, says(ask, Outcome.UNHEARD_OF), T0, patience)
    assert (unheard.asks, unheard.moves) == ((), ())


def test_a_capture_is_never_given_up() -> None:
    deposit, _ = capturing()

    step = on_deposit(deposit, Tick(), T0 + 365 * 86_400 * SECOND)

    assert step.state
    assert (step.state.status, [ask.query for ask in step.asks]) == (DepositStatus.CAPTURING, [True])


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"amount_minor": 4_999}, PaymentCode.AMOUNT_DIFFERS), ({"currency": "EUR"}, PaymentCode.CURRENCY_DIFFERS)],
)
def test_a_capture_of_something_else_is_refused(changes: dict[str, Any], code: PaymentCode) -> None:
    deposit, ask = capturing()

    step = on_deposit(deposit, says(ask, **changes), T0)

    assert (step.state, step.moves, step.code) == (None, (), code)


def test_words_about_what_was_never_asked_are_refused() -> None:
    deposit, ask = authorising()
    capture = msgspec.structs.replace(ask, key="ann/p1/capture")

    assert on_deposit(deposit, says(capture), T0).code is PaymentCode.REQUEST_UNKNOWN
    assert on_deposit(deposit, Unanswered(key="ann/p2/capture"), T0).code is PaymentCode.REQUEST_UNKNOWN
    assert on_deposit(deposit, LedgerAnswered(move_id="ann/p1/hold"), T0).code is PaymentCode.MOVE_UNKNOWN
    assert on_deposit(None, says(ask), T0).code is PaymentCode.PAYMENT_UNKNOWN


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, PaymentCode.EXISTS),
        ({"amount_minor": 5_001}, PaymentCode.EXISTS_WITH_DIFFERENT_AMOUNT),
        ({"currency": "EUR"}, PaymentCode.EXISTS_WITH_DIFFERENT_CURRENCY),
        ({"customer_id": "bob"}, PaymentCode.EXISTS_WITH_DIFFERENT_CUSTOMER),
    ],
)
def test_a_command_that_comes_again_does_nothing_more(changes: dict[str, Any], code: PaymentCode) -> None:
    step = on_deposit(captured(), msgspec.structs.replace(DEPOSIT, **changes), T0)

    assert (step.state, step.asks, step.moves, step.code) == (None, (), (), code)


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (0, PaymentCode.AMOUNT_NOT_POSITIVE),
        (-1, PaymentCode.AMOUNT_NOT_POSITIVE),
        (10**15 + 1, PaymentCode.AMOUNT_ABOVE_LIMIT),
    ],
)
def test_an_amount_that_nobody_pays_is_refused(amount: int, code: PaymentCode) -> None:
    step = on_deposit(None, msgspec.structs.replace(DEPOSIT, amount_minor=amount), T0)

    assert (step.state, step.moves, step.code) == (None, (), code)


def test_an_id_that_could_be_read_as_another_is_rejected() -> None:
    with pytest.raises(ContractViolation):
        on_deposit(None, msgspec.structs.replace(DEPOSIT, payment_id="p1/r1"), T0)


def test_a_refund_holds_the_money_before_it_is_asked_for() -> None:
    step = on_deposit(captured(), RefundAsked(refund_id="r1", amount_minor=2_000), T0)

    assert (kinds(step), step.asks) == ([MoveKind.HOLD], ())
    assert step.state
    step = on_deposit(step.state, answers(step.moves[0]), T0)
    (ask,) = step.asks
    assert (ask.verb, ask.key, ask.of) == (Verb.REFUND, "ann/p1/r1/refund", "ann/p1/capture")
    assert kinds(on_deposit(step.state, says(ask), T0)) == [MoveKind.POST]


def test_a_refund_that_was_bet_away_is_refused_and_can_be_asked_for_anew() -> None:
    step = on_deposit(captured(), RefundAsked(refund_id="r1", amount_minor=5_000), T0)
    step = on_deposit(step.state, answers(step.moves[0], PaymentCode.INSUFFICIENT_BALANCE), T0)

    assert step.state
    assert (step.state.refunds[0].status, step.code) == (OutflowStatus.REFUSED, PaymentCode.INSUFFICIENT_BALANCE)
    assert kinds(on_deposit(step.state, RefundAsked(refund_id="r2", amount_minor=5_000), T0)) == [MoveKind.HOLD]


def test_refunds_together_are_never_more_than_was_captured() -> None:
    state = captured()
    for name, amount in (("r1", 2_000), ("r2", 3_000)):
        state = on_deposit(state, RefundAsked(refund_id=name, amount_minor=amount), T0).state or state

    assert len(state.refunds) == 2
    step = on_deposit(state, RefundAsked(refund_id="r3", amount_minor=1), T0)
    assert (step.state, step.code) == (None, PaymentCode.REFUND_ABOVE_CAPTURE)
    assert on_deposit(state, RefundAsked(refund_id="r1", amount_minor=2_000), T0).code is PaymentCode.EXISTS
    other = on_deposit(state, RefundAsked(refund_id="r1", amount_minor=2_001), T0)
    assert other.code is PaymentCode.EXISTS_WITH_DIFFERENT_AMOUNT


def test_what_is_not_captured_is_not_refunded() -> None:
    deposit, _ = capturing()

    assert on_deposit(deposit, RefundAsked(refund_id="r1", amount_minor=1), T0).code is PaymentCode.NOT_CAPTURED


def test_a_deposit_has_only_so_many_refunds() -> None:
    state = captured()
    for n in range(MOST_REFUNDS):
        step = on_deposit(state, RefundAsked(refund_id=f"r{n}", amount_minor=1), T0)
        state = step.state or state

    step = on_deposit(state, RefundAsked(refund_id="more", amount_minor=1), T0)
    assert step.code is PaymentCode.TOO_MANY_REFUNDS


def test_two_refunds_under_way_are_each_told_their_own() -> None:
    state, asks = captured(), list[Ask]()
    for name in ("r1", "r2"):
        step = on_deposit(state, RefundAsked(refund_id=name, amount_minor=2_000), T0)
        step = on_deposit(step.state, answers(step.moves[0]), T0)
        assert step.state
        state, asks = step.state, [*asks, *step.asks]

    step = on_deposit(state, says(asks[1]), T0)

    assert [move.move_id for move in step.moves] == ["ann/p1/r2/post"]
    assert step.state
    assert [refund.status for refund in step.state.refunds] == [OutflowStatus.PAYING, OutflowStatus.PAID]


def test_a_key_names_its_payment() -> None:
    assert payment_of("ann/p1/capture") == ("ann", "p1")
    assert payment_of("ann/p1/r1/refund") == ("ann", "p1")
    assert payment_of("ann") is None
    assert payment_of("ann/p1") is None

"""Deposits and withdrawals through the accounts' agent: once, whatever is lost, said twice, or comes too late."""

from typing import Any

import pytest

from bookstream import topics
from bookstream.codecs import decode
from domain.events.payments import Payment, PaymentAsk
from domain.money.payment_limits import PaymentLimits
from domain.money.payment_rules import PaymentRules
from domain.money.payment_terms import Outcome
from tests.unit.agents.payment_story import NOW, SECOND, PaymentStory


@pytest.fixture
def story() -> PaymentStory:
    """Give ann a hundred pounds that she paid in."""
    made = PaymentStory()
    made.pay("DEPOSIT", "d1", 10_000)
    made.cashier()
    return made


def test_a_deposit_is_authorised_then_captured_then_credited(story: PaymentStory) -> None:
    assert story.statuses("d1") == ["AUTHORISING", "CAPTURING", "CAPTURED"]
    assert (story.account(), story.entries()) == ((10_000, 0), ["DEPOSIT"])
    assert [ask.verb for ask in story.said(topics.PAYMENT_ASKS, PaymentAsk)] == ["AUTHORISE", "CAPTURE"]
    assert story.proved()["payment as in the table"] == 1


def test_a_withdrawal_is_held_before_it_is_asked_for_and_gone_when_it_is_paid(story: PaymentStory) -> None:
    story.pay("WITHDRAWAL", "w1", 4_000)
    assert story.account() == (10_000, 4_000)
    assert story.proved()
    story.cashier()
    assert (story.statuses("w1"), story.account()) == (["PAYING", "PAID"], (6_000, 0))
    assert story.entries() == ["DEPOSIT", "WITHDRAWAL_HELD", "WITHDRAWN"]
    assert story.proved()["the bank holds what was paid in"] == 1


def test_a_withdrawal_that_is_declined_is_released_and_one_that_comes_back_is_credited_again(
    story: PaymentStory,
) -> None:
    story.outcomes.extend((Outcome.DECLINED, Outcome.DONE))
    story.pay("WITHDRAWAL", "w1", 4_000)
    story.pay("WITHDRAWAL", "w2", 5_000)
    story.cashier()
    assert story.account() == (5_000, 0)
    declined = [each for each in story.said(topics.PAYMENTS, Payment) if each.payment_id == "w1"][-1]
    assert (declined.status, declined.code, declined.reason) == ("DECLINED", "DECLINED", "DO_NOT_HONOUR")
    story.book.finish("ann/w2/payout", Outcome.RETURNED, story.now)
    story.webhook("ann/w2/payout")
    story.webhook("ann/w2/payout")
    assert (story.statuses("w2")[-1], story.account()) == ("RETURNED", (10_000, 0))
    assert story.entries()[-1] == "WITHDRAWAL_RETURNED"
    assert story.proved()


def test_an_answer_that_is_lost_is_asked_after_when_its_time_has_come(story: PaymentStory) -> None:
    story.outcomes.append(None)
    story.pay("WITHDRAWAL", "w1", 4_000)
    story.cashier()
    assert story.statuses("w1") == ["PAYING"]
    story.clock(1)
    assert len(story.said(topics.PAYMENT_ASKS, PaymentAsk)) == 3
    story.clock(10)
    story.cashier()
    assert story.said(topics.PAYMENT_ASKS, PaymentAsk)[-1].query
    assert (story.statuses("w1"), story.account()) == (["PAYING", "PAID"], (6_000, 0))
    assert story.proved()


def test_a_request_that_never_arrived_is_asked_again_under_the_same_key(story: PaymentStory) -> None:
    story.pay("WITHDRAWAL", "w1", 4_000)
    assert story.next_ask() is not None
    story.clock(31)
    story.cashier()
    asks = story.said(topics.PAYMENT_ASKS, PaymentAsk)[2:]
    assert [(ask.request_key, ask.query) for ask in asks] == [
        ("ann/w1/payout", False), ("ann/w1/payout", True), ("ann/w1/payout", False)
    ]  # fmt: skip
    assert len({ask.event_id for ask in asks}) == 3
    assert (story.account(), story.book.kept["ann/w1/payout"].times) == ((6_000, 0), 1)
    assert story.proved()


def test_everything_that_is_delivered_again_moves_nothing(story: PaymentStory) -> None:
    story.pay("WITHDRAWAL", "w1", 4_000)
    story.cashier()
    before = (story.account(), story.entries())
    for topic in (topics.PAYMENT_REQUESTS, topics.PAYMENT_ANSWERS):
        for record in list(story.log.records(topic.name)):
            story.log.send(topic.name, record.key, record.value)
    story.log.run()
    story.cashier(again=True)
    story.clock(7200)
    story.cashier()
    assert (story.account(), story.entries()) == before
    assert story.proved()


def test_a_command_that_comes_again_is_answered_again_byte_for_byte(story: PaymentStory) -> None:
    answered = story.log.records(topics.PAYMENTS.name)[-1].value
    story.clock(5)
    story.pay("DEPOSIT", "d1", 10_000)
    assert story.log.records(topics.PAYMENTS.name)[-1].value == answered
    assert (story.refusals(), story.statuses("d1")[-2:]) == ([], ["CAPTURED", "CAPTURED"])


@pytest.mark.parametrize(
    ("command", "changes", "code"),
    [
        (("DEPOSIT", "d1", 9_999), {}, "EXISTS_WITH_DIFFERENT_AMOUNT"),
        (("DEPOSIT", "d1", 10_000), {"currency": "EUR"}, "EXISTS_WITH_DIFFERENT_CURRENCY"),
        (("WITHDRAWAL", "d1", 10_000), {}, "EXISTS_WITH_DIFFERENT_KIND"),
        (("DEPOSIT", "x", 0), {}, "AMOUNT_NOT_POSITIVE"),
        (("WITHDRAWAL", "x", -5), {}, "AMOUNT_NOT_POSITIVE"),
        (("DEPOSIT", "x", 2**63 - 1), {}, "AMOUNT_ABOVE_LIMIT"),
        (("WITHDRAWAL", "x", 1), {"token": "forged"}, "TOKEN_INVALID"),
        (("WITHDRAWAL", "x", 1), {"token": ""}, "TOKEN_MISSING"),
        (("WITHDRAWAL", "x", 1), {"received_at": NOW + 10**13}, "TOKEN_EXPIRED"),
    ],
)
def test_a_command_that_cannot_be_is_refused_with_its_code_and_changes_nothing(
    story: PaymentStory, command: tuple[str, str, int], changes: dict[str, Any], code: str
) -> None:
    rows = story.rows()
    before = (story.account(), story.entries(), story.statuses("d1"))
    story.pay(*command, **changes)
    assert story.refusals() == [("REQUEST", code)]
    assert (story.account(), story.entries(), story.statuses("d1")) == before
    assert (story.statuses("x"), story.rows()) == ([], rows)


def test_a_token_of_another_customer_moves_nobody_s_money(story: PaymentStory) -> None:
    bens = story.signer.mint("ben", issued_at=NOW - SECOND, expires_at=NOW + 10**12)
    story.pay("WITHDRAWAL", "w1", 4_000, token=bens)
    assert story.refusals() == [("REQUEST", "TOKEN_OTHER_CUSTOMER")]
    assert (story.account(), story.statuses("w1")) == ((10_000, 0), [])


@pytest.mark.parametrize(
    ("kind", "amount", "changes", "code"),
    [
        ("WITHDRAWAL", 10_001, {}, "INSUFFICIENT_BALANCE"),
        ("WITHDRAWAL", 5, {"currency": "EUR"}, "CURRENCY_MISMATCH"),
        ("DEPOSIT", 5, {"currency": "EUR"}, "CURRENCY_MISMATCH"),
        ("DEPOSIT", 10**15, {}, "BALANCE_LIMIT"),
    ],
)
def test_what_the_ledger_refuses_is_said_of_the_payment_and_nobody_is_asked(
    story: PaymentStory, kind: str, amount: int, changes: dict[str, Any], code: str
) -> None:
    asked = len(story.said(topics.PAYMENT_ASKS, PaymentAsk))
    story.pay(kind, "p", amount, **changes)
    last = story.said(topics.PAYMENTS, Payment)[-1]
    assert (last.payment_id, last.status, last.code) == ("p", "REFUSED", code)
    assert len(story.said(topics.PAYMENT_ASKS, PaymentAsk)) == asked
    assert (story.account(), story.entries()) == ((10_000, 0), ["DEPOSIT"])
    assert story.proved()


def test_money_of_nobody_is_not_paid_out(story: PaymentStory) -> None:
    story.pay("WITHDRAWAL", "w", 5, customer="nobody")
    last = story.said(topics.PAYMENTS, Payment)[-1]
    assert (last.status, last.code) == ("REFUSED", "ACCOUNT_UNKNOWN")
    assert story.proved()


def test_deposits_of_a_day_stay_below_the_customer_s_limit_also_while_they_are_under_way() -> None:
    limits = {"ann": PaymentLimits(deposit_day_minor=1_500)}
    story = PaymentStory(PaymentRules(has_provider=True, customers=limits))
    for n in range(3):
        story.pay("DEPOSIT", f"d{n}", 700)
    assert [story.statuses(f"d{n}") for n in range(3)] == [["AUTHORISING"], ["AUTHORISING"], ["REFUSED"]]
    story.outcomes.append(Outcome.DECLINED)
    story.cashier()
    story.pay("DEPOSIT", "instead", 800)
    assert story.statuses("instead") == ["AUTHORISING"]


def test_without_a_provider_nothing_new_is_begun() -> None:
    story = PaymentStory(PaymentRules())
    story.pay("DEPOSIT", "d1", 100)
    assert (story.refusals(), story.log.records(topics.PAYMENTS.name)) == ([("REQUEST", "NO_PROVIDER")], [])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount_minor": 9_000}, "AMOUNT_DIFFERS"),
        ({"currency": "EUR"}, "CURRENCY_DIFFERS"),
        ({"outcome": "DECLINED"}, "CONTRADICTS"),
        ({"payment_id": "d9", "request_key": "ann/d9/capture"}, "PAYMENT_UNKNOWN"),
        ({"request_key": "ann/d1/refund"}, "REQUEST_UNKNOWN"),
    ],
)
def test_words_of_the_provider_that_cannot_be_true_are_refused(
    story: PaymentStory, changes: dict[str, Any], code: str
) -> None:
    story.webhook("ann/d1/capture", **changes)
    assert story.refusals() == [("ANSWER", code)]
    assert (story.account(), story.entries()) == ((10_000, 0), ["DEPOSIT"])
    assert story.proved()


def test_an_answer_about_another_s_payment_is_a_dead_letter(story: PaymentStory) -> None:
    story.webhook("ann/d1/capture", request_key="ben/d1/capture")
    story.pay("DEPOSIT", "a/b", 5)
    assert len(story.log.records(topics.DEAD_LETTERS.name)) == 2


def test_a_deposit_that_nobody_authorises_is_given_up_and_its_room_given_back(story: PaymentStory) -> None:
    story.outcomes.append(Outcome.PENDING)
    story.pay("DEPOSIT", "d2", 500)
    story.cashier()
    story.clock(1801)
    assert story.statuses("d2")[-1] == "LAPSED"
    record = story.log.records(topics.PAYMENTS.name)[-1]
    assert decode(Payment, record.value or b"").unknown_since_at is None
    story.clock(100_000)
    assert len(story.said(topics.PAYMENT_ASKS, PaymentAsk)) == 3
    assert story.proved()

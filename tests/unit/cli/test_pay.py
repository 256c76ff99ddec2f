"""`bookstream pay`: what is told of a payment, and the provider's statement of a day against the ledger."""

import asyncio
import datetime as dt
import threading
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self

import pytest

from bookstream import topics
from bookstream.cli import pay, pay_reconcile
from bookstream.delivery.api import Record
from bookstream.faults.payments import PaymentSandbox
from connectors.payments.messages import Order
from domain.events.head import Event
from domain.events.payments import PaymentRequest
from domain.money.payment_terms import Verb
from tests.unit.agents.payment_story import PaymentStory
from tests.unit.cli.conftest import Run

SECRET = "the webhooks' own secret"


class Sent:
    """An outlet into the story's log, whose cashier works at once unless it is `closed`."""

    story: PaymentStory
    closed = False

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def send(self, topic: str, event: Event, _headers: object = ()) -> None:
        self.story.now = max(self.story.now, event.received_at)
        self.story.send(topics.BY_NAME[topic], event)

    def flush(self) -> None:
        if not self.closed:
            self.story.cashier()


class Heard:
    """Answers from the story's log, from when it is entered."""

    story: PaymentStory

    def __init__(self, _address: str, _customer: str, _security: object, names: Sequence[str]) -> None:
        self._names = names

    def __enter__(self) -> Self:
        self._begun = {name: len(self.story.log.records(name)) for name in self._names}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        pass

    def records(self, _seconds: float) -> Iterator[Record]:
        for name in self._names:
            yield from self.story.log.records(name)[self._begun[name] :]


@pytest.fixture
def story(environment: pytest.MonkeyPatch, tmp_path: Any) -> PaymentStory:
    made = PaymentStory()
    made.now = time.time_ns() // 1000
    data = tmp_path / "data"
    data.mkdir()
    made.signer.write(data / "tokens.private.jwks.json", data / "tokens.public.jwks.json")

    def read(_address: str, names: Sequence[str], _security: object = None) -> Iterator[Record]:
        return (record for name in names for record in made.log.records(name))

    environment.setenv("BOOKSTREAM_KAFKA", "memory:1")
    environment.setattr(pay, "Outlet", Sent)
    environment.setattr(pay_reconcile, "Outlet", Sent)
    environment.setattr(pay, "Answers", Heard)
    environment.setattr(pay_reconcile, "read", read)
    environment.setattr(Sent, "story", made, raising=False)
    environment.setattr(Heard, "story", made, raising=False)
    return made


@pytest.fixture
def server(story: PaymentStory, environment: pytest.MonkeyPatch) -> Iterator[PaymentSandbox]:
    """Serve the story's provider from a thread."""
    made = PaymentSandbox("secret-key", SECRET.encode(), book=story.book)
    up, loop = threading.Event(), asyncio.new_event_loop()
    down = asyncio.Event()

    async def serve() -> None:
        async with made.open():
            up.set()
            await down.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert up.wait(5)
    environment.setenv("BOOKSTREAM_PAYMENTS_URL", made.url)
    environment.setenv("BOOKSTREAM_PAYMENTS_KEY", "secret-key")
    environment.setenv("BOOKSTREAM_PAYMENTS_WEBHOOK_SECRETS", SECRET)
    yield made
    loop.call_soon_threadsafe(down.set)
    thread.join(5)
    loop.close()


def test_a_deposit_and_a_withdrawal_are_shown_when_they_are_done(story: PaymentStory, run: Run) -> None:
    ran = run("pay", "deposit", "ann", "100.00", "--json")
    assert (ran.code, ran.json["status"], ran.json["amount_minor"]) == (0, "CAPTURED", 10_000)
    ran = run("pay", "withdraw", "ann", "25")
    assert (ran.code, story.account()) == (0, (7_500, 0))
    assert "PAID" in ran.out
    assert "withdrawal of 25.00 GBP" in ran.out


def test_the_same_command_again_is_answered_and_does_nothing(story: PaymentStory, run: Run) -> None:
    for _ in range(2):
        assert run("pay", "deposit", "ann", "100.00", "--payment-id", "p1", "--json").json["status"] == "CAPTURED"
    assert story.account() == (10_000, 0)
    ran = run("pay", "deposit", "ann", "99.00", "--payment-id", "p1", "--json")
    assert (ran.code, ran.json["status"], ran.json["code"]) == (1, "REFUSED", "EXISTS_WITH_DIFFERENT_AMOUNT")


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("withdraw", "ann", "0.01"), "ACCOUNT_UNKNOWN"),
        (("deposit", "ann", "0"), "AMOUNT_NOT_POSITIVE"),
        (("deposit", "ann", "10000000000000.00"), ""),
    ],
)
def test_what_is_refused_is_shown_with_its_code(story: PaymentStory, run: Run, argv: Sequence[str], code: str) -> None:
    ran = run("pay", *argv, "--json")
    if code:
        assert (ran.code, ran.json["status"], ran.json["code"]) == (1, "REFUSED", code)
    else:
        assert (ran.code, story.account()) == (0, (10**15, 0))


@pytest.mark.parametrize(
    "argv",
    [("deposit", "a/b", "1"), ("deposit", "ann", "x"), ("withdraw", "ann", "1.001"), ("deposit", "ann", "1e99")],
)
def test_what_cannot_be_asked_is_not(story: PaymentStory, run: Run, argv: Sequence[str]) -> None:
    assert run("pay", *argv).code == 2
    assert story.said(topics.PAYMENT_REQUESTS, PaymentRequest) == []


def test_what_is_still_under_way_can_be_asked_for_again(
    story: PaymentStory, environment: pytest.MonkeyPatch, run: Run
) -> None:
    environment.setattr(Sent, "closed", True)
    ran = run("pay", "deposit", "ann", "1", "--payment-id", "p1", "--json")
    assert (ran.code, ran.json["status"]) == (3, "AUTHORISING")
    assert "ask again with --payment-id p1" in ran.sentence
    story.cashier()
    assert run("pay", "deposit", "ann", "1", "--payment-id", "p1", "--json").json["status"] == "CAPTURED"


def test_a_day_is_the_same_on_both_sides(story: PaymentStory, server: PaymentSandbox, run: Run) -> None:
    run("pay", "deposit", "ann", "100")
    run("pay", "withdraw", "ann", "30")
    ran = run("pay", "reconcile", "--json")
    assert (ran.code, ran.json["ok"], ran.json["matched"]) == (0, True, 2)
    assert ran.json["provider_minor"] == ran.json["ledger_minor"] == {"GBP": 7_000}
    assert len(server.requests) == 3
    assert run("pay", "reconcile", "2020-01-01", "--json").json["matched"] == 0


def test_what_the_provider_did_twice_is_a_difference(story: PaymentStory, server: PaymentSandbox, run: Run) -> None:
    run("pay", "deposit", "ann", "100", "--payment-id", "p1")
    server.book.kept["ann/p1/capture"].times = 2
    ran = run("pay", "reconcile", "--json")
    (found,) = ran.json["differences"]
    assert (ran.code, found["class"], found["key"]) == (1, "DUPLICATE_AT_PROVIDER", "ann/p1/capture")
    assert (found["provider_minor"], found["ledger_minor"], ran.json["unexplained_minor"]) == (10_000, 0, {"GBP": 0})
    assert "DUPLICATE_AT_PROVIDER" in run("pay", "reconcile").out


def test_what_was_paid_out_and_is_not_heard_of_yet_is_on_its_way(
    story: PaymentStory, server: PaymentSandbox, environment: pytest.MonkeyPatch, run: Run
) -> None:
    run("pay", "deposit", "ann", "100", "--payment-id", "p1")
    environment.setattr(Sent, "closed", True)
    run("pay", "withdraw", "ann", "30", "--payment-id", "w1", "--wait", "0")
    order = Order(key="ann/w1/payout", customer="ann", currency="GBP", amount=3_000)
    server.book.take(Verb.PAYOUT, order, story.now)
    ran = run("pay", "reconcile", "--json")
    assert {each["key"]: each["class"] for each in ran.json["differences"]} == {"ann/w1/payout": "IN_FLIGHT"}
    assert (ran.code, ran.json["ok"]) == (0, True)
    story.webhook("ann/w1/payout")
    assert story.account() == (7_000, 0)


def test_what_was_lost_altogether_is_found_and_given_to_the_payment(
    story: PaymentStory, server: PaymentSandbox, environment: pytest.MonkeyPatch, run: Run
) -> None:
    environment.setattr(Sent, "closed", True)
    run("pay", "deposit", "ann", "100", "--payment-id", "p1", "--wait", "0")
    long_ago = story.now - 3 * 3_600 * 1_000_000
    for verb, of in ((Verb.AUTHORISE, ""), (Verb.CAPTURE, "ann/p1/authorise")):
        order = Order(key=f"ann/p1/{verb.lower()}", customer="ann", currency="GBP", amount=10_000, of=of)
        server.book.take(verb, order, long_ago)
    story.webhook("ann/p1/authorise")
    day = dt.datetime.fromtimestamp(long_ago / 1e6, dt.UTC).date().isoformat()
    ran = run("pay", "reconcile", day, "--ask-after", "--json")
    (found,) = ran.json["differences"]
    assert (ran.code, found["class"], ran.json["asked_after"]) == (1, "MISSING_IN_LEDGER", 1)
    assert (story.statuses("p1")[-1], story.account()) == ("CAPTURED", (10_000, 0))


def test_without_a_provider_there_is_nothing_to_hold_the_ledger_against(story: PaymentStory, run: Run) -> None:
    ran = run("pay", "reconcile")
    assert ran.code == 2
    assert "BOOKSTREAM_PAYMENTS_URL" in ran.sentence
    assert run("pay", "reconcile", "yesterday").code == 2

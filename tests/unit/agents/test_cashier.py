"""The cashier between the accounts' agent and a provider that misbehaves: money moves once, or not at all."""

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import msgspec
import pytest

from agents.cashier import Cashier
from bookstream import topics
from bookstream.delivery.api import Batch, Headers
from bookstream.faults.payments import Fault, PaymentSandbox, WebhookFault
from bookstream.topics import Topic
from connectors.payments.endpoint import PATH
from connectors.payments.messages import SIGNATURE_HEADER, Operation, Webhook
from connectors.payments.sandbox import Sandbox, SandboxOptions
from connectors.payments.webhooks import header
from connectors.resilience.breaker import CircuitBreaker, Guard
from connectors.resilience.limits import Backoff, Timeouts
from domain.errors import Misconfigured, Unavailable
from domain.events.betting import LedgerEntry
from domain.events.head import Event
from domain.events.payments import PaymentAnswer
from domain.money.payment_entries import entry_lines
from domain.money.payment_terms import Outcome
from domain.money.reconcile import reconcile
from tests.unit.agents.payment_story import PaymentStory

SECRET = b"the webhooks' own secret"


class Till:
    """A story whose asks a cashier carries out at a sandbox; `broken` is what sending answers meets."""

    def __init__(self, story: PaymentStory, server: PaymentSandbox, key: str) -> None:
        self.story, self.server = story, server
        self.broken = False
        self._done = [0] * topics.PARTITIONS
        options = SandboxOptions(
            base_url=server.url, key=key, webhook_secrets=(SECRET,), now=lambda: story.now,
            timeouts=Timeouts(connect_s=2, read_s=0.15, write_s=2),
            backoff=Backoff(initial_s=0.001, maximum_s=0.002, jitter_s=0.0, attempts=2),
        )  # fmt: skip
        guard = Guard(CircuitBreaker(threshold=1000))
        self.client = Sandbox(options, guard)
        self.cashier = Cashier(self.client, self._tell, host="127.0.0.1", port=0, now=lambda: story.now)

    async def work(self, *, commit: bool = True) -> None:
        """Carry out what is asked, until nothing is."""
        more = True
        while more:
            more = False
            for partition, records in enumerate(self.story.log.topics[topics.PAYMENT_ASKS.name]):
                batch = records[self._done[partition] :]
                if batch:
                    await self.cashier.take(Batch(topics.PAYMENT_ASKS.name, partition, batch))
                    more = commit
                    self._done[partition] += len(batch) if commit else 0

    async def settle(self) -> None:
        """Work, and let time pass, until nothing is waited for."""
        for _ in range(12):
            await self.work()
            await self.server.told()
            self.story.clock(60)

    def is_reconciled(self) -> bool:
        """Hold the provider's statement against the ledger."""
        lines = [line.line() for line in self.server.book.statement().lines]
        entries = entry_lines(self.story.said(topics.LEDGER, LedgerEntry))
        found = reconcile(lines, entries, at=self.story.now + 10**12)
        return found.is_clean and bool(self.story.proved())

    async def _tell(self, topic: Topic, event: Event, headers: Headers) -> None:
        assert isinstance(headers, tuple | list)
        if self.broken:
            raise Unavailable("the broker is away")
        self.story.send(topic, event)


@asynccontextmanager
async def till(*, key: str = "secret-key") -> AsyncIterator[Till]:
    story = PaymentStory()
    async with PaymentSandbox("secret-key", SECRET, now=lambda: story.now, late_s=0.3).open() as server:
        made = Till(story, server, key)
        await made.cashier.start()
        server.webhook_url = made.cashier.webhook_url
        try:
            async with made.client:
                yield made
        finally:
            await made.cashier.stop()


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault not in {Fault.DOUBLED, Fault.PENDING}])
@pytest.mark.parametrize("webhooks", [None, WebhookFault.NEVER])
async def test_whatever_befalls_a_withdrawal_it_is_paid_once_or_not_at_all(
    fault: Fault, webhooks: WebhookFault | None
) -> None:
    async with till() as made:
        made.story.pay("DEPOSIT", "d1", 10_000)
        await made.settle()
        assert made.story.account() == (10_000, 0)
        made.server.faults.extend([fault] * 5)
        made.server.webhook_faults.extend([webhooks] * 9)
        made.story.pay("WITHDRAWAL", "w1", 4_000)
        await made.settle()
        declined = fault is Fault.DECLINED
        assert made.story.statuses("w1")[-1] == ("DECLINED" if declined else "PAID")
        assert made.story.account() == (10_000 if declined else 6_000, 0)
        assert made.server.book.kept["ann/w1/payout"].times == 1
        assert made.is_reconciled()


@pytest.mark.parametrize("fault", [Fault.LOST_REQUEST, Fault.LOST_ANSWER, Fault.GARBAGE, Fault.FAILED, Fault.DECLINED])
async def test_whatever_befalls_a_deposit_it_is_credited_once_or_not_at_all(fault: Fault) -> None:
    async with till() as made:
        made.server.faults.extend([None, fault, fault, fault])
        made.story.pay("DEPOSIT", "d1", 10_000)
        await made.settle()
        declined = fault is Fault.DECLINED
        assert made.story.statuses("d1")[-1] == ("DECLINED" if declined else "CAPTURED")
        assert made.story.entries() == ([] if declined else ["DEPOSIT"])
        assert made.is_reconciled()


async def test_an_outage_holds_money_until_the_provider_is_back() -> None:
    async with till() as made:
        made.story.pay("DEPOSIT", "d1", 10_000)
        await made.settle()
        made.server.down = True
        made.story.pay("WITHDRAWAL", "w1", 4_000)
        await made.settle()
        assert (made.story.statuses("w1"), made.story.account()) == (["PAYING"], (10_000, 4_000))
        assert made.story.proved()
        made.server.down = False
        made.story.clock(900)
        await made.settle()
        assert (made.story.statuses("w1")[-1], made.story.account()) == ("PAID", (6_000, 0))
        assert made.is_reconciled()


async def test_a_payment_that_the_provider_did_twice_is_found_by_its_statement() -> None:
    async with till() as made:
        made.server.faults.extend([None, Fault.DOUBLED])
        made.story.pay("DEPOSIT", "d1", 10_000)
        await made.settle()
        lines = [
            line.line()
            for line in made.server.book.statement(dt.datetime.fromtimestamp(made.story.now / 1e6, dt.UTC).date()).lines
        ]
        found = reconcile(
            lines, entry_lines(made.story.said(topics.LEDGER, LedgerEntry)), at=made.story.now + 10**12
        )  # fmt: skip
        assert [finding.differences for finding in found.findings] == [("DUPLICATE_AT_PROVIDER",)]
        assert (made.story.account(), found.unexplained_minor) == ((10_000, 0), {"GBP": 0})


async def test_an_answer_that_could_not_be_kept_is_asked_for_again_and_done_once() -> None:
    async with till() as made:
        made.server.webhook_url = ""
        made.story.pay("DEPOSIT", "d1", 10_000)
        made.broken = True
        with pytest.raises(ExceptionGroup) as raised:
            await made.work()
        assert raised.group_contains(Unavailable)
        assert (len(made.server.requests), made.story.statuses("d1")) == (1, ["AUTHORISING"])
        made.broken = False
        await made.work()
        await made.settle()
        assert (made.story.statuses("d1")[-1], made.story.entries()) == ("CAPTURED", ["DEPOSIT"])
        assert made.is_reconciled()


async def test_what_was_carried_out_and_not_committed_is_carried_out_again_and_moves_nothing() -> None:
    async with till() as made:
        made.story.pay("DEPOSIT", "d1", 10_000)
        for _ in range(3):
            await made.work(commit=False)
        await made.settle()
        assert (made.story.entries(), made.server.book.kept["ann/d1/capture"].times) == (["DEPOSIT"], 1)
        assert made.is_reconciled()


async def test_a_key_of_ours_that_is_refused_stops_no_one_and_is_asked_after() -> None:
    async with till(key="wrong-key") as made:
        made.story.pay("DEPOSIT", "d1", 10_000)
        await made.work()
        (answer,) = made.story.said(topics.PAYMENT_ANSWERS, PaymentAnswer)
        assert (answer.outcome, made.story.statuses("d1")) == ("UNANSWERED", ["AUTHORISING"])


async def test_a_key_that_the_provider_knows_for_something_else_is_written_down() -> None:
    async with till() as made:
        made.story.pay("DEPOSIT", "d1", 10_000)
        await made.settle()
        first = made.story.log.records(topics.PAYMENTS.name)
        made.server.book.kept["ann/w1/payout"] = made.server.book.kept["ann/d1/capture"]
        made.story.pay("WITHDRAWAL", "w1", 4_000)
        await made.work()
        assert made.story.refusals() == [("ASK", "KEY_REUSED")]
        assert made.story.account() == (10_000, 4_000)
        assert len(made.story.log.records(topics.PAYMENTS.name)) == len(first) + 1


async def test_an_ask_that_cannot_be_read_is_written_down_and_holds_nothing_up() -> None:
    async with till() as made:
        made.story.log.send(topics.PAYMENT_ASKS.name, b"ann", b"no ask")
        made.story.pay("DEPOSIT", "d1", 10_000)
        await made.settle()
        assert made.story.refusals() == [("ASK", "ASK_UNREADABLE")]
        assert made.story.account() == (10_000, 0)


@pytest.mark.parametrize("fault", [WebhookFault.TWICE, WebhookFault.LATE, WebhookFault.AFTER_THE_NEXT])
async def test_webhooks_alone_are_enough_however_they_come(fault: WebhookFault) -> None:
    async with till() as made:
        made.server.webhook_faults.extend([fault, None])
        # Every call is done and its answer lost.
        made.server.faults.extend([Fault.LOST_ANSWER] * 4)
        made.story.pay("DEPOSIT", "d1", 10_000)
        await made.work()
        await made.server.told()
        made.server.faults.extend([Fault.LOST_ANSWER] * 4)
        await made.settle()
        assert made.story.entries() == ["DEPOSIT"]
        assert made.is_reconciled()


Spoil = Callable[[bytes, int], tuple[bytes, str]]


def _signed(at_s: int, body: bytes, secret: bytes = SECRET) -> str:
    return header(at_s, body, secret)


@pytest.mark.parametrize(
    ("spoil", "status", "code"),
    [
        (lambda body, at: (body, _signed(at, body, b"the secret of somebody else")), 401, "SIGNATURE_WRONG"),
        (lambda body, at: (body.replace(b"4000", b"9000"), _signed(at, body)), 401, "SIGNATURE_WRONG"),
        (lambda body, at: (body, _signed(at - 3600, body)), 401, "TIMESTAMP_TOO_OLD"),
        (lambda body, at: (body, _signed(at + 3600, body)), 401, "TIMESTAMP_AHEAD"),
        (lambda body, _at: (body, "v1=00"), 401, "SIGNATURE_MALFORMED"),
        (lambda _body, at: (b"{", _signed(at, b"{")), 400, "BODY_UNREADABLE"),
        (lambda _body, at: (b"x" * 65_537, _signed(at, b"x")), 413, "BODY_TOO_LONG"),
        (lambda _body, at: (b"x" * 200_000, _signed(at, b"x")), 413, "BODY_TOO_LONG"),
    ],
)
async def test_a_webhook_that_is_not_the_provider_s_is_refused_with_its_code_and_changes_nothing(
    spoil: Spoil, status: int, code: str
) -> None:
    async with till() as made:
        made.story.pay("DEPOSIT", "d1", 10_000)
        await made.settle()
        made.server.down = True
        made.story.pay("WITHDRAWAL", "w1", 4_000)
        before = made.story.rows()
        paid = Operation(key="ann/w1/payout", status="succeeded", amount=4_000, currency="GBP")
        body = msgspec.json.encode(Webhook(id="ev-9", data=paid))
        sent, signature = spoil(body, made.story.now // 1_000_000)
        async with httpx.AsyncClient() as client:
            answer = await client.post(made.cashier.webhook_url, content=sent, headers={SIGNATURE_HEADER: signature})
        assert (answer.status_code, answer.json()) == (status, {"error": code})
        assert (made.story.refusals(), made.story.rows()) == ([("WEBHOOK", code)], before)


async def test_a_webhook_is_taken_once_and_again_only_if_it_was_not_kept() -> None:
    async with till() as made:
        made.story.pay("DEPOSIT", "d1", 10_000)
        await made.settle()
        body = msgspec.json.encode(Webhook(id="ev-9", data=made.server.book.told("ann/d1/capture")))
        signed = {SIGNATURE_HEADER: _signed(made.story.now // 1_000_000, body)}
        async with httpx.AsyncClient() as client:

            async def post() -> int:
                return (await client.post(made.cashier.webhook_url, content=body, headers=signed)).status_code

            made.broken = True
            assert await post() == 503
            made.broken = False
            assert [await post() for _ in range(3)] == [204, 409, 409]
            assert (await client.get(made.cashier.webhook_url)).status_code == 405
            unsigned = await client.post(made.cashier.webhook_url, content=body)
        assert unsigned.json() == {"error": "SIGNATURE_MISSING"}
        assert made.story.refusals()[-1] == ("WEBHOOK", "SIGNATURE_MISSING")
        assert made.story.entries() == ["DEPOSIT"]


async def test_a_signed_webhook_about_nothing_of_ours_is_written_down() -> None:
    async with till() as made:
        strange = Operation(key="not-ours", status="succeeded", amount=1, currency="GBP")
        body = msgspec.json.encode(Webhook(id="ev-1", data=strange))
        signed = {SIGNATURE_HEADER: _signed(made.story.now // 1_000_000, body)}
        async with httpx.AsyncClient() as client:
            answer = await client.post(made.cashier.webhook_url, content=body, headers=signed)
        assert (answer.status_code, made.story.refusals()) == (204, [("WEBHOOK", "REQUEST_UNKNOWN")])


async def test_a_port_that_is_taken_is_for_a_person_to_mend() -> None:
    async with till() as made:
        port = int(made.cashier.webhook_url.removesuffix(PATH).rpartition(":")[2])
        again = Cashier(made.client, made._tell, host="127.0.0.1", port=port)
        with pytest.raises(Misconfigured, match="webhooks cannot be taken"):
            await again.start()
        await again.stop()


def test_outcomes_of_the_provider_are_all_words_of_the_answers() -> None:
    words = set(PaymentAnswer.__annotations__["outcome"].__args__)
    assert {outcome.value for outcome in Outcome} | {"UNANSWERED"} == words

"""Payments through a provider that does what bad providers do: the ledger ends as its statement says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from bookstream.faults.payments import Fault, PaymentSandbox, WebhookFault
from bookstream.faults.web import Answer, Request, WebServer
from connectors.payments.contract import carry_out
from connectors.payments.sandbox import Sandbox, SandboxOptions
from connectors.payments.webhooks import WebhookCode, WebhookRefused
from connectors.resilience.breaker import Guard
from connectors.resilience.limits import Backoff, Timeouts
from domain.money.payment_codes import PaymentCode
from domain.money.payment_limits import DAY_US
from domain.money.payment_outflow import OutflowStatus
from domain.money.payment_terms import Answered, DepositAsked, Outcome, RefundAsked, WithdrawalAsked
from domain.money.payments import Deposit, DepositStatus, Withdrawal, unresolved_since
from domain.money.reconcile import Difference, reconcile
from tests.unit.domain.money.payment_desk import CASH, CLEARING, CURRENCY, HELD, Desk

SECRET = b"the webhooks' own secret"
SECOND = 1_000_000
T0 = 1_700_000_000_000_000
MOST_ROUNDS = 60
DEPOSIT = DepositAsked(payment_id="p1", customer_id="ann", currency=CURRENCY, amount_minor=5_000)
REFUND = RefundAsked(refund_id="r1", amount_minor=1_000)
WITHDRAWAL = WithdrawalAsked(payment_id="w1", customer_id="ann", currency=CURRENCY, amount_minor=2_000)


@dataclass
class House:
    """A desk, the client that carries out what it asks, and the place where webhooks come in."""

    desk: Desk = field(default_factory=Desk)
    now: int = T0
    client: Sandbox = field(init=False)
    provider: PaymentSandbox = field(init=False)
    refused: list[WebhookCode] = field(default_factory=list)
    taken: int = 0
    deaf: bool = False

    def receive(self, request: Request) -> Answer:
        """Take a webhook, or say why not: what is refused is not sent again."""
        try:
            with self.client.webhook(request.headers, request.body, self.now) as notice:
                if self.deaf:
                    return Answer(204)
                self.taken += 1
                self.desk.hear(Answered(said=notice.said), self.now)
        except WebhookRefused as refused:
            self.refused.append(refused.reason)
            return Answer(400)
        return Answer(204)

    async def pass_time(self, seconds: float) -> None:
        """Let time pass: the circuit is open."""
        self.now += int(seconds * SECOND) + 1

    async def until_quiet(self) -> None:
        """Carry out what is asked, and let time pass, until nothing is waited for."""
        for _ in range(MOST_ROUNDS):
            while self.desk.asks:
                ask = self.desk.asks.pop(0)
                self.desk.hear(await carry_out(self.client, ask), self.now)
            await self.provider.told()
            due = self.desk.due_at()
            if due is None and not self.desk.asks:
                return
            self.now = max(self.now, due or 0)
            self.desk.tick(self.now)
        raise AssertionError("it never became quiet")

    async def tell_story(self) -> None:
        """Deposit, refund a part, withdraw a part."""
        self.desk.command(DEPOSIT, self.now)
        await self.until_quiet()
        self.desk.refund(("ann", "p1"), REFUND, self.now)
        self.desk.command(WITHDRAWAL, self.now)
        await self.until_quiet()

    def differences(self) -> list[Difference]:
        """Return how the statement and the ledger differ a day later."""
        lines = [line.line() for line in self.provider.book.statement().lines]
        result = reconcile(lines, self.desk.lines(), at=self.now + DAY_US)
        assert not any(result.unexplained_minor.values())
        return [difference for finding in result.findings for difference in finding.differences]


@asynccontextmanager
async def house(*faults: Fault | None, webhooks: tuple[WebhookFault | None, ...] = ()) -> AsyncIterator[House]:
    it = House()
    async with WebServer(it.receive).open() as desk:
        sandbox = PaymentSandbox("secret-key", SECRET, desk.url, now=lambda: it.now, late_s=0.3, retry_s=0.01)
        sandbox.faults.extend(faults)
        sandbox.webhook_faults.extend(webhooks)
        async with sandbox.open() as it.provider:
            options = SandboxOptions(
                base_url=sandbox.url, key="secret-key", webhook_secrets=(SECRET,), now=lambda: it.now,
                timeouts=Timeouts(connect_s=2, read_s=0.1, write_s=2),
                backoff=Backoff(initial_s=0.001, maximum_s=0.002, jitter_s=0.0, attempts=2),
            )  # fmt: skip
            guard = Guard(now=lambda: it.now / SECOND, sleep=it.pass_time)
            async with Sandbox(options, guard) as it.client:
                yield it


def well_ended(it: House) -> None:
    deposit, withdrawal = it.desk.payment(("ann", "p1")), it.desk.payment(("ann", "w1"))
    assert isinstance(deposit, Deposit)
    assert isinstance(withdrawal, Withdrawal)
    assert (deposit.status, deposit.refunds[0].status) == (DepositStatus.CAPTURED, OutflowStatus.PAID)
    assert withdrawal.outflow.status is OutflowStatus.PAID
    assert unresolved_since(deposit) is unresolved_since(withdrawal) is None
    assert it.desk.balances == {CASH: 2_000, HELD: 0, CLEARING: -2_000}


FAULTS = [fault for fault in Fault if fault not in {Fault.PENDING, Fault.DECLINED, Fault.DOUBLED}]


@pytest.mark.parametrize("deaf", [True, False], ids=["no webhooks", "webhooks"])
@pytest.mark.parametrize("fault", FAULTS)
async def test_any_fault_again_and_again_ends_as_the_statement_says(fault: Fault, *, deaf: bool) -> None:
    async with house(*[fault, fault, fault, None, None] * 4) as it:
        it.deaf = deaf

        await it.tell_story()

        well_ended(it)
        assert it.differences() == []
        assert {kept.times for kept in it.provider.book.kept.values()} == {1}


@pytest.mark.parametrize("fault", WebhookFault)
async def test_webhooks_that_are_late_doubled_lost_or_forged_move_nothing_twice(fault: WebhookFault) -> None:
    async with house(webhooks=(fault,) * 4) as it:
        await it.tell_story()

        well_ended(it)
        assert it.differences() == []
    expected = {
        WebhookFault.TWICE: {WebhookCode.EVENT_REPLAYED},
        WebhookFault.EXPIRED: {WebhookCode.TIMESTAMP_TOO_OLD},
        WebhookFault.FORGED: {WebhookCode.SIGNATURE_WRONG},
        WebhookFault.CHANGED: {WebhookCode.SIGNATURE_WRONG},
    }
    assert set(it.refused) == expected.get(fault, set())


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.SILENT, Fault.FAILED])
async def test_a_webhook_comes_in_place_of_an_answer(fault: Fault) -> None:
    async with house(*[fault] * 40) as it:
        await it.tell_story()

        well_ended(it)
        assert it.taken == 4
        assert ("GET", "/v1/operations") not in it.provider.requests


async def test_what_is_pending_holds_the_money_until_a_webhook_tells() -> None:
    async with house() as it:
        it.desk.command(DEPOSIT, it.now)
        await it.until_quiet()
        it.provider.faults.append(Fault.PENDING)
        it.desk.command(WITHDRAWAL, it.now)
        it.desk.hear(await carry_out(it.client, it.desk.asks.pop()), it.now)
        assert it.desk.balances == {CASH: 3_000, HELD: 2_000, CLEARING: -5_000}

        it.provider.finish("ann/w1/payout", Outcome.DONE)
        await it.until_quiet()
        assert it.desk.balances == {CASH: 3_000, HELD: 0, CLEARING: -3_000}
        it.provider.finish("ann/w1/payout", Outcome.RETURNED)
        it.provider.tell("ann/w1/payout")
        await it.until_quiet()

        assert it.desk.balances == {CASH: 5_000, HELD: 0, CLEARING: -5_000}
        assert it.differences() == []


async def test_what_the_provider_declines_leaves_the_money_where_it_was() -> None:
    async with house(None, None, Fault.DECLINED, Fault.DECLINED) as it:
        await it.tell_story()

        assert it.desk.balances == {CASH: 5_000, HELD: 0, CLEARING: -5_000}
        assert it.differences() == []


async def test_a_provider_that_is_down_for_an_hour_is_asked_until_it_is_back() -> None:
    async with house() as it:
        it.desk.command(DEPOSIT, it.now)
        ask = it.desk.asks.pop()
        it.provider.down = True
        for _ in range(2):
            it.desk.hear(await carry_out(it.client, ask), it.now)
        it.provider.down = False

        await it.until_quiet()

        assert it.desk.balances == {CASH: 5_000, HELD: 0, CLEARING: -5_000}
        assert it.differences() == []


async def test_a_provider_that_pays_twice_is_found_by_its_own_statement() -> None:
    async with house(None, None, None, Fault.DOUBLED) as it:
        await it.tell_story()

        well_ended(it)
        assert it.differences() == [Difference.DUPLICATE_AT_PROVIDER]


async def test_a_webhook_about_a_payment_that_nobody_began_changes_nothing() -> None:
    async with house() as it:
        await it.tell_story()
        before = dict(it.desk.rows), it.desk.books
        it.provider.book.kept["bob/p1/capture"] = it.provider.book.kept["ann/p1/capture"]
        said = it.provider.book.told("bob/p1/capture").said()

        assert it.desk.hear(Answered(said=said), it.now) is PaymentCode.PAYMENT_UNKNOWN
        assert (it.desk.rows, it.desk.books) == before


async def test_a_web_server_reads_whole_bodies_but_no_endless_ones() -> None:
    async with WebServer(lambda request: Answer(200, request.body)).open() as web:
        async with httpx.AsyncClient() as client:
            assert (await client.post(web.url, content=b"x" * 100_000)).content == b"x" * 100_000
        for length in (b"1048577", b"-1", b"x"):
            reader, writer = await asyncio.open_connection("localhost", web.port)
            writer.write(b"POST / HTTP/1.1\r\ncontent-length: " + length + b"\r\n\r\nx")
            assert await reader.read() == b""
            writer.close()
        assert web.requests == 1

"""The sandbox's client against its real server, over every fault."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import httpx
import msgspec
import pytest
import respx

from bookstream.faults.payments import Fault, PaymentSandbox
from connectors.payments.contract import OutcomeUnknown
from connectors.payments.messages import SIGNATURE_HEADER, Webhook
from connectors.payments.sandbox import Sandbox, SandboxOptions
from connectors.payments.webhooks import header
from connectors.resilience.breaker import CircuitBreaker
from connectors.resilience.limits import Backoff, Timeouts
from connectors.resilience.web import Throttled
from domain.errors import Unavailable
from domain.money.payment_terms import Outcome
from tests.unit.connectors.payments_suite import PAYOUT, PaymentContract

SECRET = b"the webhooks' own secret"
NOW = 1_700_000_000_000_000
TRIES = 2


def options(url: str, key: str = "secret-key") -> SandboxOptions:
    return SandboxOptions(
        base_url=url, key=key, webhook_secrets=(SECRET,), now=lambda: NOW,
        timeouts=Timeouts(connect_s=2, read_s=0.15, write_s=2),
        backoff=Backoff(initial_s=0.001, maximum_s=0.002, jitter_s=0.0, attempts=TRIES),
    )  # fmt: skip


@dataclass
class SandboxStage:
    """See `Stage`."""

    client: Sandbox
    server: PaymentSandbox
    tries: int = TRIES
    now: int = NOW

    def befall(self, *faults: Fault) -> None:
        self.server.faults.extend(faults)

    def forget_faults(self) -> None:
        self.server.faults.clear()

    def finish(self, key: str, outcome: Outcome) -> None:
        self.server.finish(key, outcome)

    def times(self, key: str) -> int:
        kept = self.server.book.kept.get(key)
        return kept.times if kept is not None and kept.outcome is not Outcome.DECLINED else 0

    def lock_out(self) -> Sandbox:
        return Sandbox(options(self.server.url, key="wrong-secret-key"))

    def webhook(self, key: str, event_id: str, at: int) -> tuple[dict[str, str], bytes]:
        return self._signed(key, event_id, at, SECRET)

    def forged(self, key: str, event_id: str, at: int) -> tuple[dict[str, str], bytes]:
        return self._signed(key, event_id, at, b"the secret of somebody else")

    def _signed(self, key: str, event_id: str, at: int, secret: bytes) -> tuple[dict[str, str], bytes]:
        body = msgspec.json.encode(Webhook(id=event_id, data=self.server.book.told(key)))
        return {SIGNATURE_HEADER: header(at // 1_000_000, body, secret)}, body


@asynccontextmanager
async def stage() -> AsyncIterator[SandboxStage]:
    async with (
        PaymentSandbox("secret-key", SECRET, now=lambda: NOW).open() as server,
        Sandbox(options(server.url)) as client,
    ):
        yield SandboxStage(client, server)


class TestSandbox(PaymentContract):
    """The sandbox passes the suite."""

    def stage(self):  # type: ignore[no-untyped-def]  # noqa: ANN201 - as the suite says
        return stage()


async def test_a_retry_carries_the_same_key() -> None:
    async with stage() as it:
        it.befall(Fault.LOST_ANSWER)

        await it.client.payout(PAYOUT)

        assert it.server.requests == [("POST", "/v1/payouts")] * 2
        assert list(it.server.book.kept) == [PAYOUT.key]


async def test_a_provider_that_is_down_moves_nothing() -> None:
    async with stage() as it:
        it.server.down = True

        with pytest.raises(Unavailable):
            await it.client.payout(PAYOUT)
        assert it.server.book.kept == {}


async def test_a_provider_that_wants_to_be_left_alone_is() -> None:
    async with stage() as it:
        it.befall(Fault.THROTTLED)
        with pytest.raises(Throttled):
            await it.client.payout(PAYOUT)
        assert len(it.server.requests) == 1


@respx.mock
async def test_nobody_waits_for_a_provider_that_has_failed_again_and_again() -> None:
    route = respx.post("http://pay.test/v1/payouts").respond(503)
    async with Sandbox(replace(options("http://pay.test"), most_rest_s=1.0)) as client:
        for _ in range(5):
            with pytest.raises(Unavailable):
                await client.payout(PAYOUT)

    assert route.call_count == CircuitBreaker().threshold


@respx.mock
async def test_it_is_left_alone_for_as_long_as_it_said() -> None:
    route = respx.post("http://pay.test/v1/payouts").respond(429, headers={"retry-after": "3600"})
    async with Sandbox(options("http://pay.test")) as client:
        for _ in range(2):
            with pytest.raises(Throttled):
                await client.payout(PAYOUT)

    assert route.call_count == 1


@respx.mock
@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404, html="<h1>no such page</h1>"),
        httpx.Response(404, json={"error": "not_found"}),
        httpx.Response(400, json={"error": "no_such_key"}),
        httpx.Response(302, headers={"location": "http://elsewhere.test/"}),
        httpx.Response(408, json={"error": "timeout"}),
        httpx.Response(200, json={"key": PAYOUT.key, "status": "succeeded", "amount": -1, "currency": "GBP"}),
        httpx.Response(200, json={"key": PAYOUT.key, "status": "unheard_of", "amount": 1, "currency": "GBP"}),
        httpx.Response(200, json={"key": PAYOUT.key, "status": "succeeded", "amount": 10**16, "currency": "GBP"}),
        httpx.Response(200, content=b"[" * 5_000),
    ],
    ids=lambda answer: f"{answer.status_code} {answer.content[:24]!r}",
)
async def test_an_answer_that_is_not_the_providers_tells_nothing(answer: httpx.Response) -> None:
    respx.get("http://pay.test/v1/operations").mock(return_value=answer)
    async with Sandbox(options("http://pay.test")) as client:
        with pytest.raises(OutcomeUnknown):
            await client.query(PAYOUT.key)


@respx.mock
async def test_a_request_that_the_provider_does_not_take_is_declined() -> None:
    respx.post("http://pay.test/v1/payouts").respond(422, json={"error": "bad_order"})
    async with Sandbox(options("http://pay.test")) as client:
        said = await client.payout(PAYOUT)

    assert (said.outcome, said.reason, said.amount_minor) == (Outcome.DECLINED, "bad_order", PAYOUT.amount_minor)


@respx.mock
async def test_a_statement_that_says_less_than_it_counts_is_not_taken() -> None:
    respx.get("http://pay.test/v1/statement").respond(json={"day": "2023-11-14", "count": 1, "lines": []})
    async with Sandbox(options("http://pay.test")) as client:
        with pytest.raises(OutcomeUnknown):
            await client.statement(dt.date(2023, 11, 14))


async def test_nobody_there_is_unavailable() -> None:
    async with Sandbox(options("http://localhost:1")) as client:
        with pytest.raises(Unavailable):
            await client.payout(PAYOUT)

"""The client of the sandbox provider."""

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final, Self, TypeVar

import httpx
import msgspec

from connectors.payments import messages
from connectors.payments.contract import KeyReused, Notice, OutcomeUnknown
from connectors.payments.messages import Operation, Order, Refusal, Statement, refusal_of
from connectors.payments.webhooks import WebhookVerifier
from connectors.raw import wall_clock
from connectors.resilience.breaker import Guard
from connectors.resilience.limits import Backoff, Timeouts
from connectors.resilience.web import Throttled, retry_after_s
from domain.errors import BookstreamError, Misconfigured, Unavailable
from domain.money.payment_terms import Ask, Outcome, Said, Verb
from domain.money.reconcile import PaymentLine

MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024
THROTTLED_S: Final = 5.0
PATHS: Final = {
    Verb.AUTHORISE: "/v1/authorisations",
    Verb.CAPTURE: "/v1/captures",
    Verb.REFUND: "/v1/refunds",
    Verb.PAYOUT: "/v1/payouts",
}
OPERATIONS: Final = "/v1/operations"
STATEMENT: Final = "/v1/statement"

M = TypeVar("M", bound=Operation | Statement)


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOptions:
    """Where the provider is, with which key it is asked, and which secrets sign its webhooks.

    A provider that wants to be left alone, or is so after failures, is waited for no longer than `most_rest_s`.
    """

    base_url: str
    key: str = field(repr=False)
    webhook_secrets: tuple[bytes, ...] = field(repr=False)
    timeouts: Timeouts = field(default_factory=Timeouts)
    backoff: Backoff = field(default_factory=lambda: Backoff(attempts=3))
    tolerance_us: int = 300_000_000
    most_rest_s: float = 10.0
    now: Callable[[], int] = wall_clock
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    transport: httpx.AsyncBaseTransport | None = None


class Sandbox:
    """See `PaymentProvider`."""

    def __init__(self, options: SandboxOptions, guard: Guard | None = None) -> None:
        limits = options.timeouts
        self._options = options
        self._guard = guard or Guard(sleep=self._wait)
        self._resting_until_s = 0.0
        self._http = httpx.AsyncClient(
            base_url=options.base_url,
            headers={"authorization": f"Bearer {options.key}"},
            timeout=httpx.Timeout(
                connect=limits.connect_s, read=limits.read_s, write=limits.write_s, pool=limits.connect_s
            ),
            transport=options.transport,
            follow_redirects=False,
        )
        self._webhooks = WebhookVerifier(
            options.webhook_secrets,
            messages.read_webhook,
            signature_header=messages.SIGNATURE_HEADER,
            tolerance_us=options.tolerance_us,
        )

    async def __aenter__(self) -> Self:
        """Open connections when they are needed."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def authorise(self, ask: Ask) -> Said:
        """Reserve money on the customer's card."""
        return await self._order(Verb.AUTHORISE, ask)

    async def capture(self, ask: Ask) -> Said:
        """Take what an authorisation reserved."""
        return await self._order(Verb.CAPTURE, ask)

    async def refund(self, ask: Ask) -> Said:
        """Give back money of a capture."""
        return await self._order(Verb.REFUND, ask)

    async def payout(self, ask: Ask) -> Said:
        """Pay money to the customer's bank."""
        return await self._order(Verb.PAYOUT, ask)

    async def query(self, key: str) -> Said:
        """Say what became of a request."""
        answered = await self._ask("GET", OPERATIONS, Operation, parameters={"key": key}, key=key)
        if isinstance(answered, Refusal):
            return Said(key=key, outcome=Outcome.UNHEARD_OF)
        return answered.said()

    async def statement(self, day: dt.date) -> tuple[PaymentLine, ...]:
        """Return every movement of money of a day, UTC."""
        answered = await self._ask("GET", STATEMENT, Statement, parameters={"day": day.isoformat()})
        if isinstance(answered, Refusal):
            raise Unavailable(f"the payment provider has no statement of {day}: {answered.error[:64]}")
        return tuple(line.line() for line in answered.lines)

    def webhook(self, headers: Mapping[str, str], body: bytes, at: int) -> AbstractContextManager[Notice]:
        """Verify a webhook."""
        return self._webhooks.taking(headers, body, at)

    async def _order(self, verb: Verb, ask: Ask) -> Said:
        order = Order(
            key=ask.key, customer=ask.customer_id, currency=ask.currency, amount=ask.amount_minor, of=ask.of
        )  # fmt: skip
        answered = await self._ask("POST", PATHS[verb], Operation, body=msgspec.json.encode(order), key=ask.key)
        if isinstance(answered, Refusal):
            # The provider itself says that it does not take such a request: it is not done, and never was.
            return Said(
                key=ask.key, outcome=Outcome.DECLINED, amount_minor=ask.amount_minor, currency=ask.currency,
                reason=answered.error[:128],
            )  # fmt: skip
        return answered.said()

    async def _ask(
        self, method: str, path: str, kind: type[M], *, parameters: Mapping[str, str] | None = None,
        body: bytes | None = None, key: str = "",
    ) -> M | Refusal:  # fmt: skip
        """Ask until an answer is understood, as often as the back-off allows."""
        headers = {"content-type": "application/json", "idempotency-key": key} if body is not None else {}
        request = self._http.build_request(method, path, params=parameters, content=body, headers=headers)
        async for attempt in self._options.backoff.tries(but=(Throttled,)):
            with attempt:
                await self._rest()
                async with self._guard.watch():
                    status, said, whole = await self._send(request)
                    answered = self._understood(status, said, whole, kind, key)
                    if isinstance(answered, Unavailable) and not isinstance(answered, Throttled):
                        raise answered
                self._guard.succeed()
                if isinstance(answered, BookstreamError):
                    raise answered
                return answered
        raise Unavailable("no try was made to ask the payment provider")

    async def _send(self, request: httpx.Request) -> tuple[int, httpx.Headers, bytes]:
        limit_s = self._options.timeouts.read_s * 2
        whole = bytearray()
        try:
            async with asyncio.timeout(limit_s):
                response = await self._http.send(request, stream=True)
                try:
                    async for part in response.aiter_bytes():
                        whole += part
                        if len(whole) > MAX_ANSWER_BYTES:
                            raise OutcomeUnknown(f"the payment provider sent more than {MAX_ANSWER_BYTES} bytes")
                finally:
                    await response.aclose()
        except TimeoutError:
            raise OutcomeUnknown(f"the payment provider did not answer whole in {limit_s:g} s") from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unavailable(f"the payment provider cannot be reached: {type(error).__name__}") from None
        except httpx.HTTPError as error:
            raise OutcomeUnknown(f"the payment provider did not answer: {type(error).__name__}") from None
        return response.status_code, response.headers, bytes(whole)

    def _understood(
        self, status: int, headers: httpx.Headers, body: bytes, kind: type[M], key: str
    ) -> M | Refusal | BookstreamError:
        """Return what an answer says; only what the provider itself says counts, not a server before it."""
        if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            return Misconfigured(f"the payment provider refused the key ({status}): check its setting")
        if status == httpx.codes.TOO_MANY_REQUESTS:
            after_s = retry_after_s(headers.get("retry-after"), self._options.now(), THROTTLED_S)
            self._resting_until_s = time.monotonic() + after_s
            return Throttled(f"the payment provider asks to slow down for {after_s:g} s", after_s)
        if 200 <= status < 300:
            return _read(body, kind, key)
        refusal = refusal_of(body) if 400 <= status < 500 and status != httpx.codes.REQUEST_TIMEOUT else None
        if refusal is None or (status == httpx.codes.NOT_FOUND) is not (refusal.error == messages.NO_SUCH_KEY):
            return OutcomeUnknown(f"the payment provider answered {status}")
        if refusal.error == messages.KEY_REUSED:
            return KeyReused(f"the payment provider knows {key} as something else")
        return refusal

    async def _rest(self) -> None:
        """Leave the provider alone for as long as it wanted."""
        wait_s = self._resting_until_s - time.monotonic()
        if wait_s > 0:
            await self._wait(wait_s)

    async def _wait(self, seconds: float) -> None:
        """Wait until the provider may be asked again.

        Raises:
            Throttled: that is too long to wait for; whoever asks comes again later.
        """
        if seconds > self._options.most_rest_s:
            raise Throttled(f"the payment provider is left alone for {seconds:.0f} s", seconds)
        await self._options.sleep(seconds)


def _read(body: bytes, kind: type[M], key: str) -> M | BookstreamError:
    try:
        answer = msgspec.json.decode(body, type=kind)
    except (ValueError, RecursionError):
        return OutcomeUnknown("the payment provider's answer cannot be read")
    if isinstance(answer, Operation) and answer.key != key:
        return OutcomeUnknown("the payment provider answered about another request")
    if isinstance(answer, Statement) and answer.count != len(answer.lines):
        return OutcomeUnknown("the payment provider's statement is not whole")
    return answer

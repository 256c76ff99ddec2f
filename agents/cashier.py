"""The cashier: carries out what payments ask of the provider, and writes down what that says.

Input: `payments.asks`, keyed by customer_id. Output: `payments.answers` and `payments.refusals`. An ask is done when
its answer is acknowledged, so after a crash it is carried out again, under the same idempotency key. It keeps no state.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec

from agents.intake import source_of
from bookstream import topics
from bookstream.codecs import decode
from bookstream.delivery.api import Batch, Headers, Record
from connectors.payments.contract import KeyReused, Notice, PaymentProvider, carry_out
from connectors.payments.endpoint import WebhookEndpoint
from connectors.payments.webhooks import WebhookCode
from connectors.raw import wall_clock
from domain.errors import Misconfigured, RejectedInput
from domain.events.head import Event
from domain.events.payments import PaymentAsk, PaymentRefusal, RefusedInput
from domain.events.trace import followed, trace_of
from domain.money.payment_answers import PROVIDER, answer_by_itself, answer_to, ask_of
from domain.money.payment_codes import PaymentCode
from domain.money.payment_terms import Answered, Unanswered
from ops.metrics import PAYMENT_ANSWERS, PAYMENT_REFUSALS

NAME: Final = "cashier"
AT_ONCE: Final = 16
"""Requests to the provider at once."""

Tell = Callable[[topics.Topic, Event, Headers], Awaitable[None]]
"""Send an event and return when it is acknowledged."""

log = logging.getLogger(__name__)


class Cashier:
    """Takes asks as a sink does; see `SinkContext`.

    Args:
        provider: the payment provider's client.
        tell: sends what the provider says.
        host: where webhooks are taken.
        port: 0 for any that is free.
        now: the time, microseconds UTC.
    """

    name = NAME

    def __init__(
        self, provider: PaymentProvider, tell: Tell, *, host: str, port: int, now: Callable[[], int] = wall_clock
    ) -> None:
        self.topics = {topics.PAYMENT_ASKS.name: topics.PAYMENT_ASKS.partitions}
        self.webhook_url = ""
        self._provider, self._tell, self._now = provider, tell, now
        self._endpoint = WebhookEndpoint(provider, self.notice, self.refuse, host=host, port=port, now=now)
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def start(self) -> None:
        """Take webhooks from now on."""
        self.webhook_url = await self._endpoint.start()
        log.info("webhooks are taken at %s", self.webhook_url)

    async def stop(self) -> None:
        """Take no more webhooks."""
        await self._endpoint.stop()

    async def assigned(self, partitions: list[tuple[str, int]]) -> None:
        """Learn nothing: what is asked again is done once."""

    async def take(self, batch: Batch) -> None:
        """Carry out asks and return when all their answers are durable; those of one payment in their order."""
        payments: dict[bytes, list[tuple[PaymentAsk, Record]]] = defaultdict(list)
        for record in batch.records:
            try:
                ask = decode(PaymentAsk, record.value or b"")
            except RejectedInput:
                # A newer program's, perhaps. The payment asks after it by itself, so nothing waits for this one.
                log.exception("an ask that cannot be read, at %s/%d/%d", record.topic, record.partition, record.offset)
                place = f"{record.topic}/{record.partition}/{record.offset}"
                await self._refuse("ASK", PaymentCode.ASK_UNREADABLE, place)
                continue
            payments[f"{ask.customer_id}/{ask.payment_id}".encode()].append((ask, record))
        async with asyncio.TaskGroup() as tasks:
            for asks in payments.values():
                tasks.create_task(self._carry_out(asks))

    async def notice(self, notice: Notice) -> None:
        """Write down what the provider said by itself."""
        answer = answer_by_itself(notice.event_id, notice.said, self._now())
        if answer is None:
            # Signed by the provider, and about a request that never was ours.
            await self._refuse("WEBHOOK", PaymentCode.REQUEST_UNKNOWN, notice.event_id)
        else:
            await self._tell(topics.PAYMENT_ANSWERS, answer, ())

    async def refuse(self, reason: WebhookCode) -> None:
        """Write down why a webhook was refused."""
        await self._refuse("WEBHOOK", reason.value, str(self._now()))

    async def _carry_out(self, asks: Sequence[tuple[PaymentAsk, Record]]) -> None:
        for ask, record in asks:
            source = source_of(record)
            headers = followed(trace_of(record.headers), source)
            async with self._turn:
                given = await self._ask(ask)
            if given is not None:
                answer = answer_to(ask, given, self._now())
                PAYMENT_ANSWERS.labels(answer.outcome).inc()
                await self._tell(topics.PAYMENT_ANSWERS, answer, headers)

    async def _ask(self, ask: PaymentAsk) -> Answered | Unanswered | None:
        try:
            return await carry_out(self._provider, ask_of(ask))
        except KeyReused:
            log.exception("the key of %s was used for something else", ask.request_key)
            await self._refuse("ASK", PaymentCode.KEY_REUSED, ask.event_id, ask)
            return None
        except Misconfigured as error:
            # Betting goes on without payments: a person must see this, and nothing is lost while it lasts.
            log.error("%s", error)  # noqa: TRY400 - one sentence
            return Unanswered(key=ask.request_key)

    async def _refuse(self, refused: RefusedInput, code: str, name: str, ask: PaymentAsk | None = None) -> None:
        now = self._now()
        refusal = PaymentRefusal(
            event_id=f"{refused.lower()}/{name}/{code}", occurred_at=now, received_at=now, provider=PROVIDER,
            payment_id="", customer_id="", refused=refused, code=code, request_key="", currency="", amount_minor=0,
        )  # fmt: skip
        if ask is not None:
            refusal = msgspec.structs.replace(
                refusal, payment_id=ask.payment_id, customer_id=ask.customer_id, request_key=ask.request_key,
                currency=ask.currency, amount_minor=ask.amount_minor,
            )  # fmt: skip
        PAYMENT_REFUSALS.labels(refused, code).inc()
        await self._tell(topics.PAYMENT_REFUSALS, refusal, ())

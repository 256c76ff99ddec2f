"""Payments within the accounts' context: one writer for a customer's payments, and for the money that they move.

Input: `payments.requests` and `payments.answers` (keyed by customer_id) and `clock.ticks`, by the accounts' agent.
Output: `payments`, `payments.asks`, `payments.refusals`, and the accounts' `accounts` and `ledger.entries`.
"""

from collections.abc import Callable
from functools import partial

from bookstream import topics
from bookstream.codecs import encode
from bookstream.delivery.api import Headers, Outbox, Shard
from domain.betting.saga import Authenticate
from domain.events.head import Event, Source
from domain.events.payments import Payment, PaymentAnswer, PaymentAsk, PaymentRefusal, PaymentRequest
from domain.money.cause import Cause
from domain.money.payment_inputs import on_answer, on_request, on_tick
from domain.money.payment_rules import PaymentRules
from domain.money.payment_unit import Papers, PaymentStep
from ops.metrics import PAYMENT_REFUSALS, PAYMENT_STATES
from tables.accounts import ACCOUNTS
from tables.payments import DUE, PAYMENTS, PaymentName, put_payment, put_room, room_of

Send = Callable[[Shard, Outbox, Event, Cause], None]


class PaymentDesk:
    """Folds what arrives about payments; `send` sends what the accounts say."""

    def __init__(self, authenticate: Authenticate, rules: PaymentRules, send: Send) -> None:
        self._authenticate = authenticate
        self._rules = rules
        self._send = send

    def request(self, shard: Shard, out: Outbox, request: PaymentRequest, cause: Cause) -> None:
        """Take a customer's command."""

        def take(before: Papers) -> PaymentStep:
            return on_request(before, request, authenticate=self._authenticate, rules=self._rules, cause=cause)

        self._fold(shard, out, PaymentName(request.customer_id, request.payment_id), cause, take)

    def answer(self, shard: Shard, out: Outbox, answer: PaymentAnswer, cause: Cause) -> None:
        """Take the provider's word."""

        def take(before: Papers) -> PaymentStep:
            return on_answer(before, answer, rules=self._rules, cause=cause)

        self._fold(shard, out, PaymentName(answer.customer_id, answer.payment_id), cause, take)

    def tick(self, shard: Shard, out: Outbox, now: int, source: Source) -> None:
        """Ask after the payments that are due."""
        for name in DUE.until(shard, now, self._rules.payments_per_tick):
            row = shard.get(PAYMENTS, name.key)
            assert row is not None, f"the index of due payments names {name.key}, which is not there"
            # The tick only ends the wait: what is said belongs to the payment.
            cause = Cause(now, source, row.trace)
            self._fold(shard, out, name, cause, partial(on_tick, rules=self._rules, cause=cause))

    def _fold(
        self, shard: Shard, out: Outbox, name: PaymentName, cause: Cause, take: Callable[[Papers], PaymentStep]
    ) -> None:
        """Let `take` change the payment's papers, put what it changed and send what it says."""
        before = Papers(
            account=shard.get(ACCOUNTS, name.customer_id), room=room_of(shard, name.customer_id),
            payment=shard.get(PAYMENTS, name.key),
        )  # fmt: skip
        step = take(before)
        after = step.papers
        if after.account is not None and after.account is not before.account:
            shard.put(ACCOUNTS, name.customer_id, after.account)
        if after.room is not before.room:
            put_room(shard, name.customer_id, after.room)
        if after.payment is not None and after.payment is not before.payment:
            put_payment(shard, name, before.payment, after.payment, self._rules)
        for event in step.events:
            self._send(shard, out, event, cause)


def send_payment(shard: Shard, out: Outbox, event: Payment | PaymentAsk | PaymentRefusal, headers: Headers) -> None:
    """Send what payments say to its topic; all of it stays in its customer's partition."""
    match event:
        case Payment():
            PAYMENT_STATES.labels(event.kind, event.status).inc()
            topic, key = topics.PAYMENTS, f"{event.customer_id}/{event.payment_id}"
        case PaymentAsk():
            topic, key = topics.PAYMENT_ASKS, event.customer_id
        case PaymentRefusal():
            PAYMENT_REFUSALS.labels(event.refused, event.code).inc()
            topic, key = topics.PAYMENT_REFUSALS, event.customer_id
    out.send(topic.name, key.encode(), encode(event), partition=shard.partition, headers=headers)

"""Payments through the accounts' agent in memory, with a provider's book and a cashier that asks as it is told."""

from collections import deque
from typing import Any, TypeVar

import msgspec

from agents.accounts import context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.memory import MemoryLog
from bookstream.faults.payment_book import PaymentBook
from bookstream.proof.tables import audit_payments
from bookstream.proof.verify import TopicAudit
from bookstream.tokens import TokenSigner
from connectors.payments.messages import Order
from domain.events.betting import Account, LedgerEntry
from domain.events.feeds import ClockTick
from domain.events.head import Event
from domain.events.payments import Payment, PaymentAsk, PaymentRefusal, PaymentRequest
from domain.money.payment_answers import answer_by_itself, answer_to
from domain.money.payment_rules import PaymentRules
from domain.money.payment_terms import Answered, Outcome, Said, Unanswered, Verb

SECOND = 1_000_000
NOW = 1_790_000_000 * SECOND

E = TypeVar("E", bound=Event)


class PaymentStory:
    """The log in memory; `outcomes` are those of the next orders, None is an answer that is lost on its way."""

    def __init__(self, rules: PaymentRules | None = None) -> None:
        self.signer = TokenSigner.generate()
        rules = rules or PaymentRules(has_provider=True)
        self.log = MemoryLog([context(self.signer.verifier().check, payments=rules)])
        self.book = PaymentBook()
        self.outcomes: deque[Outcome | None] = deque()
        self.now = NOW
        self.carried_out: set[str] = set()

    def pay(self, kind: str, payment_id: str, amount: int, customer: str = "ann", **changes: Any) -> PaymentRequest:
        """Command a payment."""
        given: dict[str, Any] = {
            "event_id": f"{customer}-{payment_id}", "occurred_at": self.now, "received_at": self.now, "provider": "web",
            "payment_id": payment_id, "customer_id": customer, "kind": kind, "currency": "GBP", "amount_minor": amount,
            "token": self.signer.mint(customer, issued_at=NOW - SECOND, expires_at=NOW + 10**12), **changes,
        }  # fmt: skip
        request = PaymentRequest(**given)
        self.send(topics.PAYMENT_REQUESTS, request)
        return request

    def send(self, topic: topics.Topic, event: Event) -> None:
        """Send an event as its topic declares, and let it be handled."""
        key = str(getattr(event, topic.key)).encode()
        for partition in range(topics.PARTITIONS) if topic.broadcast else (None,):
            self.log.send(topic.name, key, encode(event), partition=partition)
        self.log.run()

    def clock(self, seconds: float) -> None:
        """Let time pass."""
        self.now += int(seconds * SECOND)
        self.send(
            topics.CLOCK,
            ClockTick(event_id=f"c{self.now}", occurred_at=self.now, received_at=self.now, provider="clock"),
        )

    def cashier(self, *, again: bool = False) -> None:
        """Carry out what was asked since the last time, or all of it again, until nothing more is asked."""
        if again:
            self.carried_out.clear()
        while (ask := self.next_ask()) is not None:
            self.send(topics.PAYMENT_ANSWERS, answer_to(ask, self._ask(ask), self.now))

    def next_ask(self) -> PaymentAsk | None:
        """Take the next ask that was not taken before."""
        asks = self.said(topics.PAYMENT_ASKS, PaymentAsk)
        ask = next((each for each in asks if each.event_id not in self.carried_out), None)
        if ask is not None:
            self.carried_out.add(ask.event_id)
        return ask

    def webhook(self, key: str, **changes: Any) -> None:
        """Let the provider say what became of an order."""
        said = self.book.told(key).said()
        answer = answer_by_itself(f"ev-{self.now}", said, self.now)
        assert answer is not None
        self.send(topics.PAYMENT_ANSWERS, msgspec.structs.replace(answer, **changes))

    def said(self, topic: topics.Topic, kind: type[E]) -> list[E]:
        """Return every event of a topic."""
        return [decode(kind, record.value or b"") for record in self.log.records(topic.name)]

    def statuses(self, payment_id: str) -> list[str]:
        """Return where a payment stood, one after the other."""
        return [each.status for each in self.said(topics.PAYMENTS, Payment) if each.payment_id == payment_id]

    def refusals(self) -> list[tuple[str, str]]:
        """Return what was refused, and why."""
        return [(each.refused, each.code) for each in self.said(topics.PAYMENT_REFUSALS, PaymentRefusal)]

    def account(self, customer: str = "ann") -> tuple[int, int]:
        """Return balance and what is reserved of it."""
        last = [each for each in self.said(topics.ACCOUNTS, Account) if each.customer_id == customer][-1]
        return last.balance_minor, last.reserved_minor

    def entries(self) -> list[str]:
        """Return the ledger's kinds of entries."""
        return [each.kind for each in self.said(topics.LEDGER, LedgerEntry)]

    def rows(self) -> list[dict[bytes, bytes]]:
        """Return every row of the accounts, partition by partition."""
        return [dict(self.log.shard("accounts", n).store.data) for n in range(topics.PARTITIONS)]

    def proved(self) -> dict[str, int]:
        """Prove the money, and the payments' rows; return how often each rule was checked."""
        findings = TopicAudit(lambda topic, partition: iter(self.log.topics[topic][partition])).run()
        for partition in range(topics.PARTITIONS):
            rows = self.log.shard("accounts", partition).store.data
            audit_payments(rows, partition, lambda topic, n: iter(self.log.topics[topic][n]), findings)
        assert findings.differences == []
        return dict(findings.checked)

    def _ask(self, ask: PaymentAsk) -> Answered | Unanswered:
        if ask.query:
            known = ask.request_key in self.book.kept
            unheard = Said(key=ask.request_key, outcome=Outcome.UNHEARD_OF)
            return Answered(said=self.book.told(ask.request_key).said() if known else unheard)
        is_new = ask.request_key not in self.book.kept
        outcome = self.outcomes.popleft() if is_new and self.outcomes else Outcome.DONE
        order = Order(
            key=ask.request_key, customer=ask.customer_id, currency=ask.currency, amount=ask.amount_minor, of=ask.of_key
        )  # fmt: skip
        operation = self.book.take(Verb(ask.verb), order, self.now, outcome or Outcome.DONE)
        return Unanswered(key=ask.request_key) if outcome is None else Answered(said=operation.said())

"""Between the words of payments and the records of their topics: asks to carry out, answers to tell."""

from domain.events.payments import AnswerChannel, PaymentAnswer, PaymentAsk
from domain.money.payment_terms import Answered, Ask, Said, Unanswered, Verb
from domain.money.payments import payment_of

PROVIDER = "payments"
"""The provider of what the payment provider says."""


def ask_of(record: PaymentAsk) -> Ask:
    """Read what to ask the provider."""
    return Ask(
        verb=Verb(record.verb), key=record.request_key, customer_id=record.customer_id, currency=record.currency,
        amount_minor=record.amount_minor, of=record.of_key, query=record.query,
    )  # fmt: skip


def answer_to(record: PaymentAsk, given: Answered | Unanswered, at: int) -> PaymentAnswer:
    """Write what came of an ask, at a time in microseconds."""
    said = given.said if isinstance(given, Answered) else None
    return PaymentAnswer(
        event_id=f"{record.event_id}@{at}", occurred_at=at, received_at=at, provider=PROVIDER,
        payment_id=record.payment_id, customer_id=record.customer_id, request_key=record.request_key,
        outcome=said.outcome.value if said is not None else "UNANSWERED",
        channel="QUERY" if record.query else "CALL",
        currency=said.currency if said is not None else "", amount_minor=said.amount_minor if said is not None else 0,
        reason=said.reason if said is not None else "", reference=said.reference if said is not None else "",
    )  # fmt: skip


def answer_by_itself(event_id: str, said: Said, at: int, channel: AnswerChannel = "WEBHOOK") -> PaymentAnswer | None:
    """Write what the provider said unasked by a payment; None where it is about no payment of ours."""
    name = payment_of(said.key)
    if name is None:
        return None
    return PaymentAnswer(
        event_id=f"{said.key}/{event_id}", occurred_at=at, received_at=at, provider=PROVIDER, payment_id=name[1],
        customer_id=name[0], request_key=said.key, outcome=said.outcome.value, channel=channel,
        currency=said.currency, amount_minor=said.amount_minor, reason=said.reason, reference=said.reference,
    )  # fmt: skip

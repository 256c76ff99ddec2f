"""Payments in history: every record arrives, and no token does."""

import asyncio
from typing import Any

from bookstream import codecs, topics
from bookstream.delivery.api import Record
from domain.events.head import Event
from domain.events.payments import Payment, PaymentAnswer, PaymentAsk, PaymentRefusal, PaymentRequest
from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.history import HistorySink
from sinks.clickhouse.tables import table_of

AT = 1_700_000_000_000_000
HEAD: dict[str, Any] = {
    "event_id": "e", "occurred_at": AT, "received_at": AT, "provider": "bookstream", "payment_id": "d1",
    "customer_id": "ann", "currency": "GBP", "amount_minor": 500,
}  # fmt: skip
SAID: dict[topics.Topic, Event] = {
    topics.PAYMENT_REQUESTS: PaymentRequest(**HEAD, token="a.secret.token", kind="DEPOSIT"),
    topics.PAYMENT_ASKS: PaymentAsk(**HEAD, request_key="ann/d1/capture", verb="CAPTURE", query=True, of_key="k"),
    topics.PAYMENT_ANSWERS: PaymentAnswer(
        **HEAD, request_key="ann/d1/capture", outcome="DONE", channel="WEBHOOK", reason="", reference="sb-1"
    ),
    topics.PAYMENTS: Payment(
        **HEAD, version=2, kind="DEPOSIT", status="CAPTURING", code="", reason="", opened_at=AT, unknown_since_at=AT
    ),
    topics.PAYMENT_REFUSALS: PaymentRefusal(**HEAD, refused="ANSWER", code="CONTRADICTS", request_key="k"),
}


async def test_what_is_said_of_payments_arrives(database: ClickHouse) -> None:
    sink = HistorySink(database, codecs, batch_rows=1000, batch_seconds=0.05)
    await sink.assigned([(topic.name, 0) for topic in SAID])
    for topic, event in SAID.items():
        record = Record(topic.name, 0, 0, 0, b"ann", codecs.encode(event))
        await asyncio.gather(sink.add(topic.name, [record]), sink.flush())
        table = table_of(topic.name).name
        (row,) = database.ask(f"SELECT payment_id, customer_id, amount_minor, occurred_at FROM {table}").rows  # noqa: S608 - our own
        assert tuple(row)[:3] == ("d1", "ann", 500)
        columns = database.ask(f"SELECT name FROM system.columns WHERE table = '{table}' AND name = 'token'").rows  # noqa: S608
        assert columns == []
    (row,) = database.ask("SELECT status, version, unknown_since_at IS NULL FROM payments").rows
    assert tuple(row) == ("CAPTURING", 2, 0)

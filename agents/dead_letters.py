"""Rejected input: the original record, byte for byte, with the reason in headers, on the dead-letter topic."""

from typing import Final

from bookstream.delivery.api import Outbox, Record
from bookstream.topics import DEAD_LETTERS
from domain.errors import RejectedInput
from ops import metrics

PREFIX: Final = "__connect.errors."
MESSAGE_LIMIT: Final = 1000
"""A reason may quote its input; the input itself is beside it, whole."""


def dead_letter(out: Outbox, record: Record, error: RejectedInput, stage: str) -> None:
    """Send a rejected record to the dead-letter topic with its original key, value and headers.

    The reason goes in headers named as Kafka Connect names them. `stage` says which rule refused it, such as
    "ingest.betfair". The partition is that of the original key, so one source's rejects stay in order.
    """
    reason = {
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "timestamp": str(record.timestamp_ms),
        "stage": stage,
        "code": error.code,
        "exception.class.name": f"{type(error).__module__}.{type(error).__qualname__}",
        "exception.message": str(error)[:MESSAGE_LIMIT],
    }
    headers = [(name, value) for name, value in record.headers if not name.startswith(PREFIX)]
    headers += [(PREFIX + name, value.encode()) for name, value in reason.items()]
    out.send(DEAD_LETTERS.name, record.key, record.value, headers=headers)
    metrics.DEAD_LETTERS.labels(stage.partition(".")[0], error.code).inc()

"""A rejected record reaches the dead-letter topic whole, with its reason."""

from collections.abc import Sequence

from agents.dead_letters import dead_letter
from bookstream.delivery.api import Record
from domain.errors import ContractViolation

Sent = tuple[str, bytes | None, bytes | None, int | None, dict[str, bytes]]


class Letters:
    """An outbox that remembers."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        *,
        partition: int | None = None,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> None:
        self.sent.append((topic, key, value, partition, dict(headers)))


def record(**changes: object) -> Record:
    base = {"topic": "t", "partition": 3, "offset": 41, "timestamp_ms": 7, "key": b"k", "value": b"\x00v"}
    return Record(**{**base, **changes})  # type: ignore[arg-type]


def test_a_dead_letter_keeps_the_original_bytes_and_says_where_they_came_from() -> None:
    out = Letters()
    dead_letter(out, record(headers=[("traceparent", b"00-1")]), ContractViolation("no id"), "ingest.betfair")
    topic, key, value, partition, headers = out.sent[0]
    assert (topic, key, value, partition) == ("dead-letters", b"k", b"\x00v", None)
    assert headers == {
        "traceparent": b"00-1",
        "__connect.errors.topic": b"t",
        "__connect.errors.partition": b"3",
        "__connect.errors.offset": b"41",
        "__connect.errors.timestamp": b"7",
        "__connect.errors.stage": b"ingest.betfair",
        "__connect.errors.code": b"contract_violation",
        "__connect.errors.exception.class.name": b"domain.errors.ContractViolation",
        "__connect.errors.exception.message": b"no id",
    }


def test_a_record_rejected_again_carries_only_the_newest_reason() -> None:
    out = Letters()
    again = record(headers=[("__connect.errors.stage", b"old"), ("__connect.errors.offset", b"1")])
    dead_letter(out, again, ContractViolation("still no id"), "new")
    headers = out.sent[0][4]
    assert headers["__connect.errors.stage"] == b"new"
    assert headers["__connect.errors.offset"] == b"41"


def test_a_reason_that_quotes_a_huge_input_is_cut() -> None:
    out = Letters()
    dead_letter(out, record(), ContractViolation("x" * 100_000), "s")
    assert len(out.sent[0][4]["__connect.errors.exception.message"]) == 1000

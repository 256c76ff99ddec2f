"""Malformed messages through the whole ingest handler: what is refused is dead-lettered as it was sent."""

import random
from typing import Final

from agents.dead_letters import PREFIX
from agents.ingest import ingest_context
from bookstream.codecs import encode
from bookstream.delivery.api import Batch, Record
from bookstream.delivery.memory import MemoryShard
from bookstream.delivery.outbox import Sent, UnitOutbox
from bookstream.topics import DEAD_LETTERS, PARTITIONS, raw_topic
from connectors.raw import RawStream
from domain.errors import RejectedInput
from domain.identity.directory import FixtureDirectory
from tests.fuzz.seeds import Seed
from tests.fuzz.targets import PARSERS

NOW: Final = 1_617_000_000_000_000
HEADERS: Final = (("traceparent", b"00-\xff\x00"), (PREFIX + "topic", b"of an earlier refusal"), ("empty", b""))
PARTITION: Final = 0
STREAMS: Final = 3


class NotDeadLettered(AssertionError):
    """A refused message is not among the dead letters, or not as it was sent."""


class Handler:
    """A provider's messages through ingest's handler on rows in memory, one a unit."""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._topic = raw_topic(provider)
        self._handle = ingest_context(FixtureDirectory()).handlers[self._topic]
        self._shard = MemoryShard(PARTITION)
        self._sequences = [0] * STREAMS
        self._offset = 0

    def record(self, rng: random.Random, seed: Seed, payload: bytes, *, plain: bool = False) -> Record:
        """Make the record of a payload on one of a few streams; unless plain, its times or numbers may be wrong."""
        number = rng.randrange(STREAMS)
        raw = RawStream(
            provider=self._provider, endpoint=seed.endpoint, stream_id=f"s{number}", content_type=seed.content_type,
            recorded=number > 0, next_sequence=self._sequences[number],
        )  # fmt: skip
        kind = 1.0 if plain else rng.random()
        at = NOW + self._offset * 1_000_000
        if kind < 0.02:
            at = rng.choice((0, -1, 2**62, -(2**63), 1))
        elif kind < 0.04:
            raw.next_sequence = rng.choice((0, -1, 2**62, raw.next_sequence + 5, max(raw.next_sequence - 2, 0)))
        elif kind < 0.05:
            raw.content_type = rng.choice(("", "text/html", "application/json", "application/xml", "x" * 9000))
        else:
            self._sequences[number] += 1
        self._offset += 1
        value = encode(raw.message(payload, received_at=at))
        return Record(self._topic, PARTITION, self._offset, NOW // 1000, raw.stream_id.encode(), value, HEADERS)

    def spoilt(self, record: Record, value: bytes) -> Record:
        """Return a record whose envelope is spoilt itself."""
        return Record(record.topic, PARTITION, record.offset, record.timestamp_ms, record.key, value, HEADERS)

    def take(self, record: Record) -> str | None:
        """Handle a record, and return the code that it was refused with, None where it was taken.

        Raises:
            NotDeadLettered: it was refused, and is no dead letter as it was sent.
        """
        out = UnitOutbox(PARTITION, PARTITIONS)
        self._handle(self._shard, Batch(self._topic, PARTITION, [record]), out)
        self._shard.settle()
        letters = [each for each in out.sent if each.topic == DEAD_LETTERS.name]
        if not letters:
            return None
        if len(letters) > 1:
            raise NotDeadLettered(f"{len(letters)} dead letters of one message")
        return _checked(letters[0], record)

    def must_refuse(self, payload: bytes, content_type: str) -> bool:
        """Say whether no parser reads a payload of this type at all."""
        parse, *flat = PARSERS[self._provider]
        try:
            (flat[0] if flat and content_type.startswith("text/") else parse)(payload)
        except RejectedInput:
            return True
        return False


def _checked(letter: Sent, record: Record) -> str:
    if (letter.key, letter.value) != (record.key, record.value):
        raise NotDeadLettered("a dead letter has another key or value")
    kept = [(name, value) for name, value in letter.headers if not name.startswith(PREFIX)]
    if kept != [(name, value) for name, value in record.headers if not name.startswith(PREFIX)]:
        raise NotDeadLettered("a dead letter has other headers")
    reasons = {name.removeprefix(PREFIX): value for name, value in letter.headers if name.startswith(PREFIX)}
    if not reasons["exception.message"] or reasons["topic"] != record.topic.encode():
        raise NotDeadLettered("a dead letter does not say why, or from where")
    return reasons["code"].decode()

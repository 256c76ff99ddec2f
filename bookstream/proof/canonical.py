"""Canonical events against the raw topics: every tick computed again in memory, and looked for in its topic."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from agents.ingest import ingest_context
from bookstream.delivery.memory import MemoryLog
from bookstream.reading import read
from bookstream.topics import ODDS, RAW
from domain.audit.difference import Findings
from domain.errors import UndecodableInput

LONGEST_ID = 64
Digests = dict[str, set[bytes]]
"""By event id, what was said under it; a tick that was published again byte for byte said one thing."""


@dataclass(frozen=True, slots=True)
class Canonical:
    """How the published ticks compare: what is not there, what has two contents, and what was published again."""

    ticks: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    repeated: int


def audit_canonical(bootstrap: str, findings: Findings) -> Canonical:
    """Run ingest's rules over the raw topics again and hold every tick against its topic, by id and content.

    Ticks that were published again byte for byte, as the next owner does after a crash, are counted and no difference.
    """
    expected, _ = _digests(record.value for record in _recomputed(bootstrap).records(ODDS.name))
    found, records = _digests(record.value for record in read(bootstrap, [ODDS.name]))
    compared = compare(expected, found, records)
    for event_id, said in expected.items():
        findings.check("tick as recomputed", event_id, found.get(event_id) == said, "not there, or with other content")
    for event_id in found.keys() - expected.keys():
        findings.check("tick as recomputed", event_id, holds=False, found="a tick that no raw message causes")
    return compared


def compare(expected: Digests, found: Digests, records: int) -> Canonical:
    """Tell what is missing, and what was said twice, of `records` found."""
    lost = tuple(sorted(expected.keys() - found.keys()))
    doubled = tuple(sorted(event_id for event_id, said in found.items() if len(said) > 1))
    return Canonical(len(expected), lost, doubled, records - sum(map(len, found.values())))


def _recomputed(bootstrap: str) -> MemoryLog:
    log = MemoryLog([ingest_context()])
    for record in read(bootstrap, [topic.name for topic in RAW]):
        log.send(record.topic, record.key, record.value, partition=record.partition, timestamp_ms=record.timestamp_ms)
    log.run()
    return log


def _digests(values: Iterable[bytes | None]) -> tuple[Digests, int]:
    digests: Digests = {}
    records = 0
    for value in values:
        records += 1
        digests.setdefault(event_id(value), set()).add(blake2b(value or b"", digest_size=16).digest())
    return digests, records


def event_id(value: bytes | None) -> str:
    """Read the first field of an event without decoding the rest: its id, shorter than 64 bytes.

    Raises:
        UndecodableInput: there is none.
    """
    if not value or len(value) < 6 or value[5] & 1 or value[5] >> 1 >= LONGEST_ID:
        raise UndecodableInput("a tick without an id")
    return value[6 : 6 + (value[5] >> 1)].decode()

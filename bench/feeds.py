"""feeds: messages that ingest parses and normalises a second, by provider, against bare parsing of the same bytes.

And the whole of the recordings through one ingest worker's handlers in a process of its own: its rate, and the most
memory that it had.
"""

import csv
import io
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, Final
from xml.etree.ElementTree import XMLParser

from agents.ingest import ingest_context
from bench.figures import Figure, compare
from bench.recordings import Recording, recordings
from bookstream.codecs import encode
from bookstream.delivery.api import Batch, Record
from bookstream.delivery.memory import MemoryShard
from bookstream.delivery.outbox import UnitOutbox
from bookstream.partitioner import partition_for
from bookstream.topics import PARTITIONS, raw_topic
from domain.events.feeds import RawMessage
from domain.identity.directory import FixtureDirectory

MOST: Final = 20_000
"""Messages taken of one provider, unless told."""
LEAST_SECONDS: Final = 0.5


class Ingest:
    """The ingest handlers on rows in memory, one message a unit; what they say is thrown away."""

    def __init__(self) -> None:
        self._handlers = ingest_context(FixtureDirectory()).handlers
        self._shards = [MemoryShard(partition) for partition in range(PARTITIONS)]
        self.said = 0

    def take(self, record: Record) -> None:
        """Normalise a message."""
        shard, out = self._shards[record.partition], UnitOutbox(record.partition, PARTITIONS)
        self._handlers[record.topic](shard, Batch(record.topic, record.partition, [record]), out)
        shard.settle()
        self.said += len(out.sent)


def as_record(message: RawMessage, offset: int) -> Record:
    """Return a message as the connector's publisher sends it."""
    key = message.stream_id.encode()
    place = partition_for(key, PARTITIONS)
    return Record(raw_topic(message.provider), place, offset, message.received_at // 1000, key, encode(message))


def bare_parse(payload: bytes, content_type: str) -> None:
    """Read bytes into the standard library's plain objects, whatever they say."""
    try:
        BARE[content_type.partition(";")[0]](payload)
    except (ValueError, SyntaxError, csv.Error):
        return


def _xml(payload: bytes) -> None:
    parser = XMLParser()  # noqa: S314 - files at hand, and the floor that ours is compared with
    parser.feed(payload)
    parser.close()


def _table(payload: bytes) -> None:
    for _ in csv.reader(io.StringIO(payload.decode("utf-8", "replace"))):
        pass


BARE: Final[dict[str, Callable[[bytes], object]]] = {
    "application/json": json.loads,
    "application/xml": _xml,
    "text/csv": _table,
}


def run(*, rounds: int, messages: int = MOST) -> list[Figure]:
    """Normalise up to so many messages of every provider, in turn with their bare parsing; then all recordings."""
    by_provider: dict[str, list[Recording]] = defaultdict(list)
    for each in recordings():
        by_provider[each.provider].append(each)
    found = [_whole(rounds)]
    for provider, files in by_provider.items():
        found.append(_provider(provider, files, rounds, messages))
    return found


def _provider(provider: str, files: list[Recording], rounds: int, most: int) -> Figure:
    load = list(islice((message for file in files for message in file.messages()), most))
    records = [as_record(message, offset) for offset, message in enumerate(load)]
    own, bare = [], []
    for _ in range(rounds):
        own.append(_rate(lambda: Ingest().take, records))
        bare.append(_rate(lambda: bare_message, load))
    return compare(f"{provider} normalised", own, "bare parse of the same bytes", bare, "messages/s")


def bare_message(message: RawMessage) -> None:
    """Read a message's payload as its content type says."""
    bare_parse(message.payload, message.content_type)


def _rate(begin: Callable[[], Callable[[Any], object]], items: Sequence[object]) -> float:
    """Return how many items are taken in a second, over as many passes as half a second needs; each begins anew."""
    seconds, count = 0.0, 0
    while seconds < LEAST_SECONDS:
        take = begin()
        began = time.perf_counter()
        for item in items:
            take(item)
        seconds += time.perf_counter() - began
        count += len(items)
    return count / seconds


def _whole(rounds: int) -> Figure:
    """Run everything in a new process each time; the ratio is its memory to that of the process before its input."""
    peaks, before = [], []
    for _ in range(rounds):
        done = subprocess.run([sys.executable, "-m", "bench.feeds_whole"], capture_output=True, text=True, check=True)
        told = json.loads(done.stdout)
        peaks.append(told["peak_mb"])
        before.append(told["before_mb"])
    name = (
        f"all recordings: {told['messages']:,} messages, {told['events']:,} events, {told['rate']:,.0f}/s, peak memory"
    )
    return compare(name, peaks, "before its input", before, "MB")

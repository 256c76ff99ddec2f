"""tampered: a ledger in which one byte was changed, until it is found and named: from history, and from its topic.

Each round writes a ledger of signed chains, as accounts and the history worker do, changes one byte of one entry, and
proves it: `bookstream ledger verify --history` in a process of its own on what lies in ClickHouse, and the bytes of the
topic's records in this one. Both must name the entry.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final

import msgspec

from agents.accounts_ledger import checkpoint_event
from bench.figures import Bound, Figure, compare
from bookstream import codecs
from bookstream.delivery.api import Record
from bookstream.money.proving import prove_partition
from bookstream.money.reading import TopicLedger
from bookstream.money.signing import PRIVATE_KEY_FILE, PUBLIC_KEY_FILE, CheckpointSigner, CheckpointVerifier
from bookstream.topics import LEDGER, LEDGER_CHECKPOINTS, PARTITIONS
from domain.events.betting import LedgerEntry, Posting
from domain.events.head import Source
from domain.money import ledger
from domain.money.cause import Cause
from domain.money.chain import link, start
from sinks.clickhouse.client import ClickHouse, embedded_dsn, migrate
from sinks.clickhouse.history import HistorySink

CUSTOMERS: Final = 500
CHECKPOINT_EVERY: Final = 1_000
SINK_ROWS: Final = 20_000
AT: Final = 1_790_000_000_000_000
A_MINUTE: Final = 60.0
CHANGES: Final = (
    "reference = concat(char(bitXor(ascii(reference), 1)), substring(reference, 2))",
    "previous = concat(char(bitXor(reinterpretAsUInt8(substring(previous, 1, 1)), 1)), substring(previous, 2))",
    "occurred_at = addMicroseconds(occurred_at, 1)",
    "postings = arrayMap(p -> (p.1, p.2 + 1), postings)",
)


class Place(msgspec.Struct, frozen=True):
    """Where the byte is that is changed."""

    partition: int
    sequence: int
    at: float
    """How far into the record, from 0 to 1."""


def run(*, rounds: int, entries: int = 1_000_000) -> list[Figure]:
    """Change a byte of as many ledgers of so many entries as there are rounds, and time how long it goes unnoticed."""
    history, topic = list[float](), list[float]()
    for number in range(rounds):
        random = Random(f"tampered {number}")
        place = Place(random.randrange(PARTITIONS), random.randrange(entries // PARTITIONS), random.random())
        with tempfile.TemporaryDirectory(prefix="bookstream-tampered-") as folder:
            topic.append(_write(Path(folder), entries // PARTITIONS, place))
            _change(Path(folder), place, CHANGES[number % len(CHANGES)])
            history.append(_found(Path(folder), place))
    limit, bound = [A_MINUTE] * rounds, Bound(target=1.0, direction="at most")
    return [
        compare(f"one byte of {entries:,} entries found in history", history, "a minute", limit, "s", bound=bound),
        compare(f"one byte of {entries:,} entries found on the topic", topic, "a minute", limit, "s", bound=bound),
    ]


def _write(folder: Path, count: int, place: Place) -> float:
    """Write a ledger into a new history, and return how long its topic's proof took, the changed byte's with it."""
    signer = CheckpointSigner.generate()
    signer.write(folder / PRIVATE_KEY_FILE, folder / PUBLIC_KEY_FILE)
    database = ClickHouse(embedded_dsn(folder))
    try:
        migrate(database)
        seconds = 0.0
        for partition in range(PARTITIONS):
            records, checkpoints = _chain(signer, partition, count)
            asyncio.run(_put(database, LEDGER.name, records))
            asyncio.run(_put(database, LEDGER_CHECKPOINTS.name, checkpoints))
            seconds += _proved(signer, partition, records, checkpoints, place)
        return seconds
    finally:
        database.close()


def _chain(signer: CheckpointSigner, partition: int, count: int) -> tuple[list[Record], list[Record]]:
    tip, records, checkpoints = start(partition), list[Record](), list[Record]()
    for n in range(count):
        entry = _entry(partition, n)
        linked, tip = link(entry, tip)
        records.append(Record(LEDGER.name, partition, n, 0, entry.customer_id.encode(), codecs.encode(linked)))
        if (n + 1) % CHECKPOINT_EVERY == 0 or n + 1 == count:
            said = checkpoint_event(signer.sign(partition, tip, entry.occurred_at))
            place = len(checkpoints)
            checkpoints.append(Record(LEDGER_CHECKPOINTS.name, partition, place, 0, b"", codecs.encode(said)))
    return records, checkpoints


def _entry(partition: int, n: int) -> LedgerEntry:
    customer, amount = f"c{partition}-{n % CUSTOMERS}", 1 + n % 977
    postings = (
        Posting(ledger_account=ledger.cash(customer), amount_minor=-amount),
        Posting(ledger_account=ledger.reserved(customer), amount_minor=amount),
    )
    cause = Cause(AT + n, Source("bets.requests", partition, n))
    return ledger.entry(
        f"{customer}/b{n}.reserve",
        "RESERVE",
        f"b{n}",
        customer_id=customer,
        currency="GBP",
        postings=postings,
        cause=cause,
    )


async def _put(database: ClickHouse, topic: str, records: list[Record]) -> None:
    sink = HistorySink(database, codecs, batch_rows=SINK_ROWS, batch_seconds=1.0)
    for first in range(0, len(records), SINK_ROWS):
        batch = records[first : first + SINK_ROWS]
        await asyncio.gather(sink.add(topic, batch), sink.flush())


def _proved(
    signer: CheckpointSigner, partition: int, records: list[Record], checkpoints: list[Record], place: Place
) -> float:
    """Time the proof of a partition's records, one byte of them changed if the place is there."""
    wrong = partition == place.partition
    if wrong:
        sound = records[place.sequence]
        value = bytearray(sound.value or b"")
        value[int(place.at * len(value))] ^= 1
        records[place.sequence] = Record(sound.topic, partition, sound.offset, 0, sound.key, bytes(value))

    def read(topic: str, _partition: int) -> Iterator[Record]:
        return iter(records if topic == LEDGER.name else checkpoints)

    began = time.perf_counter()
    fault = prove_partition(TopicLedger(read), partition, CheckpointVerifier([signer.public_key]).trusts).fault
    seconds = time.perf_counter() - began
    assert (fault is not None) == wrong, fault
    assert fault is None or fault.sequence == place.sequence, fault
    return seconds


def _change(folder: Path, place: Place, change: str) -> None:
    database = ClickHouse(embedded_dsn(folder))
    try:
        where = f"_partition = {place.partition} AND sequence = {place.sequence}"
        database.do(f"ALTER TABLE ledger_entries UPDATE {change} WHERE {where} SETTINGS mutations_sync = 1")
    finally:
        database.close()


def _found(folder: Path, place: Place) -> float:
    """Time the command that proves the ledger from history."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("BOOKSTREAM_")}
    argv = [sys.executable, "-m", "bookstream.cli", "ledger", "verify", "--history", "--json"]
    began = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - our own command
        argv, env={**given, "BOOKSTREAM_DATA_DIR": str(folder)}, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - began
    assert done.returncode == 1, done.stderr
    faults = [each["fault"] for each in json.loads(done.stdout.splitlines()[-1])["partitions"]]
    named = [(partition, fault["sequence"]) for partition, fault in enumerate(faults) if fault]
    assert named == [(place.partition, place.sequence)], named
    return seconds

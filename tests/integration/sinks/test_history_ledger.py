"""The ledger read back from ClickHouse alone: the same chain, and whatever is done to a row is named."""

import asyncio
from io import BytesIO

import msgspec
import pytest
from fastavro import parse_schema, schemaless_writer

import schemas
from agents.accounts_ledger import checkpoint_event
from bookstream import codecs
from bookstream.contracts.ids import plain
from bookstream.delivery.api import Record
from bookstream.money.proving import PartitionProof, prove_partition
from bookstream.money.reading import HistoryLedger
from bookstream.money.signing import CheckpointSigner, CheckpointVerifier
from domain.events.betting import LedgerEntry, Posting
from domain.events.head import Source
from domain.money.blame import FaultKind
from domain.money.cause import Cause
from domain.money.chain import link, start
from domain.money.ledger import entry
from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.history import HistorySink

AT = 1_700_000_000_123_456
COUNT = 23
PARTITION = 5
SIGNER = CheckpointSigner.generate()
TRUSTED = CheckpointVerifier([SIGNER.public_key]).trusts


def booked(n: int) -> LedgerEntry:
    lines = (
        Posting(ledger_account="house:bank", amount_minor=-n),
        Posting(ledger_account="customer:Ann Ø':cash", amount_minor=n),
    )
    cause = Cause(AT + n, Source("wallet.transfers", PARTITION, n) if n % 3 else None)
    return entry(
        f"Ann Ø'/t{n}.transfer", "TRANSFER", f"t{n}", customer_id="Ann Ø'", currency="GBP",
        postings=lines if n % 5 else (), cause=cause,
    )  # fmt: skip


def of_before(each: LedgerEntry) -> bytes:
    """Write an entry as the program of the time before the chain did."""
    body = BytesIO()
    fields = msgspec.to_builtins(each, builtin_types=(bytes,))
    schemaless_writer(body, parse_schema(plain(schemas.released("LedgerEntry")[1])), fields)
    return b"\0" + schemas.pinned_ids()["LedgerEntry"][1].to_bytes(4) + body.getvalue()


async def put(database: ClickHouse, topic: str, values: list[bytes]) -> None:
    sink = HistorySink(database, codecs, batch_rows=1000, batch_seconds=0.05)
    await sink.assigned([(topic, PARTITION)])
    records = [Record(topic, PARTITION, n, 0, b"k", value) for n, value in enumerate(values)]
    await asyncio.gather(sink.add(topic, records), sink.flush())


@pytest.fixture
async def ledger(database: ClickHouse) -> ClickHouse:
    """Keep two entries of before the chain, and a chain of which all but the last two are signed."""
    tip, values, signed = start(PARTITION), [of_before(booked(1)), of_before(booked(2))], []
    for n in range(COUNT):
        linked, tip = link(booked(n), tip)
        values.append(codecs.encode(linked))
        if n in {7, COUNT - 3}:
            signed.append(codecs.encode(checkpoint_event(SIGNER.sign(PARTITION, tip, AT + n))))
    await put(database, "ledger.entries", values)
    await put(database, "ledger.checkpoints", signed)
    return database


def copy(database: ClickHouse, where: str, **changed: str) -> None:
    """Put in the rows once more, with other columns."""
    chosen = ", ".join(changed.get(each, each) for each in database.columns("ledger_entries"))
    database.do(f"INSERT INTO ledger_entries SELECT {chosen} FROM ledger_entries WHERE {where}")  # noqa: S608


def proof(database: ClickHouse, page_rows: int = 7) -> PartitionProof:
    return prove_partition(HistoryLedger(database.ask, page_rows), PARTITION, TRUSTED)


async def test_entries_read_back_are_those_that_were_chained(ledger: ClickHouse) -> None:
    for page_rows in (1, 5, COUNT + 2, 1000):
        found = proof(ledger, page_rows)
        assert found.fault is None
        assert (found.unchained, found.verdict.entries, found.verdict.signed) == (2, COUNT, COUNT - 3)
        assert (found.unsigned, found.signed_at) == (2, AT + COUNT - 3)


@pytest.mark.parametrize(
    ("change", "n"),
    [
        ("reference = concat(reference, ' ')", 4),
        ("currency = 'GBp'", 0),
        ("kind = 'STAKE'", 9),
        ("customer_id_ = 1", 9),
        ("occurred_at = occurred_at + toIntervalMicrosecond(1)", 12),
        ("received_at = received_at + toIntervalMicrosecond(1)", 12),
        ("provider = 'bookstreal'", 3),
        ("event_id = reverse(event_id)", 3),
        ("source = tuple('wallet.transfers', 5, 99)", 7),
        ("postings = [tuple('house:bank', -8), tuple('customer:Ann Ø\\':cash', 8)]", 7),
        ("postings = []", COUNT - 4),
        ("previous = concat(substring(previous, 1, 31), char(0))", 11),
    ],
)
async def test_one_changed_column_names_the_entry(ledger: ClickHouse, change: str, n: int) -> None:
    where = f"sequence = {n} AND _partition = {PARTITION}"
    settings = "SETTINGS mutations_sync = 1"
    if change == "customer_id_ = 1":  # part of the sorting key, which ClickHouse does not let change in place
        copy(ledger, where, customer_id="'Bob'")
        ledger.do(f"ALTER TABLE ledger_entries DELETE WHERE {where} AND customer_id != 'Bob' {settings}")
    else:
        ledger.do(f"ALTER TABLE ledger_entries UPDATE {change} WHERE {where} {settings}")
    fault = proof(ledger).fault
    assert fault is not None
    assert (fault.kind, fault.sequence, fault.entry_id) == (FaultKind.CHANGED, n, f"Ann Ø'/t{n}.transfer")


async def test_rows_that_are_gone_are_named(ledger: ClickHouse) -> None:
    ledger.do("ALTER TABLE ledger_entries DELETE WHERE sequence IN (3, 4) SETTINGS mutations_sync = 1")
    fault = proof(ledger).fault
    assert fault is not None
    assert (fault.kind, fault.sequence) == (FaultKind.REMOVED, 3)


async def test_signed_entries_at_the_end_that_are_gone_are_named(ledger: ClickHouse) -> None:
    ledger.do(f"ALTER TABLE ledger_entries DELETE WHERE sequence >= {COUNT - 5} SETTINGS mutations_sync = 1")
    fault = proof(ledger).fault
    assert fault is not None
    assert (fault.kind, fault.sequence) == (FaultKind.REMOVED, COUNT - 5)


@pytest.mark.parametrize("page_rows", [1, 3, 1000])
async def test_a_row_that_was_put_in_is_named(ledger: ClickHouse, page_rows: int) -> None:
    copy(ledger, "sequence = 9", entry_id="'forged'", event_id="'forged'")
    fault = proof(ledger, page_rows).fault
    assert fault is not None
    assert (fault.kind, fault.sequence) == (FaultKind.INSERTED, 9)


async def test_a_row_that_is_there_twice_is_no_fault_and_one_that_would_replace_it_is(ledger: ClickHouse) -> None:
    copy(ledger, "sequence = 5")
    assert (proof(ledger).fault, proof(ledger).verdict.entries) == (None, COUNT)
    copy(ledger, "sequence = 6", reference="'another'")
    fault = proof(ledger).fault
    assert fault is not None
    assert fault.sequence == 6


async def test_a_row_that_was_put_in_far_behind_the_end_is_named(ledger: ClickHouse) -> None:
    copy(ledger, f"sequence = {COUNT - 1}", entry_id="'forged'", event_id="'forged'", _offset="18446744073709551615")
    fault = proof(ledger).fault
    assert fault is not None
    assert (fault.kind, fault.sequence) == (FaultKind.INSERTED, COUNT - 1)


async def test_a_checkpoint_that_was_touched_is_named(ledger: ClickHouse) -> None:
    ledger.do("ALTER TABLE ledger_checkpoints UPDATE hash = reverse(hash) WHERE 1 SETTINGS mutations_sync = 1")
    fault = proof(ledger).fault
    assert fault is not None
    assert (fault.kind, fault.sequence) == (FaultKind.CHECKPOINT, 7)

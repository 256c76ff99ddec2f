"""The ledger as the proof reads it: a partition's entries and checkpoints, from the topics or from history alone."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

import msgspec

from bookstream.codecs import decode
from bookstream.delivery.api import Record
from bookstream.topics import LEDGER, LEDGER_CHECKPOINTS
from domain.errors import ContractViolation, RejectedInput
from domain.events.betting import LedgerCheckpoint, LedgerEntry, Posting
from domain.events.head import Source
from domain.money.chain import misfit
from domain.money.checkpoint import Checkpoint
from sinks.clickhouse.client import Answer
from sinks.clickhouse.tables import table_of

PAGE_ROWS = 50_000


class LedgerSource(Protocol):
    """Where a ledger is."""

    def entries(self, partition: int) -> Iterator[LedgerEntry]:
        """Yield a partition's entries in their order; raises RejectedInput where one cannot be read."""

    def checkpoints(self, partition: int) -> Iterator[Checkpoint]:
        """Yield a partition's checkpoints; what cannot be read is one that nobody signed."""


class TopicLedger:
    """The ledger on its topics; `reader` reads a partition of a topic from its beginning to its end."""

    def __init__(self, reader: Callable[[str, int], Iterator[Record]]) -> None:
        self._reader = reader

    def entries(self, partition: int) -> Iterator[LedgerEntry]:
        """Yield a partition's entries in the order of their offsets."""
        for record in self._reader(LEDGER.name, partition):
            try:
                entry = decode(LedgerEntry, record.value or b"")
            except RejectedInput as error:
                raise ContractViolation(f"offset {record.offset}: {error}") from error
            if record.key != entry.customer_id.encode():
                raise ContractViolation(f"offset {record.offset}: its key is not its customer_id")
            yield entry

    def checkpoints(self, partition: int) -> Iterator[Checkpoint]:
        """Yield a partition's checkpoints in the order of their offsets."""
        for record in self._reader(LEDGER_CHECKPOINTS.name, partition):
            try:
                yield checkpoint_of(decode(LedgerCheckpoint, record.value or b""))
            except RejectedInput:
                yield unreadable(partition)


class HistoryLedger:
    """The ledger in ClickHouse; `ask` answers one query. A partition's rows are read page by page.

    Not as FINAL: a row that is there twice is a repeat, and one that would replace another is to be seen beside it.
    """

    def __init__(self, ask: Callable[[str], Answer], page_rows: int = PAGE_ROWS) -> None:
        self._ask = ask
        self._page_rows = page_rows

    def entries(self, partition: int) -> Iterator[LedgerEntry]:
        """Yield a partition's entries in the order of the offsets that they had."""
        table, first = table_of(LEDGER.name).name, 0
        while True:
            # By offsets and not by a number of rows: of rows that share an offset none may fall between two pages.
            where = f"_partition = {partition} AND _offset >= {first}"
            ((rows, first),) = self._ask(f"SELECT count(), min(_offset) FROM {table} WHERE {where}").rows  # noqa: S608
            if not int(rows):
                return
            last = int(first) + self._page_rows - 1
            sql = f"""
                SELECT event_id, toUnixTimestamp64Micro(occurred_at), toUnixTimestamp64Micro(received_at),
                       toString(provider), provider_sequence, toString(source.topic), source.partition, source.offset,
                       entry_id, customer_id, toString(kind), reference, toString(currency), postings.ledger_account,
                       postings.amount_minor, sequence, hex(previous)
                FROM {table} WHERE _partition = {partition} AND _offset BETWEEN {first} AND {last}
                ORDER BY _offset, sequence, entry_id
            """  # noqa: S608 - a constant and numbers
            yield from map(_entry, self._ask(sql).rows)
            first = last + 1

    def checkpoints(self, partition: int) -> Iterator[Checkpoint]:
        """Yield a partition's checkpoints in the order of the offsets that they had."""
        sql = f"""
            SELECT partition, sequence, hex(hash), hex(previous), entries, toUnixTimestamp64Micro(occurred_at),
                   toString(key_id), hex(signature)
            FROM {table_of(LEDGER_CHECKPOINTS.name).name} WHERE _partition = {partition} ORDER BY _offset
        """  # noqa: S608 - a constant and a number
        for of, sequence, hash_, previous, entries, at, key_id, signature in self._ask(sql).rows:
            yield Checkpoint(
                partition=int(of), sequence=int(sequence), hash=bytes.fromhex(hash_), previous=bytes.fromhex(previous),
                entries=int(entries), at=int(at), key_id=str(key_id), signature=bytes.fromhex(signature),
            )  # fmt: skip


def checkpoint_of(said: LedgerCheckpoint) -> Checkpoint:
    """Return what was signed."""
    return Checkpoint(
        partition=said.partition,
        sequence=said.sequence,
        hash=said.hash,
        previous=said.previous,
        entries=said.entries,
        at=said.occurred_at,
        key_id=said.key_id,
        signature=said.signature,
    )


def unreadable(partition: int) -> Checkpoint:
    """Return what stands for a checkpoint that cannot be read: nobody signed it."""
    return Checkpoint(partition=partition, sequence=-1, hash=b"", previous=b"", entries=0, at=0, key_id="")


def _entry(row: Sequence[Any]) -> LedgerEntry:
    """Make an entry of a row; a kind that is none is not looked at here, the chain tells."""
    (
        event_id, occurred_at, received_at, provider, provider_sequence, topic, partition, offset, entry_id,
        customer_id, kind, reference, currency, accounts, amounts, sequence, previous,
    ) = row  # fmt: skip
    return LedgerEntry(
        event_id=event_id, occurred_at=occurred_at, received_at=received_at, provider=provider,
        provider_sequence=provider_sequence, source=Source(topic, partition, offset) if topic else None,
        entry_id=entry_id, customer_id=customer_id, kind=kind, reference=reference, currency=currency,
        postings=tuple(
            Posting(ledger_account=account, amount_minor=amount)
            for account, amount in zip(accounts, amounts, strict=True)
        ),
        sequence=sequence, previous=bytes.fromhex(previous),
    )  # fmt: skip


class Damage(msgspec.Struct, frozen=True):
    """Why reading ended: the entry's id, empty if it cannot be read, and what is wrong."""

    entry_id: str
    said: str


class Feed:
    """A partition's chained entries, and what was seen on the way: those of before the chain, and what ended it."""

    def __init__(self, entries: Iterable[LedgerEntry]) -> None:
        self._entries = entries
        self.unchained = self.given = 0
        self.damage: Damage | None = None

    def __iter__(self) -> Iterator[LedgerEntry]:
        """Yield entries until the end or the first record that is not one as it was written."""
        try:
            for entry in self._entries:
                if entry.sequence < 0 and not self.given:
                    self.unchained += 1
                    continue
                if said := misfit(entry):
                    self.damage = Damage(entry.entry_id, said)
                    return
                self.given += 1
                yield entry
        except RejectedInput as error:
            self.damage = Damage("", str(error))

"""The sink: gathers batches of many partitions, inserts big files, and says when a batch is durable.

Once in effect: an INSERT lands whole or not at all and a partition's rows are inserted in offset order, so the greatest
`_offset` of a partition in its table says exactly what is there. It is read when a partition is assigned, and again
after any failure of which it is not known whether it landed; what is there already is not inserted again.
"""

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

import stamina

from domain.errors import MustStop, RejectedInput
from ops.metrics import SINK_ROWS
from sinks.clickhouse.avro_file import block, container, header
from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.errors import HistoryUnavailable, QueryFailed
from sinks.clickhouse.tables import UNDECODABLE, HistoryTable, table_of

log = logging.getLogger(__name__)

HEADER_BYTES = 5


class KafkaRecord(Protocol):
    """What the sink needs of a consumed record."""

    @property
    def partition(self) -> int: ...  # noqa: D102
    @property
    def offset(self) -> int: ...  # noqa: D102
    @property
    def timestamp_ms(self) -> int: ...  # noqa: D102
    @property
    def key(self) -> bytes | None: ...  # noqa: D102
    @property
    def value(self) -> bytes | None: ...  # noqa: D102
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...  # noqa: D102


class Contracts(Protocol):
    """What the sink needs of the contracts."""

    def writer_schema(self, schema_id: int) -> dict[str, Any]:
        """Return the schema that a wire id stands for; raises RejectedInput for an unknown id."""

    def check(self, topic: str, value: bytes) -> None:
        """Decode a value of a topic and forget it; raises RejectedInput with the reason."""


@dataclass(slots=True)
class _Waiting:
    """What is gathered for one topic and not yet inserted."""

    records: list[KafkaRecord] = field(default_factory=list)
    done: list[asyncio.Future[None]] = field(default_factory=list)
    since: float = 0.0


class HistorySink:
    """Gathers, inserts by size or time, whichever comes first, and resolves each batch when it is durable.

    Args:
        database: the ClickHouse that keeps history; called in a worker thread, one call at a time.
        contracts: schemas by wire id, and the decoder that finds what is at fault in a refused file.
        batch_rows: insert a topic when it has gathered this many records.
        batch_seconds: insert a topic when its oldest record has waited this long.
    """

    def __init__(self, database: ClickHouse, contracts: Contracts, *, batch_rows: int, batch_seconds: float) -> None:
        self._database = database
        self._contracts = contracts
        self._batch_rows = batch_rows
        self._batch_seconds = batch_seconds
        self._waiting: dict[str, _Waiting] = defaultdict(_Waiting)
        self._durable: dict[tuple[str, int], int] = {}
        self._columns: dict[str, tuple[str, ...]] = {}
        self._headers: dict[int, bytes] = {}
        self._wake = asyncio.Event()
        self._lock = asyncio.Lock()

    async def assigned(self, partitions: Iterable[tuple[str, int]]) -> None:
        """Learn what history already has of newly assigned partitions; waits while ClickHouse is away."""
        for topic in sorted({topic for topic, _ in partitions}):
            # There from the start, so that a table into which nothing ever comes shows as zero.
            SINK_ROWS.labels(table_of(topic).name)
            await self._retrying(partial(self._read_durable, topic))

    async def add(self, topic: str, records: Sequence[KafkaRecord]) -> None:
        """Gather a batch of one partition, in offset order, and return when history has it."""
        if not records:
            return
        waiting = self._waiting[topic]
        if not waiting.records:
            waiting.since = time.monotonic()
        waiting.records.extend(records)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting.done.append(done)
        if len(waiting.records) >= self._batch_rows or len(waiting.done) == 1:
            self._wake.set()
        await done

    async def run(self) -> None:
        """Insert what is due, for ever; an error that is not a passing one ends it and must end the process."""
        while True:
            await self._sleep_until_due()
            for topic in [topic for topic, waiting in self._waiting.items() if self._is_due(waiting)]:
                await self._flush(topic)

    async def flush(self) -> None:
        """Insert everything gathered, now."""
        for topic in list(self._waiting):
            await self._flush(topic)

    def _is_due(self, waiting: _Waiting) -> bool:
        full = len(waiting.records) >= self._batch_rows
        return bool(waiting.records) and (full or time.monotonic() - waiting.since >= self._batch_seconds)

    async def _sleep_until_due(self) -> None:
        oldest = min((w.since for w in self._waiting.values() if w.records), default=None)
        if any(self._is_due(waiting) for waiting in self._waiting.values()):
            return
        timeout = None if oldest is None else max(oldest + self._batch_seconds - time.monotonic(), 0.001)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), timeout)
        self._wake.clear()

    async def _flush(self, topic: str) -> None:
        async with self._lock:
            waiting = self._waiting.pop(topic, None)
            if waiting is None or not waiting.records:
                return
            for run in self._runs(topic, waiting.records):
                await self._retrying(partial(self._insert, topic, run))
            for done in waiting.done:
                if not done.done():
                    done.set_result(None)

    def _runs(self, topic: str, records: Sequence[KafkaRecord]) -> list[list[KafkaRecord]]:
        """Cut into runs that fit one file: same writer schema, so that a partition's offsets stay in order."""
        runs: list[list[KafkaRecord]] = []
        last: bytes | None = None
        for record in records:
            if record.value is None:
                continue
            kind = b"" if topic == "dead-letters" else record.value[:HEADER_BYTES]
            if kind != last or len(runs[-1]) >= self._batch_rows:
                runs.append([])
                last = kind
            runs[-1].append(record)
        return runs

    async def _retrying(self, work: Callable[[], None]) -> None:
        async for attempt in stamina.retry_context(
            on=HistoryUnavailable, attempts=None, timeout=None, wait_initial=0.2, wait_max=10.0, wait_jitter=1.0
        ):
            with attempt:
                await asyncio.to_thread(work)

    def _read_durable(self, topic: str) -> None:
        table = table_of(topic)
        sql = f"SELECT _partition, max(_offset) FROM {table.name} WHERE {table.condition} GROUP BY _partition"  # noqa: S608 - names are constants
        for partition, offset in self._database.ask(sql).rows:
            self._durable[topic, int(partition)] = int(offset)

    def _insert(self, topic: str, run: list[KafkaRecord]) -> None:
        table = table_of(topic)
        fresh = [r for r in run if r.offset > self._durable.get((topic, r.partition), -1)]
        if not fresh:
            return
        try:
            if topic == "dead-letters":
                self._insert_dead_letters(fresh)
            else:
                self._insert_file(topic, table, fresh)
        except HistoryUnavailable:
            # It may have landed before the connection broke: ask before trying again.
            self._read_durable(topic)
            raise
        for record in fresh:
            self._durable[topic, record.partition] = record.offset
        SINK_ROWS.labels(table.name).inc(len(fresh))

    def _insert_file(self, topic: str, table: HistoryTable, records: list[KafkaRecord]) -> None:
        try:
            self._send_file(table, records)
        except (QueryFailed, RejectedInput) as refusal:
            sound = self._set_aside(topic, records)
            if len(sound) == len(records):
                raise MustStop(f"history refuses sound records of {topic}: {refusal}") from refusal
            if sound:
                self._send_file(table, sound)

    def _send_file(self, table: HistoryTable, records: list[KafkaRecord]) -> None:
        head = self._header(records[0].value or b"")
        blocks = (block(r.partition, r.offset, r.timestamp_ms, (r.value or b"")[HEADER_BYTES:]) for r in records)
        if table.name not in self._columns:
            self._columns[table.name] = self._database.columns(table.name)
        first, last = records[0], records[-1]
        place = f"{first.partition}-{first.offset}-{last.partition}-{last.offset}-{len(records)}"
        self._database.insert_file(table.name, self._columns[table.name], container(head, blocks), f"{table}-{place}")

    def _header(self, value: bytes) -> bytes:
        if len(value) < HEADER_BYTES or value[0] != 0:
            raise RejectedInput("the value does not begin with a schema id")
        schema_id = int.from_bytes(value[1:HEADER_BYTES])
        if schema_id not in self._headers:
            self._headers[schema_id] = header(self._contracts.writer_schema(schema_id))
        return self._headers[schema_id]

    def _set_aside(self, topic: str, records: list[KafkaRecord]) -> list[KafkaRecord]:
        """Keep what breaks its contract in a table of its own, with the reason, and return the rest."""
        sound, aside = [], []
        for record in records:
            try:
                self._contracts.check(topic, record.value or b"")
            except RejectedInput as reason:
                place = (topic, record.partition, record.offset, _time(record))
                aside.append((*place, record.key or b"", _without_token(topic, record), str(reason)))
            else:
                sound.append(record)
        if aside:
            log.warning("%d records of %s break their contract and went to %s", len(aside), topic, UNDECODABLE)
            columns = ("_topic", "_partition", "_offset", "_timestamp", "key", "value", "reason")
            self._database.insert_rows(UNDECODABLE, columns, aside)
        return sound

    def _insert_dead_letters(self, records: list[KafkaRecord]) -> None:
        rows = []
        for record in records:
            headers = {name: value.decode(errors="replace") for name, value in record.headers}
            value = _without_token(headers.get("__connect.errors.topic", ""), record)
            rows.append((record.partition, record.offset, _time(record), record.key or b"", value, headers))
        columns = ("_partition", "_offset", "_timestamp", "key", "value", "headers")
        self._database.insert_rows("dead_letters", columns, rows)


def _time(record: KafkaRecord) -> datetime:
    return datetime.fromtimestamp(record.timestamp_ms / 1000, UTC)


def _without_token(topic: str, record: KafkaRecord) -> bytes:
    """Return the bytes to keep: a command carries a credential, which stays in Kafka and out of history."""
    return b"" if topic in {"bets.requests", "payments.requests"} else record.value or b""

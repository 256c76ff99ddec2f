"""The sink as a context: connects, migrates, answers questions when it holds the embedded engine, and gathers."""

import asyncio
import logging
from pathlib import Path

import stamina
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from bookstream.delivery.api import Batch
from bookstream.delivery.stopping import stop_now
from domain.errors import MustStop
from sinks.clickhouse import loopback
from sinks.clickhouse.client import ClickHouse, migrate
from sinks.clickhouse.errors import HistoryUnavailable
from sinks.clickhouse.history import Contracts, HistorySink

log = logging.getLogger(__name__)


def _tell(details: RetryDetails) -> None:
    log.warning("history waits %.1f s: %s", details.wait_for, details.caused_by)


class HistoryContext:
    """Takes every topic into ClickHouse; offsets follow what is durable there.

    Args:
        topics: names and their partitions.
        dsn: the ClickHouse to write to.
        data_dir: where the door to an embedded history is.
        contracts: schemas by wire id and the check of a value.
        batch_rows: insert a topic when it has gathered this many records.
        batch_seconds: insert a topic when its oldest record has waited this long.
    """

    name = "history"

    def __init__(
        self,
        topics: dict[str, int],
        *,
        dsn: str,
        data_dir: Path,
        contracts: Contracts,
        batch_rows: int,
        batch_seconds: float,
    ) -> None:
        self.topics = topics
        self._dsn = dsn
        self._data_dir = data_dir
        self._contracts = contracts
        self._batch_rows = batch_rows
        self._batch_seconds = batch_seconds
        self._sink: HistorySink
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect, waiting while ClickHouse is away, and bring the schema up to date."""
        set_on_retry_hooks([_tell])
        async for attempt in stamina.retry_context(
            on=HistoryUnavailable, attempts=None, timeout=None, wait_initial=0.2, wait_max=10.0
        ):
            with attempt:
                database = await asyncio.to_thread(self._connect)
        if database.embedded:
            loopback.serve(database, self._data_dir)
        self._sink = HistorySink(
            database, self._contracts, batch_rows=self._batch_rows, batch_seconds=self._batch_seconds
        )
        self._running = asyncio.create_task(self._run(), name="history-sink")

    async def assigned(self, partitions: list[tuple[str, int]]) -> None:
        """Learn what history has of these partitions."""
        await self._sink.assigned(partitions)

    async def take(self, batch: Batch) -> None:
        """Return when history has the batch."""
        await self._sink.add(batch.topic, batch.records)

    def _connect(self) -> ClickHouse:
        database = ClickHouse(self._dsn)
        applied = migrate(database)
        if applied:
            log.info("history: applied %d statements", len(applied))
        return database

    async def _run(self) -> None:
        try:
            await self._sink.run()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - nothing may be committed past this
            stop_now(self.name, error)
        stop_now(self.name, MustStop("the sink ended"))

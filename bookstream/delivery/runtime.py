"""What a worker does with its batches: units of a stateful context, or a sink's gathering."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from bookstream.delivery.api import Batch, Context, Record, SinkContext
from bookstream.delivery.lanes import MOST_TOPIC_BYTES, Delivered, Lanes, Pool, Progress, places
from bookstream.delivery.metrics import RECORDS
from bookstream.delivery.outbox import Place
from bookstream.delivery.producer import FencedProducer
from bookstream.delivery.source import Fetching
from bookstream.delivery.start import check_topics, hold_directory, librdkafka
from bookstream.delivery.store import PartitionStore
from bookstream.delivery.unit import ShardRunner, slices
from bookstream.delivery.wire import Wire

READY = "worker.ready"


class Runtime(ABC):
    """The part that both kinds of context share: what was delivered, and whether more is taken.

    `most_undone_bytes`: of all partitions; beyond it nothing is taken until half is done. `most_topic_bytes`: of one
    topic. `on_done` is told of each batch that is done.
    """

    most_undone_bytes = 16 * 1024 * 1024
    most_topic_bytes = MOST_TOPIC_BYTES
    fetching = Fetching()

    def __init__(self, bootstrap: str, data_dir: Path, topics: frozenset[str], security: dict[str, Any]) -> None:
        self.bootstrap = bootstrap
        self.data_dir = data_dir
        self.topics = topics
        self.security = security
        self.progress = Progress(self.most_topic_bytes)
        self.accepting = False
        self.on_done: Callable[[Delivered], None] = _nobody
        self._held: Any = None
        self._workers: Lanes | Pool

    def check(self) -> None:
        """Check what must hold before anything is started.

        Raises:
            Misconfigured: another worker runs on the directory, or a topic is missing or has other partitions.
            Unavailable: the broker does not answer.
        """
        if self._held is not None:
            return  # Faust announces a worker twice
        self._held = hold_directory(self.data_dir)
        check_topics(self.bootstrap, self.needed_topics(), self.security)

    async def start(self) -> None:
        """Prepare what needs the event loop; nothing is taken before partitions are assigned."""
        self.accepting = False

    @property
    def librdkafka_security(self) -> dict[str, Any]:
        """Return the settings for SASL and TLS under librdkafka's names."""
        return librdkafka(self.security)

    def _finish(self, batch: Delivered) -> None:
        self.progress.finish(batch)
        self.on_done(batch)

    async def stop(self) -> None:  # noqa: B027 - most have nothing to close
        """Close what `start` opened."""

    @abstractmethod
    def needed_topics(self) -> dict[str, int]:
        """Return the topics that must exist, and with how many partitions."""

    def ready(self) -> None:
        """Say to whoever waits that the tables are recovered and input is taken: a file in the worker's directory."""
        (self.data_dir / READY).touch()

    def parts(self, records: Sequence[Record]) -> Iterable[Sequence[Record]]:
        """Cut what was fetched into what is given at once."""
        return (records,)

    def give(self, batch: Delivered) -> None:
        """Begin the work on a batch."""
        self._workers.give(batch)

    def working_seconds(self) -> float:
        """Return for how long the oldest running unit is at work."""
        return self._workers.working_seconds()

    async def rest(self) -> None:
        """Take nothing more, and return when no unit is running."""
        self.accepting = False
        await self._workers.rest()

    async def forget(self) -> None:
        """Forget everything about the partitions: they may be another worker's now."""
        self.progress.forget()

    @abstractmethod
    async def take_over(self, assigned: Iterable[tuple[str, int]]) -> None:
        """Become the one writer of the assigned partitions."""


class ShardRuntime(Runtime):
    """Runs the units of a stateful context, one runner for each partition.

    Args:
        context: what to run.
        app: the Faust app, for its table and for the end of its changelog.
    """

    def __init__(self, context: Context, app: Any, bootstrap: str, data_dir: Path, security: dict[str, Any]) -> None:  # noqa: ANN401
        super().__init__(bootstrap, data_dir, frozenset(context.handlers), security)
        self.context = context
        self.table: Any = None
        self._app = app
        self._wire = Wire(bootstrap, f"bookstream-{context.name}", security)
        self._producers: dict[int, FencedProducer] = {}
        self._runners: dict[int, ShardRunner] = {}
        self._lanes = self._workers = Lanes(self._work, self._finish, context.unit_records)

    def needed_topics(self) -> dict[str, int]:
        """Return the inputs and the private changelog: all of one size, so that their partitions stay together."""
        return dict.fromkeys((*self.context.handlers, self.context.private_topic), self.context.partitions)

    def parts(self, records: Sequence[Record]) -> Iterable[Sequence[Record]]:
        """Cut what was fetched of a place into turns."""
        return slices(records, self._lanes.size(records[0].topic))

    async def start(self) -> None:
        """Connect to the brokers."""
        await super().start()
        await self._wire.start()

    async def stop(self) -> None:
        """Close the connections."""
        await self._wire.stop()

    async def take_over(self, assigned: Iterable[tuple[str, int]]) -> None:
        """Start a fenced producer for every partition whose input is assigned; not for standbys."""
        await self.forget()
        partitions = {partition for _, partition in places(assigned, self.topics)}
        self._producers = {partition: self._producer(partition) for partition in sorted(partitions)}
        await asyncio.gather(*(producer.start() for producer in self._producers.values()))
        self.accepting = True

    async def forget(self) -> None:
        """Drop the runners with all that they cached, and the producers."""
        await super().forget()
        self._runners.clear()
        self._producers.clear()

    def _producer(self, partition: int) -> FencedProducer:
        name = f"bookstream-{self.context.name}-{partition}"
        changelog = self.context.private_topic, partition
        return FencedProducer(self._wire, self.bootstrap, name, changelog, self.security)

    async def _work(self, place: Place, records: Sequence[Record]) -> float:
        topic, partition = place
        runner = self._runners.get(partition) or await self._resume(partition)
        return await runner.run(topic, records)

    async def _resume(self, partition: int) -> ShardRunner:
        store = PartitionStore(self.table, partition)
        runner = ShardRunner(self.context, partition, store, self._producers[partition])
        await runner.resume(await self._changelog_end(partition))
        self._runners[partition] = runner
        return runner

    async def _changelog_end(self, partition: int) -> int:
        from faust.types import TP  # noqa: PLC0415 - Faust is imported where it is driven, not where it is tested

        tp = TP(self.context.private_topic, partition)
        ends = await self._app.consumer.highwaters(tp)
        return next(int(offset) for place, offset in ends.items() if place[1] == partition)


class SinkRuntime(Runtime):
    """Hands batches to a sink, several at once; each is done when the sink says that it is durable.

    A sink gathers many topics, each to a large insert.
    """

    most_undone_bytes = 64 * 1024 * 1024
    most_topic_bytes = 32 * 1024 * 1024
    fetching = Fetching(wait_ms=250, least_bytes=256 * 1024)

    def __init__(self, context: SinkContext, bootstrap: str, data_dir: Path, security: dict[str, Any]) -> None:
        super().__init__(bootstrap, data_dir, frozenset(context.topics), security)
        self.context = context
        self._workers = Pool(self._work, self._finish)

    def needed_topics(self) -> dict[str, int]:
        """Return the topics of the sink."""
        return dict(self.context.topics)

    async def start(self) -> None:
        """Start the sink."""
        await self.context.start()

    async def take_over(self, assigned: Iterable[tuple[str, int]]) -> None:
        """Let the sink learn what it has of these partitions."""
        await self.context.assigned(places(assigned, self.topics))
        self.accepting = True

    async def _work(self, place: Place, records: Sequence[Record]) -> None:
        await self.context.take(Batch(*place, records))
        RECORDS.labels(self.context.name, place[0]).inc(len(records))


def _nobody(_batch: Delivered) -> None:
    """Need not know."""

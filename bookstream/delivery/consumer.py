"""Faust's consumer, with batches instead of messages and commits by construction.

Private API of faust-streaming 0.15.3 that is relied upon, here, in app.py and in recovery.py: `_drain_messages`,
`_wait_next_records`, `_get_active_partitions`, `_new_offset`, `_filter_tps_with_pending_acks`, `_committed_offset`,
`_read_offset`, `_to_message`. tests/integration/delivery holds each of the holes that this closes against the stock
consumer; it can go when Faust commits only what was acknowledged (faust-streaming issues 136, 323, 606).
"""

import asyncio
import gc
import logging
from collections.abc import Iterator, Sequence
from typing import Any

from faust.transport.consumer import ensure_TP
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from bookstream.delivery.api import Record
from bookstream.delivery.group import GroupThread
from bookstream.delivery.lanes import Delivered
from bookstream.delivery.metrics import LAG
from bookstream.delivery.outbox import Place
from bookstream.delivery.recovery import write_fetched
from bookstream.delivery.runtime import Runtime
from bookstream.delivery.source import Fetched
from bookstream.delivery.sources import Sources
from bookstream.delivery.stopping import stop_now
from bookstream.delivery.watchdog import Watchdog
from domain.errors import MustStop

log = logging.getLogger(__name__)

POLL_SECONDS = 0.2
RETRY_SECONDS = 0.005
IDLE_SECONDS = 0.02


class BatchConsumer(driver.Consumer):
    """Delivers one batch for each partition and poll, and commits only what is done."""

    runtime: Runtime
    _thread: GroupThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Faust's signature
        super().__init__(*args, **kwargs)
        self.runtime = self.app.bookstream_runtime  # type: ignore[attr-defined]
        self._sought: dict[Place, int] = {}
        runtime = self.runtime
        self._source = Sources(
            self.app.conf.id, runtime.bootstrap, runtime.librdkafka_security, self._take,
            position=runtime.progress.expected, fetching=runtime.fetching,
        )  # fmt: skip
        self.runtime.on_done = self._let_go
        self._watchdog = Watchdog(self.app, self.runtime, self.measure)

    async def on_start(self) -> None:
        """Start the runtime before anything is consumed."""
        try:
            await self.runtime.start()
        except Exception as error:  # noqa: BLE001 - a worker that cannot start must say so and end
            stop_now(self.app.conf.id, error)
        self._watchdog.start()
        self._source.start()
        await super().on_start()

    def _new_consumer_thread(self) -> GroupThread:
        return GroupThread(self, loop=self.loop, beacon=self.beacon)

    # -- changelogs ----------------------------------------------------------------------------------------------

    async def _drain_messages(self, fetcher: Any) -> None:  # noqa: ANN401
        """Fetch changelogs for ever, for recovery; the input comes from the source."""
        while not (self._stopped.is_set() or fetcher._stopped.is_set()):  # noqa: SLF001
            try:
                await self._fetch()
            except self.consumer_stopped_errors as error:
                if self.app.should_stop:
                    return
                stop_now(f"{self.app.conf.id} while fetching", error)
            except Exception as error:  # noqa: BLE001 - it ends the process, unless a rebalance explains it
                if not self.app.rebalancing:
                    stop_now(f"{self.app.conf.id} while fetching", error)
                # Positions and assignment change under a fetch; recovery seeks before it resumes.
                log.warning("fetch given up in a rebalance: %r", error)
                await self.sleep(RETRY_SECONDS)

    async def _fetch(self) -> None:
        if not self.flow_active:
            await self.wait(self.can_resume_flow.wait())
            return
        # Outside of recovery nothing is fetched: what a fetch brings that a rebalance overtook would be lost to it.
        if all(tp.topic in self.runtime.topics for tp in self._get_active_partitions()):
            await self.sleep(IDLE_SECONDS)
            return
        generation = self.app.consumer_generation_id
        fetched, _ = await self._wait_next_records(POLL_SECONDS)
        if not fetched or self.should_stop:
            await asyncio.sleep(0)
            return
        changelogs = {tp: records for raw, records in fetched.items() if self._is_changelog(tp := ensure_TP(raw))}
        if not self._flows(generation):
            await self._thread.seek_back({tp: records[0].offset for tp, records in changelogs.items()})
            return
        for tp, records in changelogs.items():
            await self._pass_on(tp, records)

    def _flows(self, generation: int) -> bool:
        return self.flow_active and self.app.consumer_generation_id == generation

    def _is_changelog(self, tp: TP) -> bool:
        return tp.topic not in self.runtime.topics

    async def _pass_on(self, tp: TP, records: Sequence[Any]) -> None:
        """Give changelog records to the store, and those that end recovery to Faust, as its own consumer does."""
        for record in write_fetched(self.app, getattr(self.runtime, "table", None), tp, records):
            if not self.flow_active:
                return
            read = self._read_offset[tp]
            if read is None or record.offset >= read:
                message = self._to_message(tp, record)
                await self.wait_first(self.callback(message), self.suspend_flow.wait())
                self._read_offset[tp] = record.offset

    # -- input ---------------------------------------------------------------------------------------------------

    def _take(self, number: int, fetched: Fetched) -> None:
        """Deliver what was fetched under the assignment that holds.

        Whether Faust lets input flow is not asked: it does so only after the seek, and what would be dropped then does
        not come again by itself. What is delivered while it stops is given up by `rest`.
        """
        if number != self._source.number or not self.runtime.accepting:
            return
        for place, records in fetched.items():
            self._deliver(place, records)
        if self.runtime.progress.undone_bytes >= self.runtime.most_undone_bytes:
            self._source.hold_all()

    def _deliver(self, place: Place, records: Sequence[Record]) -> None:
        """Deliver what follows on what was delivered before; anything else was fetched for another time."""
        progress = self.runtime.progress
        expected = progress.expected(place)
        if expected is None or records[-1].offset < expected:
            return
        first = records[0].offset
        if first > expected:
            # What begins above the expected offset is fetched again, from there: taking it might commit past unread
            # input. If it still does, the log itself has a hole: compaction, or retention that overtook this worker.
            if self._sought.get(place) != expected:
                self._sought[place] = expected
                self._source.again(place, expected)
                return
            log.info("%s/%d has no records from %d to %d", *place, expected, first - 1)
        elif first < expected:
            records = [record for record in records if record.offset >= expected]
        for part in self.runtime.parts(records):
            self.runtime.give(progress.deliver(place, part))
        if progress.full(place):
            self._source.hold(place)

    def _let_go(self, batch: Delivered) -> None:
        """Fetch more, now that something is done."""
        progress = self.runtime.progress
        for place in [held for held in self._source.held if held[0] == batch.place[0]]:
            if progress.half_empty(place):
                self._source.let_go(place)
        if progress.undone_bytes <= self.runtime.most_undone_bytes // 2:
            self._source.let_all_go()

    # -- positions -----------------------------------------------------------------------------------------------

    async def perform_seek(self) -> None:
        """Go to the committed offsets, and to the beginning where nothing was ever committed."""
        generation = self.app.consumer_generation_id
        await super().perform_seek()
        mine = [tp for tp in self.assignment() if tp.topic in self.runtime.topics]
        if not mine:
            return
        starts = {ensure_TP(tp): offset for tp, offset in (await self.earliest_offsets(*mine)).items()}
        ends = {ensure_TP(tp): offset for tp, offset in (await self.highwaters(*mine)).items()}
        if self.app.consumer_generation_id != generation or not self.runtime.accepting:
            return
        positions: dict[Place, int] = {}
        for tp in mine:
            committed = self._committed_offset[tp] or 0
            if committed > ends[tp]:
                # A topic that was made anew: its offsets say nothing about what was committed, nor do the cursors.
                stop_now(self.app.conf.id, MustStop(f"{tp.topic}/{tp.partition} ends at {ends[tp]}, below {committed}"))
            place = tp.topic, tp.partition
            if self.runtime.progress.expected(place) is None:
                self.runtime.progress.expect(place, max(committed, starts[tp]))
            positions[place] = self.runtime.progress.expected(place) or 0
        self._source.assign(positions)
        # A full collection of a large heap takes half a second: what was made until now never needs one.
        gc.freeze()
        self.runtime.ready()

    # -- committing ----------------------------------------------------------------------------------------------

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:  # noqa: ANN401
        for topic, partition in list(self.runtime.progress.committable()):
            tp = TP(topic, partition)
            if topics is None or tp in topics or topic in topics:
                yield tp

    def _new_offset(self, tp: TP) -> int | None:
        return self.runtime.progress.committable().get((tp.topic, tp.partition))

    async def _commit_offsets(self, offsets: Any, start_new_transaction: bool = True) -> bool:  # noqa: ANN401, FBT001, FBT002
        did: bool = await super()._commit_offsets(offsets, start_new_transaction)
        if did:
            committable = self.runtime.progress.committable().items()
            self.runtime.progress.committed(
                everything=not any(self._should_commit(TP(*place), offset) for place, offset in committable)
            )
        return did

    async def _seek(self, partition: TP, offset: int) -> None:
        await self._thread.seek_all({partition: offset})

    async def wait_empty(self) -> None:
        """Let running units end, then commit; Faust closes the tables after this."""
        await self.runtime.rest()
        await super().wait_empty()

    def measure(self) -> None:
        """Set the lag of each partition; called about once a second."""
        self._source.look()
        name = self.app.conf.id.removeprefix("bookstream-")
        for topic, partition in list(self.runtime.progress.expectations()):
            end = self._source.end((topic, partition))
            if end is not None:
                lag = end - (self.runtime.progress.expected((topic, partition)) or 0)
                LAG.labels(name, topic, str(partition)).set(max(0, lag))

    # -- rebalancing ---------------------------------------------------------------------------------------------

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Let running units end, commit them, and forget everything about the partitions."""
        self._source.revoke()
        await self.runtime.rest()
        await super().on_partitions_revoked(revoked)
        self._sought.clear()
        await self.runtime.forget()

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Fence the previous owners before Faust recovers the tables, so that what it recovers is all there is."""
        try:
            await self.runtime.take_over(assigned)
        except Exception as error:  # noqa: BLE001 - without the fence nothing may be written
            stop_now(f"{self.app.conf.id} taking over its partitions", error)
        await super().on_partitions_assigned(assigned, generation_id)

    async def on_stop(self) -> None:
        """End the running units, commit them, and stop."""
        await super().on_stop()
        await self._source.stop()
        await self.runtime.forget()
        await self.runtime.stop()


class Producer(driver.Producer):
    """Faust's own producer, which sends nothing of ours; safe in case that something of Faust's does."""

    def _settings_extra(self) -> dict[str, Any]:
        return {"acks": "all", "enable_idempotence": True}


class Transport(driver.Transport):
    """Faust's transport with the consumer and producer above."""

    Consumer = BatchConsumer
    Producer = Producer

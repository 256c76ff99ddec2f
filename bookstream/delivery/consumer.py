"""Faust's consumer, with batches instead of messages and commits by construction.

Private API of faust-streaming 0.15.3 that is relied upon, here, in app.py and in recovery.py: `_drain_messages`,
`_wait_next_records`, `_get_active_partitions`, `_new_offset`, `_filter_tps_with_pending_acks`, `_committed_offset`,
`_read_offset`, `_to_message`. tests/integration/delivery holds each of the holes that this closes against the stock
consumer; it can go when Faust commits only what was acknowledged (faust-streaming issues 136, 323, 606).
"""

import asyncio
import contextlib
import gc
import logging
from collections.abc import Iterator, Sequence
from typing import Any

from faust.transport.consumer import ensure_TP
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from bookstream.delivery.api import Record
from bookstream.delivery.fetching import ConsumerThread
from bookstream.delivery.lanes import MOST_UNDONE
from bookstream.delivery.metrics import LAG
from bookstream.delivery.recovery import write_fetched
from bookstream.delivery.runtime import Runtime
from bookstream.delivery.stopping import stop_now
from bookstream.delivery.watchdog import Watchdog
from domain.errors import MustStop

log = logging.getLogger(__name__)

POLL_SECONDS = 0.2
HELD_POLL_SECONDS = 0.005


class BatchConsumer(driver.Consumer):
    """Delivers one batch for each partition and poll, and commits only what is done."""

    runtime: Runtime
    _thread: ConsumerThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Faust's signature
        super().__init__(*args, **kwargs)
        self.runtime = self.app.bookstream_runtime  # type: ignore[attr-defined]
        self._held: set[TP] = set()
        self._sought: dict[TP, int] = {}
        self._watchdog = Watchdog(self.app, self.runtime, self.measure)

    async def on_start(self) -> None:
        """Start the runtime before anything is consumed."""
        try:
            await self.runtime.start()
        except Exception as error:  # noqa: BLE001 - a worker that cannot start must say so and end
            stop_now(self.app.conf.id, error)
        self._watchdog.start()
        await super().on_start()

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    # -- fetching ------------------------------------------------------------------------------------------------

    async def _drain_messages(self, fetcher: Any) -> None:  # noqa: ANN401
        """Fetch for ever. Source topics go to the runtime in batches, changelogs to recovery."""
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
                await self.sleep(HELD_POLL_SECONDS)

    async def _fetch(self) -> None:
        if not self.flow_active:
            await self.wait(self.can_resume_flow.wait())
            return
        self._release_held()
        if not self._get_active_partitions():
            await self.sleep(HELD_POLL_SECONDS)
            return
        # Only now: a generation of before the flow stopped would drop what recovery waits for, and never seeks again.
        generation = self.app.consumer_generation_id
        fetched, _ = await self._wait_next_records(HELD_POLL_SECONDS if self._held else POLL_SECONDS)
        if not fetched or self.should_stop:
            await asyncio.sleep(0)
            return
        for raw_tp, records in fetched.items():
            tp = ensure_TP(raw_tp)
            # What is dropped here is fetched again: flow resumes only after recovery, which ends with a seek.
            if not self._flows(generation):
                return
            if tp.topic in self.runtime.topics:
                await self._deliver(tp, records)
            else:
                await self._pass_on(tp, records)

    def _flows(self, generation: int) -> bool:
        return self.flow_active and self.app.consumer_generation_id == generation

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

    async def _deliver(self, tp: TP, fetched: Sequence[Any]) -> None:
        """Deliver what follows on what was delivered before; anything else was fetched for another time."""
        progress, place = self.runtime.progress, (tp.topic, tp.partition)
        expected = progress.expected(place)
        if expected is None or not self.runtime.accepting or fetched[-1].offset < expected:
            return
        first = fetched[0].offset
        if first > expected:
            # After a rebalance, fetches for positions of before still arrive: taking them would commit past unread
            # input. So what begins above the expected offset is fetched again, from there. If it still does, the log
            # itself has a hole: compaction, or retention that overtook this worker.
            if self._sought.get(tp) != expected:
                self._sought[tp] = expected
                await self._thread.seek_all({tp: expected})
                return
            log.info("%s/%d has no records from %d to %d", *place, expected, first - 1)
        topic, partition = place
        records = [
            Record(topic, partition, r.offset, r.timestamp, r.key, r.value, r.headers)
            for r in fetched
            if r.offset >= expected
        ]
        self.runtime.give(progress.deliver(place, records))
        if progress.undone(place) >= MOST_UNDONE:
            self._held.add(tp)
            self.on_buffer_full(tp)

    def _release_held(self) -> None:
        for tp in [tp for tp in self._held if self.runtime.progress.undone((tp.topic, tp.partition)) < MOST_UNDONE]:
            self._held.discard(tp)
            self.on_buffer_drop(tp)

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
        positions: dict[TP, int] = {}
        for tp in mine:
            committed = self._committed_offset[tp] or 0
            if committed > ends[tp]:
                # A topic that was made anew: its offsets say nothing about what was committed, nor do the cursors.
                stop_now(self.app.conf.id, MustStop(f"{tp.topic}/{tp.partition} ends at {ends[tp]}, below {committed}"))
            place = tp.topic, tp.partition
            if self.runtime.progress.expected(place) is None:
                self.runtime.progress.expect(place, max(committed, starts[tp]))
            positions[tp] = self.runtime.progress.expected(place) or 0
        # Always: what was fetched while nothing was expected has moved the positions.
        await self._thread.seek_all(positions)
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
        name = self.app.conf.id.removeprefix("bookstream-")
        for topic, partition in list(self.runtime.progress.expectations()):
            # Between a revocation and what follows from it here, aiokafka denies knowing the partition.
            with contextlib.suppress(AssertionError):
                end = self.highwater(TP(topic, partition))
                lag = (end or 0) - (self.runtime.progress.expected((topic, partition)) or 0)
                LAG.labels(name, topic, str(partition)).set(max(0, lag))

    # -- rebalancing ---------------------------------------------------------------------------------------------

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Let running units end, commit them, and forget everything about the partitions."""
        await self.runtime.rest()
        await super().on_partitions_revoked(revoked)
        self._held.clear()
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
        await self.runtime.forget()


class Producer(driver.Producer):
    """Faust's own producer, which sends nothing of ours; safe in case that something of Faust's does."""

    def _settings_extra(self) -> dict[str, Any]:
        return {"acks": "all", "enable_idempotence": True}


class Transport(driver.Transport):
    """Faust's transport with the consumer and producer above."""

    Consumer = BatchConsumer
    Producer = Producer

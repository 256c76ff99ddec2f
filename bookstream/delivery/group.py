"""Faust's consumer thread: it keeps the group, heartbeats, commits, and fetches changelogs; nothing of the input."""

from typing import Any

from aiokafka import TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

FETCH_WAIT_MS = 50
"""Faust sets 1500 ms. What else uses the connection waits behind a fetch."""


class GroupThread(driver.AIOKafkaConsumerThread):
    """Faust's consumer thread, with its input paused and a long poll short enough not to hold up heartbeats."""

    def _create_worker_consumer(self, transport: Any) -> Any:  # noqa: ANN401
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS  # noqa: SLF001
        return consumer

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Leave the input to the source, before aiokafka fetches any of it."""
        topics = self.app.bookstream_runtime.topics  # type: ignore[attr-defined]
        self._ensure_consumer().pause(*[TopicPartition(*tp) for tp in assigned if tp.topic in topics])
        await super().on_partitions_assigned(assigned, generation_id)

    async def seek_all(self, positions: dict[TP, int]) -> None:
        """Go to positions, in this thread's own loop: Faust's `seek` changes futures of it from the other thread."""
        await self.call_thread(self._seek_all, positions)

    async def _seek_all(self, positions: dict[TP, int]) -> None:
        for tp, offset in positions.items():
            self._ensure_consumer().seek(tp, offset)

    async def seek_back(self, positions: dict[TP, int]) -> None:
        """Have records fetched again that a rebalance overtook; never skip any that were not fetched yet."""
        await self.call_thread(self._seek_back, positions)

    async def _seek_back(self, positions: dict[TP, int]) -> None:
        consumer = self._ensure_consumer()
        assignment = consumer._subscription.subscription.assignment  # noqa: SLF001
        for tp, offset in positions.items():
            place = TopicPartition(*tp)
            if assignment is None or place not in assignment.tps:
                continue
            state = assignment.state_value(place)
            if state.has_valid_position and offset < state.position:
                consumer.seek(place, offset)

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Do nothing: it looks for Faust's streams, which batches do not go through. See watchdog.py."""

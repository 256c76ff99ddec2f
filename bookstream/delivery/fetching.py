"""Faust's consumer thread, which fetches and heartbeats on a loop of its own."""

from typing import Any

from faust.transport.drivers import aiokafka as driver
from faust.types import TP

FETCH_WAIT_MS = 50
"""Faust sets 1500 ms. What else uses the connection waits behind a fetch, and so does a partition that was not part of
it because its records were not yet taken."""


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Faust's consumer thread, with a long poll short enough not to hold up what else uses the connection."""

    def _create_worker_consumer(self, transport: Any) -> Any:  # noqa: ANN401
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS  # noqa: SLF001
        return consumer

    async def seek_all(self, positions: dict[TP, int]) -> None:
        """Go to positions, in this thread's own loop: Faust's `seek` changes futures of it from the other thread."""
        await self.call_thread(self._seek_all, positions)

    async def _seek_all(self, positions: dict[TP, int]) -> None:
        for tp, offset in positions.items():
            self._ensure_consumer().seek(tp, offset)

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Do nothing: it looks for Faust's streams, which batches do not go through. See watchdog.py."""

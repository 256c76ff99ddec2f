"""A thread that ends a worker which has stopped working without noticing.

After a broker dies, aiokafka can search for its coordinator for ever: the worker goes on without heartbeats or commits,
another takes its partitions, and SIGTERM hangs (FAUST.md). A thread, since it must also see an event loop that hangs.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

from bookstream.delivery.metrics import UNCOMMITTED
from bookstream.delivery.runtime import Runtime
from bookstream.delivery.stopping import stop_now
from domain.errors import MustStop

LOOP_SECONDS = 60.0
UNIT_SECONDS = 60.0
COMMIT_SECONDS = 30.0
CRASHED_SECONDS = 5.0
LOOK_SECONDS = 1.0


class Watchdog:
    """Watches one worker; `start` once its event loop runs.

    Args:
        app: the Faust app.
        runtime: its units and commits.
        measure: called in the event loop about once a second.
    """

    def __init__(self, app: Any, runtime: Runtime, measure: Callable[[], None]) -> None:  # noqa: ANN401
        self._app = app
        self._runtime = runtime
        self._measure = measure
        self._beat = time.monotonic()
        self._crashed_at: float | None = None
        self._gauge = UNCOMMITTED.labels(app.conf.id.removeprefix("bookstream-"))
        self._beating: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the thread and the task that shows it a living loop."""
        self._beating = asyncio.create_task(self._beats(), name="watchdog-beat")
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    async def _beats(self) -> None:
        while True:
            self._beat = time.monotonic()
            self._measure()
            await asyncio.sleep(LOOK_SECONDS)

    def _watch(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            reason = self.reason(time.monotonic())
            if reason:
                stop_now(self._app.conf.id, MustStop(reason))

    def reason(self, now: float) -> str | None:
        """Return why the process must end, or None."""
        waited = self._runtime.progress.uncommitted_seconds()
        self._gauge.set(waited)
        if self._app.crashed and self._crashed_at is None:
            self._crashed_at = now
        if self._crashed_at is not None and now - self._crashed_at > CRASHED_SECONDS:
            return f"Faust crashed and did not end: {self._app.crash_reason!r}"
        if waited > COMMIT_SECONDS:
            return f"no commit got through for {waited:.0f} s"
        if self._runtime.working_seconds() > UNIT_SECONDS:
            return f"a unit is not durable after {UNIT_SECONDS:.0f} s"
        if now - self._beat > LOOP_SECONDS:
            return f"the event loop has stood still for {LOOP_SECONDS:.0f} s"
        return None

"""Time as a drill lets it pass: as the wall's, but waiting takes none of it, and the wall's clock may be set."""

import asyncio
import time
from typing import Final

from connectors.resilience.web import SECOND as SECOND_US

BEGAN: Final = 1_700_000_000 * SECOND_US


class SkippingClock:
    """Real time and what was slept, microseconds UTC; whoever sleeps by it goes on at once.

    `set_by_us` is how far the wall's clock was set off from the true time.
    """

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._skipped_us = 0
        self.set_by_us = 0

    def true(self) -> int:
        """Return the time, which is never set."""
        return BEGAN + int((time.monotonic() - self._began) * SECOND_US) + self._skipped_us

    def now(self) -> int:
        """Return what the wall's clock says."""
        return self.true() + self.set_by_us

    def seconds(self) -> float:
        """Return the time in seconds."""
        return self.true() / SECOND_US

    async def sleep(self, seconds: float) -> None:
        """Let so much time pass at once."""
        self._skipped_us += int(max(seconds, 0) * SECOND_US)
        await asyncio.sleep(0)

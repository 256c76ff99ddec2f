"""The wall's clock into the log, for live operation: a replay brings its own."""

import time
from collections.abc import Callable

from bookstream.outlet import Outlet
from bookstream.replaying import clock_tick
from bookstream.topics import CLOCK

TICK_SECONDS = 0.25


def run_clock(outlet: Outlet, until: Callable[[], bool]) -> None:
    """Write a tick to every partition four times a second, until told to stop."""
    step = int(TICK_SECONDS * 1_000_000)
    due = time.time_ns() // 1000 // step * step
    while not until():
        due += step
        time.sleep(max(0.0, due / 1_000_000 - time.time()))
        outlet.send(CLOCK.name, clock_tick(due))
    outlet.flush()

"""The drill of the feeds: every live connector against every fault, over real sockets on this machine."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Final

from bookstream.faults import betfair, polled, unified
from bookstream.faults.outcome import Outcome
from bookstream.faults.services import KINDS
from bookstream.faults.waits import Waits

Run = Callable[[], Awaitable[Outcome]]
CONNECTORS: Final = ("betfair", *KINDS, "uof")
LOGGERS: Final = ("stamina", "aiormq", "aio_pika", "asyncio")
"""They tell of every connection that breaks, and here all do."""


def runs(connectors: Iterable[str], faults: Sequence[str], waits: Waits) -> dict[tuple[str, str], Run]:
    """Return what is to be run, by connector and fault; no fault named is all of them."""
    found: dict[tuple[str, str], Run] = {}
    for name in connectors:
        if name == "betfair":
            found |= {(name, each): partial(betfair.drill, each, waits) for each in betfair.FAULTS}
        elif name == "uof":
            found |= {(name, each): partial(unified.drill, each) for each in unified.FAULTS}
        else:
            found |= {(name, each): partial(polled.drill, KINDS[name], each, waits) for each in polled.FAULTS}
    return {key: run for key, run in found.items() if not faults or key[1] in faults}


async def drill(chosen: dict[tuple[str, str], Run]) -> list[Outcome]:
    """Run what was chosen, and return its outcomes in its order.

    The faults wait at the same time. Of the Unified Odds Feed the clock is the wall's, only faster: it runs by itself.
    """
    levels = {name: logging.getLogger(name).level for name in LOGGERS}
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        fast = {key: run for key, run in chosen.items() if key[0] == "uof"}
        done = await _together(fast) | await _together({key: chosen[key] for key in chosen if key not in fast})
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
    return [done[key] for key in chosen]


async def _together(chosen: dict[tuple[str, str], Run]) -> dict[tuple[str, str], Outcome]:
    outcomes = await asyncio.gather(*(run() for run in chosen.values()))
    return dict(zip(chosen, outcomes, strict=True))

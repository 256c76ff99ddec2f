"""Who listens to a live feed in a drill: which ticks were heard, how the feed is, and when something came to be so."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from types import TracebackType
from typing import Any

from connectors.contract import Item
from domain.errors import BookstreamError
from domain.events.feeds import RawMessage

PATIENCE_S = 90.0


class Hearing:
    """Reads a live feed in the background. Use it as a context.

    Args:
        live: the feed.
        numbers_of: reads the numbers of the ticks in a payload.
        now: the time, microseconds.
    """

    def __init__(
        self, live: AsyncGenerator[Item], numbers_of: Callable[[bytes], set[int]], now: Callable[[], int]
    ) -> None:
        self._live = live
        self._numbers_of = numbers_of
        self._now = now
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[int]]] = []
        self.heard: set[int] = set()
        self.state = ""
        self.trouble = ""

    async def __aenter__(self) -> "Hearing":
        self._task = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def until(self, is_so: Callable[[], bool]) -> int | None:
        """Wait until something is so after an item, and return when it was; None when the feed ended or time was up."""
        moment: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((is_so, moment))
        either: set[asyncio.Future[Any]] = {moment, self._task}
        await asyncio.wait(either, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        self._waiting = [each for each in self._waiting if each[1] is not moment]
        if moment.done():
            return moment.result()
        if not self._task.done():
            self.trouble = f"not so after {PATIENCE_S:g} s"
        return None

    async def _read(self) -> None:
        try:
            async with aclosing(self._live) as live:
                async for item in live:
                    if isinstance(item, RawMessage):
                        self.heard |= self._numbers_of(item.payload)
                    else:
                        self.state = item.state
                    for is_so, moment in self._waiting:
                        if not moment.done() and is_so():
                            moment.set_result(self._now())
        except BookstreamError as error:
            self.trouble = f"{type(error).__name__}: {error}"

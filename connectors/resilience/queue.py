"""A bounded queue between who reads a provider and who publishes: when it is full the reader waits.

A reader that waits leaves bytes in the socket, so TCP slows the provider down: memory stays bounded, nothing lost.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Depth:
    """How full the queue has been."""

    highest: int = 0
    waits: int = 0


@dataclass(frozen=True, slots=True)
class _End(Generic[T]):
    error: Exception | None


async def buffered(source: AsyncGenerator[T], size: int, depth: Depth | None = None) -> AsyncGenerator[T]:
    """Yield a source's items, read ahead by at most `size` of them; the source's error comes after its last item.

    When the reader of this goes away, the source is closed.
    """
    queue: asyncio.Queue[T | _End[T]] = asyncio.Queue(size)
    seen = depth or Depth()
    task = asyncio.create_task(_read(source, queue, seen))
    try:
        while True:
            item = await queue.get()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _read(source: AsyncGenerator[T], queue: "asyncio.Queue[T | _End[T]]", depth: Depth) -> None:
    end: _End[T] = _End(None)
    try:
        async with aclosing(source) as items:
            async for item in items:
                depth.waits += queue.full()
                await queue.put(item)
                depth.highest = max(depth.highest, queue.qsize())
    except Exception as error:  # noqa: BLE001 - handed over to the reader, whole
        end = _End(error)
    await queue.put(end)

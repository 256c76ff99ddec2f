"""A connector that polls a web service: what all of them share, but for their files."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from connectors.contract import Item, Position
from connectors.polling import PollCounts, Polling, PollOptions, Service
from connectors.resilience.breaker import Guard
from connectors.resilience.queue import Depth, buffered
from domain.errors import Misconfigured
from domain.events.feeds import RawMessage

Given = TypeVar("Given", bound=PollOptions)


class Poller(ABC, Generic[Given]):
    """Replays recordings; with options it polls. See `contract.Connector`.

    `position` is the place after the last item that `live` yielded; all endpoints are one stream. `needs` says which
    key is needed and where it is set.
    """

    provider: ClassVar[str]
    title: ClassVar[str]
    needs: ClassVar[str]

    def __init__(self, options: Given | None = None, *, guard: Guard | None = None) -> None:
        self._options = options
        self._guard = guard or Guard()
        self.position: Position | None = None
        self.counts = PollCounts()
        self.depth = Depth()

    @staticmethod
    @abstractmethod
    def service(options: Given) -> Service:
        """Return the service that these options describe."""

    @abstractmethod
    def recorded(self, path: Path, *, start: int = 0, received_at: int | None = None) -> Iterator[RawMessage]:
        """Yield the messages of a recorded file; see the contract."""

    async def live(self, *, position: Position | None = None) -> AsyncGenerator[Item]:
        """Yield messages and states as they come; see the contract.

        Raises:
            Misconfigured: the key is missing or refused, or a request is.
        """
        if self._options is None or not self._options.key:
            raise Misconfigured(f"{self.title} needs {self.needs}")
        if not self._options.endpoints:
            raise Misconfigured(f"{self.title} needs at least one endpoint to poll")
        polling = Polling(self.service(self._options), self._options, position, self._guard)
        self.counts = polling.counts
        async with aclosing(buffered(polling.items(), self._options.queue_size, self.depth)) as items:
            async for item, after in items:
                self.position = after
                yield item

"""The connector to The Odds API v4."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import ClassVar

from connectors.contract import Item, Position
from connectors.polling import PollCounts, Polling
from connectors.resilience.breaker import Guard
from connectors.resilience.queue import Depth, buffered
from connectors.theoddsapi.live import TheOddsApiService
from connectors.theoddsapi.protocol import TheOddsApiOptions
from connectors.theoddsapi.recorded import PROVIDER, recorded
from domain.errors import Misconfigured
from domain.events.feeds import RawMessage


class TheOddsApi:
    """Replays recordings; with options it polls. See `contract.Connector`.

    `position` is the place after the last item that `live` yielded; all endpoints are one stream.
    """

    provider: ClassVar[str] = PROVIDER

    def __init__(self, options: TheOddsApiOptions | None = None, *, guard: Guard | None = None) -> None:
        self._options = options
        self._guard = guard or Guard()
        self.position: Position | None = None
        self.counts = PollCounts()
        self.depth = Depth()

    def recorded(self, path: Path, *, start: int = 0, received_at: int | None = None) -> Iterator[RawMessage]:
        """Yield the messages of a recorded file; see the contract."""
        return recorded(path, start=start, received_at=received_at)

    async def live(self, *, position: Position | None = None) -> AsyncGenerator[Item]:
        """Yield messages and states as they come; see the contract.

        Raises:
            Misconfigured: the key is missing or refused, or a request is.
        """
        if self._options is None or not self._options.key:
            raise Misconfigured("The Odds API needs a key: set BOOKSTREAM_THEODDSAPI_KEY")
        if not self._options.endpoints:
            raise Misconfigured("The Odds API needs at least one endpoint to poll")
        polling = Polling(TheOddsApiService(self._options), self._options, position, self._guard)
        self.counts = polling.counts
        async with aclosing(buffered(polling.items(), self._options.queue_size, self.depth)) as items:
            async for item, after in items:
                self.position = after
                yield item

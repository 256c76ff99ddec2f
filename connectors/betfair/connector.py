"""The connector to the Betfair Exchange Stream."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import ClassVar

from connectors.betfair.live import LiveCounts, LiveStream
from connectors.betfair.protocol import BetfairOptions
from connectors.betfair.recorded import PROVIDER, recorded
from connectors.contract import Item, Position
from connectors.resilience.breaker import Guard
from connectors.resilience.queue import Depth, buffered
from domain.errors import Misconfigured
from domain.events.feeds import RawMessage


class Betfair:
    """Replays recordings; with options it connects. See `contract.Connector`.

    `position` is the place after the last item that `live` yielded: stored once that item is published, it lets
    another process go on from there.
    """

    provider: ClassVar[str] = PROVIDER

    def __init__(self, options: BetfairOptions | None = None, *, guard: Guard | None = None) -> None:
        self._options = options
        self._guard = guard or Guard()
        self.position: Position | None = None
        self.counts = LiveCounts()
        self.depth = Depth()

    def recorded(self, path: Path, *, start: int = 0, received_at: int | None = None) -> Iterator[RawMessage]:
        """Yield the messages of a recorded file; see the contract."""
        return recorded(path, start=start, received_at=received_at)

    async def live(self, *, position: Position | None = None) -> AsyncGenerator[Item]:
        """Yield messages and states as they come; see the contract.

        Raises:
            Misconfigured: credentials are missing or refused, or the subscription is.
        """
        if self._options is None or not self._options.app_key or not self._options.session:
            raise Misconfigured("Betfair's live stream needs BOOKSTREAM_BETFAIR_APP_KEY and BOOKSTREAM_BETFAIR_SESSION")
        stream = LiveStream(self._options, position, self._guard)
        self.counts = stream.counts
        async with aclosing(buffered(stream.items(), self._options.queue_size, self.depth)) as items:
            async for item, after in items:
                self.position = after
                yield item

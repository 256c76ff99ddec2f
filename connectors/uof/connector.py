"""The connector to Sportradar's Unified Odds Feed."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import ClassVar

from connectors.contract import Item, Position
from connectors.resilience.breaker import Guard
from connectors.uof.live_options import UofOptions
from connectors.uof.recorded import PROVIDER, recorded
from domain.errors import Misconfigured
from domain.events.feeds import RawMessage


class Uof:
    """Replays recordings; with options it connects. See `contract.Connector`.

    `position` is the place after the last item that `live` yielded: stored once that item is published, it lets another
    process go on from there. A message is acknowledged when the reader comes for the next one.
    """

    provider: ClassVar[str] = PROVIDER

    def __init__(self, options: UofOptions | None = None, *, guard: Guard | None = None) -> None:
        self._options = options
        self._guard = guard or Guard()
        self.position: Position | None = None

    def recorded(self, path: Path, *, start: int = 0, received_at: int | None = None) -> Iterator[RawMessage]:
        """Yield the documents of a recorded file; see the contract."""
        return recorded(path, start=start, received_at=received_at)

    async def live(self, *, position: Position | None = None) -> AsyncGenerator[Item]:
        """Yield messages and states as they come; see the contract.

        Raises:
            Misconfigured: the token is missing or refused.
        """
        if self._options is None or not self._options.token:
            raise Misconfigured("the Unified Odds Feed needs an access token: set BOOKSTREAM_UOF_TOKEN")
        # Loaded when asked for: a replay needs no AMQP client.
        from connectors.uof.live import LiveFeed  # noqa: PLC0415

        feed = LiveFeed(self._options, position, self._guard)
        self.counts = feed.counts
        async with aclosing(feed.items()) as items:
            async for item, after, taken in items:
                self.position = after
                yield item
                await taken()

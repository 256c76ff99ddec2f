"""The connector to The Odds API v4."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from connectors.poller import Poller
from connectors.polling import Service
from connectors.theoddsapi.live import TheOddsApiService
from connectors.theoddsapi.protocol import TheOddsApiOptions
from connectors.theoddsapi.recorded import PROVIDER, recorded
from domain.events.feeds import RawMessage


class TheOddsApi(Poller[TheOddsApiOptions]):
    """Replays recordings; with options it polls. See `Poller`."""

    provider: ClassVar[str] = PROVIDER
    title: ClassVar[str] = "The Odds API"
    needs: ClassVar[str] = "a key: set BOOKSTREAM_THEODDSAPI_KEY"

    @staticmethod
    def service(options: TheOddsApiOptions) -> Service:
        """Return the service that these options describe."""
        return TheOddsApiService(options)

    def recorded(self, path: Path, *, start: int = 0, received_at: int | None = None) -> Iterator[RawMessage]:
        """Yield the messages of a recorded file; see the contract."""
        return recorded(path, start=start, received_at=received_at)

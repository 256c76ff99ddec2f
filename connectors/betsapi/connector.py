"""The connector to BetsAPI."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Final

from connectors.betsapi.live import PROVIDER, BetsApiOptions, BetsApiService
from connectors.betsapi.parser import CONTENT_TYPE, parse
from connectors.documents import Format, documents, replayed
from connectors.poller import Poller
from connectors.polling import Service
from domain.events.feeds import RawMessage

FORMAT: Final = Format("BetsAPI", lambda payload: parse(payload).said_at())


class BetsApi(Poller[BetsApiOptions]):
    """Replays recorded answers; with options it polls. See `Poller`."""

    provider: ClassVar[str] = PROVIDER
    title: ClassVar[str] = "BetsAPI"
    needs: ClassVar[str] = "a token: set BOOKSTREAM_BETSAPI_TOKEN"

    @staticmethod
    def service(options: BetsApiOptions) -> Service:
        """Return the service that these options describe."""
        return BetsApiService(options)

    def recorded(self, path: Path, *, start: int = 0, received_at: int | None = None) -> Iterator[RawMessage]:
        """Yield the answers of a recorded file; see the contract."""
        answers = documents(path, FORMAT)
        return replayed(
            answers, path, provider=PROVIDER, content_type=CONTENT_TYPE, start=start, received_at=received_at
        )

"""The connector to Pinnacle."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Final

from connectors.bookmakers.connector import Bookmaker
from connectors.documents import Timed, documents
from connectors.pinnacle import messages
from domain.feeds.coupon import Coupon

OFFERS: Final = "betoffers"
LIST: Final = "events"


class Pinnacle(Bookmaker):
    """Replays captures. See `contract.Connector`.

    Lines name no match, only its id. So where the list of matches lies beside a file of lines, as
    `pinnacle_events` beside `pinnacle_betoffers`, it is the first message of the same stream.
    """

    provider: ClassVar[str] = "pinnacle"

    @staticmethod
    def parse(payload: bytes) -> Coupon:
        """Parse an answer; see `Bookmaker.parse`."""
        return messages.parse(payload)

    def payloads(self, path: Path) -> Iterator[Timed]:
        """Yield what a file says, after what the list beside it says."""
        beside = path.with_name(path.name.replace(OFFERS, LIST))
        if beside != path and beside.is_file():
            for each in documents(beside, self.format):
                yield each._replace(endpoint=f"file:{beside.name}")
        yield from documents(path, self.format)

"""The connector to football-data.co.uk's files."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any, ClassVar, Final

from connectors.contract import Item, Position
from connectors.documents import replayed
from connectors.footballdata.messages import HEADER, parse
from connectors.tables import CONTENT_TYPE, Table, table_rows
from domain.errors import Misconfigured
from domain.events.feeds import RawMessage

PROVIDER: Final = "footballdata"
TABLE: Final = Table("football-data.co.uk", HEADER, lambda payload: parse(payload).over_at)


class FootballData:
    """Replays the site's files, a match a message. See `contract.Connector`."""

    provider: ClassVar[str] = PROVIDER

    def __init__(self, options: Any = None) -> None:  # noqa: ANN401 - every connector is made with its options
        self._options = options

    def recorded(self, path: Path, *, start: int = 0, received_at: int | None = None) -> Iterator[RawMessage]:
        """Yield the matches of a file, each received when it was over; see the contract."""
        rows = table_rows(path, TABLE)
        return replayed(rows, path, provider=PROVIDER, content_type=CONTENT_TYPE, start=start, received_at=received_at)

    async def live(self, *, position: Position | None = None) -> AsyncGenerator[Item]:  # noqa: ARG002 - the contract's
        """Refuse: the site publishes files, twice a week.

        Raises:
            Misconfigured: always.
        """
        raise Misconfigured("football-data.co.uk publishes files: replay them")
        yield  # type: ignore[unreachable]  # a generator, as the contract has it

"""The connector to Opta's files."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any, ClassVar, Final

from connectors.contract import Item, Position
from connectors.documents import replayed
from connectors.opta.parser import CONTENT_TYPE
from connectors.opta.recorded import payloads
from domain.errors import Misconfigured
from domain.events.feeds import RawMessage

PROVIDER: Final = "opta"


class Opta:
    """Replays recordings. See `contract.Connector`."""

    provider: ClassVar[str] = PROVIDER

    def __init__(self, options: Any = None) -> None:  # noqa: ANN401 - every connector is made with its options
        self._options = options

    def recorded(self, path: Path, *, start: int = 0, received_at: int | None = None) -> Iterator[RawMessage]:
        """Yield the events or the result of a file, each received when it says that it happened; see the contract."""
        timed = payloads(path)
        return replayed(timed, path, provider=PROVIDER, content_type=CONTENT_TYPE, start=start, received_at=received_at)

    async def live(self, *, position: Position | None = None) -> AsyncGenerator[Item]:  # noqa: ARG002 - the contract's
        """Refuse: its files are pushed to a customer's own server.

        Raises:
            Misconfigured: always.
        """
        raise Misconfigured("Opta pushes its files to a customer's server: replay them")
        yield  # type: ignore[unreachable]  # a generator, as the contract has it

"""The connector to Sportradar's Unified Odds Feed."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any, ClassVar

from connectors.contract import Item, Position
from connectors.uof.recorded import PROVIDER, recorded
from domain.errors import Misconfigured
from domain.events.feeds import RawMessage


class Uof:
    """Replays recordings. See `contract.Connector`."""

    provider: ClassVar[str] = PROVIDER

    def __init__(self, options: Any = None) -> None:  # noqa: ANN401 - every connector is made with its options
        self._options = options

    def recorded(self, path: Path, *, start: int = 0, received_at: int | None = None) -> Iterator[RawMessage]:
        """Yield the documents of a recorded file; see the contract."""
        return recorded(path, start=start, received_at=received_at)

    async def live(self, *, position: Position | None = None) -> AsyncGenerator[Item]:  # noqa: ARG002 - the contract's
        """Refuse: this feed is replayed from recordings only.

        Raises:
            Misconfigured: always.
        """
        raise Misconfigured("the Unified Odds Feed is replayed from recordings only: name its files")
        yield  # type: ignore[unreachable]  # a generator, as the contract has it

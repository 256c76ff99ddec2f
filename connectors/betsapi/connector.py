"""The connector to BetsAPI."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any, ClassVar, Final

from connectors.betsapi.parser import CONTENT_TYPE, parse
from connectors.contract import Item, Position
from connectors.documents import Format, documents, replayed
from domain.errors import Misconfigured
from domain.events.feeds import RawMessage

PROVIDER: Final = "betsapi"
FORMAT: Final = Format("BetsAPI", lambda payload: parse(payload).said_at())


class BetsApi:
    """Replays recorded answers. See `contract.Connector`."""

    provider: ClassVar[str] = PROVIDER

    def __init__(self, options: Any = None) -> None:  # noqa: ANN401 - every connector is made with its options
        self._options = options

    def recorded(self, path: Path, *, start: int = 0, received_at: int | None = None) -> Iterator[RawMessage]:
        """Yield the answers of a recorded file; see the contract."""
        answers = documents(path, FORMAT)
        return replayed(
            answers, path, provider=PROVIDER, content_type=CONTENT_TYPE, start=start, received_at=received_at
        )

    async def live(self, *, position: Position | None = None) -> AsyncGenerator[Item]:  # noqa: ARG002 - the contract's
        """Refuse: this provider is replayed from recordings only.

        Raises:
            Misconfigured: always.
        """
        raise Misconfigured("BetsAPI is replayed from recordings only: name its files")
        yield  # type: ignore[unreachable]  # a generator, as the contract has it

"""A connector to one bookmaker's captured answers: each provider names itself and its parser."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import ClassVar, Final

from connectors.bookmakers.capture import time_of
from connectors.contract import Item, Position
from connectors.documents import Format, Timed, documents, replayed
from domain.errors import Misconfigured
from domain.events.feeds import RawMessage
from domain.feeds.coupon import Coupon

JSON: Final = "application/json"


class Bookmaker(ABC):
    """Replays captures; these bookmakers publish no feed that could be subscribed to. See `contract.Connector`."""

    provider: ClassVar[str]

    def __init__(self, options: object = None) -> None:
        if options is not None:
            raise Misconfigured(f"{self.provider} is only replayed from captures, it takes no options")

    @staticmethod
    @abstractmethod
    def parse(payload: bytes) -> Coupon:
        """Parse an answer.

        Raises:
            UndecodableInput: the bytes are not JSON.
            ContractViolation: the JSON is no answer of this bookmaker.
        """

    def recorded(self, path: Path, *, start: int = 0, received_at: int | None = None) -> Iterator[RawMessage]:
        """Yield a capture's answers; see the contract.

        Each is received when its newest offer was changed. Where it does not say, that is just before the earliest
        kick-off in it: the latest time at which it can have been made.
        """
        return replayed(
            self.payloads(path), path, provider=self.provider, content_type=JSON, start=start, received_at=received_at
        )

    def live(self, *, position: Position | None = None) -> AsyncGenerator[Item]:  # noqa: ARG002 - as in the contract
        """Refuse; see the contract.

        Raises:
            Misconfigured: always.
        """
        raise Misconfigured(f"{self.provider} has no live feed: replay its captures")

    def payloads(self, path: Path) -> Iterator[Timed]:
        """Yield what a file says, in order."""
        return documents(path, self.format)

    @property
    def format(self) -> Format:
        """Return how this bookmaker's answers are told and timed."""
        return Format(self.provider, lambda payload: time_of(self.parse(payload)))

"""The connector to Betcenter."""

from typing import ClassVar

from connectors.betcenter import messages
from connectors.bookmakers.connector import Bookmaker
from domain.feeds.coupon import Coupon


class Betcenter(Bookmaker):
    """Replays captures. See `contract.Connector`."""

    provider: ClassVar[str] = "betcenter"

    @staticmethod
    def parse(payload: bytes) -> Coupon:
        """Parse an answer; see `Bookmaker.parse`."""
        return messages.parse(payload)

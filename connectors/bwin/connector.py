"""The connector to bwin."""

from typing import ClassVar

from connectors.bookmakers.connector import Bookmaker
from connectors.bwin import messages
from domain.feeds.coupon import Coupon


class Bwin(Bookmaker):
    """Replays captures. See `contract.Connector`."""

    provider: ClassVar[str] = "bwin"

    @staticmethod
    def parse(payload: bytes) -> Coupon:
        """Parse an answer; see `Bookmaker.parse`."""
        return messages.parse(payload)

"""The connector to Altenar, the platform of Golden Palace and others."""

from typing import ClassVar

from connectors.altenar import messages
from connectors.bookmakers.connector import Bookmaker
from domain.feeds.coupon import Coupon


class Altenar(Bookmaker):
    """Replays captures. See `contract.Connector`."""

    provider: ClassVar[str] = "altenar"

    @staticmethod
    def parse(payload: bytes) -> Coupon:
        """Parse an answer; see `Bookmaker.parse`."""
        return messages.parse(payload)

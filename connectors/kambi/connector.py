"""The connector to Kambi, the platform of Unibet, Napoleon and others."""

from typing import ClassVar

from connectors.bookmakers.connector import Bookmaker
from connectors.kambi import messages
from domain.feeds.coupon import Coupon


class Kambi(Bookmaker):
    """Replays captures. See `contract.Connector`."""

    provider: ClassVar[str] = "kambi"

    @staticmethod
    def parse(payload: bytes) -> Coupon:
        """Parse an answer; see `Bookmaker.parse`."""
        return messages.parse(payload)

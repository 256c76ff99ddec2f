"""The connector to SBTech, the platform of Bet777 and others."""

from typing import ClassVar

from connectors.bookmakers.connector import Bookmaker
from connectors.sbtech import messages
from domain.feeds.coupon import Coupon


class Sbtech(Bookmaker):
    """Replays captures. See `contract.Connector`."""

    provider: ClassVar[str] = "sbtech"

    @staticmethod
    def parse(payload: bytes) -> Coupon:
        """Parse an answer; see `Bookmaker.parse`."""
        return messages.parse(payload)

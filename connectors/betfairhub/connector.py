"""The connector to the season tables that Betfair publishes."""

from typing import ClassVar, Final

from connectors.betfairhub.messages import GROUP, HEADER, NAME, parse
from connectors.tables import Table, TableConnector

PROVIDER: Final = "betfairhub"


class BetfairHub(TableConnector):
    """Replays the tables: all runners of a match are one message."""

    provider: ClassVar[str] = PROVIDER
    table: ClassVar[Table] = Table(NAME, HEADER, lambda payload: parse(payload).over_at, group=GROUP)

"""The connector to football-data.co.uk's files."""

from typing import ClassVar, Final

from connectors.footballdata.messages import HEADER, NAME, parse
from connectors.tables import Table, TableConnector

PROVIDER: Final = "footballdata"


class FootballData(TableConnector):
    """Replays the site's files."""

    provider: ClassVar[str] = PROVIDER
    table: ClassVar[Table] = Table(NAME, HEADER, lambda payload: parse(payload).over_at)

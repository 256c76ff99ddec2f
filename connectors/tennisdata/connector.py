"""The connector to tennis-data.co.uk's files."""

from typing import ClassVar, Final

from connectors.tables import Table, TableConnector
from connectors.tennisdata.messages import HEADER, NAME, parse

PROVIDER: Final = "tennisdata"


class TennisData(TableConnector):
    """Replays the site's files, exported as CSV."""

    provider: ClassVar[str] = PROVIDER
    table: ClassVar[Table] = Table(NAME, HEADER, lambda payload: parse(payload).over_at)

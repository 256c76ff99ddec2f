"""The connector to point-by-point tables."""

from typing import ClassVar, Final

from connectors.tables import Table, TableConnector
from connectors.tennispbp.messages import HEADER, NAME, parse

PROVIDER: Final = "tennispbp"


class TennisPbp(TableConnector):
    """Replays the tables, a match a message."""

    provider: ClassVar[str] = PROVIDER
    table: ClassVar[Table] = Table(NAME, HEADER, lambda payload: parse(payload).over_at)

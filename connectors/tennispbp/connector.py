"""The connector to point-by-point tables."""

from typing import ClassVar, Final

from connectors.tables import Table, TableConnector
from connectors.tennispbp import slam
from connectors.tennispbp.messages import HEADER, NAME, parse, told

PROVIDER: Final = "tennispbp"


def _at(payload: bytes) -> int:
    match = told(payload)
    return match.year_at if isinstance(match, slam.Players) else match.over_at


class TennisPbp(TableConnector):
    """Replays the tables, a match a message: a year's, or the two of a major."""

    provider: ClassVar[str] = PROVIDER
    table: ClassVar[Table] = Table(NAME, HEADER, lambda payload: parse(payload).over_at)
    others: ClassVar[tuple[Table, ...]] = (
        Table(NAME, slam.PLAYERS_HEADER, _at),
        Table(NAME, slam.POINTS_HEADER, _at, group=slam.GROUP),
    )

"""The connector to goal-minute lists: the goals of a match, one after the other in its file, are one message.

The lists tell no time of the kick-off: a match is received when its day is over (UTC), and the clock of its goals
(domain.feeds.matchclock) begins with the day.
"""

from typing import ClassVar, Final

from connectors.goaltimes.messages import HEADER, NAME, parse
from connectors.tables import Table, TableConnector

PROVIDER: Final = "goaltimes"
TABLE: Final = Table(NAME, HEADER, lambda payload: parse(payload).over_at, group="game")


class GoalTimes(TableConnector):
    """Replays the lists, a match a message."""

    provider: ClassVar[str] = PROVIDER
    table: ClassVar[Table] = TABLE

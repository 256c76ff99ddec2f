"""The providers whose files are tables of matches that are over, by name."""

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from agents.ingest_betfairhub import BetfairHub
from agents.ingest_fixtures import Fixtures
from agents.ingest_footballdata import FootballData
from agents.ingest_goaltimes import GoalTimes
from agents.ingest_tennisdata import TennisData
from agents.ingest_tennispbp import TennisPbp
from agents.ingest_turn import Turn


class Normaliser(Protocol):
    """A table's rows to canonical events; see `agents.ingest.Normaliser`."""

    def gap(self, turn: Turn) -> None:
        """Note that messages before this one are missing."""

    def take(self, turn: Turn) -> None:
        """Take a message, and say what follows."""


TABLES: Final[Mapping[str, Callable[[Fixtures], Normaliser]]] = {
    "betfairhub": BetfairHub,
    "footballdata": FootballData,
    "goaltimes": GoalTimes,
    "tennisdata": TennisData,
    "tennispbp": TennisPbp,
}
"""Each one's normaliser."""

ANY_ORDER_US: Final = 1_000 * 86_400_000_000
"""Each message is a match of its own, and true whenever it is told: a table's rows are in any order."""

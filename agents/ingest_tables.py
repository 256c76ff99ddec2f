"""The providers whose files are tables of matches that are over, by name."""

from collections.abc import Callable, Mapping
from typing import Final

from agents.ingest_fixtures import Fixtures
from agents.ingest_footballdata import FootballData

TABLES: Final[Mapping[str, Callable[[Fixtures], FootballData]]] = {"footballdata": FootballData}
"""Each one's normaliser."""

ANY_ORDER_US: Final = 1_000 * 86_400_000_000
"""Each message is a match of its own, and true whenever it is told: a table's rows are in any order."""

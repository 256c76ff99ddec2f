"""The goal-minute lists' words in canonical ones: which league a file is of.

A file is named by the country and the league in the words of its publisher: goals_time_eng-premier-league.csv.
"""

import re
from typing import Final

LEAGUES: Final = {
    "aut-bundesliga": "Austrian Bundesliga", "bel-pro-league": "Belgian First Division A",
    "eng-championship": "Championship", "eng-premier-league": "Premier League", "esp-primera-division": "La Liga",
    "fra-ligue-1": "Ligue 1", "ger-bundesliga": "Bundesliga", "ita-serie-a": "Serie A", "ned-eredivisie": "Eredivisie",
    "por-primeira-liga": "Primeira Liga", "sco-premiership": "Scottish Premiership",
}  # fmt: skip
_FILE: Final = re.compile(r"goals_time_([a-z0-9-]{1,60})\.")


def league_of(endpoint: str) -> str:
    """Return the competition that a file is of; empty where its name says none that is known."""
    found = _FILE.search(endpoint)
    return LEAGUES.get(found[1], "") if found else ""

"""tennis-data.co.uk's vocabulary in canonical words: its bookmakers, and how a match ended.

Source: the site's key to its columns. A column of odds is a bookmaker's code and W or L: for the winner, the loser.
"""

import re
from typing import Final, Literal

from domain.feeds.markets import MarketKind

Ending = Literal["COMPLETED", "RETIRED", "WALKOVER"]

BOOKMAKERS: Final = {
    "B365": "bet365", "B&W": "bwin", "BFE": "betfair_exchange", "CB": "centrebet", "EX": "expekt", "GB": "gamebookers",
    "IW": "interwetten", "LB": "ladbrokes", "PS": "pinnacle", "SB": "sportingbet", "SJ": "stanjames", "UB": "unibet",
    "Max": "market_max", "Avg": "market_average",
}  # fmt: skip
"""Codes of bookmakers; the highest and the mean odds of many are told as bookmakers of their own."""

ENDINGS: Final[dict[str, Ending]] = {
    "completed": "COMPLETED", "retired": "RETIRED", "walkover": "WALKOVER", "disqualified": "RETIRED",
}  # fmt: skip

MATCH_ODDS: Final = MarketKind(market_type="MATCH_ODDS", shape="SIDES")

_CODES: Final = "|".join(sorted(map(re.escape, BOOKMAKERS), key=len, reverse=True))
_PRICE: Final = re.compile(rf"({_CODES})([WL])")


def price_column(name: str) -> tuple[str, bool] | None:
    """Read the name of a column of odds as (bookmaker, whether of the winner); None where it is none."""
    match = _PRICE.fullmatch(name)
    return (BOOKMAKERS[match[1]], match[2] == "W") if match else None


def sides(winner: str, loser: str) -> tuple[str, str]:
    """Return the two players in an order that does not tell who won."""
    first, second = sorted((winner, loser), key=lambda name: (name.casefold(), name))
    return first, second

"""The canonical vocabulary of markets: their types, their selections, and which sport counts what."""

import re
from typing import Final, Literal

import msgspec

Shape = Literal["SIDES", "OVER_UNDER", "YES_NO", "ODD_EVEN", "SCORES", "DOUBLE_CHANCE", "RUNNERS"]

HOME, DRAW, AWAY = "home", "draw", "away"
DRAWS: Final = frozenset(["draw", "the draw", "tie", "x"])
FINISHING: Final = frozenset(["MATCH_ODDS", "WIN", "PLACE"])
"""When one of these is settled, the match or race is over."""

GOAL_SPORTS: Final = frozenset(["soccer", "ice_hockey"])
MOST_GOALS: Final = 100
"""No match has more; a score beyond it is an error of its source."""

_TOTALS: Final = {"soccer": "GOALS", "ice_hockey": "GOALS", "baseball": "RUNS", "cricket": "RUNS", "tennis": "GAMES"}
_EVENT: Final = re.compile(r"\s+(v|vs\.?|@)\s+", re.IGNORECASE)
_SCORE: Final = re.compile(r"^\s*(\d+)\s*[-:]\s*(\d+)\s*$")


class MarketKind(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider's market is in canonical words.

    `by_line` markets hold many lines, each a market of its own; `own` ones exist at this provider alone.
    """

    market_type: str
    shape: Shape
    period: str = "FT"
    line_milli: int | None = None
    by_line: bool = False
    own: bool = False


def totals_type(sport: str) -> str:
    """Name the total market of a sport by what it counts."""
    return f"TOTAL_{_TOTALS.get(sport, 'POINTS')}"


def handicap_type(sport: str) -> str:
    """Name the handicap market of a sport."""
    return "ASIAN_HANDICAP" if sport == "soccer" else "HANDICAP"


def milli(number: float) -> int:
    """Turn a decimal of at most three places into thousandths: odds and lines."""
    return round(number * 1000)


def sides_of(event: str) -> tuple[str, str] | None:
    """Return (home, away) of an event's name: "home v away", or "away @ home" as American sports write it."""
    parts = _EVENT.split(event.strip(), maxsplit=1)
    if len(parts) != 3 or not parts[0] or not parts[2]:
        return None
    first, sign, second = parts
    return (second, first) if sign == "@" else (first, second)


def is_draw(name: str) -> bool:
    """Say whether a selection's name means the draw."""
    return name.strip().lower() in DRAWS


def score_selection(name: str) -> str | None:
    """Return the selection of a correct score, home goals first ("2-1"), or None for the rest ("Any Other")."""
    match = _SCORE.match(name)
    return f"{int(match[1])}-{int(match[2])}" if match else None


def text_selection(name: str) -> str:
    """Return the selection of a name that has no canonical word."""
    return "r-" + re.sub(r"[^0-9a-z]+", "_", name.lower()).strip("_")

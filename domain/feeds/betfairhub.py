"""The words of Betfair's season tables in canonical ones: which market a name is, which selection a runner is.

A column of prices says its moment: KICK_OFF, HALF_TIME, or so many minutes before the match. The tables name markets
as people read them and mostly leave out the type.
"""

import re
from functools import lru_cache
from typing import Final, Literal

import msgspec

from domain.feeds.betfair import DRAW_IDS, kind_of
from domain.feeds.markets import AWAY, DRAW, HOME, MarketKind, is_draw, score_selection, sides_of, text_selection

Part = Literal["BACK", "LAY", "VOLUME"]

HALF_TIME: Final = "HALF_TIME"
KICK_OFF: Final = "KICK_OFF"
_TYPES: Final = {
    "match odds": "MATCH_ODDS", "half time": "HALF_TIME", "draw no bet": "DRAW_NO_BET",
    "double chance": "DOUBLE_CHANCE", "correct score": "CORRECT_SCORE", "half time score": "HALF_TIME_SCORE",
    "asian handicap": "ASIAN_HANDICAP",
}  # fmt: skip
GOAL_LINES: Final = MarketKind(market_type="BETFAIR_GOAL_LINES", shape="OVER_UNDER", by_line=True, own=True)
"""Whole, half and quarter lines in one market: not the ones of the markets of one half line each."""
_PARTS: Final[dict[str, Part]] = {
    "BEST_BACK": "BACK", "BEST_BACK_PRICE": "BACK", "BEST_LAY": "LAY", "BEST_LAY_PRICE": "LAY",
    "MATCHED_VOLUME": "VOLUME",
}  # fmt: skip
_COLUMN: Final = re.compile(
    r"(BEST_BACK|BEST_LAY|BEST_BACK_PRICE|BEST_LAY_PRICE|MATCHED_VOLUME)_(KICK_OFF|HALF_TIME|(\d{1,3})_MIN_PRIOR)"
)
_GOALS: Final = re.compile(r"(over/under|first half goals) (\d)\.5(?: goals)?")
_HEAD_START: Final = re.compile(r"(.+) \+(\d)")
_VERSUS: Final = re.compile(r"(\d+) vs (\d+)")
_DOUBLES: Final = {
    "home or draw": "home_or_draw", "draw or away": "draw_or_away", "home or away": "home_or_away",
}  # fmt: skip


class PriceColumn(msgspec.Struct, frozen=True):
    """A column of prices: its moment's name, the minutes that it lies before kick-off, and what it holds."""

    moment: str
    minutes_before: int
    part: Part


@lru_cache(maxsize=256)
def price_column(name: str) -> PriceColumn | None:
    """Read the name of a column of prices or volumes; None where it is none."""
    match = _COLUMN.fullmatch(name)
    return PriceColumn(match[2], int(match[3] or 0), _PARTS[match[1]]) if match else None


def sides_in(path: str) -> tuple[str, str] | None:
    """Return (home, away) as the folder of the match in a path of folders names them."""
    return next((found for found in map(sides_of, path.split("/")) if found), None)


def market_of(name: str, home: str, away: str) -> tuple[MarketKind, int | None]:
    """Return what a market is by its name, and its line where that is part of the name."""
    text = name.casefold()
    if text == "goal lines":
        return GOAL_LINES, None
    if goals := _GOALS.fullmatch(text):
        part = "FIRST_HALF_GOALS" if goals[1] == "first half goals" else "OVER_UNDER"
        kind = kind_of("soccer", f"{part}_{goals[2]}5", "ODDS")
        return kind, kind.line_milli
    start = _HEAD_START.fullmatch(name)
    side = _side_of(start[1], home, away) if start else None
    if start and side:
        goals_milli = int(start[2]) * 1000
        kind = MarketKind(market_type="EUROPEAN_HANDICAP", shape="SIDES", by_line=True)
        return kind, goals_milli if side == HOME else -goals_milli
    if text in _TYPES:
        return kind_of("soccer", _TYPES[text], "ODDS"), None
    own = text_selection(name)[2:].upper() or "UNNAMED"
    return MarketKind(market_type=f"BETFAIR_{own}", shape="RUNNERS", own=True), None


def selection_of(kind: MarketKind, runner_id: int, name: str, home: str, away: str) -> str:
    """Return the selection of a runner; one that no canonical word fits is "r-<id>"."""
    text, own = name.casefold(), f"r-{runner_id}"
    if kind.shape == "SIDES":
        return _side(runner_id, name, home, away) or own
    if kind.shape == "OVER_UNDER":
        word = text.split(" ", maxsplit=1)[0]
        return word if word in {"over", "under"} else own
    if kind.shape == "DOUBLE_CHANCE":
        return _DOUBLES.get(text, own)
    if kind.shape == "SCORES":
        return score_selection(_VERSUS.sub(r"\1-\2", name)) or own
    return own


def _side(runner_id: int, name: str, home: str, away: str) -> str | None:
    plain = re.sub(r" (\(HT\)|\+\d|vs\d)$", "", name)
    if runner_id in DRAW_IDS or is_draw(plain):
        return DRAW
    return _side_of(plain, home, away)


def _side_of(name: str, home: str, away: str) -> str | None:
    """Say which side a name means; a runner's may be shorter or longer by words at its end ("Western Sydney (W)")."""
    words, sides = _words(name), {HOME: _words(home), AWAY: _words(away)}
    exact = [side for side, full in sides.items() if full == words]
    near = [side for side, full in sides.items() if words and full[: len(words)] == words[: len(full)]]
    found = exact or near
    return found[0] if len(found) == 1 else None


def _words(name: str) -> list[str]:
    return name.casefold().replace("(w)", "").split()

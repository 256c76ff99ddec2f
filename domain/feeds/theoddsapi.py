"""The Odds API's vocabulary in canonical words: sports, markets, and which outcome is which selection."""

from typing import Final

import msgspec

from domain.feeds.markets import (
    AWAY,
    DRAW,
    HOME,
    MarketKind,
    handicap_type,
    is_draw,
    milli,
    text_selection,
    totals_type,
)

_SPORTS: Final = {
    "icehockey": "ice_hockey", "americanfootball": "american_football", "aussierules": "australian_rules",
    "rugbyleague": "rugby_league", "rugbyunion": "rugby_union",
}  # fmt: skip
_HALVES: Final = {"_h1": "1H", "_h2": "2H"}
LAY_SUFFIX: Final = "_lay"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome of a market as the provider names it."""

    name: str
    point: float | None = None
    description: str = ""


def sport_of(sport_key: str) -> str:
    """Name the sport of a sport's key."""
    group = sport_key.split("_", maxsplit=1)[0]
    return _SPORTS.get(group, group)


def kind_of(sport: str, market_key: str) -> MarketKind:
    """Return what a market is; the lay side of a market is that market."""
    key = market_key.removesuffix(LAY_SUFFIX).removeprefix("alternate_")
    period = _HALVES.get(key[-3:], "FT")
    if period != "FT":
        key = key[:-3]
    match key:
        case "h2h":
            market_type = "HALF_TIME" if period == "1H" else "MATCH_ODDS"
            return MarketKind(market_type=market_type, shape="SIDES", period=period)
        case "spreads":
            return MarketKind(market_type=handicap_type(sport), shape="SIDES", period=period, by_line=True)
        case "totals":
            return MarketKind(market_type=totals_type(sport), shape="OVER_UNDER", period=period, by_line=True)
        case "btts":
            return MarketKind(market_type="BOTH_TO_SCORE", shape="YES_NO", period=period)
        case "draw_no_bet":
            return MarketKind(market_type="DRAW_NO_BET", shape="SIDES", period=period)
        case _:
            return MarketKind(market_type=f"THEODDSAPI_{market_key.upper()}", shape="RUNNERS", own=True)


def place_of(kind: MarketKind, outcome: Outcome, home: str, away: str) -> tuple[str, int | None]:
    """Return an outcome's selection and its line in thousandths.

    A handicap's line is the home side's: the away side's point is turned round. -0.0 and 0 are one line.
    """
    selection = _selection(kind, outcome, home, away)
    if not kind.by_line or outcome.point is None:
        return selection, None
    line = milli(outcome.point)
    return selection, -line if kind.shape == "SIDES" and selection == AWAY else line


def _selection(kind: MarketKind, outcome: Outcome, home: str, away: str) -> str:
    name = outcome.name
    if kind.shape == "SIDES":
        if name == home:
            return HOME
        if name == away:
            return AWAY
        return DRAW if is_draw(name) else text_selection(name)
    word = name.lower()
    if (kind.shape == "OVER_UNDER" and word in {"over", "under"}) or (kind.shape == "YES_NO" and word in {"yes", "no"}):
        return word
    parts = (outcome.description, name, "" if outcome.point is None else str(outcome.point))
    return text_selection(" ".join(part for part in parts if part))

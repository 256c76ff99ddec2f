"""Betfair's vocabulary in canonical words: sports, market types, and which runner is which selection."""

import re
from typing import Final

import msgspec

from domain.feeds.markets import (
    AWAY,
    DRAW,
    HOME,
    MarketKind,
    is_draw,
    score_selection,
    sides_of,
)

SPORTS: Final = {
    "1": "soccer", "2": "tennis", "3": "golf", "4": "cricket", "5": "rugby_union", "6": "boxing", "7": "horse_racing",
    "1477": "rugby_league", "3503": "darts", "4339": "greyhound_racing", "6422": "snooker",
    "6423": "american_football", "7511": "baseball", "7522": "basketball", "7524": "ice_hockey", "26420387": "mma",
    "61420": "australian_rules", "998917": "volleyball", "468328": "handball", "2593174": "table_tennis",
}  # fmt: skip
RACING: Final = frozenset(["horse_racing", "greyhound_racing"])
DRAW_IDS: Final = frozenset([58805, 60443])
"""The Draw has an id of its own, also where a stream has no names."""

_KINDS: Final = {
    "MATCH_ODDS": MarketKind(market_type="MATCH_ODDS", shape="SIDES"),
    "HALF_TIME": MarketKind(market_type="HALF_TIME", shape="SIDES", period="1H"),
    "DRAW_NO_BET": MarketKind(market_type="DRAW_NO_BET", shape="SIDES"),
    "BOTH_TEAMS_TO_SCORE": MarketKind(market_type="BOTH_TO_SCORE", shape="YES_NO"),
    "DOUBLE_CHANCE": MarketKind(market_type="DOUBLE_CHANCE", shape="DOUBLE_CHANCE"),
    "CORRECT_SCORE": MarketKind(market_type="CORRECT_SCORE", shape="SCORES"),
    "HALF_TIME_SCORE": MarketKind(market_type="CORRECT_SCORE", shape="SCORES", period="1H"),
    "ODD_OR_EVEN": MarketKind(market_type="ODD_OR_EVEN", shape="ODD_EVEN"),
    "ASIAN_HANDICAP": MarketKind(market_type="ASIAN_HANDICAP", shape="SIDES", by_line=True),
    "WIN": MarketKind(market_type="WIN", shape="RUNNERS"),
    "PLACE": MarketKind(market_type="PLACE", shape="RUNNERS"),
}
_LINES: Final = re.compile(r"^(OVER_UNDER|FIRST_HALF_GOALS)_(\d+)(5)(_CORNR|_CARDS)?$")
_COUNTED: Final = {None: "GOALS", "_CORNR": "CORNERS", "_CARDS": "CARDS"}
_DOUBLE: Final = ("home_or_draw", "draw_or_away", "home_or_away")
_TWO_WAY: Final = {"OVER_UNDER": ("under", "over"), "YES_NO": ("yes", "no"), "ODD_EVEN": ("odd", "even")}


class Runner(msgspec.Struct, frozen=True, kw_only=True):
    """One runner of a market definition: what selection it can be told by."""

    id: int
    handicap_milli: int = 0
    name: str = ""


def sport_of(event_type: str) -> str:
    """Name the sport of an event type's id."""
    return SPORTS.get(event_type, f"betfair_{event_type}")


def bookmaker_of(regulators: tuple[str, ...]) -> str:
    """Name the book: the international exchange, or that of one country, whose prices are its own."""
    local = sorted(regulator for regulator in regulators if regulator != "MR_INT")
    if not local or "MR_INT" in regulators:
        return "betfair"
    return "betfair_" + local[0].removeprefix("MR_").lower()


def kind_of(sport: str, market_type: str | None, betting_type: str) -> MarketKind:
    """Return what a market is. A type without a canonical word keeps its own under Betfair's name."""
    if market_type in _KINDS and betting_type in {"ODDS", "ASIAN_HANDICAP_DOUBLE_LINE"}:
        return _KINDS[market_type]
    lines = _LINES.match(market_type or "") if sport == "soccer" else None
    if lines and betting_type == "ODDS":
        whole, half = int(lines[2]), int(lines[3])
        return MarketKind(
            market_type=f"TOTAL_{_COUNTED[lines[4]]}",
            shape="OVER_UNDER",
            period="1H" if lines[1] == "FIRST_HALF_GOALS" else "FT",
            line_milli=whole * 1000 + half * 100,
        )
    return MarketKind(market_type=f"BETFAIR_{market_type or 'SPECIAL'}", shape="RUNNERS", own=True)


def selections_of(kind: MarketKind, runners: tuple[Runner, ...], *, away_first: bool) -> tuple[str, ...]:
    """Return the selection of each runner, given in their sort order.

    Without names the order tells: home before away, under before over, yes before no. `away_first` turns the sides
    round, for "away @ home". A runner that no canonical word fits is "r-<id>", with its handicap where it has one.
    """
    if kind.shape == "SIDES":
        return _sides(runners, away_first=away_first)
    return tuple(_selection(kind, index, runner) for index, runner in enumerate(runners))


def lists_away_first(event: str, first_runner: str) -> bool:
    """Say whether a market lists the away side before the home side: by its first runner's name, else by "@"."""
    sides = sides_of(event)
    if sides is None:
        return False
    home, away = (side.strip().casefold() for side in sides)
    first = first_runner.strip().casefold()
    return first == away if first in {home, away} else "@" in event


def own_selection(runner: Runner) -> str:
    """Return the selection of a runner that only Betfair knows."""
    return f"r-{runner.id}_{runner.handicap_milli}" if runner.handicap_milli else f"r-{runner.id}"


def _sides(runners: tuple[Runner, ...], *, away_first: bool) -> tuple[str, ...]:
    order = (AWAY, HOME) if away_first else (HOME, AWAY)
    ids = list(dict.fromkeys(runner.id for runner in runners if not _draws(runner)))
    named = {runner_id: order[index] for index, runner_id in enumerate(ids[:2])}
    return tuple(DRAW if _draws(runner) else named.get(runner.id, own_selection(runner)) for runner in runners)


def _draws(runner: Runner) -> bool:
    return runner.id in DRAW_IDS or is_draw(runner.name)


def _selection(kind: MarketKind, index: int, runner: Runner) -> str:
    own = own_selection(runner)
    match kind.shape:
        case "SCORES":
            return score_selection(runner.name) or own
        case "DOUBLE_CHANCE":
            return _DOUBLE[index] if index < len(_DOUBLE) else own
        case "OVER_UNDER" | "YES_NO" | "ODD_EVEN":
            pair = _TWO_WAY[kind.shape]
            word = runner.name.lower().split(" ", maxsplit=1)[0]
            if word in pair:
                return word
            return pair[index] if index < len(pair) and not runner.name else own
        case _:
            return own

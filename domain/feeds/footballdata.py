"""football-data.co.uk's vocabulary in canonical words: its columns, its bookmakers, its divisions.

Source: the site's key to its columns (NOTES_columns.md). A column is a bookmaker's code, `C` where the odds are the
closing ones, and the outcome: H, D, A, >2.5, <2.5, AHH, AHA. The columns of a file change from season to season.
"""

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, Literal

import msgspec

from domain.feeds.calendar import EPOCH, uk_micros
from domain.feeds.markets import AWAY, DRAW, HOME, MarketKind

BOOKMAKERS: Final = {
    "B365": "bet365", "BF": "betfair_sportsbook", "BFD": "betfred", "BFE": "betfair_exchange", "BMGM": "betmgm",
    "BS": "bluesquare", "BV": "betvictor", "BW": "bwin", "CL": "coral", "GB": "gamebookers", "IW": "interwetten",
    "LB": "ladbrokes", "P": "pinnacle", "PS": "pinnacle", "SB": "sportingbet", "SJ": "stanjames", "SO": "sportingodds",
    "SY": "stanleybet", "VC": "betvictor", "WH": "williamhill", "1XB": "onexbet", "Max": "market_max",
    "Avg": "market_average", "BbMx": "betbrain_max", "BbAv": "betbrain_average",
}  # fmt: skip
"""Codes of bookmakers; the highest and the mean odds of many are told as bookmakers of their own."""

DIVISIONS: Final = {
    "E0": "Premier League", "E1": "Championship", "E2": "League One", "E3": "League Two", "EC": "National League",
    "SC0": "Scottish Premiership", "SC1": "Scottish Championship", "SC2": "Scottish League One",
    "SC3": "Scottish League Two", "D1": "Bundesliga", "D2": "2. Bundesliga", "I1": "Serie A", "I2": "Serie B",
    "SP1": "La Liga", "SP2": "La Liga 2", "F1": "Ligue 1", "F2": "Ligue 2", "N1": "Eredivisie",
    "B1": "Belgian First Division A", "P1": "Primeira Liga", "T1": "Super Lig", "G1": "Super League Greece",
}  # fmt: skip

COUNTS: Final = {
    "HS": "home_shots_count", "AS": "away_shots_count", "HST": "home_shots_on_target_count",
    "AST": "away_shots_on_target_count", "HHW": "home_hit_woodwork_count", "AHW": "away_hit_woodwork_count",
    "HC": "home_corners_count", "AC": "away_corners_count", "HF": "home_fouls_count", "AF": "away_fouls_count",
    "HFKC": "home_free_kicks_conceded_count", "AFKC": "away_free_kicks_conceded_count",
    "HO": "home_offsides_count", "AO": "away_offsides_count", "HY": "home_yellow_cards_count",
    "AY": "away_yellow_cards_count", "HR": "home_red_cards_count", "AR": "away_red_cards_count",
    "HBP": "home_booking_points_count", "ABP": "away_booking_points_count", "Attendance": "attendance_count",
    "Bb1X2": "match_odds_bookmakers_count", "BbOU": "total_goals_bookmakers_count",
    "BbAH": "asian_handicap_bookmakers_count",
}  # fmt: skip
"""Numbers of a match by column, as statistics."""

MATCH_ODDS: Final = MarketKind(market_type="MATCH_ODDS", shape="SIDES")
TOTAL_GOALS: Final = MarketKind(market_type="TOTAL_GOALS", shape="OVER_UNDER", by_line=True)
ASIAN_HANDICAP: Final = MarketKind(market_type="ASIAN_HANDICAP", shape="SIDES", by_line=True)

_OUTCOMES: Final = {
    "H": (MATCH_ODDS, HOME), "D": (MATCH_ODDS, DRAW), "A": (MATCH_ODDS, AWAY), "AHH": (ASIAN_HANDICAP, HOME),
    "AHA": (ASIAN_HANDICAP, AWAY),
}  # fmt: skip
_CODES: Final = "|".join(sorted(map(re.escape, BOOKMAKERS), key=len, reverse=True))
_PRICE: Final = re.compile(rf"({_CODES})(C?)(?:(H|D|A|AHH|AHA)|([<>])(\d{{1,2}}\.\d{{1,2}}))")
_HANDICAP: Final = re.compile(rf"AH(C?)h|(BbAH)h|({_CODES})(C?)AH")

Moment = Literal["OPENING", "CLOSING"]


class PriceColumn(msgspec.Struct, frozen=True):
    """A column of odds. `line_milli` is None where the row states the line, or there is none."""

    bookmaker: str
    moment: Moment
    kind: MarketKind
    selection: str
    line_milli: int | None = None


class LineColumn(msgspec.Struct, frozen=True):
    """A column of the home side's handicap: of one bookmaker, or of all at that moment."""

    moment: Moment
    bookmaker: str | None = None


_FRIDAY: Final = 4
_TUESDAY: Final = 1


def collected_at(kick_off_at: int) -> int:
    """Return when the opening odds of a match were collected at the latest, always before its kick-off.

    The site's key: those of a weekend on Fridays not later than 17:00, of midweek on Tuesdays not later than 15:00, by
    the clocks of the United Kingdom.
    """
    day = (EPOCH + timedelta(microseconds=kick_off_at)).date()
    is_midweek = _TUESDAY <= day.weekday() < _FRIDAY
    collected = day - timedelta(days=(day.weekday() - (_TUESDAY if is_midweek else _FRIDAY)) % 7)
    hour = 15 if is_midweek else 17
    local = datetime(collected.year, collected.month, collected.day, hour)  # noqa: DTZ001 - by the clocks of the UK
    return min(uk_micros(local), kick_off_at - 1)


@lru_cache(maxsize=4_096)
def price_column(name: str) -> PriceColumn | None:
    """Read the name of a column of odds; None where it is none."""
    match = _PRICE.fullmatch(name)
    if match is None:
        return None
    code, closing, outcome, sign, line = match.groups()
    moment: Moment = "CLOSING" if closing else "OPENING"
    if outcome:
        kind, selection = _OUTCOMES[outcome]
        return PriceColumn(BOOKMAKERS[code], moment, kind, selection)
    selection = "over" if sign == ">" else "under"
    return PriceColumn(BOOKMAKERS[code], moment, TOTAL_GOALS, selection, round(float(line) * 1000))


@lru_cache(maxsize=256)
def line_column(name: str) -> LineColumn | None:
    """Read the name of a column of handicaps; None where it is none."""
    match = _HANDICAP.fullmatch(name)
    if match is None or name in COUNTS:
        return None
    of_all_closing, betbrain, code, closing = match.groups()
    if betbrain or code is None:
        return LineColumn("CLOSING" if of_all_closing else "OPENING")
    return LineColumn("CLOSING" if closing else "OPENING", BOOKMAKERS[code])

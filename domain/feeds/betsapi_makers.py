"""The words of the bookmakers whose own feeds BetsAPI hands on: bet365's by name, 1xBet's and SBOBET's by number.

A market of 1xBet whose number is not explained here is left out as unknown: a number tells nothing by itself.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from domain.feeds import bwin
from domain.feeds.betsapi import score_of, whole_match_line
from domain.feeds.coupon import (
    ASIAN_HANDICAP,
    AWAY_GOALS,
    BOTH_TO_SCORE,
    CORRECT_SCORE,
    DOUBLE_CHANCE,
    DRAW_NO_BET,
    HALF_TIME,
    HOME_GOALS,
    MATCH_ODDS,
    ODD_OR_EVEN,
    SECOND_HALF,
    TOTAL_GOALS,
    OfferedMarket,
    OfferedMatch,
    Placed,
    Reason,
    Vocabulary,
    counts_else,
    own,
    placed,
    within,
)
from domain.feeds.markets import MarketKind, handicap_type

_BET365_SOCCER: Final = {
    "1777": MATCH_ODDS, "10115": DOUBLE_CHANCE, "10124": TOTAL_GOALS, "10147": ASIAN_HANDICAP, "10148": TOTAL_GOALS,
    "10001": CORRECT_SCORE, "10562": ODD_OR_EVEN, "10563": DRAW_NO_BET, "50246": SECOND_HALF,
}  # fmt: skip
_WINNERS: Final = frozenset(["Match Winner", "To Win Match", "Fulltime Result"])
_HANDICAPS: Final = frozenset(["Handicap 2-Way", "Puck Line"])
_XBET: Final = {
    "1": MATCH_ODDS, "8": DOUBLE_CHANCE, "19": BOTH_TO_SCORE, "17": TOTAL_GOALS, "99": TOTAL_GOALS,
    "2": ASIAN_HANDICAP, "2854": ASIAN_HANDICAP, "15": HOME_GOALS, "62": AWAY_GOALS,
}  # fmt: skip
_XBET_WORDS: Final = {
    "1": "home", "2": "draw", "3": "away", "4": "home_or_draw", "5": "home_or_away", "6": "draw_or_away",
    "180": "yes", "181": "no", "9": "over", "10": "under", "3827": "over", "3828": "under", "7": "home", "8": "away",
    "3829": "home", "3830": "away", "11": "over", "12": "under", "13": "over", "14": "under",
}  # fmt: skip
_PERIODS: Final = {"": "FT", "1": "1H", "2": "2H"}
_SBOBET: Final = {
    "1": ASIAN_HANDICAP, "3": TOTAL_GOALS, "5": MATCH_ODDS, "7": within(ASIAN_HANDICAP, "1H"), "8": HALF_TIME,
    "9": within(TOTAL_GOALS, "1H"),
}  # fmt: skip
_SIDES: Final = {"1": "home", "X": "draw", "2": "away"}
_TOTALS: Final = {"1": "over", "2": "under"}


def bet365(match: OfferedMatch, market: OfferedMarket) -> Placed | Reason:
    """Say what one of bet365's in-play markets is; see `Vocabulary`. Asian handicaps count from the score."""
    reason = counts_else(market.name)
    kind = _bet365_kind(match, market)
    if reason is not None or kind is None:
        return reason or own("bet365", market)
    words = {str(match.home): "home", "Draw": "draw", str(match.away): "away", "Odd": "odd", "Even": "even"}
    words |= {
        f"{match.home} or Draw": "home_or_draw", f"{match.away} or Draw": "draw_or_away",
        f"{match.home} or {match.away}": "home_or_away",
    }  # fmt: skip
    plain = msgspec.structs.replace(market, choices=tuple(
        msgspec.structs.replace(each, code=_without_line(each.code, words)) for each in market.choices
    ))  # fmt: skip
    return _relative(placed(kind, plain, words | {"Over": "over", "Under": "under"}), market)


def onexbet(match: OfferedMatch, market: OfferedMarket) -> Placed | Reason:  # noqa: ARG001 - as in `Vocabulary`
    """Say what one of 1xBet's markets is; see `Vocabulary`. Its handicaps count all goals of the match."""
    if market.group:
        return "SPECIAL"
    period = _PERIODS.get(market.period)
    kind = _XBET.get(market.key)
    if kind is None or period is None or any(each.code not in _XBET_WORDS for each in market.choices):
        return "UNKNOWN"
    if kind is MATCH_ODDS and period != "FT":
        kind = HALF_TIME if period == "1H" else SECOND_HALF
    is_handicap = kind.market_type == "ASIAN_HANDICAP"  # a level one has no line
    whole = msgspec.structs.replace(market, line_milli=0) if is_handicap else market
    return placed(within(kind, period), whole, _XBET_WORDS)


def sbobet(match: OfferedMatch, market: OfferedMarket) -> Placed | Reason:  # noqa: ARG001 - as in `Vocabulary`
    """Say what one of SBOBET's markets is; see `Vocabulary`.

    Whether its handicap is the home side's head start or what that side gives is not told: only a level one is sure.
    """
    kind = _SBOBET.get(market.key)
    if kind is None or (kind.market_type == "ASIAN_HANDICAP" and market.line_milli != 0):
        return "UNKNOWN"
    return _relative(placed(kind, market, _TOTALS if kind.shape == "OVER_UNDER" else _SIDES), market)


WORDS: Final[Mapping[str, Vocabulary]] = {"bet365": bet365, "bwin": bwin.place, "onexbet": onexbet, "sbobet": sbobet}
"""Each bookmaker's words."""


def _bet365_kind(match: OfferedMatch, market: OfferedMarket) -> MarketKind | None:
    if match.sport == "soccer":
        return _BET365_SOCCER.get(market.key)
    if market.name in _WINNERS:
        return MATCH_ODDS
    if market.name in _HANDICAPS:
        return MarketKind(market_type=handicap_type(match.sport), shape="SIDES", by_line=True)
    return None


def _without_line(code: str, words: Mapping[str, str]) -> str:
    """Take the line off a choice's name: "AC Milan U19 -1", "Over 2.5,3.0"."""
    if code in words:
        return code
    head, _, last = code.rpartition(" ")
    return head.strip() if head and last[:1] in "+-0123456789" else code


def _relative(found: Placed, market: OfferedMarket) -> Placed:
    """Turn the lines of a handicap that counts from the score into those of the whole match."""
    score = score_of(market.group)
    return Placed(found.kind, tuple((name, whole_match_line(found.kind, line, score)) for name, line in found.places))

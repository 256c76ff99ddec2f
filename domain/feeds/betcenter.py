"""Betcenter's vocabulary, by the English texts of its markets.

Many are about corners, cards or players, in the words and often in the categories of the match's own: a canonical
market is one whose whole text is known, never one that only begins like it.
"""

import re
from typing import Final

from domain.feeds.coupon import (
    BOTH_TO_SCORE,
    CORRECT_SCORE,
    DOUBLE_CHANCE,
    DRAW_NO_BET,
    EUROPEAN_HANDICAP,
    HALF_TIME,
    MATCH_ODDS,
    ODD_OR_EVEN,
    SECOND_HALF,
    SIDES,
    TOTAL_GOALS,
    OfferedMarket,
    OfferedMatch,
    Placed,
    Reason,
    counts_else,
    own,
    placed,
    within,
)
from domain.feeds.markets import MarketKind

PLAYERS: Final = "7"
CORNERS: Final = "8"
CARDS: Final = "9"
_GROUPS: Final[dict[str, Reason]] = {PLAYERS: "PLAYER", CORNERS: "CORNERS", CARDS: "CARDS"}

_KINDS: Final = {
    "who will win the match?": MATCH_ODDS,
    "1st halftime": HALF_TIME,
    "2nd half": SECOND_HALF,
    "double chance": DOUBLE_CHANCE,
    "h1 double chance": within(DOUBLE_CHANCE, "1H"),
    "head to head (money returned if a draw)": DRAW_NO_BET,
    "both teams to score": BOTH_TO_SCORE,
    "1st half both score": within(BOTH_TO_SCORE, "1H"),
    "h2 both teams to score": within(BOTH_TO_SCORE, "2H"),
    "even/odd": ODD_OR_EVEN,
    "h1 even/odd": within(ODD_OR_EVEN, "1H"),
    "h2 even/odd": within(ODD_OR_EVEN, "2H"),
    "results bets": CORRECT_SCORE,
    "result bet 1st half": within(CORRECT_SCORE, "1H"),
}
_TOTAL: Final = re.compile(r"^(?:(1st half|2nd half|h1|h2) )?over ?\+ ?/ ?under ?- ?\d+[.,]\d+$")
_HANDICAP: Final = re.compile(r"^(?:(1st half|2nd half|h1|h2) )?handicap \d+:\d+$")
_PERIODS: Final = {"1st half": "1H", "h1": "1H", "2nd half": "2H", "h2": "2H"}
_WORDS: Final = {**SIDES, "OVER": "over", "UNDER": "under", "YES": "yes", "NO": "no", "ODD": "odd", "EVEN": "even"}


def place(match: OfferedMatch, market: OfferedMarket) -> Placed | Reason:
    """Say what a market is; see `Vocabulary`."""
    reason = _GROUPS.get(market.group) or counts_else(market.name)
    if reason is not None:
        return reason
    kind = _kind(market.name.strip().lower()) if match.sport == "soccer" else None
    return own("betcenter", market) if kind is None else placed(kind, market, _WORDS)


def _kind(text: str) -> MarketKind | None:
    for pattern, kind in ((_TOTAL, TOTAL_GOALS), (_HANDICAP, EUROPEAN_HANDICAP)):
        if found := pattern.match(text):
            return within(kind, _PERIODS.get(found[1] or "", "FT"))
    return _KINDS.get(text)

"""Altenar's vocabulary: a market's type is the first part of its id, a choice is told by its selection type."""

from typing import Final

from domain.feeds.coupon import (
    ASIAN_HANDICAP,
    BOTH_TO_SCORE,
    DOUBLE_CHANCE,
    DRAW_NO_BET,
    MATCH_ODDS,
    ODD_OR_EVEN,
    TOTAL_GOALS,
    OfferedMarket,
    OfferedMatch,
    Placed,
    Reason,
    counts_else,
    own,
    placed,
)

_KINDS: Final = {
    "1": MATCH_ODDS, "10": DOUBLE_CHANCE, "11": DRAW_NO_BET, "16": ASIAN_HANDICAP, "18": TOTAL_GOALS,
    "26": ODD_OR_EVEN, "29": BOTH_TO_SCORE,
}  # fmt: skip
_WORDS: Final = {
    "1": "home", "2": "draw", "3": "away", "9": "home_or_draw", "10": "home_or_away", "11": "draw_or_away",
    "12": "over", "13": "under", "70": "odd", "72": "even", "74": "yes", "76": "no", "1714": "home", "1715": "away",
}  # fmt: skip


def place(match: OfferedMatch, market: OfferedMarket) -> Placed | Reason:
    """Say what a market is; see `Vocabulary`."""
    kind = _KINDS.get(market.key) if match.sport == "soccer" else None
    if kind is not None:
        return placed(kind, market, _WORDS)
    return counts_else(market.name) or own("altenar", market)

"""Kambi's vocabulary, by the English label of a bet offer's criterion; a choice is told by its outcome's type."""

from typing import Final

from domain.feeds.coupon import (
    AWAY_GOALS,
    BOTH_TO_SCORE,
    DOUBLE_CHANCE,
    DRAW_NO_BET,
    HALF_TIME,
    HOME_GOALS,
    MATCH_ODDS,
    SECOND_HALF,
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

CARDS: Final = "CARDS"
"""What the criterion counts, where it says so; of corners it never does."""

_KINDS: Final = {
    "Full Time": MATCH_ODDS,
    "Half Time": HALF_TIME,
    "2nd Half": SECOND_HALF,
    "Draw No Bet": DRAW_NO_BET,
    "Draw No Bet - 1st Half": within(DRAW_NO_BET, "1H"),
    "Draw No Bet - 2nd Half": within(DRAW_NO_BET, "2H"),
    "Double Chance": DOUBLE_CHANCE,
    "Both Teams To Score": BOTH_TO_SCORE,
    "Total Goals": TOTAL_GOALS,
    "Total Goals - 1st Half": within(TOTAL_GOALS, "1H"),
    "Total Goals - 2nd Half": within(TOTAL_GOALS, "2H"),
}
_WORDS: Final = {
    "OT_ONE": "home", "OT_CROSS": "draw", "OT_TWO": "away", "OT_OVER": "over", "OT_UNDER": "under", "OT_YES": "yes",
    "OT_NO": "no", "OT_ONE_OR_CROSS": "home_or_draw", "OT_CROSS_OR_TWO": "draw_or_away",
    "OT_ONE_OR_TWO": "home_or_away",
}  # fmt: skip


def place(match: OfferedMatch, market: OfferedMarket) -> Placed | Reason:
    """Say what a market is; see `Vocabulary`."""
    reason = "CARDS" if market.group == CARDS else counts_else(market.name)
    if reason is not None:
        return reason
    kind = _kind(match, market.name) if match.sport == "soccer" else None
    return own("kambi", market) if kind is None else placed(kind, market, _WORDS)


def _kind(match: OfferedMatch, label: str) -> MarketKind | None:
    if label == f"Total Goals by {match.home}":
        return HOME_GOALS
    if label == f"Total Goals by {match.away}":
        return AWAY_GOALS
    return _KINDS.get(label)

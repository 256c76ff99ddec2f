"""bwin's vocabulary, by the English names of its markets; choices name the sides as the match does."""

from typing import Final

from domain.feeds.coupon import (
    BOTH_TO_SCORE,
    DOUBLE_CHANCE,
    DRAW_NO_BET,
    EUROPEAN_HANDICAP,
    HALF_TIME,
    MATCH_ODDS,
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

_KINDS: Final = {
    "Match Result": MATCH_ODDS,
    "Half Time result": HALF_TIME,
    "Double Chance": DOUBLE_CHANCE,
    "Draw No Bet": DRAW_NO_BET,
    "Both Teams to Score": BOTH_TO_SCORE,
    "Total Goals - Over/Under": TOTAL_GOALS,
    "Total Goals O/U - 1st Half": within(TOTAL_GOALS, "1H"),
    "Total Goals O/U - 2nd Half": within(TOTAL_GOALS, "2H"),
}
HANDICAPS: Final = "Handicap (3Way)"
"""The group of handicaps with three results; the name of each holds its head start."""
_WORDS: Final = {**SIDES, "Over": "over", "Under": "under", "Yes": "yes", "No": "no"}


def place(match: OfferedMatch, market: OfferedMarket) -> Placed | Reason:
    """Say what a market is; see `Vocabulary`."""
    kind = _kind(market) if match.sport == "soccer" else None
    if kind is not None:
        return placed(kind, market, _WORDS)
    return counts_else(market.name) or own("bwin", market)


def _kind(market: OfferedMarket) -> MarketKind | None:
    if market.group == HANDICAPS and market.name.startswith("Handicap "):
        return EUROPEAN_HANDICAP
    return _KINDS.get(market.name)

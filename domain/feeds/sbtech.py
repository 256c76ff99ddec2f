"""SBTech's vocabulary: the id of a market's type, and the outcome's own word; each outcome has its own line."""

from typing import Final

from domain.feeds.coupon import (
    ASIAN_HANDICAP,
    MATCH_ODDS,
    TOTAL_GOALS,
    OfferedMarket,
    OfferedMatch,
    Placed,
    Reason,
    counts_else,
    own,
    placed,
)

_KINDS: Final = {"1_0": MATCH_ODDS, "2_0": ASIAN_HANDICAP, "3_0": TOTAL_GOALS}
_WORDS: Final = {"Home": "home", "Tie": "draw", "Away": "away", "Over": "over", "Under": "under"}


def place(match: OfferedMatch, market: OfferedMarket) -> Placed | Reason:
    """Say what a market is; see `Vocabulary`."""
    kind = _KINDS.get(market.key) if match.sport == "soccer" else None
    if kind is not None:
        return placed(kind, market, _WORDS)
    return counts_else(market.name) or own("sbtech", market)

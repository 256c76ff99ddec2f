"""Pinnacle's vocabulary: a line's type, its period, and for a team's total its side."""

from typing import Final

from domain.errors import ContractViolation
from domain.feeds.coupon import (
    ASIAN_HANDICAP,
    AWAY_GOALS,
    HALF_TIME,
    HOME_GOALS,
    MATCH_ODDS,
    SECOND_HALF,
    TOTAL_GOALS,
    OfferedMarket,
    OfferedMatch,
    Placed,
    Reason,
    own,
    placed,
    within,
)

_PERIODS: Final = {"0": "FT", "1": "1H", "2": "2H"}
_RESULTS: Final = {"FT": MATCH_ODDS, "1H": HALF_TIME, "2H": SECOND_HALF}
_LINES: Final = {
    "spread": ASIAN_HANDICAP, "total": TOTAL_GOALS, "team_total/home": HOME_GOALS, "team_total/away": AWAY_GOALS,
}  # fmt: skip
_WORDS: Final = {word: word for word in ("home", "draw", "away", "over", "under")}


def place(match: OfferedMatch, market: OfferedMarket) -> Placed | Reason:
    """Say what a market is; see `Vocabulary`.

    Raises:
        ContractViolation: it is of a period that a match does not have.
    """
    if match.sport != "soccer":
        return own("pinnacle", market)
    period = _PERIODS.get(market.period)
    if period is None:
        raise ContractViolation(f"market {market.name[:60]!r} is of period {market.period[:10]}")
    kind = _RESULTS[period] if market.key == "moneyline" else _LINES.get(market.key)
    return own("pinnacle", market) if kind is None else placed(within(kind, period), market, _WORDS)

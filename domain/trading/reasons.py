"""Why a market takes no bets: a closed set, carried in `reason` of a quote that is not OPEN."""

from typing import Final

from domain.betting.codes import Code
from domain.coded import Coded


class Reason(Coded):
    """A coded reason; a code never changes its meaning."""

    CLOSED = "CLOSED", "the market is settled, or its fixture is over"
    TRADER = "TRADER", "a trader has suspended it"
    NOT_OPEN_YET = "NOT_OPEN_YET", "the fixture is not known yet, or the market opens later"
    PROVIDER_SUSPENDED = "PROVIDER_SUSPENDED", "a source that leads this market has suspended it"
    INCIDENT = "INCIDENT", "something happened that moves the price, and no prices after it agree yet"
    FEED_DOWN = "FEED_DOWN", "a feed that the price came from is down, and no prices since then agree yet"
    KICK_OFF = "KICK_OFF", "the start has come, and no source that leads says whether play is on"
    STALE = "STALE", "what the sources said is too old"
    NO_QUORUM = "NO_QUORUM", "too few sources price the market, or too weak ones"
    DISAGREEMENT = "DISAGREEMENT", "the sources contradict each other"
    NO_PRICE = "NO_PRICE", "no price can be made of what the sources say"


REFUSALS: Final[dict[str, Code]] = {
    Reason.CLOSED: Code.MARKET_CLOSED,
    Reason.FEED_DOWN: Code.FEED_DOWN,
}
"""What a bet is told; everything else is MARKET_SUSPENDED."""

"""Why a market is held or a leg is void: a closed set.

A reason is a contract: it never changes its meaning.
"""

from domain.coded import Coded


class Reason(Coded):
    """A coded reason; its value is what events carry in `reason` (empty when all is well)."""

    CANCELLED = "CANCELLED", "a source cancelled the bets that were placed at that time"
    SUPERSEDED = "SUPERSEDED", "the market was cancelled because it goes on under another event"
    PAST_POSTED = "PAST_POSTED", "the bet was placed after the outcome was known"

    PROVIDERS_DISAGREE = "PROVIDERS_DISAGREE", "sources give one selection different results: a person must decide"
    TOO_MUCH_SAID = "TOO_MUCH_SAID", "a source named more selections or windows than can be kept: a person must look"

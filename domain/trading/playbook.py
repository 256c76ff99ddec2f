"""The rules made ready for use: what every tick looks up is worked out once."""

from typing import Final

from domain.odds.consensus import ConsensusRules
from domain.odds.ladder import BETFAIR, BOOKMAKER, Ladder
from domain.trading.rules import BookRules, MarketRules, PhaseRules, SourceRules

LADDERS: Final[dict[str, Ladder]] = {"betfair": BETFAIR, "bookmaker": BOOKMAKER}
MOST_NAMES: Final = 10_000
"""So many names of sources or market types are remembered; a feed that invents more is looked up each time."""


class Phase:
    """What holds before play, or in play."""

    __slots__ = ("consensus", "in_play", "rules")

    def __init__(self, rules: PhaseRules, consensus: ConsensusRules, *, in_play: bool) -> None:
        self.rules = rules
        self.consensus = consensus
        self.in_play = in_play


class Playbook:
    """A book's rules with their look-ups; the same rules make the same playbook."""

    def __init__(self, rules: BookRules | None = None) -> None:
        self.rules: Final = rules or BookRules()
        self.ladder: Final = LADDERS[self.rules.ladder]
        self.pre_match: Final = Phase(self.rules.pre_match, self.rules.consensus(self.rules.pre_match), in_play=False)
        self.in_play: Final = Phase(self.rules.in_play, self.rules.consensus(self.rules.in_play), in_play=True)
        self._sources: dict[str, SourceRules] = {}
        self._markets: dict[str, MarketRules] = {}

    def phase(self, *, in_play: bool) -> Phase:
        """Return what holds now."""
        return self.in_play if in_play else self.pre_match

    def source(self, bookmaker: str) -> SourceRules:
        """Return how far a source is trusted."""
        found = self._sources.get(bookmaker)
        if found is None:
            found = self.rules.source(bookmaker)
            if len(self._sources) < MOST_NAMES:
                self._sources[bookmaker] = found
        return found

    def market(self, market_type: str) -> MarketRules:
        """Return how a type of market is traded."""
        found = self._markets.get(market_type)
        if found is None:
            found = self.rules.market(market_type)
            if len(self._markets) < MOST_NAMES:
                self._markets[market_type] = found
        return found

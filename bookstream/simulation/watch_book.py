"""The house's exposure after every unit of the book: each market's sums against the legs that make them up."""

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from bookstream.delivery.producer import Change
from bookstream.simulation.violation import equal, violated
from domain.betting.payout import liability_minor, payout_minor
from domain.events.betting import BetLeg
from domain.trading.state import LegState, MarketState
from tables.book import LEGS, MARKETS

ENDS = ("CONFIRMED", "RELEASED", "REFUSED")


class BookWatch:
    """Fed every unit of the book, and what the book was told of legs."""

    def __init__(self) -> None:
        self._confirmed: dict[str, BetLeg] = {}
        self._legs: dict[str, dict[str, LegState]] = defaultdict(dict)
        self._markets: dict[str, MarketState] = {}
        self._leg = msgspec.msgpack.Decoder(LegState)
        self._market = msgspec.msgpack.Decoder(MarketState)

    def told(self, leg: BetLeg) -> None:
        """Take a word about a leg, as it is on its topic."""
        if leg.action == "CONFIRM":
            self._confirmed[leg.leg_id] = leg

    def unit(self, changes: Sequence[Change]) -> None:
        """Take a unit.

        Raises:
            Violation: exposure is not the sum of the legs.
        """
        touched: set[str] = set()
        for key, value in changes:
            kind, _, name = key.decode().partition("\0")
            if value is None:
                continue
            if kind == LEGS.name:
                touched.add(self._take(name, self._leg.decode(value)))
            elif kind == MARKETS.name:
                self._markets[name] = self._market.decode(value)
                touched.add(name)
        for market_id in sorted(touched):
            self._holds(market_id)

    def _take(self, leg_id: str, leg: LegState) -> str:
        legs = self._legs[leg.leg.market_id]
        before = legs.get(leg_id)
        if before is not None and before.status in ENDS and before.status != leg.status:
            violated("a leg ends once", leg_id, f"{before.status} → {leg.status}")
        legs[leg_id] = leg
        return leg.leg.market_id

    def _holds(self, market_id: str) -> None:
        market = self._markets.get(market_id)
        if market is None:
            return
        returns: dict[int, int] = defaultdict(int)
        held: dict[int, int] = defaultdict(int)
        stakes = 0
        for leg_id, leg in self._legs[market_id].items():
            if leg.status not in ("HELD", "CONFIRMED"):
                continue
            index = market.selections.index(leg.leg.selection_id)
            if leg.status == "HELD":
                assert leg.verdict is not None, "held by a verdict"
                odds = (leg.verdict.odds, leg.leg.other_odds)
                held[index] += liability_minor(leg.verdict.stake_minor, odds)
            else:
                said = self._confirmed[leg_id]
                returns[index] += payout_minor(said.stake_minor, (said.odds, said.other_odds))
                stakes += said.stake_minor
        expected = stakes, *(_plain(each, market.selections) for each in (returns, held))
        taken = market.taken
        found = taken.stakes_minor, *(
            _plain(dict(enumerate(each)), market.selections) for each in (taken.returns_minor, taken.held_minor)
        )  # fmt: skip
        equal("exposure is the sum of the bets", market_id, expected=expected, found=found)


def _plain(amounts: dict[int, int], selections: Sequence[str]) -> tuple[int, ...]:
    return tuple(amounts.get(index, 0) for index in range(len(selections)))

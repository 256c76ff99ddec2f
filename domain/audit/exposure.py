"""The house's liability in every market, recomputed from the legs that were confirmed."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from domain.audit.difference import Findings
from domain.audit.versions import Versions
from domain.betting.payout import liability_minor
from domain.events.betting import BetLeg
from domain.events.trading import Exposure


class _Market(msgspec.Struct):
    """What the confirmed legs of one market add up to."""

    bets: int = 0
    stakes_minor: int = 0
    # selection → what its winners would cost, and what was staked on it
    wins: dict[str, int] = {}
    stakes: dict[str, int] = {}


class ExposureAudit:
    """Fed every leg and every published exposure; the last exposure of a market must equal the sum of its legs."""

    def __init__(self) -> None:
        self._ended: dict[str, BetLeg] = {}
        self._published: dict[str, Exposure] = {}
        self._versions = Versions("exposure")
        self._findings = Findings()

    def leg(self, leg: BetLeg) -> None:
        """Take what the account said about a leg; only how it ended counts."""
        if leg.action != "HOLD":
            self._ended.setdefault(leg.leg_id, leg)

    def exposure(self, exposure: Exposure) -> None:
        """Take a published exposure, in the order of its topic: versions rise, or are said again."""
        self._versions.take(exposure.market_id, exposure.version, exposure, self._findings)
        self._published[exposure.market_id] = exposure

    def findings(self) -> Findings:
        """Recompute every market."""
        markets = _sum(leg for leg in self._ended.values() if leg.action == "CONFIRM")
        for market_id, market in markets.items():
            published = self._published.get(market_id)
            if self._findings.check("exposure published", market_id, published is not None, "none") and published:
                self._compare(published, market)
        for market_id, published in self._published.items():
            if market_id not in markets:
                self._compare(published, _Market())
        return self._findings

    def _compare(self, published: Exposure, market: _Market) -> None:
        subject = published.market_id
        self._findings.equal("bets in the market", subject, expected=market.bets, found=published.bets)
        self._findings.equal(
            "stakes in the market", subject, expected=market.stakes_minor, found=published.stakes_minor
        )
        self._findings.equal("nothing held when all is decided", subject, expected=0, found=published.held_minor)
        for outcome in published.outcomes:
            selection = outcome.selection_id
            kept = market.stakes_minor - market.stakes.get(selection, 0)
            expected = market.wins.get(selection, 0) - kept
            self._findings.equal(
                "liability", f"{subject} {selection}", expected=expected, found=outcome.liability_minor
            )


def _sum(confirmed: Iterable[BetLeg]) -> dict[str, _Market]:
    markets: dict[str, _Market] = defaultdict(_Market)
    for leg in confirmed:
        market, selection = markets[leg.market_id], leg.selection_id
        market.bets += 1
        market.stakes_minor += leg.stake_minor
        liability = liability_minor(leg.stake_minor, (leg.odds, leg.other_odds))
        market.wins[selection] = market.wins.get(selection, 0) + liability
        market.stakes[selection] = market.stakes.get(selection, 0) + leg.stake_minor
    return markets

"""The house's liability in every market, recomputed from the legs that were confirmed."""

from collections import defaultdict

import msgspec

from domain.audit.difference import Findings
from domain.audit.digests import of_text
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
    """Fed every leg and then every published exposure, each partition by partition.

    The last exposure of a market must equal the sum of its legs.
    """

    def __init__(self) -> None:
        self._ended: set[bytes] = set()
        self._markets: dict[str, _Market] = defaultdict(_Market)
        self._published: dict[str, Exposure] = {}
        self._versions = Versions("exposure")
        self._findings = Findings()

    def leg(self, leg: BetLeg) -> None:
        """Take what the account said about a leg; only how it ended counts, and that only once."""
        name = of_text(leg.leg_id)
        if leg.action in {"HOLD", "PRICE"} or name in self._ended:
            return
        self._ended.add(name)
        if leg.action == "CONFIRM":
            _add(self._markets[leg.market_id], leg)

    def end_of_legs(self) -> None:
        """End a partition of legs: none of them comes again."""
        self._ended.clear()

    def exposure(self, exposure: Exposure) -> None:
        """Take a published exposure, in the order of its topic: versions rise, or are said again."""
        self._versions.take(exposure.market_id, exposure.version, exposure, self._findings)
        self._published[exposure.market_id] = exposure

    def end(self) -> None:
        """End a partition of exposures: hold each market's last against its legs."""
        for market_id, published in self._published.items():
            market = self._markets.pop(market_id, None)
            if market is not None:
                self._findings.check("exposure published", market_id, holds=True)
            self._compare(published, market or _Market())
        self._published.clear()
        self._versions.forget()

    def findings(self) -> Findings:
        """End the last partition, and return what was found."""
        self.end()
        findings = Findings()
        findings.merge(self._findings)
        for market_id in self._markets:
            findings.check("exposure published", market_id, holds=False, found="none")
        return findings

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


def _add(market: _Market, leg: BetLeg) -> None:
    selection = leg.selection_id
    market.bets += 1
    market.stakes_minor += leg.stake_minor
    liability = liability_minor(leg.stake_minor, (leg.odds, leg.other_odds))
    market.wins[selection] = market.wins.get(selection, 0) + liability
    market.stakes[selection] = market.stakes.get(selection, 0) + leg.stake_minor

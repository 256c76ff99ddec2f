"""Every settlement recomputed: markets from all that was said of them, legs from their markets, bets from their legs.

What is true of a market depends only on the set of words heard, so they are heard here in whatever order they come.
"""

from collections.abc import Iterator

import msgspec

from domain.audit.difference import Findings
from domain.audit.versions import Versions
from domain.betting.settling import cashed_out, settling_bet
from domain.errors import RejectedInput
from domain.events.betting import BetDecision, BetLeg, bet_key
from domain.events.cash_out import CashOutAnswer
from domain.events.settlement import BetSettlement, LegSettlement, MarketResult, MarketSettlement, SelectionResult
from domain.money.cause import Cause
from domain.settlement.bet import settle
from domain.settlement.telling import market_settlement, result_of, selection_result, word_of
from domain.settlement.truth import UNSETTLED, LegOutcome, MarketWords, hear, leg_outcome, unheard

Due = tuple[str, str, SelectionResult, str]
"""What a leg must have been told last: its id, its status, its result, and why."""

_NOW = Cause(0)


class MarketAudit:
    """Fed one partition of fixtures: every result, then every settlement of a market, then the legs of bets."""

    def __init__(self) -> None:
        self._markets: dict[str, MarketWords] = {}
        self._said: dict[str, MarketSettlement] = {}
        self._versions = Versions("market settlement")
        self._findings = Findings()

    def result(self, result: MarketResult) -> None:
        """Take a word."""
        market = self._markets.get(result.market_id) or unheard(result.market_id)
        try:
            self._markets[result.market_id] = hear(market, word_of(result))
        except RejectedInput as error:
            self._findings.check("a result can be one", result.event_id, holds=False, found=str(error))

    def settlement(self, settlement: MarketSettlement) -> None:
        """Take a market's settlement, in the order of its topic: versions rise, or are said again."""
        self._versions.take(settlement.market_id, settlement.version, settlement, self._findings)
        self._said[settlement.market_id] = settlement

    def due(self, leg: BetLeg) -> Due | None:
        """Return what a leg must have been told, None for one that is open and was never settled."""
        market = self._markets.get(leg.market_id)
        if leg.action != "CONFIRM" or market is None:
            return None
        outcome = leg_outcome(market.truth, leg.selection_id, leg.occurred_at)
        return leg.leg_id, outcome.status, selection_result(leg.selection_id, outcome.result), outcome.reason

    def findings(self) -> Findings:
        """Hold the settlements against what follows from the words."""
        for market_id, market in self._markets.items():
            said = self._said.get(market_id)
            if said is None:
                open_ = market.truth.version == 0
                self._findings.check("every market settled", market_id, open_, market.truth.status)
                continue
            expected = market_settlement(said.fixture_id, market.truth, _NOW)
            self._findings.equal("market settled by what was said", market_id,
                                 expected=_content(expected), found=_content(said))  # fmt: skip
        return self._findings


class BetSettlementAudit:
    """Fed one partition of customers: decisions, what legs must have been told and were, and bets' settlements."""

    def __init__(self) -> None:
        self._decisions: dict[str, BetDecision] = {}
        self._due: dict[str, Due] = {}
        self._legs: dict[str, LegSettlement] = {}
        self._bets: dict[str, BetSettlement] = {}
        self._taken: dict[str, dict[str, CashOutAnswer]] = {}
        self._versions = Versions("bet settlement")
        self._findings = Findings()

    def decision(self, decision: BetDecision) -> None:
        """Take a decision; repeats are the same."""
        if decision.stake_minor:
            self._decisions[bet_key(decision.customer_id, decision.bet_id)] = decision

    def due(self, due: Due) -> None:
        """Take what a leg must have been told."""
        self._due[due[0]] = due

    def leg(self, said: LegSettlement) -> None:
        """Take what a leg was told; what was told twice under one version is the same."""
        before = self._legs.get(said.leg_id)
        if before is not None and before.version == said.version:
            same = (before.result, before.status, before.code) == (said.result, said.status, said.code)
            self._findings.check("a leg is told once", said.leg_id, same, "two results of one version that differ")
        if before is None or said.version > before.version:
            self._legs[said.leg_id] = said

    def bet(self, settlement: BetSettlement) -> None:
        """Take a bet's settlement, in the order of its topic: versions rise, or are said again."""
        key = bet_key(settlement.customer_id, settlement.bet_id)
        self._versions.take(key, settlement.version, settlement, self._findings)
        self._bets[key] = settlement

    def cash_out(self, answer: CashOutAnswer) -> None:
        """Take the answer to a cash-out; what was paid is no more of the bet."""
        if answer.outcome == "TAKEN":
            self._taken.setdefault(bet_key(answer.customer_id, answer.bet_id), {})[answer.request_id] = answer

    def findings(self) -> Findings:
        """Hold legs against their markets, and bets against their legs."""
        for leg_id, (_, status, result, code) in self._due.items():
            said = self._legs.get(leg_id)
            never = ("OPEN", selection_result(result.selection_id, None), "")
            found = (said.status, said.result, said.code) if said is not None else never
            self._findings.equal("leg settled as its market", leg_id, expected=(status, result, code), found=found)
        for key in {leg_id.rpartition("/")[0] for leg_id in self._legs} | self._bets.keys() | self._taken.keys():
            self._settled(key)
        return self._findings

    def _settled(self, key: str) -> None:
        decision = self._decisions.get(key)
        if not self._findings.check("what is settled was accepted", key, decision is not None, "none") or not decision:
            return
        row = settling_bet(decision)
        for answer in self._taken.get(key, {}).values():
            possible = not row.closed and 0 < answer.part_minor <= row.wager.stake_minor
            if not self._findings.check("no more cashed out than was staked", key, possible, answer.request_id):
                return
            row = cashed_out(row, answer.part_minor, answer.amount_minor, answer.occurred_at)
        left = settle(list(self._outcomes(key, len(decision.legs))), row.payout, free=row.bet.free)
        expected = ("CONFIRMED", 0) if row.closed else (left.status, left.returned_minor)
        said = self._bets.get(key)
        found = (said.status, said.returned_minor, said.cashed_out_minor) if said is not None else ("OPEN", 0, 0)
        paid = (expected[0], expected[1] + row.cash_paid_minor, row.cashed_out_minor)
        self._findings.equal("bet settled by its legs", key, expected=paid, found=found)

    def _outcomes(self, key: str, legs: int) -> Iterator[LegOutcome]:
        for index in range(legs):
            said = self._legs.get(f"{key}/{index}")
            yield UNSETTLED if said is None else LegOutcome(
                version=said.version, status=said.status, result=result_of(said.result), reason=said.code
            )  # fmt: skip


def _content(settlement: MarketSettlement) -> MarketSettlement:
    """Leave out what depends on the order in which words came, and when."""
    return msgspec.structs.replace(settlement, event_id="", occurred_at=0, received_at=0, source=None, version=0)

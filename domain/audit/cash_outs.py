"""Every cash-out worked out once more: a quote by the odds that its answer names, what is taken by its quote."""

import msgspec

from domain.audit.difference import Findings
from domain.betting import cash_out
from domain.betting.cash_out import CashOutRules, OpenBet
from domain.betting.cash_out_journal import offered, open_bet, prices
from domain.betting.codes import Code
from domain.betting.returns import LegState
from domain.betting.settling import SettlingBet, cashed_out, settling_bet
from domain.events.betting import BetDecision, bet_key
from domain.events.cash_out import CashOutAnswer, CashOutRequest
from domain.settlement.telling import result_of


class CashOutAudit:
    """Fed one partition of customers: requests, decisions, then answers in the order of their topic.

    Args:
        rules: how the house quotes.
    """

    def __init__(self, rules: CashOutRules) -> None:
        self._rules = rules
        self._requests: dict[str, CashOutRequest] = {}
        self._bets: dict[str, SettlingBet] = {}
        self._answers: dict[str, CashOutAnswer] = {}
        self._findings = Findings()

    def request(self, request: CashOutRequest) -> None:
        """Take a request; the first under its id counts."""
        self._requests.setdefault(f"{request.customer_id}/{request.request_id}", request)

    def decision(self, decision: BetDecision) -> None:
        """Take a decision; repeats are the same."""
        if decision.stake_minor:
            self._bets.setdefault(bet_key(decision.customer_id, decision.bet_id), settling_bet(decision))

    def answer(self, answer: CashOutAnswer) -> None:
        """Take an answer, and hold it against the bet as it stood; every one to a request must say the same."""
        name, findings = f"{answer.customer_id}/{answer.request_id}", self._findings
        before = self._answers.setdefault(name, answer)
        if before is not answer:
            findings.check("cash-out answered once", name, before == answer, "two answers that differ")
            return
        request = self._requests.get(name)
        if not findings.check("a cash-out was asked for", name, request is not None, "no request") or request is None:
            return
        asked, said = (request.bet_id, request.action), (answer.bet_id, answer.action)
        findings.equal("the cash-out that was asked", name, expected=asked, found=said)
        refused = answer.outcome == "REFUSED"
        findings.equal("a code says why it is refused", name, expected=refused, found=bool(answer.code))
        if not refused:
            self._worth(name, request, answer)

    def findings(self) -> Findings:
        """Return what was found, with the requests that nobody answered."""
        for name in self._requests:
            self._findings.check("every cash-out answered", name, name in self._answers, "no answer")
        return self._findings

    def _worth(self, name: str, request: CashOutRequest, answer: CashOutAnswer) -> None:
        findings, key = self._findings, bet_key(answer.customer_id, answer.bet_id)
        bet = self._bets.get(key)
        if not findings.check("a bet is there to cash out", name, bet is not None and not bet.closed, key) or not bet:
            return
        stood = _as_it_stood(bet, answer)
        if not findings.check("every leg is shown", name, stood is not None, f"{len(answer.legs)} legs") or not stood:
            return
        if answer.outcome == "QUOTED":
            part = request.part_minor or bet.wager.stake_minor
            worth = cash_out.worth(stood, part, prices(answer.legs), self._rules)
            expected = (part, worth, answer.occurred_at + self._rules.life_us)
            found = (answer.part_minor, answer.amount_minor, answer.expires_at)
            findings.equal("cash-out quoted by the odds", name, expected=expected, found=found)
            return
        quoted = self._answers.get(f"{answer.customer_id}/{request.quote_id}")
        if quoted is None or quoted.outcome != "QUOTED":
            findings.check("a quote was taken", name, holds=False, found=f"no quote {request.quote_id[:64]!r}")
            return
        taken = cash_out.take(offered(quoted), stood, prices(answer.legs), self._rules, now=request.received_at)
        good = not isinstance(taken, Code)
        findings.check("a quote was taken", name, good, str(taken))
        terms = (quoted.part_minor, quoted.amount_minor)
        findings.equal("paid as quoted", name, expected=terms, found=(answer.part_minor, answer.amount_minor))
        if good:
            self._bets[key] = cashed_out(bet, answer.part_minor, answer.amount_minor, answer.occurred_at)


def _as_it_stood(bet: SettlingBet, answer: CashOutAnswer) -> OpenBet | None:
    """Return the bet with the results that an answer names."""
    if len(answer.legs) != len(bet.odds):
        return None
    legs = [LegState(odds=odds, result=result_of(leg.result)) for odds, leg in zip(bet.odds, answer.legs, strict=True)]
    return msgspec.structs.replace(open_bet(bet), version=answer.bet_version, legs=tuple(legs))

"""Every bet is decided once, and its decision follows from its legs' verdicts and its own checks."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

from domain.audit.decisions import decide_anew, differing
from domain.audit.difference import Findings
from domain.betting.cash_out_journal import request_of
from domain.betting.checks.limits import most_payout
from domain.betting.journal import Open
from domain.betting.legs import hold_to, leg_events, leg_index, taken_odds
from domain.betting.rules import AccountRules
from domain.betting.shares import leg_stakes
from domain.betting.slip import Slip, slip_of
from domain.betting.systems import asked, line_count, refusal
from domain.errors import ContractViolation
from domain.events.betting import BetDecision, BetLeg, BetRequest, LegVerdict, bet_key
from domain.money.cause import Cause

DEFAULT_RULES = AccountRules()


class BetAudit:
    """Fed every record of the bet topics in any order between topics; `findings` tells what is wrong.

    Args:
        rules: what the house allowed its customers, to decide every bet anew.
    """

    def __init__(self, rules: AccountRules = DEFAULT_RULES) -> None:
        self.requests: dict[str, BetRequest] = {}
        self.decisions: dict[str, BetDecision] = {}
        self.verdicts: dict[str, LegVerdict] = {}
        self.legs: dict[str, list[BetLeg]] = defaultdict(list)
        self._rules = rules
        self._findings = Findings()

    def request(self, request: BetRequest) -> None:
        """Take a request; the first under its bet id is the bet, later ones are repeats."""
        self.requests.setdefault(bet_key(request.customer_id, request.bet_id), request)

    def decision(self, decision: BetDecision) -> None:
        """Take a decision; every one under a bet id must say the same."""
        name = bet_key(decision.customer_id, decision.bet_id)
        earlier = self.decisions.setdefault(name, decision)
        self._findings.check("decided once", name, earlier == decision, "two decisions that differ")

    def verdict(self, verdict: LegVerdict) -> None:
        """Take a verdict; every one of a leg must say the same. What prices a leg for a cash-out is none."""
        if request_of(verdict.leg_id) is not None:
            return
        earlier = self.verdicts.setdefault(verdict.leg_id, verdict)
        self._findings.check("judged once", verdict.leg_id, earlier == verdict, "two verdicts that differ")

    def leg(self, leg: BetLeg) -> None:
        """Take what the account said to the book about a leg of a bet that it decides."""
        if leg.action != "PRICE" and leg not in self.legs[leg.leg_id]:
            self.legs[leg.leg_id].append(leg)

    def findings(self) -> Findings:
        """Hold all that was taken against each other."""
        for name, request in self.requests.items():
            decision = self.decisions.get(name)
            if self._findings.check("every bet answered", name, decision is not None, "no decision") and decision:
                self._follows(request, decision)
                self._decided_anew(request, decision)
        for name in self.decisions.keys() - self.requests.keys():
            self._findings.check("every answer asked for", name, holds=False, found="a decision without a request")
        for leg_id, said in self.legs.items():
            self._ended(leg_id, said)
        return self._findings

    def _decided_anew(self, request: BetRequest, decision: BetDecision) -> None:
        """Decide the bet once more, and hold the published decision and what the book was told against that."""
        findings, name = self._findings, bet_key(decision.customer_id, decision.bet_id)
        try:
            slip = slip_of(request)
        except ContractViolation as violation:
            findings.check("what is decided can be a bet", name, holds=False, found=str(violation))
            return
        said = [self.legs.get(slip.leg_id(index), []) for index in range(len(slip.legs))]
        verdicts = [self.verdicts.get(slip.leg_id(index)) for index in range(len(slip.legs))]
        impossible = refusal(slip.bet_type, len(slip.legs)) if any(said) else None
        if not findings.check("the book is told only of bets that can be", name, impossible is None, impossible or ""):
            return
        holds = [leg for legs in said for leg in legs if leg.action == "HOLD"]
        held_minor = _held_minor(slip, holds) if holds else 0
        if holds and not self._judged(slip, held_minor, verdicts):
            return
        anew = decide_anew(request, decision, verdicts, self._rules, held_minor=held_minor)
        if not findings.equal("held as the rules say", name, expected=anew.held_minor, found=held_minor):
            return
        if not findings.check("every leg judged", name, anew.decision is not None, "no verdict") or not anew.decision:
            return
        found = differing(anew.decision, decision)
        findings.check("decided anew", name, not found, found)
        taken = anew.decision.stake_minor
        odds = tuple(leg.odds for leg in anew.decision.legs) if taken else slip.odds
        for index, legs in enumerate(said):
            for leg in legs:
                self._as_decided(
                    slip, index, leg, (taken, odds) if leg.action == "CONFIRM" else (held_minor, slip.odds)
                )

    def _judged(self, slip: Slip, held_minor: int, verdicts: Sequence[LegVerdict | None]) -> bool:
        """Hold every verdict to what was asked: the selection, the stake held, and the customer's price policy."""
        bet = Open(slip=slip, held_minor=held_minor, held_code="", deadline_at=0, checks=(), verdicts=())
        sound = True
        for verdict in verdicts:
            if verdict is None:
                continue
            found = ""
            try:
                hold_to(bet, leg_index(slip, verdict), verdict)
            except ContractViolation as violation:
                found = str(violation)
            sound &= self._findings.check("a verdict keeps to its hold", verdict.leg_id, not found, found)
        return sound

    def _as_decided(self, slip: Slip, index: int, leg: BetLeg, by: tuple[int, tuple[int, ...]]) -> None:
        """Hold a word to the book against the stake and odds that the rules make of it."""
        expected = leg_events(slip, leg.action, *by, Cause(leg.occurred_at, leg.source))[index]
        self._findings.equal("the book is told what was decided", leg.event_id, expected=expected, found=leg)

    def _follows(self, request: BetRequest, decision: BetDecision) -> None:
        findings, name = self._findings, bet_key(decision.customer_id, decision.bet_id)
        findings.equal("same customer", name, expected=request.customer_id, found=decision.customer_id)
        taken = decision.outcome != "REJECTED"
        # Less than what was asked has its reason too.
        whole = decision.outcome == "ACCEPTED"
        findings.equal("a code says what was not given", name, expected=not whole, found=bool(decision.code))
        if not taken:
            findings.equal("nothing taken of a rejected bet", name, expected=(0, 0),
                           found=(decision.stake_minor, decision.payout_minor))  # fmt: skip
            return
        full = decision.stake_minor == request.stake_minor
        findings.equal("accepted in full or in part", name, expected=full, found=decision.outcome == "ACCEPTED")
        findings.check("no stake above what was asked", name, 0 < decision.stake_minor <= request.stake_minor,
                       f"{decision.stake_minor} of {request.stake_minor}")  # fmt: skip
        if not findings.equal("every leg decided", name, expected=len(request.legs), found=len(decision.legs)):
            return
        asked_type, decided_type = (request.folds, request.bankers), (decision.folds, decision.bankers)
        if not findings.equal("the bet type asked", name, expected=asked_type, found=decided_type):
            return
        bet_type, odds = asked(len(request.legs), *asked_type), [leg.odds for leg in decision.legs]
        fault = refusal(bet_type, len(odds))
        if not findings.check("a bet type that the legs can be", name, fault is None, fault or ""):
            return
        expected = most_payout(bet_type, decision.stake_minor, odds)
        findings.equal("payout", name, expected=expected, found=decision.payout_minor)
        stakes = leg_stakes(bet_type, decision.stake_minor)
        for leg, stake_minor in zip(decision.legs, stakes, strict=True):
            verdict = self.verdicts.get(leg.leg_id)
            if verdict is not None:
                self._agrees(request, decision, verdict, stake_minor)

    def _agrees(self, request: BetRequest, decision: BetDecision, verdict: LegVerdict, stake_minor: int) -> None:
        findings, leg_id = self._findings, verdict.leg_id
        findings.check("no leg taken that was refused", leg_id, verdict.outcome != "REFUSE", verdict.code)
        findings.check("no stake above what the book allowed", leg_id, stake_minor <= verdict.stake_minor,
                       f"{stake_minor} above {verdict.stake_minor}")  # fmt: skip
        decided = next(leg for leg in decision.legs if leg.leg_id == leg_id)
        expected = taken_odds(decided.odds_asked, verdict.odds, len(request.legs))
        findings.equal("odds of the verdict", leg_id, expected=expected, found=decided.odds)
        kept = {
            "exact": decided.odds == decided.odds_asked,
            "better": decided.odds >= decided.odds_asked,
            "any": True,
        }[request.price_policy]
        findings.check(
            "price policy kept", leg_id, kept, f"{request.price_policy}: {decided.odds_asked} → {decided.odds}"
        )

    def _ended(self, leg_id: str, said: list[BetLeg]) -> None:
        actions = [leg.action for leg in said]
        ends = [action for action in actions if action != "HOLD"]
        self._findings.check("every hold ended once", leg_id, len(ends) == 1, f"said {', '.join(actions)}")
        decision = self.decisions.get(bet_key(said[0].customer_id, said[0].bet_id))
        if decision is not None and len(ends) == 1:
            expected = "RELEASE" if decision.outcome == "REJECTED" else "CONFIRM"
            self._findings.equal("a hold ends as decided", leg_id, expected=expected, found=ends[0])


def _held_minor(slip: Slip, holds: Sequence[BetLeg]) -> int:
    """Return the stake of the bet of which the book was told, from what it was told to ride on each leg.

    What the books are told rises with every unit of the stake. A stake of which no part is told so comes out as the
    next one above, which is told otherwise.
    """
    if line_count(slip.bet_type) == 1:
        return holds[0].stake_minor
    told = sum([leg.stake_minor for leg in holds])
    return bisect_left(range(told + 1), told, key=lambda stake_minor: sum(leg_stakes(slip.bet_type, stake_minor)))

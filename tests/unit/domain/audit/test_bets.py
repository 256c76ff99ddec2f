"""A bet audit that finds nothing in a sound story, and each way that a story can be unsound."""

from typing import Any

import msgspec
import pytest

from domain.audit.bets import BetAudit
from domain.events.betting import BetDecision, BetLeg, BetRequest, DecidedLeg, LegVerdict, SlipLeg

HEAD: dict[str, Any] = {"occurred_at": 1, "received_at": 1, "provider": "web"}
LEG = "c1/b1/0"
NAMES: dict[str, Any] = {"fixture_id": "fx-1", "market_id": "fx-1/MATCH_ODDS/FT", "selection_id": "home"}


def request(**changes: Any) -> BetRequest:
    leg = SlipLeg(**NAMES, odds=2500, quote_version=7)
    given: dict[str, Any] = {
        "event_id": "r1",
        "bet_id": "b1",
        "customer_id": "c1",
        "token": "t",
        "currency": "GBP",
        "stake_minor": 1000,
        "price_policy": "exact",
        "accept_partial": True,
        "legs": (leg,),
        **HEAD,
    }
    return BetRequest(**{**given, **changes})


def decision(**changes: Any) -> BetDecision:
    leg = DecidedLeg(
        leg_id=LEG,
        **NAMES,
        odds_asked=2500,
        odds=2500,
        quote_version=7,
        outcome="PASS",
        code="",
        liability_before_minor=0,
        liability_after_minor=1500,
    )
    given: dict[str, Any] = {
        "event_id": "d1",
        "bet_id": "b1",
        "customer_id": "c1",
        "outcome": "ACCEPTED",
        "code": "",
        "currency": "GBP",
        "stake_asked_minor": 1000,
        "stake_minor": 1000,
        "odds": 2500,
        "payout_minor": 2500,
        "requested_at": 1,
        "legs": (leg,),
        "checks": (),
        **HEAD,
    }
    return BetDecision(**{**given, **changes})


def verdict(**changes: Any) -> LegVerdict:
    given: dict[str, Any] = {
        "event_id": "v1",
        "leg_id": LEG,
        "bet_id": "b1",
        "customer_id": "c1",
        **NAMES,
        "outcome": "PASS",
        "code": "",
        "odds": 2500,
        "quote_version": 7,
        "stake_minor": 1000,
        "liability_before_minor": 0,
        "liability_after_minor": 1500,
        "checks": (),
        **HEAD,
    }
    return LegVerdict(**{**given, **changes})


def leg(action: str, **changes: Any) -> BetLeg:
    given: dict[str, Any] = {
        "event_id": f"l-{action}",
        "leg_id": LEG,
        "bet_id": "b1",
        "customer_id": "c1",
        "action": action,
        **NAMES,
        "odds": 2500,
        "quote_version": 7,
        "price_policy": "exact",
        "currency": "GBP",
        "stake_minor": 1000,
        "other_odds": 1000,
        **HEAD,
    }
    return BetLeg(**{**given, **changes})


def story(*, without: str = "", **replaced: Any) -> BetAudit:
    """Tell the story of one accepted single, with a part left out or replaced."""
    audit = BetAudit()
    told: dict[str, Any] = {
        "request": request(),
        "verdict": verdict(),
        "decision": decision(),
        "hold": leg("HOLD"),
        "end": leg("CONFIRM"),
    }
    told |= replaced
    takes: dict[str, Any] = {
        "request": audit.request,
        "verdict": audit.verdict,
        "decision": audit.decision,
        "hold": audit.leg,
        "end": audit.leg,
    }
    for part, event in told.items():
        if part != without:
            takes[part](event)
    return audit


def rules(audit: BetAudit) -> set[str]:
    return {difference.rule for difference in audit.findings().differences}


def test_a_sound_bet_has_no_differences_and_every_rule_was_checked() -> None:
    findings = story().findings()
    assert findings.differences == []
    assert {"every bet answered", "payout", "price policy kept", "a hold ends as decided"} <= findings.checked.keys()


def test_a_repeated_answer_is_no_difference() -> None:
    audit = story()
    audit.decision(decision())
    assert rules(audit) == set()


@pytest.mark.parametrize(
    ("audit", "rule"),
    [
        (story(without="decision"), "every bet answered"),
        (story(without="request"), "every answer asked for"),
        (story(without="verdict"), "every leg judged"),
        (story(without="end"), "every hold ended once"),
        (story(end=leg("RELEASE")), "a hold ends as decided"),
        (story(decision=decision(payout_minor=2501)), "payout"),
        (story(decision=decision(code="TIMEOUT")), "a code says what was not given"),
        (story(decision=decision(outcome="PARTIAL")), "accepted in full or in part"),
        (story(verdict=verdict(stake_minor=999)), "no stake above what the book allowed"),
        (story(verdict=verdict(outcome="REFUSE", code="FEED_DOWN")), "no leg taken that was refused"),
        (story(verdict=verdict(odds=2400)), "odds of the verdict"),
        (story(decision=decision(customer_id="c2")), "every bet answered"),
        (
            story(decision=decision(outcome="REJECTED", code="MARKET_SUSPENDED", stake_minor=0, payout_minor=0)),
            "decided anew",
        ),
        (story(decision=decision(outcome="REJECTED", code="TIMEOUT")), "nothing taken of a rejected bet"),
    ],
)
def test_an_unsound_bet_is_found(audit: BetAudit, rule: str) -> None:
    assert rule in rules(audit)


def test_a_second_decision_that_differs_is_found() -> None:
    audit = story()
    audit.decision(decision(event_id="d2"))
    assert rules(audit) == {"decided once"}


def test_a_second_verdict_that_differs_is_found() -> None:
    audit = story()
    audit.verdict(verdict(liability_after_minor=1))
    assert rules(audit) == {"judged once"}


def test_a_price_worse_than_the_policy_allows_is_found() -> None:
    moved = msgspec.structs.replace(decision().legs[0], odds=2400)
    audit = story(
        request=request(price_policy="better"),
        verdict=verdict(odds=2400),
        decision=decision(legs=(moved,), payout_minor=2400),
    )
    assert rules(audit) == {"price policy kept"}

"""A bet audit that finds nothing in a sound story, and each way that a story can be unsound."""

from typing import Any

import msgspec
import pytest

from domain.audit.bets import BetAudit
from domain.betting.checks.limits import limits
from domain.betting.checks.verdict import passed, reduced, refused
from domain.betting.codes import Code
from domain.betting.rules import AccountRules, Limits
from domain.betting.systems import accumulator
from domain.events.betting import BetDecision, BetLeg, BetRequest, DecidedLeg, LegVerdict, SlipLeg

HEAD: dict[str, Any] = {"occurred_at": 1, "received_at": 1, "provider": "web"}
LEG = "c1/b1/0"
SECOND = 1_000_000
WHO = passed("authentication", at=1, expires_at=99)
MONEY = passed("balance", stake_minor=1000, balance_minor=5000, reserved_minor=0, available_minor=5000)
CHECKS = (WHO, MONEY, limits(Limits(), accumulator(1), 1000, (2500,)))
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
        "event_id": "c1/b1.decision",
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
        "checks": CHECKS,
        **HEAD,
        "provider": "bookstream",
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
        "event_id": f"{LEG}.{action.lower()}",
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
        "provider": "bookstream",
    }
    return BetLeg(**{**given, **changes})


def story(*, without: str | tuple[str, ...] = (), rules: AccountRules | None = None, **replaced: Any) -> BetAudit:
    """Tell the story of one accepted single, with parts left out or replaced."""
    audit = BetAudit(rules or AccountRules())
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
        if part not in ((without,) if isinstance(without, str) else without):
            takes[part](event)
    return audit


def refusal(code: str, *, by: Any = None) -> BetDecision:
    """Reject the bet for a check `by` the account, or else for what the book said of the leg."""
    leg_code = "" if by else code
    refused_leg = {"outcome": "REFUSE", "code": leg_code, "liability_after_minor": 0}
    legs = (msgspec.structs.replace(decision().legs[0], **refused_leg),)
    return decision(outcome="REJECTED", code=code, stake_minor=0, payout_minor=0, legs=legs, checks=by or CHECKS)


def rules(audit: BetAudit) -> set[str]:
    return {difference.rule for difference in audit.findings().differences}


def test_a_sound_bet_has_no_differences_and_every_rule_was_checked() -> None:
    findings = story().findings()
    assert findings.differences == []
    assert {
        "every bet answered", "payout", "price policy kept", "a hold ends as decided", "decided anew",
        "held as the rules say", "a verdict keeps to its hold", "the book is told what was decided",
    } <= findings.checked.keys()  # fmt: skip


def test_two_customers_may_name_their_bets_alike() -> None:
    audit = story()
    other = {"customer_id": "c2"}
    other_leg = {**other, "leg_id": "c2/b1/0"}
    audit.request(request(**other))
    decided = msgspec.structs.replace(decision().legs[0], leg_id="c2/b1/0")
    audit.decision(decision(event_id="c2/b1.decision", legs=(decided,), **other))
    audit.verdict(verdict(**other_leg))
    audit.leg(leg("HOLD", **other_leg, event_id="c2/b1/0.hold"))
    audit.leg(leg("CONFIRM", **other_leg, event_id="c2/b1/0.confirm"))
    findings = audit.findings()
    assert findings.differences == []
    assert findings.checked["decided anew"] == 2


def test_a_leg_that_the_book_refused_is_released_and_the_bet_rejected() -> None:
    refuse = verdict(outcome="REFUSE", code="MARKET_SUSPENDED", stake_minor=0, liability_after_minor=0)
    audit = story(verdict=refuse, decision=refusal("MARKET_SUSPENDED"), end=leg("RELEASE"))
    assert audit.findings().differences == []


def test_a_stake_that_the_book_reduced_is_taken_in_part() -> None:
    less = verdict(outcome="REDUCE", code="MARKET_LIABILITY", stake_minor=400, liability_after_minor=600)
    leg_decided = msgspec.structs.replace(
        decision().legs[0], outcome="REDUCE", code="MARKET_LIABILITY", liability_after_minor=600
    )
    part = decision(outcome="PARTIAL", code="MARKET_LIABILITY", stake_minor=400, payout_minor=1000, legs=(leg_decided,))
    assert story(verdict=less, decision=part, end=leg("CONFIRM", stake_minor=400)).findings().differences == []
    wrong_stake = story(verdict=less, decision=part, end=leg("CONFIRM", stake_minor=500))
    assert rules(wrong_stake) == {"the book is told what was decided"}


def test_a_bet_that_the_account_refused_asks_the_book_nothing() -> None:
    poor = refused("balance", Code.INSUFFICIENT_BALANCE, stake_minor=1000, balance_minor=900, reserved_minor=0,
                   available_minor=900)  # fmt: skip
    by = (WHO, poor)
    sound = story(without=("verdict", "hold", "end"), decision=refusal("INSUFFICIENT_BALANCE", by=by))
    assert sound.findings().differences == []
    asked = story(without="verdict", decision=refusal("INSUFFICIENT_BALANCE", by=by), end=leg("RELEASE"))
    assert rules(asked) == {"held as the rules say"}


def test_a_refusal_for_money_that_was_there_is_found() -> None:
    rich = refused("balance", Code.INSUFFICIENT_BALANCE, stake_minor=1000, balance_minor=1900, reserved_minor=0,
                   available_minor=900)  # fmt: skip
    audit = story(without=("verdict", "hold", "end"), decision=refusal("INSUFFICIENT_BALANCE", by=(WHO, rich)))
    assert rules(audit) == {"held as the rules say"}


def test_limits_other_than_the_houses_are_found() -> None:
    tight = AccountRules(limits=Limits(max_stake_minor=600))
    assert rules(story(rules=tight)) == {"held as the rules say"}


def late(*, heard: bool = False, at: int = 1 + 15 * SECOND) -> BetDecision:
    """Reject the bet for time, with or without having heard the book."""
    silent = {} if heard else {"outcome": "REFUSE", "code": "TIMEOUT", "liability_after_minor": 0}
    legs = (msgspec.structs.replace(decision().legs[0], **silent),)
    return decision(outcome="REJECTED", code="TIMEOUT", stake_minor=0, payout_minor=0, legs=legs, occurred_at=at,
                    received_at=at)  # fmt: skip


def test_a_timeout_is_sound_when_its_time_had_come_and_the_book_had_not_been_heard() -> None:
    silent = story(without="verdict", decision=late(), end=leg("RELEASE"))
    assert silent.findings().differences == []
    too_late_a_verdict = story(decision=late(), end=leg("RELEASE"))
    assert too_late_a_verdict.findings().differences == []
    never_asked = story(without=("verdict", "hold", "end"), decision=late())
    assert never_asked.findings().differences == []


def test_a_timeout_before_its_time_or_of_a_bet_that_was_heard_is_found() -> None:
    early = late(at=15 * SECOND)
    assert rules(story(decision=early, end=leg("RELEASE"))) == {"decided anew"}
    assert "decided anew" in rules(story(decision=late(heard=True), end=leg("RELEASE")))


def test_a_verdict_for_more_than_was_held_is_found_and_stops_no_audit() -> None:
    assert "a verdict keeps to its hold" in rules(story(verdict=verdict(stake_minor=2000)))


def test_a_stake_reduced_by_the_customers_own_limit_keeps_that_code() -> None:
    house = AccountRules(limits=Limits(max_stake_minor=600))
    within = reduced("limits", Code.STAKE_ABOVE_LIMIT, allowed_minor=600, stake_minor=1000, min_stake_minor=10,
                     max_stake_minor=600, payout_minor=2500, max_payout_minor=250_000_00)  # fmt: skip
    part = decision(outcome="PARTIAL", code="STAKE_ABOVE_LIMIT", stake_minor=600, payout_minor=1500,
                    checks=(WHO, MONEY, within))  # fmt: skip
    audit = story(rules=house, hold=leg("HOLD", stake_minor=600), verdict=verdict(stake_minor=600), decision=part,
                  end=leg("CONFIRM", stake_minor=600))  # fmt: skip
    assert audit.findings().differences == []


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
    assert rules(audit) == {"price policy kept", "a verdict keeps to its hold"}

"""What the account makes of the book's verdicts, and of the clock."""

from itertools import permutations
from typing import Any

import msgspec
import pytest

from domain.betting.rules import AccountRules, Limits
from domain.errors import ContractViolation
from domain.events.betting import BetDecision, LedgerEntry

NOW = 1_000_000_000_000
DEADLINE = NOW + 15_000_000


def test_a_bet_whose_leg_passes_is_accepted_and_confirmed(desk: Any, request_of: Any) -> None:
    desk.request(request_of())
    stake, account, decision, confirm = desk.verdict()
    assert (stake.kind, [posting.amount_minor for posting in stake.postings]) == ("STAKE", [-1000, 1000])
    assert (account.balance_minor, account.reserved_minor, account.open_stakes_minor) == (9000, 0, 1000)
    assert (decision.outcome, decision.code, decision.stake_minor) == ("ACCEPTED", "", 1000)
    assert (decision.odds, decision.payout_minor) == (2500, 2500)
    assert (confirm.action, confirm.stake_minor, confirm.odds) == ("CONFIRM", 1000, 2500)


def test_the_decision_records_every_check_and_the_figures_seen(desk: Any, request_of: Any) -> None:
    desk.request(request_of(odds=(2000, 1500)))
    desk.verdict(0)
    desk.verdict(1)
    decision = desk.decision()
    assert [check.check for check in decision.checks] == ["authentication", "balance", "limits", "odds", "odds"]
    assert [check.figures.get("leg") for check in decision.checks] == [None, None, None, 0, 1]
    assert decision.checks[1].figures["available_minor"] == 10_000
    leg = decision.legs[1]
    assert (leg.odds_asked, leg.odds, leg.quote_version) == (1500, 1500, 9)
    assert (leg.liability_before_minor, leg.liability_after_minor) == (100, 200)


def test_nothing_is_decided_before_every_leg_has_its_verdict(desk: Any, request_of: Any) -> None:
    desk.request(request_of(odds=(2000, 1500)))
    assert desk.verdict(1, outcome="REFUSE", code="MARKET_SUSPENDED", stake_minor=0) == ()
    assert desk.verdict(0) != ()
    assert desk.decision().code == "MARKET_SUSPENDED"


def test_one_refused_leg_rejects_the_bet_and_releases_all(desk: Any, request_of: Any) -> None:
    desk.request(request_of(odds=(2000, 1500)))
    desk.verdict(0)
    events = desk.verdict(1, outcome="REFUSE", code="ODDS_CHANGED", stake_minor=0)
    decision = desk.decision()
    assert (decision.outcome, decision.code, decision.stake_minor) == ("REJECTED", "ODDS_CHANGED", 0)
    assert [leg.code for leg in decision.legs] == ["OTHER_LEG_REFUSED", "ODDS_CHANGED"]
    assert [leg.action for leg in events[-2:]] == ["RELEASE", "RELEASE"]
    assert isinstance(events[0], LedgerEntry)
    assert events[0].kind == "RELEASE"
    assert (desk.account.balance_minor, desk.account.reserved_minor) == (10_000, 0)


def test_a_reduced_stake_is_taken_from_a_customer_who_accepts_it(desk: Any, request_of: Any) -> None:
    desk.request(request_of(accept_partial=True))
    stake, release, account, decision, confirm = desk.verdict(
        outcome="REDUCE", code="MARKET_LIABILITY", stake_minor=400
    )
    assert [stake.kind, release.kind] == ["STAKE", "RELEASE"]
    assert (account.balance_minor, account.reserved_minor, account.open_stakes_minor) == (9600, 0, 400)
    assert (decision.outcome, decision.code) == ("PARTIAL", "MARKET_LIABILITY")
    assert (decision.stake_asked_minor, decision.stake_minor, decision.payout_minor) == (1000, 400, 1000)
    assert confirm.stake_minor == 400


def test_a_reduced_stake_rejects_the_bet_of_a_customer_who_wants_all_of_it(desk: Any, request_of: Any) -> None:
    desk.request(request_of())
    desk.verdict(outcome="REDUCE", code="MARKET_LIABILITY", stake_minor=400)
    assert (desk.decision().outcome, desk.decision().code) == ("REJECTED", "MARKET_LIABILITY")


def test_less_than_the_minimum_stake_is_not_taken(desk: Any, request_of: Any) -> None:
    desk.request(request_of(accept_partial=True))
    desk.verdict(outcome="REDUCE", code="CUSTOMER_LIABILITY", stake_minor=9)
    assert (desk.decision().outcome, desk.decision().code) == ("REJECTED", "CUSTOMER_LIABILITY")


def test_all_legs_take_the_smallest_stake_that_any_of_them_allows(desk: Any, request_of: Any) -> None:
    desk.request(request_of(odds=(2000, 1500, 1200), accept_partial=True))
    desk.verdict(0, outcome="REDUCE", code="MARKET_LIABILITY", stake_minor=700)
    desk.verdict(1, outcome="REDUCE", code="SELECTION_LIABILITY", stake_minor=300)
    desk.verdict(2)
    assert (desk.decision().code, desk.decision().stake_minor) == ("SELECTION_LIABILITY", 300)
    assert [leg.stake_minor for leg in desk.legs("CONFIRM")] == [300, 300, 300]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_the_verdicts_does_not_matter(desk: Any, request_of: Any, order: tuple[int, ...]) -> None:
    words: list[dict[str, Any]] = [
        {"outcome": "REDUCE", "code": "MARKET_LIABILITY", "stake_minor": 300},
        {"outcome": "REFUSE", "code": "FEED_DOWN", "stake_minor": 0},
        {"outcome": "REFUSE", "code": "ODDS_CHANGED", "stake_minor": 0},
    ]
    desk.request(request_of(odds=(2000, 1500, 1200), accept_partial=True))
    for index in order:
        desk.verdict(index, **words[index])
    assert desk.decision().code == "FEED_DOWN"
    assert [leg.code for leg in desk.decision().legs] == ["MARKET_LIABILITY", "FEED_DOWN", "ODDS_CHANGED"]


@pytest.mark.parametrize(
    ("policy", "odds", "taken"),
    [
        ("exact", 2500, True), ("exact", 2499, False), ("exact", 2501, False),
        ("better", 2500, True), ("better", 2600, True), ("better", 2499, False),
        ("any", 1500, True), ("any", 2600, True), ("any", 1000, False),
    ],
)  # fmt: skip
def test_a_pass_must_keep_to_the_customers_price_policy(
    desk: Any, request_of: Any, policy: str, odds: int, *, taken: bool
) -> None:
    desk.request(request_of(price_policy=policy))
    if taken:
        desk.verdict(odds=odds)
        assert desk.decision().outcome == "ACCEPTED"
        assert (desk.decision().odds, desk.decision().legs[0].odds_asked) == (odds, 2500)
        assert desk.legs("CONFIRM")[0].odds == odds
    else:
        before = dict(desk.bets)
        with pytest.raises(ContractViolation, match=policy):
            desk.verdict(odds=odds)
        assert desk.bets == before


@pytest.mark.parametrize("policy", ["better", "any"])
def test_a_leg_of_an_accumulator_is_not_taken_longer_than_asked(desk: Any, request_of: Any, policy: str) -> None:
    desk.request(request_of(odds=(2000, 1500), price_policy=policy))
    desk.verdict(0, odds=2600)
    desk.verdict(1, odds=1500 if policy == "better" else 1400)
    decision = desk.decision()
    assert [leg.odds for leg in decision.legs] == [2000, 1500 if policy == "better" else 1400]
    assert decision.payout_minor == (3000 if policy == "better" else 2800)
    held, confirmed = desk.legs("HOLD"), desk.legs("CONFIRM")
    assert all(after.other_odds <= before.other_odds for before, after in zip(held, confirmed, strict=True))


@pytest.mark.parametrize(
    "changes",
    [
        {"stake_minor": 999},
        {"stake_minor": 1001},
        {"outcome": "REDUCE", "code": "MARKET_LIABILITY"},
        {"outcome": "REDUCE", "code": "MARKET_LIABILITY", "stake_minor": 0},
        {"outcome": "REDUCE", "code": "", "stake_minor": 10},
        {"outcome": "REFUSE", "code": ""},
        {"leg_id": "ann/b1/1"},
        {"leg_id": "bob/b1/0"},
        {"selection_id": "away"},
    ],
)
def test_a_verdict_that_contradicts_itself_or_the_bet_breaks_the_contract(
    desk: Any, request_of: Any, changes: dict[str, Any]
) -> None:
    desk.request(request_of(price_policy="any"))
    before = dict(desk.bets)
    with pytest.raises(ContractViolation):
        desk.verdict(**changes)
    assert desk.bets == before


def test_better_odds_that_would_pay_too_much_reduce_the_stake_or_reject_the_bet(desk: Any, request_of: Any) -> None:
    desk.request(request_of(stake_minor=5000, odds=(10_000,), price_policy="better", accept_partial=True))
    desk.verdict(odds=12_000)
    assert (desk.decision().code, desk.decision().stake_minor) == ("PAYOUT_ABOVE_LIMIT", 4166)
    assert desk.decision().payout_minor <= 50_000
    desk.request(request_of(bet_id="b2", stake_minor=5000, odds=(10_000,), price_policy="better"))
    desk.verdict(bet_id="b2", odds=12_000)
    assert (desk.decision("b2").outcome, desk.decision("b2").code) == ("REJECTED", "PAYOUT_ABOVE_LIMIT")


def test_stricter_rules_after_a_restart_reject_what_is_now_too_small(desk: Any, request_of: Any) -> None:
    desk.request(request_of())
    desk.rules = AccountRules(limits=Limits(min_stake_minor=2000))
    desk.verdict()
    assert (desk.decision().outcome, desk.decision().code) == ("REJECTED", "STAKE_BELOW_MINIMUM")
    assert desk.account.reserved_minor == 0


def test_a_second_verdict_on_a_leg_changes_nothing(desk: Any, request_of: Any) -> None:
    desk.request(request_of(odds=(2000, 1500)))
    desk.verdict(0)
    assert desk.verdict(0, outcome="REFUSE", code="FEED_DOWN", stake_minor=0) == ()
    desk.verdict(1)
    assert desk.decision().outcome == "ACCEPTED"


def test_a_verdict_after_the_decision_changes_nothing(desk: Any, request_of: Any) -> None:
    desk.request(request_of(odds=(2000, 1500)))
    desk.verdict(0)
    desk.clock(DEADLINE)
    before = (desk.account, dict(desk.bets))
    assert desk.verdict(1, at=DEADLINE + 1) == ()
    assert (desk.account, desk.bets) == before


def test_a_verdict_on_an_unknown_bet_breaks_the_contract(desk: Any, request_of: Any) -> None:
    desk.request(request_of())
    del desk.bets["b1"]
    with pytest.raises(ContractViolation, match="no such bet"):
        desk.verdict()


def test_a_bet_is_rejected_when_its_time_is_up_and_not_a_microsecond_before(desk: Any, request_of: Any) -> None:
    desk.request(request_of(odds=(2000, 1500)))
    desk.verdict(0)
    assert desk.clock(DEADLINE - 1) == ()
    events = desk.clock(DEADLINE)
    decision = desk.decision()
    assert (decision.outcome, decision.code) == ("REJECTED", "TIMEOUT")
    assert [leg.code for leg in decision.legs] == ["OTHER_LEG_REFUSED", "TIMEOUT"]
    assert [leg.action for leg in events[-2:]] == ["RELEASE", "RELEASE"]
    assert desk.account.available_minor == 10_000


def test_a_decided_bet_does_not_time_out(desk: Any, request_of: Any) -> None:
    desk.request(request_of())
    desk.verdict()
    assert desk.clock(DEADLINE) == ()


def test_every_event_names_the_record_that_caused_it_and_no_two_share_an_id(desk: Any, request_of: Any) -> None:
    desk.request(request_of(odds=(2000, 1500), accept_partial=True))
    desk.verdict(0, outcome="REDUCE", code="MARKET_LIABILITY", stake_minor=400)
    desk.verdict(1)
    assert all(event.source is not None for event in desk.said)
    assert len({event.event_id for event in desk.said}) == len(desk.said)


def test_two_customers_who_choose_the_same_bet_id_share_no_leg(desk: Any, request_of: Any) -> None:
    desk.request(request_of())
    ann = desk.legs("HOLD")[0]
    bob = msgspec.structs.replace(desk.account, customer_id="bob")
    desk.bets, desk.account = {}, bob
    desk.token = msgspec.structs.replace(desk.token, customer_id="bob")
    desk.request(request_of(customer_id="bob"))
    assert desk.legs("HOLD")[1].leg_id != ann.leg_id


def test_the_journal_forgets_the_slip_and_keeps_the_decision(desk: Any, request_of: Any) -> None:
    desk.request(request_of())
    decision = next(event for event in desk.verdict() if isinstance(event, BetDecision))
    assert desk.bets["b1"].open is None
    assert desk.bets["b1"].decision == decision

"""What one customer may win from the house in one market: accounts and book together, from the slip to the sums.

The other caps are far away, so that whatever is refused is refused by the customer's own.
"""

import pytest

from bookstream import topics
from bookstream.proof.verify import TopicAudit
from domain.events.betting import BetLeg, SlipLeg
from domain.trading.rules import MarketRules
from tables.accounts import ACCOUNTS
from tables.book import CUSTOMERS
from tests.unit.agents.floor import Floor, market_of

CAP = 2_000
FAR = 10**9
RULES = MarketRules(
    max_stake_minor=FAR, in_play_max_stake_minor=FAR, max_payout_minor=FAR, market_cap_minor=FAR,
    selection_cap_minor=FAR, customer_cap_minor=CAP,
)  # fmt: skip
EVENS = {"home": 0.5, "away": 0.5}


@pytest.fixture
def floor() -> Floor:
    floor = Floor(RULES)
    for customer in ("ann", "bob"):
        floor.credit(customer, 100_000)
    for fixture_id in ("fx-1", "fx-2"):
        floor.open(fixture_id, EVENS)
    return floor


def won(floor: Floor, customer: str, fixture_id: str = "fx-1") -> int:
    """Return the most that the customer can win in a market, by the book's own sums."""
    exposures = [row for key, row in floor.rows("book", CUSTOMERS).items() if customer in key and fixture_id in key]
    return max((exposure.taken.worst_case(1) for exposure in exposures), default=0)


def stake_within(cap: int, leg: SlipLeg) -> int:
    """Return the largest stake that wins no more than the cap."""
    return max(stake for stake in range(1, cap * 10) if stake * leg.odds // 1000 - stake <= cap)


def sound(floor: Floor) -> None:
    """Hold what was said against the rules: no dead letter, nothing reserved or held, and no difference."""
    assert floor.log.records(topics.DEAD_LETTERS.name) == []
    assert all(account.reserved_minor == 0 for account in floor.rows("accounts", ACCOUNTS).values())
    assert all(market.taken.held_legs == 0 for market in floor.markets().values())
    assert TopicAudit(lambda topic, partition: iter(floor.log.topics[topic][partition])).run().differences == []


def test_a_bet_above_the_cap_is_taken_in_part_where_that_is_allowed(floor: Floor) -> None:
    leg = floor.shown("fx-1")
    most = stake_within(CAP, leg)
    decision = floor.decision(floor.bet("ann", leg, stake_minor=most + 1, accept_partial=True))
    assert (decision.outcome, decision.code, decision.stake_minor) == ("PARTIAL", "CUSTOMER_LIABILITY", most)
    assert won(floor, "ann") == decision.payout_minor - decision.stake_minor <= CAP
    account = floor.rows("accounts", ACCOUNTS)["ann"]
    assert (account.balance_minor, account.open_stakes_minor) == (100_000 - most, most)
    sound(floor)


def test_a_bet_above_the_cap_is_rejected_where_all_of_it_is_wanted(floor: Floor) -> None:
    leg = floor.shown("fx-1")
    decision = floor.decision(floor.bet("ann", leg, stake_minor=stake_within(CAP, leg) + 1))
    assert (decision.outcome, decision.code, decision.stake_minor) == ("REJECTED", "CUSTOMER_LIABILITY", 0)
    assert [each.action for each in floor.said(topics.BET_LEGS, BetLeg)] == ["HOLD", "RELEASE"]
    assert (won(floor, "ann"), floor.rows("accounts", ACCOUNTS)["ann"].balance_minor) == (0, 100_000)
    sound(floor)


def test_many_small_bets_come_to_the_cap_and_no_further(floor: Floor) -> None:
    leg = floor.shown("fx-1")
    decisions = [
        floor.decision(floor.bet("ann", leg, stake_minor=700, accept_partial=True)) for _ in range(2 * CAP // 700)
    ]
    outcomes = [decision.outcome for decision in decisions]
    assert outcomes[0] == "ACCEPTED"
    assert outcomes[-1] == "REJECTED"
    assert outcomes.count("PARTIAL") == 1
    assert {decision.code for decision in decisions} == {"", "CUSTOMER_LIABILITY"}
    assert sum(decision.payout_minor - decision.stake_minor for decision in decisions) == won(floor, "ann") <= CAP
    sound(floor)


def test_the_cap_is_each_customers_own_and_each_markets_own(floor: Floor) -> None:
    leg = floor.shown("fx-1")
    most = stake_within(CAP, leg)
    bets = [
        floor.bet("ann", leg, stake_minor=most),
        floor.bet("bob", leg, stake_minor=most),
        floor.bet("ann", floor.shown("fx-2"), stake_minor=most),
    ]
    assert [floor.decision(bet).outcome for bet in bets] == ["ACCEPTED"] * 3
    assert floor.decision(floor.bet("bob", leg, stake_minor=most)).code == "CUSTOMER_LIABILITY"
    assert floor.markets()[market_of("fx-1")].taken.worst_case(1) == won(floor, "ann") + won(floor, "bob") > CAP
    sound(floor)


def test_stakes_on_the_other_selection_make_room(floor: Floor) -> None:
    leg = floor.shown("fx-1")
    most = stake_within(CAP, leg)
    floor.bet("ann", leg, stake_minor=most)
    assert floor.decision(floor.bet("ann", leg, stake_minor=500)).code == "CUSTOMER_LIABILITY"
    floor.bet("ann", floor.shown("fx-1", "away"), stake_minor=1_000)
    assert floor.decision(floor.bet("ann", leg, stake_minor=500)).outcome == "ACCEPTED"
    sound(floor)


def test_an_accumulator_counts_with_all_that_it_can_pay(floor: Floor) -> None:
    legs = floor.shown("fx-1"), floor.shown("fx-2")
    alone = stake_within(CAP, legs[0])
    decision = floor.decision(floor.bet("ann", *legs, stake_minor=alone, accept_partial=True))
    assert (decision.outcome, decision.code) == ("PARTIAL", "CUSTOMER_LIABILITY")
    assert decision.stake_minor < alone
    assert CAP - 10 < decision.payout_minor - decision.stake_minor <= CAP
    assert floor.decision(floor.bet("ann", legs[1], stake_minor=100)).code == "CUSTOMER_LIABILITY"
    sound(floor)

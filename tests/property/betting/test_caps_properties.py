"""However prices move between a slip, its holds and its decision: no more is confirmed than was held, no cap is passed.

Accounts and book run over one log, and the audit of the topics agrees. One of the matches is in play: its legs wait,
while the prices of all of them move.
"""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bookstream import topics
from bookstream.proof.verify import TopicAudit
from domain.betting.payout import liability_minor
from domain.events.betting import BetLeg, LegVerdict, PricePolicy
from domain.trading.rules import MarketRules
from tables.book import CUSTOMERS as EXPOSURES
from tests.unit.agents.floor import Floor, market_of

FIXTURES = ("fx-1", "fx-2", "fx-3")
LIVE = "fx-3"
CUSTOMERS = ("ann", "bob")
CAPS = MarketRules(
    max_stake_minor=3_000, in_play_max_stake_minor=3_000, max_payout_minor=30_000,
    market_cap_minor=9_000, selection_cap_minor=7_000, customer_cap_minor=5_000,
)  # fmt: skip

moves = st.tuples(st.just("move"), st.sampled_from(FIXTURES), st.integers(10, 80))
policies: st.SearchStrategy[PricePolicy] = st.sampled_from(("any", "better", "exact"))
bets = st.tuples(
    st.just("bet"),
    st.sampled_from(CUSTOMERS),
    st.lists(st.tuples(st.sampled_from(FIXTURES), st.sampled_from(("home", "away")), st.integers(0, 3)),
             min_size=1, max_size=3, unique_by=lambda leg: leg[0]),
    st.integers(100, 3_000),
    policies,
    st.booleans(),
    st.sampled_from([(), (1,), (1, 2), (2,), (1, 2, 3), (2, 3)]),
    st.sampled_from([(), (), (0,)]),
)  # fmt: skip
waits = st.tuples(st.just("wait"), st.sampled_from([1, 3, 16]))


def move(floor: Floor, fixture_id: str, share: int) -> None:
    chances = {"home": share / 100, "away": 1 - share / 100}
    floor.price(fixture_id, chances, in_play=fixture_id == LIVE)


def bet(floor: Floor, seen: dict[tuple[str, str], list[Any]], said: tuple[Any, ...]) -> None:
    _, customer, chosen, stake, policy, partial, folds, bankers = said
    legs = []
    for fixture_id, selection_id, moves_ago in chosen:
        slips = seen[fixture_id, selection_id]
        legs.append(slips[max(0, len(slips) - 1 - moves_ago)])
    floor.bet(customer, *legs, stake_minor=stake, price_policy=policy, accept_partial=partial,
              folds=folds, bankers=bankers)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(steps=st.lists(st.one_of(moves, moves, bets, bets, waits), min_size=4, max_size=25))
def test_no_more_is_confirmed_than_was_held_and_no_cap_is_passed(steps: list[tuple[Any, ...]]) -> None:
    floor, seen = Floor(CAPS), dict[tuple[str, str], list[Any]]()
    for customer in CUSTOMERS:
        floor.credit(customer, 1_000_000)
    for fixture_id in FIXTURES:
        floor.open(fixture_id, {"home": 0.5, "away": 0.5}, in_play=fixture_id == LIVE)
    for said in (*(("move", fixture_id, 40) for fixture_id in FIXTURES), *steps, ("wait", 16)):
        if said[0] == "move":
            move(floor, said[1], said[2])
            for selection_id in ("home", "away"):
                seen.setdefault((said[1], selection_id), []).append(floor.shown(said[1], selection_id))
        elif said[0] == "wait":
            floor.wait(said[1])
        else:
            bet(floor, seen, said)
        within_the_caps(floor)
    assert floor.log.records(topics.DEAD_LETTERS.name) == []
    confirmed_as_held(floor)
    assert TopicAudit(lambda topic, partition: iter(floor.log.topics[topic][partition])).run().differences == []


def within_the_caps(floor: Floor) -> None:
    for market in floor.markets().values():
        assert market.taken.worst_case(1) <= CAPS.market_cap_minor
        for index in range(len(market.selections)):
            assert market.taken.outcome(index) <= CAPS.selection_cap_minor
    for exposure in floor.rows("book", EXPOSURES).values():
        for index in range(2):
            assert exposure.taken.outcome(index) <= CAPS.customer_cap_minor


def confirmed_as_held(floor: Floor) -> None:
    said = floor.said(topics.BET_LEGS, BetLeg)
    held = {leg.leg_id: leg for leg in said if leg.action == "HOLD"}
    verdicts = {verdict.leg_id: verdict for verdict in floor.said(topics.LEG_VERDICTS, LegVerdict)}
    for leg in said:
        if leg.action == "CONFIRM":
            verdict = verdicts[leg.leg_id]
            most = liability_minor(verdict.stake_minor, (verdict.odds, held[leg.leg_id].other_odds))
            assert liability_minor(leg.stake_minor, (leg.odds, leg.other_odds)) <= most
    assert all(market.taken.held_legs == 0 for market in floor.markets().values())
    assert set(floor.markets()) == {market_of(fixture_id) for fixture_id in FIXTURES}

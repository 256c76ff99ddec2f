"""Prices, bets, merges and splits in any order: no bet is lost, no price is lost, and the proof is clean."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bookstream import topics
from bookstream.proof.verify import TopicAudit
from domain.events.betting import BetDecision
from domain.events.canonical import Fixture, IdentityDecision
from tables.book import LEGS, MARKETS
from tests.unit.agents.identity_samples import BOOKMAKERS, Round

NAMES = tuple(BOOKMAKERS)
STEPS = st.one_of(
    st.tuples(st.just("poll"), st.sampled_from(NAMES), st.sampled_from((1.9, 2.0, 2.1))),
    st.tuples(st.just("bet"), st.integers(0, 5), st.just(0.0)),
    st.tuples(st.just("merge"), st.sampled_from(NAMES), st.just(0.0)),
    st.tuples(st.just("split"), st.sampled_from(NAMES), st.just(0.0)),
    st.tuples(st.just("again"), st.integers(0, 5), st.just(0.0)),
)


def play(steps: list[tuple[str, str | int, float]]) -> tuple[Round, dict[str, int], int]:
    """Play steps; return the round, each bookmaker's last price, and how many bets were asked for."""
    made, last, bets = Round(), dict.fromkeys(NAMES, 2000), 0
    made.credit()
    for name in NAMES:
        made.poll(name, 2.0)
    for number, (step, subject, price) in enumerate(steps):
        every = sorted({each.fixture_id for each in made.said(topics.FIXTURES, Fixture)})
        if step == "poll":
            made.poll(str(subject), price)
            last[str(subject)] = round(price * 1000)
        elif step == "bet":
            made.bet(every[int(subject) % len(every)], f"b{number}")
            bets += 1
        elif step == "again":
            told = made.said(topics.IDENTITY_DECISIONS, IdentityDecision)
            if told:
                made.hand_on(told[int(subject) % len(told)])
        else:
            _decide(made, step, str(subject), number)
    return made, last, bets


def _decide(made: Round, step: str, name: str, number: int) -> None:
    mine = made.fixture_of(name)
    theirs = made.fixture_of(NAMES[1 - NAMES.index(name)])
    if step == "merge" and mine != theirs:
        made.decide("MERGE", mine, theirs, f"d{number}")
    elif step == "split" and mine == theirs:
        made.decide(
            "SPLIT", f"fx-new{number}", mine, f"d{number}", subject_provider="theoddsapi",
            subject_fixture_id=BOOKMAKERS[name][0],
        )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=14))
def test_no_order_of_prices_bets_merges_and_splits_loses_a_bet_or_a_price(
    steps: list[tuple[str, str | int, float]],
) -> None:
    made, last, bets = play(steps)
    decided = made.said(topics.BET_DECISIONS, BetDecision)
    accepted = [each for each in decided if each.outcome == "ACCEPTED"]
    assert len({each.bet_id for each in decided}) == bets
    shards = [made.log.shard("book", partition) for partition in range(topics.PARTITIONS)]
    confirmed = [leg for shard in shards for _, leg in shard.scan(LEGS) if leg.status == "CONFIRMED"]
    assert sum(leg.leg.stake_minor for leg in confirmed) == sum(each.stake_minor for each in accepted)
    assert {(leg.leg.bet_id, leg.leg.market_id) for leg in confirmed} == {
        (each.bet_id, each.legs[0].market_id) for each in accepted
    }
    for name in NAMES:
        told = made.odds(made.fixture_of(name), name)[-1]
        assert [each.back_odds for each in told.selections if each.selection_id == "home"] == [last[name]]
    retired = {each.fixture_id for each in made.said(topics.FIXTURES, Fixture) if each.successor_id}
    for shard in shards:
        for _, market in shard.scan(MARKETS):
            assert market.quote is not None
            assert market.fixture_id not in retired or market.quote.status == "CLOSED"
    assert not made.reasons
    assert TopicAudit(lambda topic, partition: iter(made.log.topics[topic][partition])).run().differences == []


def test_bets_are_taken_before_and_after_a_merge_and_stay_where_they_were_taken() -> None:
    made, _, _ = play([])
    retired, kept = (made.fixture_of(name) for name in ("williamhill", "pinnacle"))
    made.bet(retired, "before")
    made.decide("MERGE", kept, retired)
    made.bet(retired, "too-late")
    made.bet(kept, "after")
    outcomes = {each.bet_id: each.outcome for each in made.said(topics.BET_DECISIONS, BetDecision)}
    assert outcomes == {"before": "ACCEPTED", "too-late": "REJECTED", "after": "ACCEPTED"}
    taken = {
        market.fixture_id: market.taken.is_empty
        for partition in range(topics.PARTITIONS)
        for _, market in made.log.shard("book", partition).scan(MARKETS)
    }
    assert taken == {retired: False, kept: False}
    assert TopicAudit(lambda topic, partition: iter(made.log.topics[topic][partition])).run().differences == []

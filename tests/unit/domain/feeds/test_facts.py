"""What all providers told of a fixture, and what each of them has not."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.events.canonical import Incident, IncidentKind, Side
from domain.feeds.completeness import Count
from domain.feeds.facts import GRACE_US, MOST_FACTS, FixtureFacts, differences, incidents_of, join, learn

SECOND = 1_000_000
START = 1_776_511_800 * SECOND
LATER = START + GRACE_US + 600 * SECOND


def incident(provider: str, kind: IncidentKind, at: int = 0, **changes: Any) -> Incident:
    return Incident(
        event_id=f"{provider}{kind}{at}", occurred_at=START + at * SECOND, received_at=START + at * SECOND,
        provider=provider, provider_sequence=None, source=None, fixture_id="fx-1", kind=kind, **changes,
    )  # fmt: skip


def goal(provider: str, home: int, away: int, side: Side = "HOME", at: int = 0, *, back: bool = False) -> Incident:
    kind: IncidentKind = "GOAL_CANCELLED" if back else "GOAL"
    return incident(provider, kind, at, side=side, home_score=home, away_score=away)


def known(*incidents: Incident, of: tuple[str, ...] = ("uof", "theoddsapi")) -> FixtureFacts:
    facts = FixtureFacts()
    for provider in of:
        join(facts, provider, START)
    for each in incidents:
        learn(facts, each)
    return facts


def test_a_goal_that_another_provider_told_is_missing_once_it_had_time() -> None:
    facts = known(goal("uof", 1, 0, at=10))
    assert incidents_of(facts, "theoddsapi", START + 20 * SECOND) == Count(0, 0)
    assert incidents_of(facts, "theoddsapi", LATER) == Count(1, 0)
    assert incidents_of(facts, "uof", LATER) == Count(1, 1)
    learn(facts, goal("theoddsapi", 1, 0, at=900))
    assert incidents_of(facts, "theoddsapi", LATER) == Count(1, 1)


def test_goals_of_both_sides_are_the_same_facts_in_whatever_order_they_are_told() -> None:
    facts = known(
        goal("uof", 0, 1, "AWAY"), goal("uof", 1, 1), goal("theoddsapi", 1, 0), goal("theoddsapi", 1, 1, "AWAY")
    )
    assert [incidents_of(facts, each, LATER) for each in facts.joined] == [Count(2, 2), Count(2, 2)]


def test_what_anyone_took_back_is_expected_of_no_one() -> None:
    facts = known(goal("uof", 1, 0), goal("uof", 0, 0, back=True))
    assert [incidents_of(facts, each, LATER) for each in facts.joined] == [Count(0, 0), Count(0, 0)]
    learn(facts, goal("uof", 1, 0, at=60))
    assert incidents_of(facts, "theoddsapi", LATER) == Count(1, 0)


def test_what_was_before_a_provider_joined_is_not_expected_of_it() -> None:
    facts = known(goal("uof", 1, 0, at=10), of=("uof",))
    learn(facts, incident("theoddsapi", "SCORE", 60, home_score=1, away_score=0))
    learn(facts, goal("uof", 2, 0, at=90))
    assert incidents_of(facts, "theoddsapi", LATER) == Count(1, 0)


def test_a_kind_that_a_provider_never_tells_is_not_expected_of_it() -> None:
    card = incident("uof", "RED_CARD", 5, side="AWAY")
    facts = known(card, incident("uof", "KICK_OFF"), of=("uof", "theoddsapi", "new"))
    assert [incidents_of(facts, each, LATER) for each in facts.joined] == [Count(2, 2), Count(0, 0), Count(0, 0)]
    learn(facts, incident("new", "RED_CARD", 6, side="HOME"))
    assert incidents_of(facts, "new", LATER) == Count(2, 1)


def test_cards_are_counted_by_side_and_the_last_is_the_one_withdrawn() -> None:
    facts = known(*(incident("uof", "YELLOW_CARD", at, side="HOME") for at in (1, 2)))
    learn(facts, incident("uof", "YELLOW_CARD_CANCELLED", 3, side="HOME"))
    assert incidents_of(facts, "uof", LATER) == Count(1, 1)
    assert not facts.facts["YELLOW_CARD/HOME/1"]["uof"].withdrawn
    assert facts.facts["YELLOW_CARD/HOME/2"]["uof"].withdrawn


def test_a_correction_of_what_was_never_told_says_nothing() -> None:
    facts = known(of=("uof",))
    assert not learn(facts, goal("uof", 0, 0, back=True))
    assert not learn(facts, incident("uof", "RED_CARD_CANCELLED"))
    assert facts.facts == {}


def test_what_concerns_one_market_is_no_fact_of_the_match() -> None:
    assert not learn(known(of=("uof",)), incident("uof", "KICK_OFF", market_id="m"))


def test_a_broken_feed_does_not_fill_the_memory() -> None:
    facts = known(*(goal("uof", number, 0) for number in range(1, 3 * MOST_FACTS)))
    assert len(facts.facts) == MOST_FACTS


def test_times_of_the_same_fact_are_compared_between_providers() -> None:
    facts = known(goal("uof", 1, 0, at=10), goal("theoddsapi", 1, 0, at=70), incident("uof", "KICK_OFF"))
    assert list(differences(facts)) == [("theoddsapi", "uof", [60 * SECOND])]


TELLINGS = st.lists(
    st.tuples(
        st.sampled_from(["uof", "theoddsapi", "new"]),
        st.sampled_from([("HOME", 1, 0), ("HOME", 2, 0), ("AWAY", 0, 1), ("AWAY", 2, 2)]),
        st.booleans(),
        st.integers(0, 500),
    ),
    max_size=40,
)


@given(tellings=TELLINGS, after=st.integers(0, 2000))
def test_nobody_told_more_than_was_expected_and_telling_again_changes_nothing(
    tellings: list[tuple[str, tuple[Side, int, int], bool, int]], after: int
) -> None:
    said = [goal(name, home, away, side, at, back=back) for name, (side, home, away), back, at in tellings]
    facts = known(*said)
    for provider in facts.joined:
        now, later = (incidents_of(facts, provider, START + at * SECOND) for at in (after, after + 60))
        assert now.received <= now.expected <= later.expected
        assert now.received == later.received
    if said:
        assert not learn(facts, said[-1])

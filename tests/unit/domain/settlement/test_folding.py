"""Facts are the last truth of what a provider told, in whatever order it was heard."""

from itertools import permutations

from domain.events.canonical import Fixture, Incident
from domain.settlement.facts import Facts, Goal
from domain.settlement.folding import MOST_TELLINGS, Record, facts_of, folded, learn
from tests.unit.domain.settlement.tellings import MATCH, figure, told

OVER = Facts(
    phase="FINISHED", minute=76, home=2, away=1, scored=True, half=(1, 0),
    goals=(Goal("HOME", 1, 37, 1), Goal("AWAY", 1, 68, 2), Goal("HOME", 2, 76, 2)),
)  # fmt: skip


def test_a_match_is_told() -> None:
    assert folded(MATCH) == OVER


def test_any_order_of_hearing_gives_the_same_facts() -> None:
    for order in permutations(MATCH[1:6]):
        assert folded([MATCH[6], *order, MATCH[0]]) == OVER


def test_what_is_told_twice_is_told_once() -> None:
    assert folded([*MATCH, *reversed(MATCH)]) == OVER


def test_a_goal_withdrawn_leaves_the_match_as_if_it_had_not_been() -> None:
    withdrawn = told("GOAL_CANCELLED", 39, (0, 0), "HOME")
    assert folded([*MATCH[:2], withdrawn]) == Facts(phase="FIRST_HALF", minute=37, scored=True)
    again = [MATCH[0], MATCH[1], withdrawn, told("GOAL", 41, (1, 0), "HOME")]
    assert folded(again).goals == (Goal("HOME", 1, 41, 1),)


def test_goals_withdrawn_at_one_time_leave_the_lowest_score() -> None:
    goals = [told("GOAL", 30, (1, 0), "HOME"), told("GOAL", 33, (2, 0), "HOME")]
    both = [told("GOAL_CANCELLED", 35, (1, 0), "HOME"), told("GOAL_CANCELLED", 35, (0, 0), "HOME")]
    assert folded([*goals, *both]).home == 0
    assert folded([*goals, *reversed(both)]).home == 0


def test_a_goal_told_again_under_another_id_is_one_goal() -> None:
    assert folded([*MATCH[:2], told("GOAL", 38, (1, 0), "HOME")]).goals == (Goal("HOME", 1, 37, 1),)


def test_a_half_time_that_is_told_late_leaves_later_goals_to_the_second_half() -> None:
    late = told("HALF_TIME", 90, (1, 0))
    facts = folded([MATCH[1], MATCH[4], late])
    assert (facts.half, facts.home, facts.away) == ((1, 0), 1, 1)
    assert [goal.half for goal in facts.goals] == [1, 2]


def test_a_first_half_goal_withdrawn_later_leaves_the_half_time_score() -> None:
    later = told("GOAL_CANCELLED", 50, (0, 0), "HOME")
    facts = folded([*MATCH[:4], later])
    assert (facts.half, facts.home, facts.goals) == ((0, 0), 0, ())


def test_a_correction_after_the_end_changes_the_result_and_not_that_it_is_over() -> None:
    facts = folded([*MATCH, told("GOAL_CANCELLED", 120, (1, 1), "HOME")])
    assert (facts.phase, facts.home, facts.away, len(facts.goals)) == ("FINISHED", 1, 1, 2)


def test_goals_that_were_missed_count_and_have_no_order() -> None:
    facts = folded([MATCH[0], told("GOAL", 30, (2, 1), "HOME")])
    assert (facts.home, facts.away, facts.ordered) == (2, 1, False)


def test_a_goal_that_was_recorded_second_is_not_taken_for_the_first_when_it_is_withdrawn() -> None:
    facts = folded([told("GOAL", 30, (2, 0), "HOME"), told("GOAL_CANCELLED", 31, (1, 0), "HOME")])
    assert (facts.home, facts.goals, facts.ordered) == (1, (), False)


def test_a_goal_added_to_the_first_half_is_of_it_though_its_minute_is_not() -> None:
    added = told("GOAL", 45, (1, 0), "HOME")
    assert folded([MATCH[0], added]).goals == (Goal("HOME", 1, 45, None),)
    assert folded([MATCH[0], added, told("HALF_TIME", 48, (1, 0))]).goals == (Goal("HOME", 1, 45, 1),)


def test_halves_are_told_by_minutes_where_nobody_tells_of_half_time() -> None:
    assert folded([MATCH[1], MATCH[4], MATCH[6]]).half is None
    assert folded([MATCH[1], MATCH[4], MATCH[5], MATCH[6]]).half == (1, 0)
    unclear = told("GOAL", 50, (1, 0), "HOME")
    assert folded([unclear, told("FULL_TIME", 94, (1, 0))]).half is None


def test_an_end_without_a_score_is_no_goalless_draw() -> None:
    facts = folded([told("KICK_OFF", 0), told("HALF_TIME", 47), told("FULL_TIME", 94)])
    assert (facts.phase, facts.finished, facts.half) == ("FINISHED", False, None)


def test_cards_are_counted_and_taken_back_by_side() -> None:
    cards = [
        told("YELLOW_CARD", 10, side="HOME"),
        told("YELLOW_CARD", 20, side="AWAY"),
        told("YELLOW_CARD_CANCELLED", 21, side="AWAY"),
        told("RED_CARD", 30, side="AWAY"),
    ]
    facts = folded(cards)
    assert (facts.yellows, facts.reds) == ((1, 0), (0, 1))
    assert folded([]).yellows is None


def test_the_newest_figure_holds_and_both_sides_must_be_told() -> None:
    corners = [figure("home_corners_count", 5, at=80), figure("home_corners_count", 3, at=60)]
    assert folded(corners).corners is None
    assert folded([*corners, figure("away_corners_count", 7)]).corners == (5, 7)


def test_games_are_told_set_by_set() -> None:
    games = {"home_set_1_games_count": 6, "away_set_1_games_count": 4, "home_set_2_games_count": 1}
    told_games = [figure(name, value) for name, value in games.items()]
    assert folded(told_games).sets == ((6, 4),)
    assert folded([*told_games, figure("away_set_2_games_count", 0)]).sets == ((6, 4), (1, 0))


def test_only_a_call_off_counts_of_a_fixture() -> None:
    fixture = Fixture(
        event_id="f", occurred_at=0, received_at=0, provider="uof",
        fixture_id="fx-1", sport="soccer", competition_id="c", competition="", name="", home_id=None, away_id=None,
        home=None, away=None, kick_off_at=0, status="FINISHED", provider_fixture_id="1", confidence=1.0,
    )  # fmt: skip
    record = Record()
    assert not learn(record, fixture)
    assert learn(record, MATCH[0])
    cancelled = Fixture(
        **{**{name: getattr(fixture, name) for name in fixture.__struct_fields__}, "status": "CANCELLED"}
    )
    assert learn(record, cancelled)
    assert not learn(record, cancelled)
    assert facts_of(record).abandoned


def test_a_market_s_incidents_are_no_facts_and_a_broken_feed_fills_no_record() -> None:
    record = Record()
    about = Incident(**{**{n: getattr(MATCH[1], n) for n in MATCH[1].__struct_fields__}, "market_id": "fx-1/M/FT"})
    assert not learn(record, about)
    for number in range(MOST_TELLINGS + 5):
        learn(record, told("GOAL", number, (number + 1, 0), "HOME"))
    assert len(record.tellings) == MOST_TELLINGS

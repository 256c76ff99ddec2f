"""Each rule of football with results worked out by hand; the letters are those of `letters`."""

import pytest

from domain.settlement.facts import Facts, Goal, Pair
from domain.settlement.result import WIN
from domain.settlement.rulebook import Market
from domain.settlement.settle import settle
from tests.unit.domain.settlement.letters import letters, market


def over(score: Pair, half: Pair | None = None, **more: object) -> Facts:
    """Return a match that ended so."""
    facts = {"phase": "FINISHED", "home": score[0], "away": score[1], "scored": True, "half": half} | more
    return Facts(**facts)  # type: ignore[arg-type]  # the names of facts


BY_SCORE = [
    # type, selections, line, (score, wanted) ...
    ("MATCH_ODDS", "home draw away", None, {(2, 1): "WLL", (1, 1): "LWL", (0, 3): "LLW"}),
    ("DRAW_NO_BET", "home away", None, {(2, 1): "WL", (1, 1): "VV", (0, 3): "LW"}),
    ("DOUBLE_CHANCE", "home_or_draw draw_or_away home_or_away", None, {(2, 1): "WLW", (1, 1): "WWL", (0, 3): "LWW"}),
    ("BOTH_TO_SCORE", "yes no", None, {(2, 1): "WL", (1, 0): "LW", (0, 0): "LW"}),
    ("ODD_OR_EVEN", "odd even", None, {(2, 1): "WL", (1, 1): "LW", (0, 0): "LW"}),
    ("TOTAL_GOALS", "over under", 2500, {(2, 1): "WL", (1, 1): "LW"}),
    ("TOTAL_GOALS", "over under", 3000, {(2, 1): "VV", (3, 1): "WL", (1, 1): "LW"}),
    ("TOTAL_GOALS", "over under", 2750, {(2, 1): "wl", (3, 1): "WL", (1, 1): "LW"}),
    ("TOTAL_GOALS", "over under", 3250, {(2, 1): "lw", (3, 1): "WL", (1, 1): "LW"}),
    ("TOTAL_GOALS_HOME", "over under", 1500, {(2, 1): "WL", (1, 5): "LW"}),
    ("TOTAL_GOALS_AWAY", "over under", 1000, {(2, 1): "VV", (1, 5): "WL", (3, 0): "LW"}),
    ("ASIAN_HANDICAP", "home away", -500, {(1, 0): "WL", (1, 1): "LW"}),
    ("ASIAN_HANDICAP", "home away", 0, {(1, 0): "WL", (1, 1): "VV", (0, 1): "LW"}),
    ("ASIAN_HANDICAP", "home away", -250, {(1, 0): "WL", (1, 1): "lw", (0, 1): "LW"}),
    ("ASIAN_HANDICAP", "home away", 250, {(1, 0): "WL", (1, 1): "wl", (0, 1): "LW"}),
    ("ASIAN_HANDICAP", "home away", -750, {(2, 0): "WL", (1, 0): "wl", (0, 0): "LW"}),
    ("ASIAN_HANDICAP", "home away", -1250, {(2, 0): "WL", (1, 0): "lw", (0, 0): "LW"}),
    ("ASIAN_HANDICAP", "home away", 2000, {(0, 1): "WL", (0, 2): "VV", (0, 3): "LW"}),
    ("EUROPEAN_HANDICAP", "home draw away", -1000, {(2, 0): "WLL", (1, 0): "LWL", (1, 1): "LLW"}),
    ("EUROPEAN_HANDICAP", "home draw away", 1000, {(0, 0): "WLL", (0, 1): "LWL", (0, 2): "LLW"}),
    ("GOALS_OR_MORE", "1+ 2+ 3+", None, {(1, 1): "WVL", (0, 0): "LLL", (4, 0): "WWW"}),
    ("GOALS_OR_MORE_HOME", "1+ 2+", None, {(1, 1): "VL", (0, 3): "LL"}),
    ("GOALS_OR_MORE_AWAY", "1+ 2+", None, {(1, 1): "VL", (0, 3): "WW"}),
    ("CORRECT_SCORE", "1-0 0-0 1-1", None, {(1, 0): "WLL", (1, 1): "LLW", (4, 0): "LLL"}),
    (
        "CORRECT_SCORE",
        "1-0 0-0 any_other_home any_other_draw any_other_away",
        None,
        {(1, 0): "WLLLL", (4, 0): "LLWLL", (2, 2): "LLLWL", (0, 1): "LLLLW"},
    ),
    ("CORRECT_SCORE", "4-0 4-1 any_other", None, {(4, 1): "LWL", (2, 2): "LLW"}),
    (
        "WINNING_MARGIN",
        "home_by_1 home_by_2+ away_by_1 away_by_2+ score_draw no_goals",
        None,
        {(2, 1): "WLLLLL", (5, 1): "LWLLLL", (0, 1): "LLWLLL", (0, 2): "LLLWLL", (1, 1): "LLLLWL", (0, 0): "LLLLLW"},
    ),
    ("CLEAN_SHEET_HOME", "yes no", None, {(0, 0): "WL", (2, 1): "LW"}),
    ("CLEAN_SHEET_AWAY", "yes no", None, {(0, 0): "WL", (2, 1): "LW", (0, 1): "WL"}),
    ("WIN_TO_NIL_HOME", "yes no", None, {(1, 0): "WL", (0, 0): "LW", (2, 1): "LW"}),
    ("WIN_TO_NIL_AWAY", "yes no", None, {(0, 1): "WL", (0, 0): "LW", (1, 2): "LW"}),
    (
        "MATCH_ODDS_AND_BOTH_TO_SCORE",
        "home/yes home/no draw/yes draw/no away/yes away/no",
        None,
        {(2, 1): "WLLLLL", (1, 0): "LWLLLL", (1, 1): "LLWLLL", (0, 0): "LLLWLL", (1, 2): "LLLLWL", (0, 1): "LLLLLW"},
    ),
    (
        "MATCH_ODDS_AND_TOTAL_GOALS",
        "home/over home/under draw/over draw/under away/over away/under",
        2500,
        {(2, 1): "WLLLLL", (1, 0): "LWLLLL", (2, 2): "LLWLLL", (1, 1): "LLLWLL", (1, 2): "LLLLWL", (0, 2): "LLLLLW"},
    ),
    ("HAT_TRICK_SCORED", "yes no", None, {(2, 2): "LW", (3, 0): ".."}),
]


@pytest.mark.parametrize(("kind", "words", "line", "wanted"), BY_SCORE, ids=lambda value: str(value)[:30])
def test_what_the_score_decides(kind: str, words: str, line: int | None, wanted: dict[Pair, str]) -> None:
    of = market(kind, words, line=line)
    assert {score: letters(of, over(score)) for score in wanted} == wanted


@pytest.mark.parametrize("period", ["1H", "2H"])
def test_the_same_rules_settle_a_half(period: str) -> None:
    facts = over((1, 3), (1, 0)) if period == "1H" else over((1, 3), (0, 3))
    for kind, words, line, wanted in BY_SCORE[:14]:
        if (1, 0) in wanted:
            assert letters(market(kind, words, line=line, period=period), facts) == wanted[1, 0]
    assert letters(market("TOTAL_GOALS", "over under", line=500, period=period), facts) == "WL"


HALVES = [
    ("HALF_TIME_FULL_TIME", "home/home home/draw home/away", {((1, 0), (2, 2)): "LWL", ((1, 0), (1, 3)): "LLW"}),
    ("HALF_TIME_FULL_TIME", "draw/home draw/draw draw/away", {((0, 0), (2, 1)): "WLL", ((1, 1), (1, 1)): "LWL"}),
    ("HALF_TIME_FULL_TIME", "away/home away/draw away/away", {((0, 1), (2, 1)): "WLL", ((0, 1), (0, 4)): "LLW"}),
    ("HALF_WITH_MOST_GOALS", "first second tie", {((1, 1), (1, 2)): "WLL", ((1, 0), (2, 1)): "LWL",
                                                  ((1, 0), (2, 0)): "LLW"}),
    ("WIN_BOTH_HALVES_HOME", "yes no", {((1, 0), (2, 0)): "WL", ((1, 0), (1, 0)): "LW", ((0, 0), (3, 0)): "LW"}),
    ("WIN_BOTH_HALVES_AWAY", "yes no", {((0, 1), (0, 2)): "WL", ((0, 1), (2, 1)): "LW"}),
    ("SCORE_BOTH_HALVES_HOME", "yes no", {((1, 3), (2, 3)): "WL", ((0, 0), (2, 0)): "LW"}),
    ("SCORE_BOTH_HALVES_AWAY", "yes no", {((1, 3), (2, 4)): "WL", ((0, 1), (2, 1)): "LW"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "words", "wanted"), HALVES)
def test_what_both_halves_decide(kind: str, words: str, wanted: dict[tuple[Pair, Pair], str]) -> None:
    of = market(kind, words)
    assert {(half, end): letters(of, over(end, half)) for half, end in wanted} == wanted


ORDER = [
    ("FIRST_GOAL", "home away none", None, {"HA": "WLL", "AH": "LWL", "": "LLW"}),
    ("LAST_GOAL", "home away none", None, {"HA": "LWL", "AH": "WLL", "": "LLW"}),
    ("NTH_GOAL", "home away none", 2000, {"HA": "LWL", "AH": "WLL", "H": "LLW"}),
    ("ANYTIME_SCORE", "1-0 0-1 1-1 2-0", None, {"HA": "WLWL", "AH": "LWWL", "HH": "WLLW", "": "LLLL"}),
]


@pytest.mark.parametrize(("kind", "words", "line", "wanted"), ORDER)
def test_what_the_order_of_goals_decides(kind: str, words: str, line: int | None, wanted: dict[str, str]) -> None:
    of = market(kind, words, line=line)

    def facts(order: str) -> Facts:
        goals = tuple(
            Goal("HOME" if each == "H" else "AWAY", order[: at + 1].count(each)) for at, each in enumerate(order)
        )
        return over((order.count("H"), order.count("A")), goals=goals)

    assert {order: letters(of, facts(order)) for order in wanted} == wanted


def test_an_order_that_nobody_told_decides_what_every_order_would() -> None:
    assert letters(market("FIRST_GOAL", "home away none"), over((2, 0))) == "WLL"
    assert letters(market("FIRST_GOAL", "home away none"), over((1, 1))) == "..L"
    assert letters(market("ANYTIME_SCORE", "1-1 2-1 0-2 1-0"), over((2, 1))) == ".WL."
    assert settle(market("FIRST_GOAL", "home"), over((9, 9))).lacks == "GOAL_ORDER"


FIRST = "1-10 31-40 41-50 81+ none"


@pytest.mark.parametrize(
    ("goals", "wanted"),
    [
        ((Goal("HOME", 1, 0, 1),), "WLLLL"),
        ((Goal("HOME", 1, 9, 1),), "WLLLL"),
        ((Goal("HOME", 1, 37, 1),), "LWLLL"),
        ((Goal("HOME", 1, 47, 1),), "LLWLL"),
        ((Goal("HOME", 1, 52, 2),), "LLLLL"),
        ((Goal("HOME", 1, 93, 2),), "LLLWL"),
        ((Goal("HOME", 1, None, 1),), "...LL"),
        ((), "LLLLW"),
    ],
)
def test_the_time_of_the_first_goal_counts_what_is_added_to_a_half_as_its_last_minute(
    goals: tuple[Goal, ...], wanted: str
) -> None:
    assert letters(market("FIRST_GOAL_TIME", FIRST), over((len(goals), 0), goals=goals)) == wanted


def test_a_half_time_score_tells_the_half_of_a_first_goal_whose_minute_nobody_told() -> None:
    bands = market("FIRST_GOAL_TIME", FIRST)
    assert letters(bands, over((1, 0), (0, 0))) == "LL..L"
    assert letters(bands, over((1, 0), (1, 0))) == "...LL"
    assert letters(bands, over((1, 0))) == "....L"


def test_a_band_is_lost_once_its_minutes_have_gone_without_a_goal() -> None:
    assert letters(market("FIRST_GOAL_TIME", FIRST), Facts(phase="FIRST_HALF", minute=9, scored=True)) == "....."
    playing = Facts(phase="FIRST_HALF", minute=12, scored=True)
    assert letters(market("FIRST_GOAL_TIME", FIRST), playing) == "L...."
    added = Facts(phase="FIRST_HALF", minute=46, scored=True)
    assert letters(market("FIRST_GOAL_TIME", "1-45 46+ none"), added) == "..."
    later = Facts(phase="SECOND_HALF", minute=46, scored=True, half=(0, 0))
    assert letters(market("FIRST_GOAL_TIME", FIRST), later) == "LL..."


def test_corners_and_cards() -> None:
    facts = over((2, 2), corners=(4, 11), yellows=(4, 3), reds=(1, 0))
    wanted = {
        market("TOTAL_CORNERS", "over under", line=15000): "VV",
        market("TOTAL_CORNERS_HOME", "over under", line=4500): "LW",
        market("TOTAL_CORNERS_AWAY", "over under", line=9500): "WL",
        market("CORNER_MATCH_BET", "home draw away"): "LLW",
        market("CORNER_HANDICAP", "home away", line=6500): "LW",
        market("CORNER_HANDICAP", "home away", line=7500): "WL",
        market("CORNER_RANGE", "0-9 10-12 13+"): "LLW",
        market("TOTAL_CARDS", "over under", line=8500): "WL",
        market("CARD_MATCH_BET", "home draw away"): "WLL",
        market("BOOKING_POINTS", "0-25 30-40 45+"): "LLW",
        market("SENDING_OFF", "yes no"): "WL",
    }
    assert {each: letters(each, facts) for each in wanted} == wanted


def test_what_nobody_told_is_waited_for_and_named() -> None:
    facts = over((2, 1))
    for kind, words, lacks in (
        ("CORNER_MATCH_BET", "home draw away", "CORNERS"),
        ("SENDING_OFF", "yes no", "CARDS"),
        ("HALF_TIME_FULL_TIME", "home/home draw/home away/home", "HALF_TIME_SCORE"),
        ("HALF_WITH_MOST_GOALS", "first second", "HALF_TIME_SCORE"),
    ):
        verdict = settle(market(kind, words), facts)
        assert (verdict.state, verdict.lacks) == ("OPEN", lacks), kind
    assert settle(market("HALF_TIME", "home draw away", period="1H"), facts).lacks == "HALF_TIME_SCORE"
    assert settle(market("HAT_TRICK_SCORED", "yes no"), over((3, 0), (1, 0))).lacks == "SCORERS"
    assert settle(market("MATCH_ODDS", "home draw away"), Facts(phase="SECOND_HALF", scored=True)).lacks == "END"


def test_what_has_no_rule_or_no_word_is_not_ours() -> None:
    assert settle(market("UOF_62", "r-1"), over((0, 0))).lacks == "RULE"
    assert settle(market("MATCH_ODDS", "home draw", period="ET"), over((0, 0))).state == "NOT_OURS"
    assert settle(market("MATCH_ODDS", "r-1 r-2"), over((0, 0))).lacks == "SELECTIONS"
    assert settle(market("TOTAL_GOALS", "over under"), over((0, 0))).state == "NOT_OURS"
    assert settle(market("TOTAL_GOALS", "over under", line=2600), over((0, 0))).state == "NOT_OURS"
    partly = settle(market("CORRECT_SCORE", "1-0 r-9"), over((1, 0)))
    assert (partly.state, partly.results, partly.lacks) == ("OPEN", {"1-0": WIN}, "SELECTIONS")


@pytest.mark.parametrize(("score", "wanted"), [((0, 0), "...."), ((1, 0), "...L"), ((1, 1), "W.WL"), ((2, 1), "WWWL")])
def test_a_goal_decides_what_no_later_one_can_change(score: Pair, wanted: str) -> None:
    markets = (
        market("TOTAL_GOALS", "over", line=1500),
        market("TOTAL_GOALS", "over", line=2500),
        market("BOTH_TO_SCORE", "yes"),
        market("CORRECT_SCORE", "0-0"),
    )
    playing = Facts(phase="FIRST_HALF", home=score[0], away=score[1], scored=True)
    assert "".join(letters(each, playing) for each in markets) == wanted


def test_a_score_that_nobody_told_is_not_nil_nil() -> None:
    assert letters(market("TOTAL_GOALS", "over under", line=500), Facts(phase="FINISHED")) == ".."
    assert letters(market("HALF_TIME", "home draw away", period="1H"), Facts(phase="HALF_TIME")) == "..."


def test_goals_of_an_unknown_half_decide_no_half() -> None:
    unclear = Facts(phase="FIRST_HALF", minute=50, home=1, scored=True, goals=(Goal("HOME", 1, 50),))
    assert letters(market("TOTAL_GOALS", "over under", line=500, period="1H"), unclear) == ".."
    early = Facts(phase="FIRST_HALF", minute=20, home=1, scored=True, goals=(Goal("HOME", 1, 20, 1),))
    assert letters(market("TOTAL_GOALS", "over under", line=500, period="1H"), early) == "WL"


def test_a_match_called_off_gives_back_what_it_has_not_decided() -> None:
    never = Facts(called_off=True)
    assert letters(market("MATCH_ODDS", "home draw away"), never) == "VVV"
    given_up = Facts(phase="SECOND_HALF", called_off=True, home=2, away=1, scored=True, half=(1, 1))
    assert letters(market("MATCH_ODDS", "home draw away"), given_up) == "VVV"
    assert letters(market("TOTAL_GOALS", "over under", line=2500), given_up) == "WL"
    assert letters(market("TOTAL_GOALS", "over under", line=3500), given_up) == "VV"
    assert letters(market("HALF_TIME", "home draw away", period="1H"), given_up) == "LWL"
    in_first = Facts(phase="FIRST_HALF", called_off=True, home=1, scored=True, goals=(Goal("HOME", 1, 20, 1),))
    assert letters(market("HALF_TIME", "home draw away", period="1H"), in_first) == "VVV"
    assert letters(market("CORRECT_SCORE", "0-0 1-0 2-0"), given_up) == "LLL"


def test_a_match_that_went_to_extra_time_is_not_settled_by_its_last_score() -> None:
    facts = over((2, 1), (1, 1), minute=112)
    verdict = settle(market("MATCH_ODDS", "home draw away"), facts)
    assert (verdict.state, verdict.results, verdict.lacks) == ("OPEN", {}, "REGULAR_TIME")
    assert letters(market("HALF_TIME", "home draw away", period="1H"), facts) == "LWL"


def test_a_sport_with_overtime_is_settled_at_its_end() -> None:
    def of(kind: str, words: str, line: int | None = None) -> Market:
        return market(kind, words, line=line, sport="basketball")

    assert letters(of("TOTAL_POINTS", "over under", 180500), over((101, 99))) == "WL"
    assert letters(of("HANDICAP", "home away", -2000), over((101, 99))) == "VV"
    assert letters(of("MATCH_ODDS", "home away"), over((101, 99))) == "WL"
    assert letters(of("MATCH_ODDS", "home away"), over((99, 99))) == "VV"
    assert letters(of("MATCH_ODDS", "home draw away"), over((99, 99))) == "LWL"
    late = Facts(phase="SECOND_HALF", home=120, away=100, scored=True)
    assert letters(of("TOTAL_POINTS", "over under", 180500), late) == ".."

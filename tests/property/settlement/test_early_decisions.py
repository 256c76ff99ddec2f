"""What is decided during a match is what its end decides, however it goes on; and it is decided once it can be."""

from collections.abc import Callable
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.events.canonical import Side
from domain.settlement.facts import Facts, Goal, Pair, Phase
from domain.settlement.result import LOSE, WIN
from domain.settlement.rulebook import Market
from domain.settlement.settle import settle
from domain.settlement.tennis import is_over
from tests.unit.domain.settlement.letters import market

SCORES = " ".join(f"{home}-{away}" for home in range(4) for away in range(4))
OTHERS = "any_other_home any_other_draw any_other_away"
THREE = "home draw away"
DOUBLE = " ".join(f"{one}/{other}" for one in THREE.split() for other in THREE.split())
FOOTBALL = [
    market("MATCH_ODDS", THREE),
    market("DRAW_NO_BET", "home away"),
    market("DOUBLE_CHANCE", "home_or_draw draw_or_away home_or_away"),
    market("BOTH_TO_SCORE", "yes no"),
    market("ODD_OR_EVEN", "odd even"),
    *(market("TOTAL_GOALS", "over under", line=line) for line in (500, 1000, 2250, 2500, 4750)),
    *(market("TOTAL_GOALS", "over under", line=line, period=half) for line in (500, 1750) for half in ("1H", "2H")),
    market("TOTAL_GOALS_AWAY", "over under", line=1500),
    *(market("ASIAN_HANDICAP", "home away", line=line) for line in (-1250, 0, 500)),
    market("EUROPEAN_HANDICAP", THREE, line=1000),
    market("GOALS_OR_MORE", "1+ 2+ 3+ 4+"),
    market("CORRECT_SCORE", f"{SCORES} {OTHERS}"),
    market("CORRECT_SCORE", "0-0 1-0 0-1 any_other", period="1H"),
    market("HALF_TIME", THREE, period="1H"),
    market("MATCH_ODDS", THREE, period="2H"),
    market("WINNING_MARGIN", "home_by_1 home_by_2+ away_by_1 away_by_2+ score_draw no_goals"),
    market("CLEAN_SHEET_HOME", "yes no"),
    market("WIN_TO_NIL_AWAY", "yes no"),
    market("MATCH_ODDS_AND_BOTH_TO_SCORE", "home/yes home/no draw/yes draw/no away/yes away/no"),
    market("HALF_TIME_FULL_TIME", DOUBLE),
    market("HALF_WITH_MOST_GOALS", "first second tie"),
    market("WIN_BOTH_HALVES_HOME", "yes no"),
    market("SCORE_BOTH_HALVES_AWAY", "yes no"),
    market("HAT_TRICK_SCORED", "yes no"),
    market("FIRST_GOAL", "home away none"),
    market("LAST_GOAL", "home away none"),
    market("NTH_GOAL", "home away none", line=2000),
    market("ANYTIME_SCORE", "1-0 0-1 1-1 2-1 1-2"),
    market("FIRST_GOAL_TIME", "1-10 11-20 21-30 31-40 41-50 51-60 61-70 71-80 81+ none"),
    market("TOTAL_CORNERS", "over under", line=7500),
    market("CORNER_MATCH_BET", THREE),
    market("CORNER_RANGE", "0-9 10-12 13+"),
    market("BOOKING_POINTS", "0-25 30-40 45+"),
    market("SENDING_OFF", "yes no"),
]  # fmt: skip

SIDES: list[Side] = ["HOME", "AWAY"]
unhurried = settings(deadline=None)
"""Each example settles some dozens of markets at each of a match's moments."""


@st.composite
def matches(draw: st.DrawFn) -> list[Facts]:
    """Draw a match as it is known after each thing that happens, to its end."""
    first = sorted(draw(st.lists(st.integers(0, 47), max_size=4)))
    second = sorted(draw(st.lists(st.integers(45, 94), max_size=4)))
    moments = [(minute, 1) for minute in first] + [(minute, 2) for minute in second]
    goals: list[Goal] = []
    tells_order = draw(st.booleans())
    corners, yellows, reds = (0, 0), (0, 0), (0, 0)
    known = [
        Facts(phase="BEFORE"),
        Facts(phase="FIRST_HALF", scored=True, corners=corners, yellows=(0, 0), reds=(0, 0)),
    ]
    half: Pair | None = None

    def now(phase: Phase, minute: int) -> Facts:
        home, away = (sum(goal.side == side for goal in goals) for side in ("HOME", "AWAY"))
        return Facts(
            phase=phase, minute=minute, home=home, away=away, scored=True, goals=tuple(goals) if tells_order else (),
            half=half, corners=corners, yellows=yellows, reds=reds,
        )  # fmt: skip

    for minute, number in [*moments, (95, 3)]:
        if number > 1 and half is None:
            half = now("FIRST_HALF", 0).home, now("FIRST_HALF", 0).away
            known.append(now("HALF_TIME", 45))
        if number < 3:
            side = draw(st.sampled_from(SIDES))
            of_side = sum(goal.side == side for goal in goals) + 1
            goals.append(Goal(side, of_side, minute, number))
            corners = corners[0] + draw(st.integers(0, 5)), corners[1] + draw(st.integers(0, 5))
            yellows = yellows[0] + draw(st.integers(0, 1)), yellows[1] + draw(st.integers(0, 1))
            reds = reds[0], reds[1] + draw(st.integers(0, 1))
            known.append(now("FIRST_HALF" if number == 1 else "SECOND_HALF", minute))
    return [*known, now("FINISHED", 95)]


@settings(unhurried, max_examples=40)
@given(matches())
def test_no_decision_is_ever_changed_by_what_happens_later(known: list[Facts]) -> None:
    for each in FOOTBALL:
        results = [settle(each, facts).results for facts in known]
        for earlier, later in pairwise(results):
            # A goal whose minute nobody told leaves less known of the clock than there was without it.
            kept = earlier if known[-1].ordered else {choice: earlier[choice] for choice in earlier if choice in later}
            assert kept.items() <= later.items(), each.market_type


@unhurried
@given(matches())
def test_everything_that_was_told_is_decided_at_the_end(known: list[Facts]) -> None:
    facts = known[-1]
    for each in FOOTBALL:
        verdict = settle(each, facts)
        wants_order = each.market_type in {"FIRST_GOAL", "LAST_GOAL", "NTH_GOAL", "ANYTIME_SCORE", "FIRST_GOAL_TIME"}
        wants_names = each.market_type == "HAT_TRICK_SCORED" and max(facts.home, facts.away) >= 3
        if not wants_names and (facts.ordered or not wants_order):
            assert verdict.state == "DECIDED", each.market_type


Oracle = Callable[[int, int], bool]
ORACLES: dict[tuple[str, int | None], dict[str, Oracle]] = {
    ("MATCH_ODDS", None): {"home": lambda h, a: h > a, "draw": lambda h, a: h == a, "away": lambda h, a: h < a},
    ("TOTAL_GOALS", 3500): {"over": lambda h, a: h + a > 3, "under": lambda h, a: h + a < 4},
    ("BOTH_TO_SCORE", None): {"yes": lambda h, a: min(h, a) > 0, "no": lambda h, a: min(h, a) == 0},
    ("CORRECT_SCORE", None): {"2-1": lambda h, a: (h, a) == (2, 1), "0-0": lambda h, a: h + a == 0},
    ("EUROPEAN_HANDICAP", -2000): {"home": lambda h, a: h - a > 2, "draw": lambda h, a: h - a == 2},
    ("WIN_TO_NIL_HOME", None): {"yes": lambda h, a: h > 0 == a, "no": lambda h, a: h == 0 or a > 0},
    ("MATCH_ODDS_AND_BOTH_TO_SCORE", None): {"home/no": lambda h, a: h > a == 0, "draw/no": lambda h, a: h == a == 0},
}


@unhurried
@given(st.integers(0, 6), st.integers(0, 6))
def test_a_selection_is_open_only_while_it_may_yet_win_and_lose(home: int, away: int) -> None:
    facts = Facts(phase="SECOND_HALF", home=home, away=away, scored=True)
    ends = [(home + more, away + other) for more in range(16) for other in range(16)]
    for (kind, line), selections in ORACLES.items():
        results = settle(market(kind, " ".join(selections), line=line), facts).results
        for selection, wins in selections.items():
            possible = {WIN if wins(*end) else LOSE for end in ends}
            assert {results.get(selection)} == (possible if len(possible) == 1 else {None}), (kind, selection)


# ---- tennis

SETS = [(6, 0), (6, 3), (6, 4), (7, 5), (7, 6)]
TENNIS: list[Market] = [
    market(kind, words, sport="tennis", line=line, period=period)
    for kind, words, line, period in (
        ("MATCH_ODDS", "home away", None, "FT"),
        ("SET_BETTING", "2-0 2-1 0-2 1-2 3-0 3-1 3-2", None, "FT"),
        ("TOTAL_SETS", "over under", 2500, "FT"),
        ("TOTAL_GAMES", "over under", 21500, "FT"),
        ("TOTAL_GAMES", "over under", 9500, "S2"),
        ("HANDICAP", "home away", -3500, "FT"),
        ("SET_WINNER", "home away", None, "S1"),
        ("SET_WINNER", "home away", None, "S3"),
        ("CORRECT_SCORE", "6-3 6-4 3-6 7-6", None, "S2"),
    )
]


@st.composite
def tennis_matches(draw: st.DrawFn) -> list[Facts]:
    """Draw a match game by game, each set's games in any order that ends so."""
    needed = draw(st.sampled_from([2, 3]))
    known = [Facts(phase="FIRST_HALF", scored=True)]
    sets: list[Pair] = []
    won = [0, 0]
    while max(won) < needed:
        most, least = draw(st.sampled_from(SETS))
        winner = draw(st.integers(0, 1))
        games = [0, 0]
        before = (
            draw(st.permutations([winner] * (most - 1) + [1 - winner] * least)) if most == 6 else _close(winner, least)
        )
        for side in [*before, winner]:
            games[side] += 1
            known.append(_tennis([*sets, (games[0], games[1])], won))
        sets.append((games[0], games[1]))
        won[winner] += 1
        known.append(_tennis(sets, won))
    return [*known, _tennis(sets, won, over=True)]


def _close(winner: int, least: int) -> list[int]:
    """Return the games of a set that stood at five all before its last ones."""
    return [winner, 1 - winner] * 5 + ([winner] if least == 5 else [winner, 1 - winner])


def _tennis(sets: list[Pair], won: list[int], *, over: bool = False) -> Facts:
    return Facts(
        phase="FINISHED" if over else "FIRST_HALF", home=won[0], away=won[1], scored=True, sets=tuple(sets)
    )  # fmt: skip


@settings(unhurried, max_examples=25)
@given(tennis_matches())
def test_no_decision_in_tennis_is_changed_by_a_later_game(known: list[Facts]) -> None:
    assert is_over(known[-1])
    for each in TENNIS:
        results = [settle(each, facts).results for facts in known]
        for earlier, later in pairwise(results):
            assert earlier.items() <= later.items(), each.market_type
        assert len(results[-1]) == len(each.choices)

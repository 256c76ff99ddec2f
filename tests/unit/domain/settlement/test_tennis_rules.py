"""Tennis: sets and games, early decisions, retirements, each worked out by hand."""

import pytest

from domain.settlement.facts import Facts, Pair
from domain.settlement.rulebook import Market
from domain.settlement.settle import settle
from domain.settlement.tennis import is_over
from tests.unit.domain.settlement.letters import letters
from tests.unit.domain.settlement.letters import market as market_of


def market(kind: str, words: str, *, period: str = "FT", line: int | None = None) -> Market:
    return market_of(kind, words, period=period, line=line, sport="tennis")


def match(sets: tuple[Pair, ...], won: Pair, *, over: bool = True) -> Facts:
    phase = "FINISHED" if over else "FIRST_HALF"
    return Facts(phase=phase, home=won[0], away=won[1], scored=True, sets=sets)  # type: ignore[arg-type]


THREE = match(((6, 4), (3, 6), (7, 6)), (2, 1))
"""32 games: 16 each."""
STRAIGHT = match(((6, 0), (6, 2)), (2, 0))


@pytest.mark.parametrize(
    ("kind", "words", "period", "line", "wanted"),
    [
        ("MATCH_ODDS", "home away", "FT", None, ("WL", "WL")),
        ("SET_BETTING", "2-0 2-1 0-2 1-2", "FT", None, ("LWLL", "WLLL")),
        ("SET_BETTING", "home_2_0 home_2_1 away_2_1", "FT", None, ("LWL", "WLL")),
        ("TOTAL_SETS", "over under", "FT", 2500, ("WL", "LW")),
        ("SET_HANDICAP", "home away", "FT", -1500, ("LW", "WL")),
        ("SET_HANDICAP", "home away", "FT", -1000, ("VV", "WL")),
        ("TOTAL_GAMES", "over under", "FT", 31500, ("WL", "LW")),
        ("TOTAL_GAMES", "over under", "FT", 32000, ("VV", "LW")),
        ("TOTAL_GAMES_HOME", "over under", "FT", 15500, ("WL", "LW")),
        ("TOTAL_GAMES_AWAY", "over under", "FT", 16000, ("VV", "LW")),
        ("HANDICAP", "home away", "FT", -500, ("LW", "WL")),
        ("HANDICAP", "home away", "FT", 250, ("wl", "WL")),
        ("SET_WINNER", "home away", "S1", None, ("WL", "WL")),
        ("SET_WINNER", "home away", "S2", None, ("LW", "WL")),
        ("SET_WINNER", "home away", "S3", None, ("WL", "VV")),
        ("TOTAL_GAMES", "over under", "S2", 8500, ("WL", "LW")),
        ("TOTAL_GAMES", "over under", "S3", 12500, ("WL", "VV")),
        ("HANDICAP", "home away", "S1", -2500, ("LW", "WL")),
        ("CORRECT_SCORE", "6-4 6-0", "S1", None, ("WL", "LW")),
    ],
)
def test_what_the_games_of_a_match_decide(
    kind: str, words: str, period: str, line: int | None, wanted: tuple[str, str]
) -> None:
    of = market(kind, words, period=period, line=line)
    assert (letters(of, THREE), letters(of, STRAIGHT)) == wanted


def test_a_set_decides_what_no_later_one_can_change() -> None:
    after_one = match(((7, 6),), (1, 0), over=False)
    assert letters(market("SET_WINNER", "home away", period="S1"), after_one) == "WL"
    assert letters(market("SET_BETTING", "2-0 0-2 1-2 2-1"), after_one) == ".L.."
    assert letters(market("MATCH_ODDS", "home away"), after_one) == ".."
    assert letters(market("TOTAL_GAMES", "over under", line=12500), after_one) == "WL"
    assert letters(market("TOTAL_GAMES", "over under", line=18500), after_one) == "WL"
    assert letters(market("TOTAL_GAMES", "over under", line=19500), after_one) == ".."


def test_games_decide_within_a_set() -> None:
    in_second = match(((6, 4), (5, 5)), (1, 0), over=False)
    assert letters(market("TOTAL_GAMES", "over under", period="S2", line=11500), in_second) == "WL"
    assert letters(market("TOTAL_GAMES", "over under", period="S2", line=12500), in_second) == ".."
    assert letters(market("CORRECT_SCORE", "6-4 7-5 6-7", period="S2"), in_second) == "L.."
    assert letters(market("SET_WINNER", "home away", period="S3"), in_second) == ".."


def test_a_last_set_may_be_one_long_tie_break_and_a_match_may_be_of_five_sets() -> None:
    level = match(((6, 3), (3, 6)), (1, 1), over=False)
    assert letters(market("TOTAL_GAMES", "over under", line=18500), level) == "WL"
    assert letters(market("TOTAL_GAMES", "over under", line=19500), level) == ".."
    assert letters(market("TOTAL_SETS", "over under", line=2500), level) == "WL"
    assert letters(market("TOTAL_SETS", "over under", line=3500), level) == ".."
    fourth = match(((6, 3), (3, 6), (6, 3), (1, 0)), (2, 1), over=False)
    assert letters(market("TOTAL_SETS", "over under", line=3500), fourth) == "WL"
    assert letters(market("SET_BETTING", "2-1 3-1 3-2"), fourth) == "L.."


def test_only_a_last_set_may_go_on_after_six_all() -> None:
    last = match(((6, 3), (3, 6), (6, 3), (3, 6), (6, 6)), (2, 2), over=False)
    assert letters(market("TOTAL_GAMES", "over under", line=48500), last) == "WL"
    assert letters(market("TOTAL_GAMES", "over under", line=49500), last) == ".."
    first = match(((6, 6),), (0, 0), over=False)
    assert letters(market("TOTAL_GAMES", "over under", period="S1", line=13500), first) == "LW"


def test_a_retirement_leaves_what_was_decided_and_gives_the_rest_back() -> None:
    given_up = match(((6, 4), (2, 1)), (1, 0))
    assert not is_over(given_up)
    assert letters(market("TOTAL_GAMES", "over under", line=12500), given_up) == "WL"
    assert letters(market("TOTAL_GAMES", "over under", line=22500), given_up) == "VV"
    assert letters(market("SET_BETTING", "2-0 0-2"), given_up) == "VL"
    assert letters(market("SET_WINNER", "home away", period="S1"), given_up) == "WL"
    assert letters(market("SET_WINNER", "home away", period="S2"), given_up) == "VV"
    verdict = settle(market("MATCH_ODDS", "home away"), given_up)
    assert (verdict.state, verdict.lacks) == ("OPEN", "WINNER")


@pytest.mark.parametrize(
    ("sets", "won", "over"),
    [
        (((6, 4), (6, 4)), (2, 0), True),
        (((6, 4), (7, 6)), (2, 0), True),
        (((6, 4), (5, 4)), (1, 0), False),
        (((6, 4), (6, 5)), (1, 0), False),
        (((6, 4), (4, 6), (70, 68)), (2, 1), True),
        (((6, 4), (4, 6), (1, 0)), (2, 1), True),
        (((6, 4), (6, 4), (4, 6), (6, 3)), (3, 1), True),
        (((6, 4),), (1, 0), False),
    ],
)
def test_a_match_is_over_when_somebody_has_won_its_sets(sets: tuple[Pair, ...], won: Pair, *, over: bool) -> None:
    assert is_over(match(sets, won)) is over


def test_sets_alone_decide_what_needs_no_games() -> None:
    untold = match((), (2, 1))
    assert letters(market("MATCH_ODDS", "home away"), untold) == "WL"
    assert letters(market("SET_BETTING", "2-1 2-0"), untold) == "WL"
    games = settle(market("TOTAL_GAMES", "over under", line=22500), untold)
    assert (games.state, games.results, games.lacks) == ("OPEN", {}, "GAMES")

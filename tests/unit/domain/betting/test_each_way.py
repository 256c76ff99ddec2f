"""Place terms, dead heats and what an each-way bet returns."""

import pytest

from domain.betting.each_way import PlaceTerms, placing, shared, usual_terms
from domain.betting.returns import LegState, Wager, returns
from domain.betting.systems import NAMED, accumulator
from domain.settlement.result import LOSE, VOID, WIN, LegResult

FIFTH = PlaceTerms((1, 5), 3)
QUARTER = PlaceTerms((1, 4), 3)


@pytest.mark.parametrize(
    ("runners", "handicap", "fraction", "places"),
    [
        (4, False, (1, 1), 1), (5, False, (1, 4), 2), (7, True, (1, 4), 2), (8, False, (1, 5), 3),
        (11, True, (1, 5), 3), (12, True, (1, 4), 3), (15, True, (1, 4), 3), (16, True, (1, 4), 4),
        (40, False, (1, 5), 3),
    ],
)  # fmt: skip
def test_the_usual_terms_follow_the_field(
    runners: int, *, handicap: bool, fraction: tuple[int, int], places: int
) -> None:
    assert usual_terms(runners, handicap=handicap) == PlaceTerms(fraction, places)


@pytest.mark.parametrize(
    ("ahead", "tied", "places", "ratio"),
    [(0, 1, 1, (1, 1)), (0, 2, 1, (1, 2)), (0, 3, 1, (1, 3)), (1, 4, 3, (2, 4)), (2, 2, 3, (1, 2)), (1, 2, 3, (1, 1)),
     (0, 1, 3, (1, 1)), (0, 2, 3, (1, 1)),
     (3, 1, 3, (0, 1)), (5, 2, 3, (0, 2))],
)  # fmt: skip
def test_a_dead_heat_shares_the_places_left(ahead: int, tied: int, places: int, ratio: tuple[int, int]) -> None:
    assert shared(ahead, tied, places) == ratio


def test_a_placing_is_a_result_of_the_win_part_or_of_the_place_part() -> None:
    assert placing(0, 1, 1) == WIN
    assert placing(0, 1, 3) == WIN
    assert placing(1, 1, 1) == LOSE
    assert placing(2, 2, 3, deduction=25) == LegResult(win=1, dead_heat=(1, 2), deduction=25)


def test_two_share_the_last_place_so_half_the_stake_is_paid_in_full() -> None:
    """Twenty pounds each way at 16/1, a quarter for three places, level for third: the half of £20 at 4/1 is £50."""
    leg = LegState(odds=17_000, result=placing(2, 2, 1), terms=QUARTER, placed=placing(2, 2, 3))
    assert returns(Wager(bet_type=accumulator(1), stake_minor=4000, each_way=True), [leg]).returned_minor == 5000


@pytest.mark.parametrize(
    ("result", "placed", "returned"),
    [
        (WIN, WIN, 11_000 + 3000),  # £10 each way at 10/1, a fifth: the place part is at 2/1
        (LOSE, WIN, 3000),
        (LOSE, LOSE, 0),
        (VOID, VOID, 2000),
        (LegResult(win=1, dead_heat=(1, 2)), WIN, 5500 + 3000),
        (LegResult(win=1, deduction=25), LegResult(win=1, deduction=25), 8500 + 2500),
    ],
)
def test_an_each_way_single_pays_its_win_part_and_its_place_part(
    result: LegResult, placed: LegResult, returned: int
) -> None:
    bet = Wager(bet_type=accumulator(1), stake_minor=2000, each_way=True)
    leg = LegState(odds=11_000, result=result, terms=FIFTH, placed=placed)
    assert returns(bet, [leg]).returned_minor == returned


def test_an_each_way_double_multiplies_wins_with_wins_and_places_with_places() -> None:
    bet = Wager(bet_type=accumulator(2), stake_minor=200, each_way=True)
    legs = [
        LegState(odds=5000, result=WIN, terms=QUARTER, placed=WIN),
        LegState(odds=9000, result=LOSE, terms=QUARTER, placed=WIN),
    ]
    assert returns(bet, legs).returned_minor == 100 * 2 * 3
    legs[1] = LegState(odds=9000, result=WIN, terms=QUARTER, placed=WIN)
    assert returns(bet, legs).returned_minor == 100 * 5 * 9 + 100 * 2 * 3


def test_place_odds_that_no_thousandth_holds_are_exact() -> None:
    """A third of 4.001's winnings: 1 + 3.001 / 3, of 300,000 it is 600,100, not the 600,099 of rounded odds."""
    leg = LegState(odds=4001, result=LOSE, terms=PlaceTerms((1, 3), 3), placed=WIN)
    bet = Wager(bet_type=accumulator(1), stake_minor=600_000, each_way=True)
    assert returns(bet, [leg]).returned_minor == 600_100


def test_a_placed_runner_may_still_win_so_both_parts_count_in_the_most() -> None:
    bet = Wager(bet_type=NAMED["PATENT"].bet_type, stake_minor=1400, each_way=True)
    known = LegState(odds=3000, result=WIN, terms=FIFTH, placed=WIN)
    waiting = LegState(odds=3000, terms=FIFTH)
    lost = LegState(odds=3000, result=LOSE, terms=FIFTH, placed=LOSE)
    done = returns(bet, [known, waiting, lost])
    assert done.open_lines == 4  # the single and the double of the open leg, both parts
    assert done.returned_minor == 300 + 140
    assert done.most_minor == 300 + 140 + (300 + 900) + (140 + 196)

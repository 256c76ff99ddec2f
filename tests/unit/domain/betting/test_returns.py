"""What a bet returns: the field's oracles, and what open legs leave undecided."""

from math import floor, prod

import pytest

from domain.betting.codes import Code
from domain.betting.each_way import WIN_ONLY, PlaceTerms
from domain.betting.payout import payout_minor
from domain.betting.returns import LegState, Returns, Wager, refusal, returns, unit_stakes
from domain.betting.systems import NAMED, BetType, accumulator, lines, system
from domain.settlement.result import HALF_LOSE, HALF_WIN, LOSE, VOID, WIN, LegResult

DEAD_HEAT = LegResult(win=1, dead_heat=(1, 2))
SINGLE = accumulator(1)


def single(odds: int, result: LegResult | None, stake: int = 1000, *, free: bool = False) -> Returns:
    bet = Wager(bet_type=SINGLE, stake_minor=stake, free=free)
    return returns(bet, [LegState(odds=odds, result=result)])


@pytest.mark.parametrize(
    ("result", "returned"),
    [
        (WIN, 2500),
        (LOSE, 0),
        (VOID, 1000),
        (HALF_WIN, 1750),
        (HALF_LOSE, 500),
        (DEAD_HEAT, 1250),
        (LegResult(win=1, deduction=25), 2125),
        (LegResult(win=1, dead_heat=(2, 3), deduction=90), 766),
        (LegResult(win=1, void=(1, 3)), 2000),
    ],
)
def test_a_single_returns_what_its_result_says(result: LegResult, returned: int) -> None:
    assert single(2500, result).returned_minor == returned


@pytest.mark.parametrize(
    ("result", "returned"),
    [(WIN, 1500), (LOSE, 0), (VOID, 0), (HALF_WIN, 750), (HALF_LOSE, 0), (DEAD_HEAT, 750)],
)
def test_a_free_bet_returns_the_winnings_without_the_stake(result: LegResult, returned: int) -> None:
    assert single(2500, result, free=True).returned_minor == returned


def test_a_void_line_says_what_stake_comes_back() -> None:
    assert single(2500, VOID, free=True).void_minor == 1000
    legs = [LegState(odds=2000, result=VOID), LegState(odds=2000, result=VOID), LegState(odds=2000, result=WIN)]
    assert returns(Wager(bet_type=NAMED["PATENT"].bet_type, stake_minor=70), legs).void_minor == 30


def test_all_void_gives_back_the_whole_stake_however_it_divides() -> None:
    leg = LegState(odds=3000, result=VOID, terms=PlaceTerms((1, 5), 3), placed=VOID)
    bet = Wager(bet_type=NAMED["PATENT"].bet_type, stake_minor=7 * 2 * 10 + 9, each_way=True)
    assert returns(bet, [leg] * 3) == Returns(returned_minor=149, most_minor=149, void_minor=149, open_lines=0)
    placed = LegState(odds=3000, result=VOID, terms=PlaceTerms((1, 5), 3), placed=LOSE)
    assert returns(bet, [placed] * 3).void_minor == 77
    placed = LegState(odds=3000, result=LOSE, terms=PlaceTerms((1, 5), 3), placed=VOID)
    assert returns(bet, [placed] * 3).void_minor == 72


def test_an_accumulator_agrees_with_the_payout_of_its_odds() -> None:
    odds = (1910, 2375, 1001, 12_000)
    bet = Wager(bet_type=accumulator(4), stake_minor=12_345)
    legs = [LegState(odds=each, result=WIN) for each in odds]
    assert returns(bet, legs).returned_minor == payout_minor(12_345, odds)
    assert returns(bet, [LegState(odds=each) for each in odds]).most_minor == payout_minor(12_345, odds)


def test_a_lucky_15_with_one_loser_pays_the_patent_of_the_others() -> None:
    bet = Wager(bet_type=NAMED["LUCKY_15"].bet_type, stake_minor=1500)
    legs = [LegState(odds=3000, result=each) for each in (WIN, LOSE, WIN, WIN)]
    assert returns(bet, legs).returned_minor == 100 * (3 * 3 + 3 * 9 + 27)


def test_every_line_is_rounded_down_by_itself() -> None:
    """Three doubles of one penny at 1.5 × 1.5 pay 2 each: the sum of the exact products would be 6.75, not 6."""
    bet = Wager(bet_type=BetType(3, (2,)), stake_minor=3)
    assert returns(bet, [LegState(odds=1500, result=WIN)] * 3).returned_minor == 6


def test_a_stake_that_does_not_divide_gives_the_first_lines_a_unit_more() -> None:
    bet = Wager(bet_type=BetType(3, (1,)), stake_minor=101)
    assert unit_stakes(bet) == (33, 2)
    legs = [LegState(odds=odds, result=WIN) for odds in (2000, 3000, 5000)]
    assert returns(bet, legs).returned_minor == 34 * 2 + 34 * 3 + 33 * 5
    both = Wager(bet_type=BetType(3, (1,)), stake_minor=10, each_way=True)
    legs = [LegState(odds=3000, result=WIN, terms=PlaceTerms((1, 2), 2), placed=WIN)] * 3
    assert returns(both, legs).returned_minor == 3 * (2 + 2 + 2) + 2 * (2 + 1 + 1)


def test_a_losing_leg_decides_its_lines_before_the_others_are_known() -> None:
    bet = Wager(bet_type=NAMED["TRIXIE"].bet_type, stake_minor=400)
    legs = [LegState(odds=2000, result=LOSE), LegState(odds=3000), LegState(odds=5000, result=WIN)]
    assert returns(bet, legs) == Returns(returned_minor=0, most_minor=1500, void_minor=0, open_lines=1)
    legs[1] = LegState(odds=3000, result=LOSE)
    assert returns(bet, legs) == Returns(returned_minor=0, most_minor=0, void_minor=0, open_lines=0)
    acca = Wager(bet_type=accumulator(3), stake_minor=100)
    assert returns(acca, [LegState(odds=2000, result=LOSE), legs[2], LegState(odds=9000)]).open_lines == 0


def test_a_lost_banker_loses_every_line() -> None:
    bet = Wager(bet_type=system(2, 3, bankers=(0,)), stake_minor=300)
    legs = [LegState(odds=2000, result=LOSE), *[LegState(odds=2000, result=WIN)] * 3]
    assert returns(bet, legs).returned_minor == 0
    legs[0], legs[3] = LegState(odds=2000, result=WIN), LegState(odds=2000, result=LOSE)
    assert returns(bet, legs).returned_minor == 100 * 8


def test_the_maximum_payout_caps_the_sum_of_the_lines() -> None:
    bet = Wager(bet_type=NAMED["PATENT"].bet_type, stake_minor=700, max_payout_minor=5000)
    legs = [LegState(odds=10_000, result=WIN), LegState(odds=10_000), LegState(odds=10_000)]
    assert returns(bet, legs) == Returns(returned_minor=1000, most_minor=5000, void_minor=0, open_lines=6)


def test_the_largest_stakes_are_exact() -> None:
    bet = Wager(bet_type=accumulator(8), stake_minor=10**30 + 7)
    assert returns(bet, [LegState(odds=1_000_001, result=WIN)] * 8).returned_minor == (
        (10**30 + 7) * 1_000_001**8 // 1000**8
    )


def test_a_goliath_of_the_largest_stake_is_exact_in_every_line() -> None:
    bet = Wager(bet_type=NAMED["GOLIATH"].bet_type, stake_minor=247 * (10**30 + 7))
    results = [WIN, HALF_WIN, DEAD_HEAT, LegResult(win=1, deduction=35), HALF_LOSE, VOID, WIN, LegResult(win=1)]
    odds = [1_001, 2_377, 9_999, 3_141, 1_618, 2_718, 1_000_001, 7_777]
    factors = [result.factor(each) for result, each in zip(results, odds, strict=True)]
    exact = sum(floor((10**30 + 7) * prod(factors[index] for index in line)) for line in lines(bet.bet_type))
    legs = [LegState(odds=each, result=result) for result, each in zip(results, odds, strict=True)]
    assert returns(bet, legs).returned_minor == exact


@pytest.mark.parametrize(
    ("bet", "terms", "code"),
    [
        (Wager(bet_type=accumulator(2), stake_minor=100), None, None),
        (Wager(bet_type=accumulator(3), stake_minor=100), None, Code.BET_TYPE_INVALID),
        (Wager(bet_type=accumulator(2), stake_minor=100, each_way=True), None, Code.BET_TYPE_INVALID),
        (Wager(bet_type=accumulator(2), stake_minor=100, each_way=True), WIN_ONLY, None),
        (Wager(bet_type=accumulator(2), stake_minor=100), WIN_ONLY, Code.BET_TYPE_INVALID),
        (Wager(bet_type=accumulator(2), stake_minor=1, each_way=True), WIN_ONLY, Code.STAKE_BELOW_MINIMUM),
        (Wager(bet_type=accumulator(2), stake_minor=2, each_way=True), WIN_ONLY, None),
        (Wager(bet_type=BetType(2, (1, 2)), stake_minor=3), None, None),
        (Wager(bet_type=BetType(2, (1, 2)), stake_minor=2), None, Code.STAKE_BELOW_MINIMUM),
        (Wager(bet_type=BetType(2, (1, 2)), stake_minor=0), None, Code.STAKE_NOT_POSITIVE),
        (Wager(bet_type=BetType(2, (1, 2)), stake_minor=-3), None, Code.STAKE_NOT_POSITIVE),
    ],
)
def test_a_bet_that_cannot_be_divided_over_its_lines_is_refused(
    bet: Wager, terms: PlaceTerms | None, code: Code | None
) -> None:
    assert refusal(bet, [LegState(odds=2000, terms=terms)] * 2) is code

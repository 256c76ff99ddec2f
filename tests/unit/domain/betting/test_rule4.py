"""Rule 4: from a withdrawn runner's odds to pence in the pound."""

import pytest

from domain.betting.returns import LegState, Wager, returns
from domain.betting.rule4 import Rule4, Withdrawal, deduction, deduction_of_bet, pence
from domain.betting.systems import accumulator
from domain.settlement.result import LegResult

FIELD = [
    ("1/100", 90), ("1/9", 90), ("2/17", 85), ("2/11", 85), ("1/5", 80), ("1/4", 80), ("2/7", 75), ("3/10", 75),
    ("1/3", 70), ("2/5", 70), ("4/9", 65), ("8/15", 65), ("4/7", 60), ("8/13", 60), ("4/6", 55), ("4/5", 55),
    ("5/6", 50), ("20/21", 50), ("1/1", 45), ("6/5", 45), ("5/4", 40), ("6/4", 40), ("8/5", 35), ("13/8", 35),
    ("7/4", 35), ("9/5", 30), ("15/8", 30), ("9/4", 30), ("12/5", 25), ("5/2", 25), ("3/1", 25), ("16/5", 20),
    ("10/3", 20), ("4/1", 20), ("9/2", 15), ("11/2", 15), ("6/1", 10), ("9/1", 10), ("10/1", 5), ("14/1", 5),
    ("16/1", 0), ("500/1", 0),
]  # fmt: skip


def thousandths(fraction: str) -> tuple[int, int]:
    """Both roundings of fractional odds."""
    won, staked = (int(part) for part in fraction.split("/"))
    return 1000 + 1000 * won // staked, 1000 - (-1000 * won // staked)


@pytest.mark.parametrize(("fraction", "taken"), FIELD)
def test_both_ends_of_every_band_take_what_the_table_says(fraction: str, taken: int) -> None:
    assert [pence(odds) for odds in thousandths(fraction)] == [taken, taken]


def test_odds_between_two_bands_are_of_the_longer_one() -> None:
    assert (pence(3250), pence(3251), pence(3300), pence(3400)) == (30, 25, 25, 25)
    assert (pence(15_000), pence(15_002)) == (5, 0)


def test_shorter_odds_never_take_less() -> None:
    taken = [pence(odds) for odds in range(1001, 20_000)]
    assert taken == sorted(taken, reverse=True)
    assert set(taken) == {*range(0, 95, 5)}


def test_ten_pounds_at_eight_to_one_with_a_three_to_one_shot_withdrawn_return_seventy() -> None:
    result = LegResult(win=1, deduction=deduction([4000]))
    bet = Wager(bet_type=accumulator(1), stake_minor=1000)
    assert returns(bet, [LegState(odds=9000, result=result)]).returned_minor == 7000


@pytest.mark.parametrize(
    ("withdrawn", "rule", "taken"),
    [
        ((), Rule4(), 0),
        ((4000, 4000), Rule4(), 50),
        ((1200, 2000), Rule4(), 90),
        ((1200, 2000), Rule4(most=75), 75),
        ((1111,), Rule4(most=75), 75),
        ((12_000,), Rule4(), 5),
        ((12_000,), Rule4(waive_lone=True), 0),
        ((12_000, 51_000), Rule4(waive_lone=True), 0),
        ((12_000, 12_000), Rule4(waive_lone=True), 10),
        ((4000,), Rule4(waive_lone=True), 25),
    ],
)
def test_several_withdrawals_add_up_to_what_the_house_takes_at_most(
    withdrawn: tuple[int, ...], rule: Rule4, taken: int
) -> None:
    assert deduction(withdrawn, rule) == taken


def test_a_bet_suffers_only_from_runners_withdrawn_after_it() -> None:
    withdrawals = [Withdrawal(odds=4000, withdrawn_at=100), Withdrawal(odds=7000, withdrawn_at=200)]
    assert [deduction_of_bet(at, withdrawals) for at in (99, 100, 150, 200)] == [35, 10, 10, 0]

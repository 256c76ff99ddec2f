"""What a bet returns, against exact fractions."""

from fractions import Fraction
from math import floor, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.betting.payout import (
    combined_odds,
    covering_odds,
    liability_minor,
    other_odds,
    payout_minor,
    stake_for_payout,
    valid_odds,
)

stakes = st.integers(1, 10**12)
slips = st.lists(st.integers(1001, 10_000_000), min_size=1, max_size=20)


def test_a_single_pays_stake_times_odds() -> None:
    assert payout_minor(1000, [2500]) == 2500
    assert liability_minor(1000, [2500]) == 1500


def test_an_accumulator_is_rounded_down_once_and_not_after_each_leg() -> None:
    # 1.00 × 1.001 × 1.999 × 1.337 = 2.6753…; rounding after each leg would give 2.66.
    assert payout_minor(100, [1001, 1999, 1337]) == 267


def test_a_void_leg_counts_as_odds_of_one() -> None:
    assert payout_minor(777, [3200, 1000]) == payout_minor(777, [3200])


def test_no_leg_returns_the_stake() -> None:
    assert payout_minor(500, []) == 500
    assert combined_odds([]) == covering_odds([]) == 1000


def test_a_single_has_no_other_odds() -> None:
    assert other_odds([2500], 0) == 1000


def test_the_other_odds_of_a_leg_are_the_product_of_the_rest_rounded_up() -> None:
    assert other_odds([2000, 1501, 1501], 0) == 2254
    assert other_odds([2000, 1501, 1501], 1) == 3002


@pytest.mark.parametrize(("odds", "valid"), [([1001], True), ([1000], False), ([2000, 0], False), ([5001], False)])
def test_odds_must_be_above_one_and_within_bounds(odds: list[int], *, valid: bool) -> None:
    assert valid_odds(odds, most=5000) is valid


@given(stakes, slips)
def test_payout_is_the_floor_of_the_exact_product(stake: int, odds: list[int]) -> None:
    assert payout_minor(stake, odds) == floor(stake * prod((Fraction(each, 1000) for each in odds), start=Fraction(1)))


@given(slips)
def test_covering_odds_are_never_below_the_exact_product_and_at_most_a_thousandth_above(odds: list[int]) -> None:
    exact = prod((Fraction(each, 1000) for each in odds), start=Fraction(1)) * 1000
    assert combined_odds(odds) <= exact <= covering_odds(odds) <= combined_odds(odds) + 1


@given(stakes, slips)
def test_the_stake_for_a_payout_is_the_largest_that_keeps_to_it(most: int, odds: list[int]) -> None:
    stake = stake_for_payout(most, odds)
    assert payout_minor(stake, odds) <= most < payout_minor(stake + 1, odds)

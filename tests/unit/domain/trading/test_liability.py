"""Liability: two numbers a bet, exact integers, worst case over the outcomes."""

import pytest

from domain.betting.payout import payout_minor
from domain.trading.liability import Liability, largest_stake, top


def taken(*legs: tuple[int, int, int]) -> Liability:
    sums = Liability([0, 0, 0], held_minor=[0, 0, 0])
    for index, stake, odds in legs:
        sums.add(index, stake, odds, 1000)
    return sums


def test_a_bet_costs_its_winnings_on_its_selection_and_earns_its_stake_on_the_others() -> None:
    sums = taken((0, 1000, 2500))
    assert [sums.outcome(index) for index in range(3)] == [1500, -1000, -1000]
    assert sums.worst_case(1) == 1500


def test_bets_on_different_selections_offset_each_other() -> None:
    sums = taken((0, 1000, 2500), (1, 2000, 1500))
    assert [sums.outcome(index) for index in range(3)] == [1500 - 2000, 1000 - 1000, -3000]


def test_no_worst_case_is_below_zero_since_a_market_may_be_voided() -> None:
    assert taken((0, 1000, 1100), (1, 1000, 1100), (2, 1000, 1100)).worst_case(1) == 0


def test_a_leg_of_an_accumulator_counts_as_if_its_other_legs_win_rounded_down() -> None:
    sums = Liability()
    sums.add(0, 333, 1777, 3333)
    assert sums.outcome(0) == 333 * 1777 * 3333 // 1_000_000 - 333


def test_a_held_leg_counts_on_its_selection_and_earns_nothing_on_the_others_yet() -> None:
    sums = taken((0, 1000, 2500))
    sums.hold(1, 500, 3000, 1000)
    assert [sums.outcome(index) for index in range(3)] == [1500, 0, -1000]
    assert sums.held_worst_case(1) == 1000


def test_neither_a_release_nor_a_confirmation_makes_the_worst_case_worse() -> None:
    sums = Liability()
    sums.hold(0, 1000, 2500, 1000)
    sums.hold(1, 900, 2000, 1000)
    assert sums.worst_case(1) == 1500
    sums.release(1, 900, 2000, 1000)
    assert sums.worst_case(1) == 1500
    sums.release(0, 1000, 2500, 1000)
    sums.add(0, 1000, 2500, 1000)
    assert sums.worst_case(1) == 1500


def test_what_was_held_can_be_released_to_nothing() -> None:
    sums = Liability()
    sums.hold(0, 1000, 2500, 1000)
    sums.hold(2, 77, 33333, 3333)
    sums.release(2, 77, 33333, 3333)
    sums.release(0, 1000, 2500, 1000)
    assert sums == Liability([0, 0, 0], 0, 0, [0, 0, 0], 0)
    assert sums.is_empty


def test_releasing_more_than_is_held_stops() -> None:
    sums = taken((0, 1000, 2500))
    with pytest.raises(AssertionError, match="more was released"):
        sums.release(0, 1000, 2500, 1000)


def test_the_worst_case_with_one_more_leg_is_that_after_holding_it() -> None:
    sums = taken((0, 1000, 2500), (1, 300, 4000))
    for index in range(3):
        for winners in (0, 1, 2):
            more = Liability(list(sums.returns_minor), sums.stakes_minor, sums.legs, [0, 0, 0])
            more.hold(index, 400, 3000, 1000)
            assert sums.worst_case_with(index, 800, winners) == more.worst_case(winners)


def test_where_several_may_win_the_worst_case_adds_the_largest_returns() -> None:
    sums = taken((0, 100, 5000), (1, 100, 3000), (2, 100, 2000))
    assert sums.worst_case(1) == 500 - 300
    assert sums.worst_case(2) == 800 - 300
    assert sums.worst_case(0) == 1000 - 300


def test_a_selection_that_must_win_brings_the_largest_others_with_it() -> None:
    sums = taken((0, 100, 5000), (1, 100, 3000), (2, 100, 2000))
    assert sums.with_winner(2, 1) == 200 - 300
    assert sums.with_winner(2, 2) == 700 - 300
    assert sums.with_winner(2, 0) == 1000 - 300


def test_a_selection_without_a_bet_costs_nothing_more() -> None:
    assert taken((0, 100, 5000)).outcome(7) == -100
    assert top([], 1) == 0


@pytest.mark.parametrize(("room", "odds", "other"), [(999, 2500, 1000), (0, 1010, 1000), (12345, 1777, 3333)])
def test_the_largest_stake_is_exact_to_the_unit(room: int, odds: int, other: int) -> None:
    stake = largest_stake(room, odds, other)
    assert payout_minor(stake, (odds, other)) - stake <= room
    assert payout_minor(stake + 1, (odds, other)) - stake - 1 > room


def test_without_room_no_stake_fits() -> None:
    assert largest_stake(-1, 2000, 1000) == 0

"""Liability: whatever the bets, the sums equal those made anew, and the largest stake is exact."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from domain.betting.payout import payout_minor
from domain.trading.liability import Liability, largest_stake

SELECTIONS = 5
legs = st.tuples(
    st.integers(0, SELECTIONS - 1), st.integers(1, 10**7), st.integers(1001, 10**6), st.integers(1000, 10**7)
)


def by_outcomes(taken: list[tuple[int, int, int, int]], winners: int) -> int:
    """Work the worst case out from every set of winners: what it wins, less what is staked on the rest."""
    most = 0
    sizes = range(SELECTIONS + 1) if winners == 0 else range(winners + 1)
    for size in sizes:
        for won in combinations(range(SELECTIONS), size):
            loss = 0
            for index, stake, odds, other in taken:
                loss += payout_minor(stake, (odds, other)) - stake if index in won else -stake
            most = max(most, loss)
    return most


@given(st.lists(legs, max_size=8), st.integers(0, 3))
def test_the_worst_case_is_that_of_all_sets_of_winners(taken: list[tuple[int, int, int, int]], winners: int) -> None:
    sums = Liability()
    for leg in taken:
        sums.add(*leg)
    assert sums.worst_case(winners) == by_outcomes(taken, winners)


@given(st.lists(legs, max_size=8), st.data())
def test_legs_leave_in_any_order_without_a_trace(taken: list[tuple[int, int, int, int]], data: st.DataObject) -> None:
    sums = Liability()
    for leg in taken:
        sums.hold(*leg)
    for leg in data.draw(st.permutations(taken)):
        sums.release(*leg)
    assert sums.is_empty
    assert not any(sums.held_minor)


@given(st.lists(legs, max_size=6), st.lists(legs, max_size=6), st.data(), st.integers(0, 3))
def test_the_worst_case_covers_every_way_in_which_the_held_legs_may_end(
    taken: list[tuple[int, int, int, int]], held: list[tuple[int, int, int, int]], data: st.DataObject, winners: int
) -> None:
    sums = Liability()
    for leg in taken:
        sums.add(*leg)
    for leg in held:
        sums.hold(*leg)
    before = sums.worst_case(winners)
    for leg in data.draw(st.permutations(held)):
        sums.release(*leg)
        if data.draw(st.booleans()):
            index, stake, odds, other = leg
            sums.add(index, data.draw(st.integers(1, stake)), odds, other)
        assert sums.worst_case(winners) <= before


@given(st.integers(0, 10**9), st.integers(1001, 10**6), st.integers(1000, 10**7))
def test_no_larger_stake_fits_the_room(room: int, odds: int, other: int) -> None:
    stake = largest_stake(room, odds, other)
    assert payout_minor(stake, (odds, other)) - stake <= room
    assert payout_minor(stake + 1, (odds, other)) - stake - 1 > room


@given(st.lists(legs, max_size=6), legs, st.integers(0, 3), st.integers(0, 10**9))
def test_the_largest_stake_that_fits_keeps_the_market_under_its_cap(
    taken: list[tuple[int, int, int, int]], leg: tuple[int, int, int, int], winners: int, more: int
) -> None:
    sums = Liability()
    for each in taken:
        sums.add(*each)
    index, _, odds, other = leg
    cap = sums.worst_case(winners) + more
    stake = largest_stake(cap - sums.with_winner(index, winners), odds, other)
    sums.hold(index, stake, odds, other)
    assert sums.worst_case(winners) <= cap

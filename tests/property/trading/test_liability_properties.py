"""Liability: whatever the bets, the sums equal those made anew, and the largest stake is exact."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from domain.betting.payout import EVEN, payout_minor
from domain.trading.liability import Liability, largest_stake
from domain.trading.rules import MarketRules
from domain.trading.stakes import STEPS, most_stake, offered_stake, room_minor

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


@given(
    odds=st.integers(1001, 10**6), taken=st.lists(legs, max_size=4), winners=st.integers(0, 2), in_play=st.booleans(),
    cap=st.integers(0, 10**7), payout=st.integers(0, 10**7),
)  # fmt: skip
def test_the_stake_that_is_shown_is_the_step_below_what_the_checks_allow(
    *, odds: int, taken: list[tuple[int, int, int, int]], winners: int, in_play: bool, cap: int, payout: int
) -> None:
    rules = MarketRules(winners=winners, market_cap_minor=cap, selection_cap_minor=cap // 2, max_payout_minor=payout)
    sums = Liability()
    for leg in taken:
        sums.add(*leg)
    allowed = min(most_stake(rules, odds, in_play=in_play), largest_stake(min(room_minor(rules, sums, 0)), odds, EVEN))
    shown = offered_stake(rules, sums, 0, odds, in_play=in_play)
    assert shown == max((step for step in STEPS if step <= allowed), default=0)

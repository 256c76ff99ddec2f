"""How far clocks are apart, from delays and from the times of the same incidents."""

from hypothesis import given
from hypothesis import strategies as st

from domain.feeds.skew import (
    MOST_APART_US,
    WINDOW_US,
    WINDOWS_KEPT,
    ClockState,
    Skew,
    hear_delay,
    skew_between,
    skew_to_ours,
)

START = 1_776_511_800_000_000


def heard(*delays: int, every: int = 1_000_000) -> ClockState:
    state = ClockState()
    for number, delay in enumerate(delays):
        received_at = START + number * every
        hear_delay(state, received_at - delay, received_at)
    return state


def test_the_least_delay_is_the_nearest_to_what_the_clocks_differ_by() -> None:
    assert skew_to_ours(heard(80_000, 30_000, 500_000)) == Skew(-30_000, 0, 3)


def test_a_clock_that_is_ahead_makes_messages_come_before_they_were_sent() -> None:
    assert skew_to_ours(heard(-1_950_000, -1_500_000)) == Skew(1_950_000, 0, 2)


def test_of_nothing_heard_nothing_is_known() -> None:
    assert skew_to_ours(ClockState()) is None
    assert skew_between([]) is None


def test_a_clock_that_is_set_right_is_believed_once_its_old_minutes_are_gone() -> None:
    wrong, right = [-2_000_000] * 3, [40_000] * WINDOWS_KEPT
    assert skew_to_ours(heard(*wrong, *right[:-1], every=WINDOW_US)) == Skew(2_000_000, 2_040_000, WINDOWS_KEPT)
    assert skew_to_ours(heard(*wrong, *right, every=WINDOW_US)) == Skew(-40_000, 0, WINDOWS_KEPT)


def test_a_wrong_time_says_nothing_of_a_clock() -> None:
    assert skew_to_ours(heard(MOST_APART_US + 1, -MOST_APART_US - 1)) is None
    assert skew_between([MOST_APART_US + 1, 5]) == Skew(5, 0, 1)


def test_between_providers_the_median_withstands_one_that_noticed_late() -> None:
    assert skew_between([2_000_000, 2_200_000, 90_000_000]) == Skew(2_200_000, 200_000, 3)


@given(ahead=st.integers(-3_000_000, 3_000_000), ways=st.lists(st.integers(0, 5_000_000), min_size=1, max_size=50))
def test_the_estimate_is_wrong_by_the_least_way_and_no_more(ahead: int, ways: list[int]) -> None:
    skew = skew_to_ours(heard(*(way - ahead for way in ways)))
    assert skew is not None
    assert ahead - skew.skew_us == min(ways)
    assert skew.samples == len(ways)


@given(ahead=st.integers(-3_000_000, 3_000_000), noise=st.lists(st.integers(-1000, 1000), min_size=1, max_size=30))
def test_the_clocks_of_two_providers_are_apart_the_same_seen_from_either(ahead: int, noise: list[int]) -> None:
    one, other = (skew_between([sign * (ahead + each) for each in noise]) for sign in (1, -1))
    assert one is not None
    assert other is not None
    assert one.skew_us == -other.skew_us
    assert abs(one.skew_us - ahead) <= 1000

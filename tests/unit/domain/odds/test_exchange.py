"""The midpoint of an exchange is taken where its offers tell, and nowhere else."""

import pytest

from domain.odds.exchange import Top, midpoint


def top(back: int, lay: int, back_size: int = 10_000, lay_size: int = 10_000) -> Top:
    return Top(back, back_size, lay, lay_size)


EVEN = top(1_990, 2_010)


def test_a_symmetric_market_is_even() -> None:
    assert midpoint([EVEN, EVEN]) == pytest.approx((0.5, 0.5))


def test_the_price_moves_away_from_the_side_with_more_money() -> None:
    heavy_to_back = midpoint([top(1_990, 2_010, back_size=90_000), EVEN])
    heavy_to_lay = midpoint([top(1_990, 2_010, lay_size=90_000), EVEN])
    assert heavy_to_back is not None
    assert heavy_to_lay is not None
    assert heavy_to_back[0] < 0.5 < heavy_to_lay[0]


def test_the_micro_price_weighs_payouts() -> None:
    found = midpoint([top(2_000, 2_500, back_size=100, lay_size=240), top(1_700, 2_000)], max_spread=0.2)
    assert found is not None
    first = (0.5 * 600_000 + 0.4 * 200_000) / 800_000
    second = ((1 / 1.7) * 2_000 + 0.5 * 1_700) / 3_700
    assert found == pytest.approx((first / (first + second), second / (first + second)))


def test_a_near_certainty_with_nothing_left_to_back_is_still_priced() -> None:
    found = midpoint([Top(0, 0, 1_010, 50_000), Top(1_000_000, 900, 0, 0)])
    assert found is not None
    assert found[0] == pytest.approx(0.9995, abs=1e-4)
    assert sum(found) == pytest.approx(1.0)


def test_one_runner_without_a_side_takes_what_the_others_leave() -> None:
    found = midpoint([EVEN, top(3_950, 4_050), Top(3_500, 100, 0, 0)])
    assert found is not None
    assert found[2] == pytest.approx(0.25, abs=1e-3)


def test_a_rest_that_contradicts_the_side_offered_is_no_price() -> None:
    assert midpoint([EVEN, top(3_950, 4_050), Top(10_000, 100, 0, 0)]) is None
    assert midpoint([EVEN, top(3_950, 4_050), Top(0, 0, 3_000, 100)]) is None


@pytest.mark.parametrize(
    "tops",
    [
        [],
        [EVEN],
        [EVEN, Top(0, 0, 0, 0)],
        [EVEN, Top(1_990, 0, 2_010, 0)],
        [EVEN, top(2_100, 2_000)],
        [EVEN, top(1_600, 3_000)],
        [top(3_000, 3_050), Top(3_000, 100, 0, 0), Top(0, 0, 4_000, 100)],
    ],
    ids=["nothing", "one runner", "empty", "no money", "crossed", "too wide", "two short of a side"],
)
def test_a_market_that_does_not_tell_has_no_price(tops: list[Top]) -> None:
    assert midpoint(tops) is None


def test_a_book_inside_out_has_no_price() -> None:
    assert midpoint([top(2_100, 2_120), top(2_100, 2_120)]) is None
    assert midpoint([top(1_880, 1_900), top(1_880, 1_900)]) is None


def test_the_spread_allowed_is_the_callers() -> None:
    wide = [top(1_900, 2_100), top(1_900, 2_100)]
    assert midpoint(wide, max_spread=0.04) is None
    assert midpoint(wide, max_spread=0.06) == pytest.approx((0.5, 0.5))

"""The midpoint of an exchange is taken where its offers tell, and nowhere else."""

import pytest

from domain.odds.exchange import ExchangeView, Fault, NoView, Top, midpoint, read_market


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


@pytest.mark.parametrize(
    ("tops", "reason", "runner"),
    [
        ([], "TOO_FEW_RUNNERS", None),
        ([EVEN], "TOO_FEW_RUNNERS", None),
        ([EVEN, Top(0, 0, 0, 0)], "EMPTY", 1),
        ([EVEN, Top(1_990, 0, 2_010, 0)], "EMPTY", 1),
        ([EVEN, top(2_100, 2_000)], "CROSSED", 1),
        ([top(1_600, 3_000), EVEN], "TOO_WIDE", 0),
        ([top(3_000, 3_050), Top(3_000, 100, 0, 0), Top(0, 0, 4_000, 100)], "ONE_SIDED", 1),
        ([EVEN, top(3_950, 4_050), Top(10_000, 100, 0, 0)], "INSIDE_OUT", None),
        ([EVEN, top(3_950, 4_050), Top(0, 0, 3_000, 100)], "INSIDE_OUT", None),
        ([EVEN, top(3_900, 4_100), Top(0, 0, 3_950, 100)], "CONTRADICTED", 2),
        ([top(2_100, 2_120), top(2_100, 2_120)], "INSIDE_OUT", None),
        ([top(1_880, 1_900), top(1_880, 1_900)], "INSIDE_OUT", None),
    ],
)
def test_a_market_that_does_not_tell_says_why(tops: list[Top], reason: Fault, runner: int | None) -> None:
    assert read_market(tops) == NoView(reason, runner)
    assert midpoint(tops) is None


def confidence(tops: list[Top], max_spread: float = 0.05) -> float:
    found = read_market(tops, max_spread=max_spread)
    assert isinstance(found, ExchangeView)
    return found.confidence


def test_confidence_falls_with_the_widest_spread() -> None:
    locked, wide = top(2_000, 2_000), top(1_900, 2_100)
    spread = 1 / 1.9 - 1 / 2.1
    assert confidence([locked, locked]) == 1.0
    assert confidence([locked, locked], max_spread=0.0) == 1.0
    assert confidence([locked, wide], max_spread=0.1) == pytest.approx(1 - spread / 0.1)
    assert confidence([wide, wide], max_spread=spread) == pytest.approx(0.0)


def test_a_runner_that_takes_what_is_left_is_as_wide_as_the_others_together() -> None:
    sides = [top(2_900, 3_100), top(2_900, 3_100)]
    assert confidence([*sides, Top(2_900, 100, 0, 0)], max_spread=0.1) == pytest.approx(
        1 - 2 * (1 / 2.9 - 1 / 3.1) / 0.1
    )


def test_the_spread_allowed_is_the_callers() -> None:
    wide = [top(1_900, 2_100), top(1_900, 2_100)]
    assert midpoint(wide, max_spread=0.04) is None
    assert midpoint(wide, max_spread=0.06) == pytest.approx((0.5, 0.5))

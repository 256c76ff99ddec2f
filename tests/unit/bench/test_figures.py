"""Ratios, quantiles and turns of the benches."""

import pytest

from bench.figures import Bound, compare, quantile, turns


def test_a_ratio_is_the_median_of_the_rounds_ratios_not_the_ratio_of_medians() -> None:
    figure = compare("ours", [10.0, 30.0, 50.0], "theirs", [10.0, 10.0, 100.0], "records/s")
    assert (figure.ratio, figure.ratio_low, figure.ratio_high) == (1.0, 0.5, 3.0)
    assert (figure.median, figure.low, figure.high) == (30.0, 10.0, 50.0)


def test_a_target_may_be_a_floor_or_a_ceiling() -> None:
    floor = compare("ours", [2.0], "theirs", [1.0], "x", bound=Bound(target=2.5))
    ceiling = compare("ours", [2.0], "theirs", [1.0], "x", bound=Bound(target=2.5, direction="at most"))
    assert (floor.met, ceiling.met) == (False, True)
    assert compare("ours", [2.0], "theirs", [1.0], "x").met is None


def test_rounds_that_do_not_pair_are_refused() -> None:
    with pytest.raises(ValueError, match="do not pair"):
        compare("ours", [1.0, 2.0], "theirs", [1.0], "x")
    with pytest.raises(ValueError, match="do not pair"):
        compare("ours", [], "theirs", [], "x")


def test_a_candidate_that_measured_nothing_is_no_denominator() -> None:
    with pytest.raises(ValueError, match="theirs measured nothing"):
        compare("ours", [1.0], "theirs", [0.0], "x")


@pytest.mark.parametrize(("share", "expected"), [(0.5, 500), (0.99, 990), (0.999, 999), (1.0, 1000), (0.0001, 1)])
def test_a_quantile_is_the_nearest_rank(share: float, expected: int) -> None:
    assert quantile(list(range(1000, 0, -1)), share) == expected


def test_a_quantile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="needs values"):
        quantile([], 0.5)
    with pytest.raises(ValueError, match="needs values"):
        quantile([1.0], 0.0)


def test_candidates_take_turns_and_none_is_always_first() -> None:
    assert turns(["a", "b", "c"], 3) == ["a", "b", "c", "b", "c", "a", "c", "a", "b"]

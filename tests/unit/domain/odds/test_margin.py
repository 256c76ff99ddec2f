"""Every method reaches the published figures, and refuses what it cannot price."""

import pytest

from domain.errors import ContractViolation
from domain.odds.margin import MarginMethod, NoFairPrice, remove
from domain.odds.margin.root import decreasing_root

THREE_WAY = (2_600, 2_400, 4_300)
TWO_WAY = (1_500, 2_740)
CLARKE = tuple(1000 / share for share in (0.87, 0.2, 0.1, 0.05, 0.02, 0.01))
"""Clarke, Kovalchik & Ingram's runners; 1/.87 is not a whole thousandth, and the figures are of the unrounded odds."""
SIX_DIGITS = 5.1e-7
"""What rounding to the sixth digit, as the published figures are, may hide."""


@pytest.mark.parametrize(
    ("method", "expected", "parameter"),
    [
        (MarginMethod.SHIN, (0.372994, 0.404779, 0.222227), 0.0169425),
        (MarginMethod.POWER, (0.372984, 0.405107, 0.221908), 1.032137),
        (MarginMethod.ODDS_RATIO, (0.372429, 0.404131, 0.223440), 1.053174),
        (MarginMethod.GOTO, (0.373665, 0.406005, 0.220330), None),
    ],
)
def test_a_three_way_book_meets_the_reference(
    method: MarginMethod, expected: tuple[float, ...], parameter: float | None
) -> None:
    fair = remove(method, THREE_WAY)
    assert fair.probabilities == pytest.approx(expected, abs=SIX_DIGITS)
    assert fair.overround == pytest.approx(1000 / 2600 + 1000 / 2400 + 1000 / 4300, abs=1e-15)
    if parameter is not None:
        assert fair.parameter == pytest.approx(parameter, abs=SIX_DIGITS)


def test_shin_meets_its_published_package_to_every_digit() -> None:
    fair = remove(MarginMethod.SHIN, THREE_WAY)
    assert fair.probabilities == pytest.approx((0.37299406033208965, 0.4047794109200184, 0.2222265287474275), abs=1e-11)
    assert fair.parameter == pytest.approx(0.01694251276407055, abs=1e-11)


def test_goto_meets_its_published_package_to_every_digit() -> None:
    fair = remove(MarginMethod.GOTO, (1_200, 3_400, 5_600))
    assert fair.probabilities == pytest.approx(
        (0.7753528189788175, 0.17479473292721065, 0.04985244809397199), abs=1e-15
    )


def test_two_way_shin_is_the_additive_method() -> None:
    fair = remove(MarginMethod.SHIN, TWO_WAY)
    assert fair.probabilities == pytest.approx((0.650852, 0.349148), abs=SIX_DIGITS)
    assert fair.parameter == pytest.approx(0.0317273, abs=5.1e-8)
    assert fair.probabilities == pytest.approx(remove(MarginMethod.ADDITIVE, TWO_WAY).probabilities, abs=1e-15)


def test_shin_prices_clarkes_long_shots() -> None:
    fair = remove(MarginMethod.SHIN, CLARKE)  # type: ignore[arg-type]  # not whole thousandths
    expected = (0.768786, 0.147486, 0.058968, 0.020021, 0.003766, 0.000971)
    assert fair.probabilities == pytest.approx(expected, abs=SIX_DIGITS)
    assert fair.parameter == pytest.approx(0.081503, abs=SIX_DIGITS)


def test_the_additive_method_refuses_clarkes_long_shots() -> None:
    with pytest.raises(NoFairPrice, match=r"-0\.0317"):
        remove(MarginMethod.ADDITIVE, CLARKE)  # type: ignore[arg-type]  # not whole thousandths


def test_the_margin_is_divided_out_in_proportion() -> None:
    fair = remove(MarginMethod.MULTIPLICATIVE, (1_900, 1_900))
    assert fair.probabilities == (0.5, 0.5)
    assert fair.parameter == fair.overround == pytest.approx(2 / 1.9)


@pytest.mark.parametrize("method", MarginMethod)
@pytest.mark.parametrize("odds", [(2_000, 2_000), (2_000, 4_000, 4_000), (1_250, 10_000, 10_000), (4_000,) * 4])
def test_a_book_without_margin_is_its_own_inverse(method: MarginMethod, odds: tuple[int, ...]) -> None:
    assert remove(method, odds).probabilities == pytest.approx([1000 / price for price in odds], abs=1e-12)


@pytest.mark.parametrize("method", MarginMethod)
@pytest.mark.parametrize("odds", [(2_100, 2_100), (2_050, 4_300, 4_300), (1_001_000,) * 40, (3_000, 1_000_000)])
def test_an_underround_is_raised_to_one(method: MarginMethod, odds: tuple[int, ...]) -> None:
    fair = remove(method, odds)
    assert fair.overround < 1.0
    assert sum(fair.probabilities) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("method", [MarginMethod.POWER, MarginMethod.SHIN, MarginMethod.ODDS_RATIO])
@pytest.mark.parametrize(
    "odds", [(1_001,) * 40, (1_010, 1_010, 6_000), (1_001, 1_000_000), (1_001, *(1_000_000,) * 39), (1_001,) * 2]
)
def test_the_search_ends_at_the_extremes(method: MarginMethod, odds: tuple[int, ...]) -> None:
    assert sum(remove(method, odds).probabilities) == pytest.approx(1.0, abs=1e-12)


def test_two_near_certainties_leave_a_third_no_power() -> None:
    with pytest.raises(NoFairPrice):
        remove(MarginMethod.POWER, (1_001, 1_001, 1_000_000))


@pytest.mark.parametrize("value", [1.0, -1.0, float("nan")])
def test_a_search_without_a_solution_is_refused(value: float) -> None:
    with pytest.raises(NoFairPrice, match="no solution"):
        decreasing_root(lambda x: (value, -x), 1.0, 2.0, 1.5)


@pytest.mark.parametrize("method", MarginMethod)
@pytest.mark.parametrize("odds", [(), (2_000,), (2_000,) * 41, (1_000, 2_000), (2_000, 0), (2_000, -5)])
def test_what_is_no_complete_book_is_refused(method: MarginMethod, odds: tuple[int, ...]) -> None:
    with pytest.raises(ContractViolation):
        remove(method, odds)

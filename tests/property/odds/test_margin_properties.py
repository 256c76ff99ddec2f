"""What holds of every method on every book."""

from collections.abc import Callable
from math import fsum, isclose, log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.odds.margin import Fair, MarginMethod, NoFairPrice, remove

BOOKS = st.lists(st.integers(1_001, 1_001_000), min_size=2, max_size=40)
METHODS = pytest.mark.parametrize("method", MarginMethod)
NEVER_REFUSE = {MarginMethod.MULTIPLICATIVE, MarginMethod.SHIN, MarginMethod.ODDS_RATIO}


def priced(method: MarginMethod, odds: list[int]) -> Fair | None:
    try:
        return remove(method, odds)
    except NoFairPrice:
        assert method not in NEVER_REFUSE
        return None


@METHODS
@given(odds=BOOKS)
def test_probabilities_are_positive_and_sum_to_one(method: MarginMethod, odds: list[int]) -> None:
    fair = priced(method, odds)
    if fair is not None:
        assert abs(fsum(fair.probabilities) - 1.0) <= 1e-12
        assert all(0.0 < p <= 1.0 for p in fair.probabilities)


@METHODS
@given(odds=BOOKS)
def test_longer_odds_are_never_likelier(method: MarginMethod, odds: list[int]) -> None:
    odds = sorted(odds)
    fair = priced(method, odds)
    if fair is not None:
        descending = sorted(fair.probabilities, reverse=True)
        assert all(isclose(a, b, rel_tol=1e-12) for a, b in zip(fair.probabilities, descending, strict=True))


@METHODS
@given(data=st.data(), odds=BOOKS)
def test_the_order_of_the_outcomes_does_not_matter(method: MarginMethod, data: st.DataObject, odds: list[int]) -> None:
    order = data.draw(st.permutations(range(len(odds))))
    fair, shuffled = priced(method, odds), priced(method, [odds[i] for i in order])
    if fair is not None and shuffled is not None:
        for place, i in enumerate(order):
            assert isclose(shuffled.probabilities[place], fair.probabilities[i], rel_tol=1e-9, abs_tol=1e-12)


@st.composite
def books_without_margin(draw: st.DrawFn) -> list[int]:
    """Split outcomes into equally likely ones, again and again: the inverse odds sum to exactly one."""
    odds = [1_000]
    for _ in range(draw(st.integers(1, 10))):
        place, ways = draw(st.integers(0, len(odds) - 1)), draw(st.integers(2, 4))
        odds[place : place + 1] = [odds[place] * ways] * ways
    return odds


@METHODS
@given(odds=books_without_margin())
def test_without_a_margin_nothing_is_changed(method: MarginMethod, odds: list[int]) -> None:
    probabilities = remove(method, odds).probabilities
    assert all(isclose(p, 1000 / price, abs_tol=1e-12) for p, price in zip(probabilities, odds, strict=True))


def shin_left(p: float, share: float, fair: Fair) -> float:
    """Shin (1993), equation 5, squared and divided by what it multiplies."""
    return (fair.parameter * p + (1 - fair.parameter) * p * p) * fair.overround - share * share


MODELS: dict[MarginMethod, Callable[[float, float, Fair], float]] = {
    MarginMethod.MULTIPLICATIVE: lambda p, share, fair: share - fair.parameter * p,
    MarginMethod.ADDITIVE: lambda p, share, fair: share - p - fair.parameter,
    MarginMethod.GOTO: lambda p, share, fair: share - p - fair.parameter * sqrt(1 - share),
    MarginMethod.SHIN: shin_left,
    MarginMethod.POWER: lambda p, share, fair: log(p) / log(share) / fair.parameter - 1,
    MarginMethod.ODDS_RATIO: lambda p, share, fair: share * (1 - p) - fair.parameter * p * (1 - share),
}
"""What each method says of a probability, its inverse odds and the parameter: nought where it holds."""


@METHODS
@given(odds=st.lists(st.integers(1_050, 500_000), min_size=2, max_size=20))
def test_every_outcome_obeys_the_equation_of_its_method(method: MarginMethod, odds: list[int]) -> None:
    fair = priced(method, odds)
    if fair is not None:
        for p, price in zip(fair.probabilities, odds, strict=True):
            assert abs(MODELS[method](p, 1000 / price, fair)) <= 1e-9

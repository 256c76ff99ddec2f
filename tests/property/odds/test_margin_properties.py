"""What holds of every method on every book."""

from math import fsum, isclose

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


@METHODS
@given(halves=st.integers(1, 12))
def test_without_a_margin_nothing_is_changed(method: MarginMethod, halves: int) -> None:
    odds = [2**k * 1000 for k in range(1, halves + 1)]
    odds.append(odds[-1])
    probabilities = remove(method, odds).probabilities
    assert all(isclose(p, 1000 / price, rel_tol=1e-9) for p, price in zip(probabilities, odds, strict=True))

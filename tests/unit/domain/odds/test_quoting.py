"""Prices carry the margin, stand on the ladder and are never better than intended."""

from fractions import Fraction

import pytest

from domain.errors import ContractViolation
from domain.odds.ladder import BETFAIR, BOOKMAKER
from domain.odds.quoting import QuotingMethod, price, whole_book

METHODS = pytest.mark.parametrize("method", ["multiplicative", "power", "odds_ratio"])


@METHODS
def test_an_even_book_at_five_percent_is_priced_at_1_90(method: QuotingMethod) -> None:
    assert price((0.5, 0.5), overround=1.05, ladder=BOOKMAKER, method=method) == (1_900, 1_900)


@METHODS
def test_without_a_margin_a_price_on_the_ladder_is_kept(method: QuotingMethod) -> None:
    assert price((0.5, 0.25, 0.25), overround=1.0, ladder=BETFAIR, method=method) == (2_000, 4_000, 4_000)
    assert price((1 / 3,) * 3, overround=1.0, ladder=BETFAIR, method=method) == (3_000,) * 3


@pytest.mark.parametrize("method", ["power", "odds_ratio"])
def test_the_methods_that_know_of_long_shots_shorten_the_outsider_more(method: QuotingMethod) -> None:
    fair = (0.8, 0.15, 0.05)
    flat = price(fair, overround=1.06, ladder=BOOKMAKER, method="multiplicative")
    bent = price(fair, overround=1.06, ladder=BOOKMAKER, method=method)
    assert flat == (1_175, 6_200, 18_500)
    assert bent[0] is not None
    assert bent[0] > 1_175
    assert bent[2] is not None
    assert bent[2] < 18_500


@METHODS
def test_what_is_too_short_or_too_long_is_not_offered(method: QuotingMethod) -> None:
    assert price((0.9995, 0.0005), overround=1.02, ladder=BETFAIR, method=method)[0] is None
    assert price((0.9, 0.09, 0.01), overround=1.01, ladder=BETFAIR, method=method, maximum=50_000)[2] is None
    assert price((0.9, 0.0999999, 1e-7), overround=1.01, ladder=BETFAIR, method="multiplicative")[2] is None


@METHODS
def test_a_decided_market_is_not_offered(method: QuotingMethod) -> None:
    assert price((1.0, 0.0, 0.0), overround=1.05, ladder=BETFAIR, method=method) == (None, None, None)


def test_a_book_short_of_one_is_cut_at_its_shortest_price() -> None:
    assert whole_book((2_000, 2_020), BETFAIR) == (1_980, 2_020)
    assert sum(Fraction(1_000, odds) for odds in (1_980, 2_020)) >= 1
    assert whole_book((3_000, 3_000, 3_000), BETFAIR) == (3_000, 3_000, 3_000)


def test_a_book_with_a_gap_is_left_alone_and_one_that_cannot_be_cut_gets_a_gap() -> None:
    assert whole_book((), BETFAIR) == ()
    assert whole_book((2_020, None), BETFAIR) == (2_020, None)
    assert whole_book((1_010, 1_000_000), BETFAIR) == (None, 1_000_000)


@METHODS
@pytest.mark.parametrize("probabilities", [(0.5, 0.6), (0.5, 0.4), (1.2, -0.2), (float("nan"), 0.5)])
def test_what_is_no_distribution_is_refused(method: QuotingMethod, probabilities: tuple[float, ...]) -> None:
    with pytest.raises(ContractViolation):
        price(probabilities, overround=1.05, ladder=BETFAIR, method=method)


@METHODS
@pytest.mark.parametrize("overround", [0.99, 2.0, float("nan"), float("inf")])
def test_an_overround_that_gives_money_away_or_takes_it_all_is_refused(method: QuotingMethod, overround: float) -> None:
    with pytest.raises(ContractViolation):
        price((0.5, 0.5), overround=overround, ladder=BETFAIR, method=method)

"""What holds of every quote, and of every midpoint it may rest on."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from domain.odds.exchange import Top, midpoint
from domain.odds.ladder import BETFAIR, BOOKMAKER, Ladder
from domain.odds.margin import MarginMethod, remove
from domain.odds.quoting import QuotingMethod, price

MASSES = st.lists(st.floats(1e-4, 1.0), min_size=2, max_size=20)
OVERROUNDS = st.floats(1.0, 1.5)
LADDERS = st.sampled_from([BETFAIR, BOOKMAKER])
METHODS: st.SearchStrategy[QuotingMethod] = st.sampled_from(["multiplicative", "power", "odds_ratio"])


@given(masses=MASSES, overround=OVERROUNDS, ladder=LADDERS, method=METHODS)
def test_a_complete_book_keeps_its_margin_and_never_sums_to_less_than_one(
    masses: list[float], overround: float, ladder: Ladder, method: QuotingMethod
) -> None:
    prices = price([m / sum(masses) for m in masses], overround=overround, ladder=ladder, method=method)
    quoted = [odds for odds in prices if odds is not None]
    assert all(odds in ladder for odds in quoted)
    if len(quoted) == len(masses):
        booksum = sum(Fraction(1_000, odds) for odds in quoted)
        assert booksum >= 1
        assert booksum >= overround - 1e-9


@given(masses=MASSES, overround=OVERROUNDS, ladder=LADDERS, method=METHODS)
def test_no_price_is_better_than_fair_and_likelier_outcomes_are_never_longer(
    masses: list[float], overround: float, ladder: Ladder, method: QuotingMethod
) -> None:
    fair = sorted((m / sum(masses) for m in masses), reverse=True)
    prices = price(fair, overround=overround, ladder=ladder, method=method)
    quoted = [(p, odds) for p, odds in zip(fair, prices, strict=True) if odds is not None]
    assert all(odds <= 1_000 / p + 1e-6 for p, odds in quoted)
    assert [odds for _, odds in quoted] == sorted(odds for _, odds in quoted)


EVERY_PRICE = Ladder("every thousandth", range(1_001, 200_000))


@given(masses=st.lists(st.floats(0.05, 1.0), min_size=2, max_size=8), overround=st.floats(1.0, 1.3), method=METHODS)
def test_the_same_method_takes_out_the_margin_that_it_put_in(
    masses: list[float], overround: float, method: QuotingMethod
) -> None:
    fair = [m / sum(masses) for m in masses]
    prices = price(fair, overround=overround, ladder=EVERY_PRICE, method=method)
    odds = [each for each in prices if each is not None]
    if len(odds) == len(fair):
        found = remove(MarginMethod(method), odds).probabilities
        assert all(abs(a - b) <= 5e-3 for a, b in zip(found, fair, strict=True))


TOPS = st.builds(
    lambda place, width, back, lay: Top(BETFAIR.ticks[place], back, BETFAIR.step(BETFAIR.ticks[place], width), lay),
    st.integers(0, 340),
    st.integers(1, 5),
    st.integers(0, 10**7),
    st.integers(0, 10**7),
)


@given(data=st.data(), tops=st.lists(TOPS, min_size=2, max_size=6))
def test_a_midpoint_sums_to_one_in_any_order_of_the_runners(data: st.DataObject, tops: list[Top]) -> None:
    order = data.draw(st.permutations(range(len(tops))))
    found, shuffled = midpoint(tops, max_spread=0.2), midpoint([tops[i] for i in order], max_spread=0.2)
    assert (found is None) == (shuffled is None)
    if found is not None and shuffled is not None:
        assert abs(sum(found) - 1.0) <= 1e-12
        assert all(0.0 < p < 1.0 for p in found)
        assert all(abs(shuffled[place] - found[i]) <= 1e-12 for place, i in enumerate(order))

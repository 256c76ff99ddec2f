"""What holds of every price on every ladder."""

from hypothesis import given
from hypothesis import strategies as st

from domain.odds.ladder import BETFAIR, BOOKMAKER, Ladder

LADDERS = st.sampled_from([BETFAIR, BOOKMAKER])
WITHIN_BOTH = st.integers(BETFAIR.lowest, BETFAIR.highest)


@given(ladder=LADDERS, odds=WITHIN_BOTH)
def test_floor_and_ceil_enclose_the_odds_with_at_most_one_tick_between(ladder: Ladder, odds: int) -> None:
    low, high = ladder.floor(odds), ladder.ceil(odds)
    assert low <= odds <= high
    assert ladder.nearest(odds) in {low, high}
    assert ladder.ticks_between(low, high) == (0 if odds in ladder else 1)


@given(ladder=LADDERS, a=WITHIN_BOTH, b=WITHIN_BOTH)
def test_rounding_keeps_order(ladder: Ladder, a: int, b: int) -> None:
    a, b = min(a, b), max(a, b)
    assert ladder.floor(a) <= ladder.floor(b)
    assert ladder.ceil(a) <= ladder.ceil(b)
    assert ladder.nearest(a) <= ladder.nearest(b)


@given(ladder=LADDERS, data=st.data())
def test_steps_are_counted_by_the_ticks_between(ladder: Ladder, data: st.DataObject) -> None:
    a, b = data.draw(st.sampled_from(ladder.ticks)), data.draw(st.sampled_from(ladder.ticks))
    assert ladder.step(a, ladder.ticks_between(a, b)) == b
    assert ladder.ticks_between(a, b) == -ladder.ticks_between(b, a)

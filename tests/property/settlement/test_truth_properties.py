"""What holds of a market depends on what was said, and on nothing else."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.settlement.truth import MarketTruth, MarketWords, hear, leg_outcome, merged, unheard
from domain.settlement.words import Word
from tests.property.settlement.oracle import leg_of
from tests.property.settlement.sayings import LATEST, SELECTIONS, place, words

said = st.lists(words(), max_size=12, unique_by=place)


def after(told: list[Word]) -> MarketWords:
    market = unheard("fx-1/MATCH_ODDS/FT")
    for word in told:
        market = hear(market, word)
    return market


def plainly(market: MarketWords) -> MarketTruth:
    return msgspec.structs.replace(market.truth, version=0)


@settings(max_examples=300, deadline=None)
@given(st.data(), st.lists(words(), max_size=10))
def test_any_order_and_any_repetition_give_the_same_bytes(data: st.DataObject, told: list[Word]) -> None:
    again = data.draw(st.permutations(told + (data.draw(st.lists(st.sampled_from(told))) if told else [])))
    one, other = after(told), after(again)
    assert msgspec.msgpack.encode(one.sources) == msgspec.msgpack.encode(other.sources)
    assert msgspec.msgpack.encode(plainly(one)) == msgspec.msgpack.encode(plainly(other))


@settings(max_examples=300, deadline=None)
@given(said)
def test_every_leg_is_as_the_sources_words_in_their_own_order_say(told: list[Word]) -> None:
    truth = after(told).truth
    for selection in SELECTIONS:
        for placed_at in range(-1, LATEST + 2):
            leg = leg_outcome(truth, selection, placed_at)
            assert (leg.status, leg.result) == leg_of(told, selection, placed_at)


@settings(max_examples=200, deadline=None)
@given(st.lists(words(), max_size=6), st.lists(words(), max_size=6), st.lists(words(), max_size=6))
def test_rows_merge_in_any_order_and_grouping(first: list[Word], second: list[Word], third: list[Word]) -> None:
    a, b, c = after(first), after(second), after(third)
    whole = after(first + second + third)
    for both in (merged(merged(a, b), c), merged(a, merged(b, c)), merged(c, merged(b, merged(a, a)))):
        assert both.sources == whole.sources
        assert plainly(both) == plainly(whole)


@settings(max_examples=200, deadline=None)
@given(st.lists(words(), max_size=12))
def test_the_version_rises_by_one_exactly_when_the_truth_changes(told: list[Word]) -> None:
    market = after([])
    for word in told:
        now = hear(market, word)
        changed = plainly(now) != plainly(market)
        assert now.truth.version == market.truth.version + changed
        market = now


@settings(max_examples=100, deadline=None)
@given(st.lists(words(), max_size=12))
def test_a_row_survives_its_bytes(told: list[Word]) -> None:
    market = after(told)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(market), type=MarketWords) == market

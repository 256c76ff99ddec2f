"""What the desk says is read exactly, and what it takes back is its own."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ContractViolation
from domain.events.trading import ListedSelection, MarketListing
from domain.settlement.by_hand import WORDS, Hand, cancelled, restored, result_from, settled, undone
from domain.settlement.result import WIN, LegResult
from domain.settlement.telling import word_of
from domain.settlement.truth import hear, unheard

LISTING = MarketListing(
    event_id="l", occurred_at=1, received_at=1, provider="bookstream", fixture_id="fx-1",
    market_id="fx-1/MATCH_ODDS/FT", market_type="MATCH_ODDS", period="FT", line_milli=None,
    selections=tuple(ListedSelection(selection_id=each, name=each) for each in ("home", "draw", "away")),
)  # fmt: skip


def hand(at: int) -> Hand:
    return Hand(event_id=f"e{at}", at=at, actor="ann", reason="seen")


@pytest.mark.parametrize("word", WORDS)
def test_every_word_is_its_result(word: str) -> None:
    assert result_from(f"r-9.5+={word}") == ("r-9.5+", WORDS[word])


@given(st.integers(1, 999), st.integers(1, 999), st.integers(0, 99))
def test_a_share_and_a_deduction_are_exact_or_refused(over: int, under: int, less: int) -> None:
    text = f"home=WIN,heat={over}/{under},less={less}"
    if over > under or less > 90:
        with pytest.raises(ContractViolation):
            result_from(text)
        return
    _, result = result_from(text)
    assert result.dead_heat[0] * under == result.dead_heat[1] * over
    assert (result.deduction, result.win, result.void) == (less, 1, WIN.void)


@given(st.text(max_size=30))
def test_any_text_is_a_result_or_refused(text: str) -> None:
    try:
        name, result = result_from(text)
    except ContractViolation:
        return
    assert text.startswith(f"{name}=")
    assert isinstance(result, LegResult)


def test_undoing_takes_back_all_that_the_desk_said_and_nothing_else() -> None:
    said = [
        settled(LISTING, [("home", WIN)], hand(1), None),
        cancelled(LISTING, (5, 9), (), hand(2)),
        cancelled(LISTING, (5, None), ("away",), hand(3)),
    ]
    market = unheard(LISTING.market_id)
    for each in said:
        market = hear(market, word_of(each))
    assert (len(market.truth.windows), market.truth.results) == (2, {"home": WIN})
    back = undone(LISTING, said, hand(4))
    assert len({each.event_id for each in back}) == len(back) == 3
    for each in back:
        market = hear(market, word_of(each))
    assert (market.truth.status, market.truth.windows, market.truth.results) == ("OPEN", (), {})
    with pytest.raises(ContractViolation, match="nothing of fx-1/MATCH_ODDS/FT"):
        undone(LISTING, [], hand(5))


def test_what_the_desk_restores_stands_against_a_provider_s_cancellation() -> None:
    provider = msgspec.structs.replace(cancelled(LISTING, (5, 9), (), hand(7)), told_by="uof/1")
    market = hear(unheard(LISTING.market_id), word_of(provider))
    market = hear(market, word_of(restored(LISTING, (5, 9), hand(1))))
    assert market.truth.windows == ()

"""Closing odds: which price is the last before a match, and what a provider's sources amount to."""

import pytest

from domain.feeds.closing import LATEST_US, MOST_SOURCES, OLDEST_US, Closing, closing_figures, is_closing, note

KICK_OFF = 1_700_000_000_000_000


def closing(home: float, at: int = KICK_OFF, provider: str = "a") -> Closing:
    return Closing(provider, at, {"home": home, "away": 1 - home})


@pytest.mark.parametrize(
    ("after", "is_one"),
    [(0, True), (-OLDEST_US, True), (-OLDEST_US - 1, False), (LATEST_US, True), (LATEST_US + 1, False)],
)
def test_a_closing_price_was_made_about_the_start(after: int, is_one: bool) -> None:  # noqa: FBT001 - a case's outcome
    assert is_closing(KICK_OFF + after, KICK_OFF) == is_one


def test_the_newest_of_a_source_is_kept_whatever_the_order() -> None:
    known: dict[str, Closing] = {}
    assert note(known, "s", closing(0.5, 2))
    assert not note(known, "s", closing(0.6, 1))
    assert not note(known, "s", closing(0.5, 2))
    assert note(known, "s", closing(0.7, 3))
    assert known["s"].chances["home"] == 0.7


def test_a_provider_is_the_median_of_its_sources() -> None:
    known = {"x": closing(0.4), "y": closing(0.5), "z": closing(0.9), "w": closing(0.3, provider="b")}
    assert {name: each["home"] for name, each in closing_figures(known).items()} == {"a": 0.5, "b": 0.3}


def test_who_lacks_a_selection_is_left_out() -> None:
    whole = Closing("a", 1, {"home": 0.5, "draw": 0.2, "away": 0.3})
    assert closing_figures({"x": whole, "y": closing(0.6, provider="b")}).keys() == {"a"}


def test_sources_without_end_are_not_kept() -> None:
    known: dict[str, Closing] = {}
    for number in range(2 * MOST_SOURCES):
        note(known, str(number), closing(0.5))
    assert len(known) == MOST_SOURCES
    assert note(known, "0", closing(0.6, KICK_OFF + 1))

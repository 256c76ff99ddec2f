"""Closing odds of one match: held against each other when it began, said where they differ, taken back where not."""

from typing import Any

import pytest

from bookstream import topics
from bookstream.delivery.outbox import Sent
from domain.events.canonical import SelectionOdds
from domain.events.feeds import ProviderDifference
from tables.protection import CLOSINGS
from tests.unit.agents.desk import FX, HOUR, NOW, SECOND, Desk, said

KICK_OFF = HOUR // SECOND
EVEN = {"home": 1900, "draw": 3400, "away": 4200}
WITH_MARGIN = {"home": 1810, "draw": 3240, "away": 4000}
TURNED = {"home": 4200, "draw": 3400, "away": 1900}


class Closed(Desk):
    """A desk with a match that begins after an hour."""

    def __init__(self) -> None:
        super().__init__()
        self.fixture()
        self.told: list[ProviderDifference] = []

    def price(self, maker: str, seconds: float, odds: dict[str, int], **changes: Any) -> None:
        self.take(self.feed(topics.ODDS, self.odds(
            seconds, **{**self.head(seconds, maker), "bookmaker": maker, "selections": tuple(
                SelectionOdds(selection_id=n, name=n, back_odds=o) for n, o in odds.items()
            ), **changes},
        )))  # fmt: skip

    def begin(self, seconds: float = KICK_OFF + 30) -> None:
        self.take(self.fixture(seconds, status="IN_PLAY"))

    def take(self, sent: list[Sent]) -> None:
        self.told += said(sent, topics.DIFFERENCES, ProviderDifference)

    def values(self) -> dict[str, float]:
        """Return each provider's chance of the home side as it was told last."""
        return {each.provider: round(each.value, 2) for each in self.told[-1].figures if each.name == "home"}


@pytest.fixture
def desk() -> Closed:
    return Closed()


def test_prices_that_differ_by_their_margin_alone_agree(desk: Closed) -> None:
    desk.price("kambi", KICK_OFF - 60, EVEN)
    desk.price("altenar", KICK_OFF - 50, WITH_MARGIN)
    desk.begin()
    assert desk.told == []
    assert len(desk.names(CLOSINGS)) == 1


def test_prices_that_contradict_are_told_once_with_what_each_says(desk: Closed) -> None:
    desk.price("kambi", KICK_OFF - 60, EVEN)
    desk.price("altenar", KICK_OFF - 50, TURNED)
    assert desk.told == [], "what differs before the start may still be mended"
    desk.begin()
    (event,) = desk.told
    assert (event.fixture_id, event.measure, event.differs, event.provider) == (FX, "CLOSING_ODDS", True, "bookstream")
    assert event.apart == pytest.approx(0.29, abs=0.01)
    assert event.tolerance == 0.03
    assert {(each.provider, each.name) for each in event.figures} == {
        (maker, name) for maker in ("kambi", "altenar") for name in EVEN
    }
    assert desk.values() == {"kambi": 0.51, "altenar": 0.22}
    desk.begin(KICK_OFF + 40)
    desk.price("kambi", KICK_OFF + 60, TURNED, in_play=True)
    assert len(desk.told) == 1


def test_a_closing_price_told_later_takes_the_difference_back(desk: Closed) -> None:
    desk.price("kambi", KICK_OFF - 60, EVEN)
    desk.price("altenar", KICK_OFF - 50, TURNED)
    desk.begin()
    made = {"occurred_at": NOW + (KICK_OFF - 5) * SECOND}
    desk.price("altenar", KICK_OFF + 90, WITH_MARGIN, **made)
    assert [each.differs for each in desk.told] == [True, False]
    assert desk.told[-1].apart < 0.03
    desk.price("altenar", KICK_OFF + 91, WITH_MARGIN, **made)
    assert len(desk.told) == 2


def test_a_price_that_its_source_suspends_at_the_start_is_not_lost(desk: Closed) -> None:
    desk.price("kambi", KICK_OFF - 60, EVEN)
    desk.price("altenar", KICK_OFF - 50, TURNED)
    for maker in ("kambi", "altenar"):
        desk.price(maker, KICK_OFF - 1, TURNED, status="SUSPENDED")
    desk.begin()
    assert desk.values() == {"kambi": 0.51, "altenar": 0.22}


def test_the_first_prices_of_play_end_those_of_before(desk: Closed) -> None:
    desk.price("kambi", KICK_OFF - 60, EVEN)
    desk.price("altenar", KICK_OFF - 50, TURNED)
    desk.price("kambi", KICK_OFF + 60, TURNED, in_play=True)
    desk.price("altenar", KICK_OFF + 61, TURNED, in_play=True)
    assert desk.values() == {"kambi": 0.51, "altenar": 0.22}


def test_a_file_of_results_read_after_the_market_was_closed_is_compared(desk: Closed) -> None:
    desk.price("betfair", KICK_OFF - 60, EVEN)
    desk.price("betfair", KICK_OFF + 7000, EVEN, status="CLOSED")
    desk.take(desk.fixture(KICK_OFF + 7000, status="FINISHED"))
    assert desk.market().closed
    made = {"occurred_at": NOW + HOUR, "bookmaker": "pinnacle"}
    desk.price("footballdata", KICK_OFF + 80_000, TURNED, **made)
    assert desk.values() == {"betfair": 0.51, "footballdata": 0.22}


def test_prices_of_long_before_or_late_ones_are_no_closing_prices(desk: Closed) -> None:
    desk.fixture(0, kick_off_at=NOW + 5 * HOUR)
    start = 5 * KICK_OFF
    desk.price("kambi", start - 60, EVEN)
    desk.price("altenar", 60, TURNED)
    desk.price("bwin", start + 60, TURNED, late=True)
    desk.price("sbtech", start + 1200, TURNED)
    desk.begin(start + 1300)
    assert desk.told == []


def test_markets_that_nobody_compares_keep_nothing(desk: Closed) -> None:
    desk.take(desk.feed(topics.ODDS, desk.totals(KICK_OFF - 60)))
    desk.begin()
    assert desk.names(CLOSINGS) == []


def test_closing_prices_are_forgotten_with_the_fixture(desk: Closed) -> None:
    desk.price("kambi", KICK_OFF - 60, EVEN)
    desk.begin()
    assert len(desk.names(CLOSINGS)) == 1
    desk.fixture(KICK_OFF + 7200, status="FINISHED")
    for hour in range(4, 24 * 6):
        desk.tick(hour * HOUR // SECOND)
    assert desk.names(CLOSINGS) == []

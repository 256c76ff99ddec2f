"""A market and what surrounds it, for tests of the book's rules."""

from typing import Any

import pytest

from domain.events.betting import BetLeg
from domain.events.canonical import Fixture, Incident, MarketOdds, SelectionOdds
from domain.events.feeds import FeedStatus
from domain.events.trading import Quote
from domain.trading.cause import Cause
from domain.trading.facts import on_feed_status, on_fixture, on_incident
from domain.trading.playbook import Playbook
from domain.trading.pricing import Around, Assessment, assess
from domain.trading.quotes import requote
from domain.trading.rules import BookRules
from domain.trading.state import CustomerExposure, FeedHealth, FixtureState, MarketState, PartitionState
from domain.trading.views import take

SECOND = 1_000_000
NOW = 1_700_000_000 * SECOND
HOUR = 3600 * SECOND
FAIR = {"home": 0.5, "draw": 0.3, "away": 0.2}


class World:
    """One fixture with one market. Times are given in seconds after the start of the test."""

    def __init__(self, rules: BookRules | None = None, market_type: str = "MATCH_ODDS") -> None:
        self.playbook = Playbook(rules)
        self.fixture = FixtureState("fx-1")
        self.feeds: dict[str, FeedHealth] = {}
        self.partition = PartitionState()
        self.market = MarketState(f"fx-1/{market_type}/FT", "fx-1", market_type, "FT", None)
        self.customer = CustomerExposure()
        self.n = 0
        on_fixture(self.fixture, self.fixture_event())

    def head(self, seconds: float, provider: str = "betfair") -> dict[str, Any]:
        self.n += 1
        at = NOW + int(seconds * SECOND)
        return {"event_id": f"e{self.n}", "occurred_at": at, "received_at": at, "provider": provider}

    def fixture_event(self, seconds: float = 0, **changes: Any) -> Fixture:
        given: dict[str, Any] = {
            **self.head(seconds), "fixture_id": "fx-1", "sport": "soccer", "competition_id": "cp-1",
            "competition": "League", "name": "A v B", "home_id": "pt-a", "away_id": "pt-b", "home": "A", "away": "B",
            "kick_off_at": NOW + HOUR, "status": "SCHEDULED", "provider_fixture_id": "1", "confidence": 1.0, **changes,
        }  # fmt: skip
        return Fixture(**given)

    def odds(
        self,
        seconds: float = 0,
        bookmaker: str = "betfair",
        fair: dict[str, float] | None = None,
        *,
        spread: float = 0.01,
        selections: tuple[SelectionOdds, ...] | None = None,
        **changes: Any,
    ) -> MarketOdds:
        chances = FAIR if fair is None else fair
        exchange = bookmaker.startswith("betfair")
        if selections is None:
            selections = tuple(
                ladder(name, p, spread) if exchange else SelectionOdds(
                    selection_id=name, name=name.title(), back_odds=int(1000 / (p * 1.04))
                )
                for name, p in chances.items()
            )  # fmt: skip
        given: dict[str, Any] = {
            **self.head(seconds, "betfair" if exchange else "theoddsapi"), "fixture_id": "fx-1",
            "market_id": self.market.market_id, "market_type": self.market.market_type, "period": "FT",
            "line_milli": None, "bookmaker": bookmaker, "status": "OPEN", "in_play": False, "bet_delay_s": 0,
            "late": False, "selections": selections, **changes,
        }  # fmt: skip
        return MarketOdds(**given)

    def tick(self, seconds: float = 0, bookmaker: str = "betfair", fair: dict[str, float] | None = None, **given: Any) -> bool:  # fmt: skip # noqa: E501
        event = self.odds(seconds, bookmaker, fair, **given)
        return take(self.market, event, f"{event.provider}/0", self.playbook)

    def incident(self, seconds: float, kind: str = "GOAL", **changes: Any) -> bool:
        given: dict[str, Any] = {**self.head(seconds), "fixture_id": "fx-1", "kind": kind, **changes}
        event = Incident(**given)
        at = event.received_at
        return on_incident(self.fixture, self.market, event, playbook=self.playbook, at=at)

    def status(self, seconds: float, state: str = "UP", reason: str = "heartbeat", **changes: Any) -> bool:
        given: dict[str, Any] = {**self.head(seconds), "stream_id": "s1", "state": state, "reason": reason, **changes}
        event = FeedStatus(**given)
        return on_feed_status(self.feeds.setdefault(f"{event.provider}/0", FeedHealth()), event)

    @property
    def around(self) -> Around:
        return Around(self.fixture, self.feeds.get, self.partition)

    def look(self, seconds: float = 0) -> Assessment:
        return assess(self.market, self.around, self.playbook, NOW + int(seconds * SECOND))

    def cause(self, seconds: float) -> Cause:
        return Cause(f"c{seconds}", NOW + int(seconds * SECOND))

    def quote(self, seconds: float = 0) -> Quote | None:
        return requote(self.market, self.around, self.playbook, self.cause(seconds)).quote

    def leg(self, **changes: Any) -> BetLeg:
        quote = self.market.quote
        given: dict[str, Any] = {
            **self.head(0, "bookstream"), "event_id": "ann/b1/0.hold", "leg_id": "ann/b1/0", "bet_id": "b1",
            "customer_id": "ann", "action": "HOLD", "fixture_id": "fx-1", "market_id": self.market.market_id,
            "selection_id": "home", "odds": (quote.odds[0] or 0) if quote else 1900,
            "quote_version": quote.version if quote else 0, "price_policy": "exact", "currency": "GBP",
            "stake_minor": 1000, "other_odds": 1000, **changes,
        }  # fmt: skip
        return BetLeg(**given)


def ladder(name: str, p: float, spread: float = 0.01) -> SelectionOdds:
    return SelectionOdds(
        selection_id=name,
        name=name.title(),
        back_odds=int(1000 / (p + spread / 2)),
        back_size_minor=10_000,
        lay_odds=int(1000 / (p - spread / 2)) + 1,
        lay_size_minor=10_000,
    )


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def make_world() -> type[World]:
    return World

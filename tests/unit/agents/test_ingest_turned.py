"""A provider that names a fixture's sides the other way round: what it tells is put on the right side."""

from typing import Any

import msgspec

from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.memory import MemoryLog
from connectors.raw import RawStream
from domain.events.canonical import Fixture, Incident, MarketOdds
from domain.identity.catalogue import catalogue
from domain.identity.claims import FixtureClaim
from domain.identity.directory import FixtureDirectory
from domain.identity.resolver import resolve

KICK_OFF = 1_776_511_800_000_000
MINUTE = 60_000_000


class Trial:
    """An aggregator's poll of tennis, and an exchange that told of the match before."""

    def __init__(self) -> None:
        directory = FixtureDirectory()
        told = FixtureClaim(
            provider="betfair", provider_fixture_id="1", sport="tennis", kick_off_at=KICK_OFF, home="Roger Federer",
            away="Rafael Nadal",
        )  # fmt: skip
        self.fixture_id = resolve(directory, catalogue(), told).fixture.fixture_id
        self.log = MemoryLog([ingest_context(directory)])
        self.stream = RawStream(provider="theoddsapi", endpoint="test", stream_id="odds", recorded=True)
        self.at = KICK_OFF - 60 * MINUTE

    def poll(self, home: str, away: str, **more: Any) -> None:
        self.at += MINUTE
        event = {
            "id": "e", "sport_key": "tennis_atp", "sport_title": "ATP", "commence_time": "2026-04-18T11:30:00Z",
            "home_team": home, "away_team": away,
        } | more  # fmt: skip
        message = self.stream.message(msgspec.json.encode([event]), received_at=self.at)
        self.log.send(topics.raw_topic("theoddsapi"), b"odds", encode(message))
        self.log.run()

    def offer(self, home: str, away: str, nadal: float, federer: float) -> dict[str, int | None]:
        prices, lines = {"Nadal R.": nadal, "Federer R.": federer}, {"Nadal R.": -1.5, "Federer R.": 1.5}
        markets = [
            {"key": "h2h", "outcomes": [{"name": name, "price": price} for name, price in prices.items()]},
            {
                "key": "spreads",
                "outcomes": [{"name": name, "price": prices[name], "point": lines[name]} for name in prices],
            },
        ]
        self.poll(home, away, bookmakers=[{"key": "b", "title": "B", "last_update": None, "markets": markets}])
        odds = [decode(MarketOdds, each.value or b"") for each in self.log.records(topics.ODDS.name)]
        winner, handicap = [each for each in odds if each.status == "OPEN"][-2:]
        assert {winner.fixture_id, handicap.fixture_id} == {self.fixture_id}
        assert (handicap.market_id, handicap.line_milli) == (f"{self.fixture_id}/HANDICAP/FT/1500", 1500)
        assert [each.selection_id for each in handicap.selections] == [each.selection_id for each in winner.selections]
        return {each.selection_id: each.back_odds for each in winner.selections}


def test_prices_and_lines_are_those_of_the_right_player() -> None:
    trial = Trial()
    assert trial.offer("Nadal R.", "Federer R.", 1.5, 2.6) == {"home": 2600, "away": 1500}
    fixtures = [decode(Fixture, each.value or b"") for each in trial.log.records(topics.FIXTURES.name)]
    assert {(each.fixture_id, each.home, each.away) for each in fixtures} == {
        (trial.fixture_id, "Roger Federer", "Rafael Nadal")
    }


def test_a_provider_that_turns_its_match_round_tells_the_same_prices() -> None:
    trial = Trial()
    assert trial.offer("Nadal R.", "Federer R.", 1.5, 2.6) == {"home": 2600, "away": 1500}
    assert trial.offer("Federer R.", "Nadal R.", 1.6, 2.4) == {"home": 2400, "away": 1600}


def test_the_score_is_that_of_the_right_player() -> None:
    trial = Trial()
    trial.poll(
        "Nadal R.", "Federer R.", completed=False,
        scores=[{"name": "Nadal R.", "score": "1"}, {"name": "Federer R.", "score": "2"}],
    )  # fmt: skip
    incidents = [decode(Incident, each.value or b"") for each in trial.log.records(topics.INCIDENTS.name)]
    assert [(each.home_score, each.away_score) for each in incidents if each.kind == "SCORE"] == [(2, 1)]

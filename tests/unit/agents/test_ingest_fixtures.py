"""Links of providers' fixtures: sticky, and shared between providers."""

from typing import Any

import pytest

from agents.ingest_fixtures import Fixtures
from agents.ingest_speech import Speech
from bookstream import topics
from bookstream.codecs import decode
from bookstream.delivery.api import Record
from bookstream.delivery.memory import MemoryOutbox, MemoryShard
from domain.events.canonical import Fixture, Participant
from domain.events.feeds import ClockTick
from domain.identity.catalogue import catalogue
from domain.identity.claims import FixtureClaim
from domain.identity.directory import FixtureDirectory

HOUR = 3_600_000_000
KICK_OFF = 1_537_728_300_000_000


class Provider:
    """One provider's partition in a process."""

    def __init__(self, name: str, directory: FixtureDirectory) -> None:
        self.name = name
        self.fixtures = Fixtures(directory, catalogue())
        self.shard = MemoryShard(0)
        self.out = MemoryOutbox()

    @property
    def speech(self) -> Speech:
        cause = ClockTick(event_id="e", occurred_at=KICK_OFF, received_at=KICK_OFF, provider=self.name)
        return Speech(self.out, Record("t", 0, 0, 0, None, None), cause)

    def link(self, home: str, away: str, **changes: Any) -> str:
        fields: dict[str, Any] = {"provider_fixture_id": "1", "kick_off_at": KICK_OFF} | changes
        claim = FixtureClaim(provider=self.name, sport="soccer", home=home, away=away, **fields)
        key, link = self.fixtures.link(self.shard, self.speech, claim)
        self.shard.settle()
        assert link.fixture.fixture_id
        return key

    @property
    def said(self) -> list[Fixture]:
        return [decode(Fixture, sent.value or b"") for sent in self.out.sent if sent.topic == topics.FIXTURES.name]


@pytest.fixture
def providers() -> tuple[Provider, Provider]:
    directory = FixtureDirectory()
    return Provider("betfair", directory), Provider("theoddsapi", directory)


def test_the_same_claim_again_says_nothing(providers: tuple[Provider, Provider]) -> None:
    betfair, _ = providers
    betfair.link("Barcelona", "Girona")
    before = len(betfair.out.sent)
    betfair.link("Barcelona", "Girona")
    assert len(betfair.out.sent) == before


def test_the_newest_record_of_a_fixture_says_all_that_anyone_knows(providers: tuple[Provider, Provider]) -> None:
    betfair, aggregator = providers
    key = betfair.link("Barcelona", "Girona")
    aggregator.link("Barcelona", "Girona", competition="La Liga - Spain")
    betfair.fixtures.advance(betfair.shard, betfair.speech, key, "IN_PLAY", witnessed=True)
    assert (betfair.said[-1].competition, betfair.said[-1].status) == ("La Liga", "IN_PLAY")
    aggregator.link("Barcelona", "Girona", competition="La Liga - Spain", kick_off_at=KICK_OFF + HOUR)
    assert (aggregator.said[-1].status, aggregator.said[-1].kick_off_at) == ("IN_PLAY", KICK_OFF + HOUR)
    assert {fixture.fixture_id for fixture in betfair.said + aggregator.said} == {betfair.said[0].fixture_id}


def test_what_betradar_calls_a_fixture_is_told_once_and_known_to_another_worker(
    providers: tuple[Provider, Provider],
) -> None:
    betfair, aggregator = providers
    betfair.link("Barcelona", "Girona")
    aggregator.link("Barcelona", "Girona", betradar_id="77")
    betfair.link("Barcelona", "Girona", betradar_id="77")
    assert [fixture.betradar_id for fixture in betfair.said + aggregator.said] == [None, "77"]
    elsewhere = Provider("uof", FixtureDirectory())
    elsewhere.fixtures.directory.feed(aggregator.said[-1])
    elsewhere.link("Barça", "Girona CF", provider_fixture_id="sr:match:77", kick_off_at=KICK_OFF + 90 * 24 * HOUR)
    assert elsewhere.said[0].fixture_id == betfair.said[0].fixture_id


def test_a_number_that_is_told_later_is_told_on(providers: tuple[Provider, Provider]) -> None:
    betfair, _ = providers
    for number in (None, "77", "77", "78"):
        betfair.link("Barcelona", "Girona", betradar_id=number)
    assert [fixture.betradar_id for fixture in betfair.said] == [None, "77"]


def test_a_status_never_goes_back(providers: tuple[Provider, Provider]) -> None:
    betfair, _ = providers
    key = betfair.link("Barcelona", "Girona")
    for status in ("FINISHED", "IN_PLAY", "CANCELLED"):
        betfair.fixtures.advance(betfair.shard, betfair.speech, key, status, witnessed=True)
    assert [fixture.status for fixture in betfair.said] == ["SCHEDULED", "FINISHED"]


def test_a_restarted_worker_keeps_a_link_whatever_the_claim_has_become(providers: tuple[Provider, Provider]) -> None:
    betfair, _ = providers
    betfair.link("Barcelona", "Girona")
    restarted = Provider("betfair", FixtureDirectory())
    restarted.shard = betfair.shard.reopened()
    restarted.link("Barca", "Girona", kick_off_at=KICK_OFF + 48 * HOUR)
    assert restarted.said[-1].fixture_id == betfair.said[0].fixture_id
    assert restarted.said[-1].kick_off_at == KICK_OFF + 48 * HOUR


def test_a_team_is_told_with_the_names_that_are_used_for_it(providers: tuple[Provider, Provider]) -> None:
    betfair, _ = providers
    betfair.link("Man City", "Girona", home_reference="47999")
    told = [decode(Participant, sent.value or b"") for sent in betfair.out.sent if sent.topic == "participants"]
    assert told[0].name == "Manchester City"
    assert "Man City" in told[0].aliases
    assert told[0].provider_participant_id == "47999"

"""The directory of known fixtures: what is heard of a fixture adds to what is known."""

import msgspec

from domain.events.canonical import Fixture, FixtureStatus
from domain.identity.directory import FixtureDirectory

TOLD = Fixture(
    event_id="e", occurred_at=1, received_at=1, provider="betfair", fixture_id="fx-1", sport="soccer",
    competition_id="cp-1", competition="Premier League", name="Home v Away", home_id="pt-1", away_id="pt-2",
    home="Home", away="Away", kick_off_at=3_600_000_000, status="IN_PLAY", provider_fixture_id="77", confidence=1.0,
)  # fmt: skip
NAMELESS = msgspec.structs.replace(
    TOLD, provider="theoddsapi", provider_fixture_id="a", competition_id="cp-0", competition="", name="theoddsapi a",
    home_id=None, away_id=None, home=None, away=None, status="SCHEDULED", kick_off_at=7_200_000_000,
)  # fmt: skip


def test_a_record_that_says_less_takes_nothing_away() -> None:
    directory = FixtureDirectory()
    directory.feed(TOLD)
    directory.feed(NAMELESS)
    known = directory.get("fx-1")
    assert known is not None
    assert (known.name, known.home_id, known.away, known.competition) == (
        "Home v Away",
        "pt-1",
        "Away",
        TOLD.competition,
    )
    assert known.kick_off_at == NAMELESS.kick_off_at
    assert directory.linked("betfair", "77") == directory.linked("theoddsapi", "a") == known
    scheduled: FixtureStatus = "SCHEDULED"
    assert directory.reach("fx-1", scheduled) == "IN_PLAY"


def test_the_same_record_again_changes_nothing() -> None:
    directory = FixtureDirectory()
    directory.feed(TOLD)
    before = directory.get("fx-1")
    directory.feed(TOLD)
    assert directory.get("fx-1") == before
    assert len(directory) == 1
    words = (("homer",), ("awa",))
    assert directory.alike("soccer", words, ("pt-3", "pt-4"), TOLD.kick_off_at, 1) == [before]

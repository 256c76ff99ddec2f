"""Which fixture a provider means, and when nobody can be sure."""

from typing import Any

import pytest

from domain.events.canonical import Fixture, Participant
from domain.identity.catalogue import catalogue
from domain.identity.claims import FixtureClaim, Resolution
from domain.identity.directory import HOUR_US, KEEP_US, FixtureDirectory
from domain.identity.resolver import resolve

KICK_OFF = 1_493_557_500_000_000


def claim(provider: str, reference: str, home: str | None, away: str | None, **changes: Any) -> FixtureClaim:
    fields: dict[str, Any] = {"sport": "soccer", "kick_off_at": KICK_OFF}
    fields |= changes
    return FixtureClaim(provider=provider, provider_fixture_id=reference, home=home, away=away, **fields)


def resolved(*claims: FixtureClaim) -> list[Resolution]:
    directory = FixtureDirectory()
    return [resolve(directory, catalogue(), each) for each in claims]


def test_two_providers_names_of_one_match_are_one_fixture() -> None:
    first, second = resolved(
        claim("betfair", "28202626", "Middlesbrough", "Man City"),
        claim("theoddsapi", "e5a2", "Middlesbrough", "Manchester City", kick_off_at=KICK_OFF + 300_000_000),
    )
    assert [first.verdict, second.verdict] == ["NEW", "MATCHED"]
    assert first.fixture.fixture_id == second.fixture.fixture_id
    assert second.fixture.kick_off_at == KICK_OFF
    assert second.doubt is None


def test_workers_that_never_heard_of_each_other_give_the_same_ids() -> None:
    (here,) = resolved(claim("betfair", "1", "Brighton", "Wolves"))
    (there,) = resolved(claim("theoddsapi", "2", "Brighton and Hove Albion", "Wolverhampton Wanderers"))
    assert here.fixture.fixture_id == there.fixture.fixture_id
    assert (here.fixture.home_id, here.fixture.away_id) == (there.fixture.home_id, there.fixture.away_id)


def test_a_provider_s_id_keeps_its_fixture_when_kick_off_and_names_change() -> None:
    first, second = resolved(
        claim("betfair", "32948895", "Cameron Norrie", "Casper Ruud", sport="tennis"),
        claim("betfair", "32948895", "Norrie", "Ruud", sport="tennis", kick_off_at=KICK_OFF + 24 * HOUR_US),
    )
    assert second.verdict == "KNOWN"
    assert second.fixture.fixture_id == first.fixture.fixture_id
    assert second.fixture.kick_off_at == KICK_OFF + 24 * HOUR_US
    assert second.fixture.home == "Cameron Norrie"


def test_one_certain_side_is_evidence_for_the_other() -> None:
    first, second = resolved(
        claim("betfair", "1", "Slavia Sofia", "Liverpool"), claim("theoddsapi", "2", "Slavia", "Liverpool")
    )
    assert second.verdict == "MATCHED"
    assert second.fixture.fixture_id == first.fixture.fixture_id
    assert second.confidence < 1


@pytest.mark.parametrize(
    ("home", "away", "changes", "reason"),
    [
        ("Man City", "Middlesbrough", {}, "home and away are swapped"),
        ("Middlesbrough", "Man Utd", {}, "one team in two fixtures at once"),
    ],
)
def test_in_doubt_a_fixture_stays_apart_and_a_person_is_asked(
    home: str, away: str, changes: dict[str, int], reason: str
) -> None:
    first, second = resolved(
        claim("betfair", "1", "Middlesbrough", "Man City"), claim("theoddsapi", "2", home, away, **changes)
    )
    assert second.verdict == "UNSURE"
    assert second.fixture.fixture_id != first.fixture.fixture_id
    assert second.doubt is not None
    assert second.doubt.reason == reason
    assert second.doubt.candidate_id == first.fixture.fixture_id


def test_names_alike_on_both_sides_but_not_enough_are_unsure() -> None:
    _, second = resolved(claim("a", "1", "Inter Miami", "Racing Club"), claim("b", "2", "Inter", "Racing"))
    assert second.verdict == "UNSURE"
    assert second.doubt is not None
    assert second.doubt.reason == "the names are alike, but not enough"


def test_two_fixtures_that_are_both_alike_are_unsure() -> None:
    _, _, third = resolved(
        claim("a", "1", "Estudiantes Rio", "Atletico Tigre"),
        claim("b", "1", "Estudiantes Lomas", "Atletico Tigre", kick_off_at=KICK_OFF + 2 * HOUR_US),
        claim("c", "1", "Estudiantes", "Atletico Tigre"),
    )
    assert third.verdict == "UNSURE"
    assert third.doubt is not None


def test_women_and_men_of_the_same_clubs_at_the_same_time_are_two_fixtures() -> None:
    first, second = resolved(claim("a", "1", "Arsenal", "Chelsea"), claim("b", "2", "Arsenal (W)", "Chelsea (W)"))
    assert second.verdict == "NEW"
    assert second.fixture.fixture_id != first.fixture.fixture_id


def test_the_return_match_next_week_is_another_fixture() -> None:
    first, second = resolved(
        claim("a", "1", "Arsenal", "Chelsea"),
        claim("b", "2", "Arsenal", "Chelsea", kick_off_at=KICK_OFF + 7 * 24 * HOUR_US),
    )
    assert second.verdict == "NEW"
    assert second.fixture.fixture_id != first.fixture.fixture_id


def test_a_double_header_is_two_fixtures_of_one_day() -> None:
    first, second, third = resolved(
        claim("a", "1", "Yankees", "Red Sox", sport="baseball"),
        claim("a", "2", "Yankees", "Red Sox", sport="baseball", kick_off_at=KICK_OFF + 4 * HOUR_US),
        claim("b", "9", "Yankees", "Red Sox", sport="baseball", kick_off_at=KICK_OFF + 4 * HOUR_US),
    )
    assert len({first.fixture.fixture_id, second.fixture.fixture_id}) == 2
    assert third.fixture.fixture_id == second.fixture.fixture_id


def test_a_provider_s_second_listing_of_a_match_is_not_the_match() -> None:
    _, second = resolved(claim("a", "1", "Arsenal", "Chelsea"), claim("a", "2", "Arsenal", "Chelsea"))
    assert second.verdict == "UNSURE"


def test_a_fixture_without_names_is_known_by_its_provider_alone_until_it_has_them() -> None:
    directory = FixtureDirectory()
    bare = resolve(directory, catalogue(), claim("betfair", "1", None, None))
    assert bare.verdict == "UNNAMED"
    assert bare.fixture.name == "betfair 1"
    named = resolve(directory, catalogue(), claim("betfair", "1", "Arsenal", "Chelsea"))
    assert (named.fixture.fixture_id, named.fixture.home) == (bare.fixture.fixture_id, "Arsenal")
    other = resolve(directory, catalogue(), claim("theoddsapi", "2", "Arsenal", "Chelsea"))
    assert other.fixture.fixture_id == bare.fixture.fixture_id


def test_a_provider_s_own_team_ids_name_what_a_nameless_stream_does_not() -> None:
    directory = FixtureDirectory()
    named = claim("betfair", "1", "Arsenal", "Chelsea", home_reference="1096", away_reference="55190")
    resolve(directory, catalogue(), named)
    later = claim(
        "betfair", "2", None, None, home_reference="55190", away_reference="1096", kick_off_at=KICK_OFF + KEEP_US
    )
    assert resolve(directory, catalogue(), later).fixture.name == "Chelsea v Arsenal"


def test_what_another_worker_published_is_found() -> None:
    directory = FixtureDirectory()
    head: dict[str, Any] = {"event_id": "e", "occurred_at": 1, "received_at": 1, "provider": "betfair"}
    directory.feed(
        Fixture(
            **head, fixture_id="fx-other", sport="soccer", competition_id="cp-1", competition="Cup", name="A v B",
            home_id="pt-a", away_id="pt-b", home="Atletico Tucuman", away="Belgrano Cordoba", kick_off_at=KICK_OFF,
            status="SCHEDULED", provider_fixture_id="7", confidence=1.0,
        )
    )  # fmt: skip
    directory.feed(
        Participant(
            **head, participant_id="pt-a", kind="TEAM", sport="soccer", name="Atletico Tucuman", aliases=(),
            provider_participant_id="99",
        )
    )  # fmt: skip
    found = resolve(directory, catalogue(), claim("theoddsapi", "2", "Atl. Tucuman", "Belgrano Cordoba"))
    assert found.fixture.fixture_id == "fx-other"
    assert directory.participant("betfair", "99") == ("pt-a", "Atletico Tucuman")


def test_the_directory_forgets_what_kicked_off_a_week_ago_and_never_holds_too_much() -> None:
    directory = FixtureDirectory(most=50)
    for n in range(200):
        resolve(directory, catalogue(), claim("a", str(n), f"Home {n}", f"Away {n}", kick_off_at=KICK_OFF + n))
    assert len(directory) <= 50
    assert directory.linked("a", "199") is not None
    assert directory.forget(KICK_OFF + 2 * KEEP_US) > 0
    assert len(directory) == 0
    words = (("home",), ("away",))
    assert directory.alike("soccer", words, ("pt-1", "pt-2"), KICK_OFF, None) == []

"""Which tellings are of one match, and which must never be taken for one."""

from typing import Any

import msgspec
import pytest

from domain.identity.catalogue import catalogue
from domain.identity.claims import FixtureClaim, Resolution
from domain.identity.directory import HOUR_US, FixtureDirectory
from domain.identity.matching import candidates
from domain.identity.resolver import resolve

KICK_OFF = 1_493_557_500_000_000
Sides = tuple[str, str]


def claim(provider: str, sides: Sides, sport: str = "soccer", **more: Any) -> FixtureClaim:
    fields: dict[str, Any] = {"provider_fixture_id": provider, "kick_off_at": KICK_OFF} | more
    return FixtureClaim(provider=provider, sport=sport, home=sides[0], away=sides[1], **fields)


def told(*claims: FixtureClaim) -> list[Resolution]:
    directory = FixtureDirectory()
    return [resolve(directory, catalogue(), each) for each in claims]


def are_one(one: FixtureClaim, other: FixtureClaim) -> bool:
    """Say whether two claims are found to be one match, and check that who is told first does not matter."""
    first, second = (
        {each.fixture.fixture_id for each in told(*claims)} for claims in ((one, other), (other, one))
    )  # fmt: skip
    assert len(first) == len(second)
    return len(first) == 1


@pytest.mark.parametrize(
    ("sport", "one", "other"),
    [
        ("tennis", ("Roberto Bautista Agut", "Juan Martin Del Potro"), ("Bautista Agut R.", "Del Potro J.M.")),
        ("tennis", ("Roberto Bautista Agut", "Juan Martin Del Potro"), ("Del Potro J.M.", "Bautista R.")),
        ("tennis", ("Pierre-Hugues Herbert", "Jo-Wilfried Tsonga"), ("Herbert P.H.", "Tsonga J.W.")),
        ("tennis", ("Felix Auger Aliassime", "Karen Khachanov"), ("Auger-Aliassime F.", "Карен Хачанов")),
        ("tennis", ("Rohan Bopanna / Ivan Dodig", "Paes / Krajicek"), ("Bopanna R/Dodig I", "Paes/Krajicek")),
        ("soccer", ("Spartak Moscow", "Zenit"), ("Спартак Москва", "Зенит")),
        ("soccer", ("Bayern Munich", "Malmö FF"), ("Bayern München", "Malmo")),
        ("soccer", ("Nott'm Forest", "Wolves"), ("Nottingham Forest", "Wolverhampton Wanderers")),
        ("soccer", ("Ajax U21", "PSV U21"), ("Ajax Under 21", "PSV U-21")),
        ("soccer", ("Real Madrid (W)", "Getafe (W)"), ("Real Madrid Femenino", "Getafe Women")),
        ("basketball", ("LA Lakers", "Boston Celtics"), ("Los Angeles Lakers", "Boston Celtics")),
        ("ice_hockey", ("NY Rangers", "NJ Devils"), ("New York Rangers", "New Jersey Devils")),
    ],
)  # fmt: skip
def test_one_match_in_two_ways_of_writing(sport: str, one: Sides, other: Sides) -> None:
    assert are_one(claim("a", one, sport), claim("b", other, sport))


SIDES = [
    "Women",
    "(W)",
    "U19",
    "Under 20",
    "U-23",
    "Reserves",
    "II",
    "B",
    "Youth",
    "SRL",
    "Esports",
    "(Kodak) E-sports",
]
COUNTED = ["(Corners)", "(Bookings)", "Corners", "(+1)", "(-1.5)"]


@pytest.mark.parametrize("marker", SIDES)
@pytest.mark.parametrize("clubs", [("Arsenal", "Chelsea"), ("Atletico Tucuman", "Belgrano Cordoba")])
def test_other_sides_of_two_clubs_play_a_match_of_their_own(marker: str, clubs: Sides) -> None:
    others = (f"{clubs[0]} {marker}", f"{clubs[1]} {marker}")
    assert not are_one(claim("a", clubs), claim("b", others))
    assert are_one(claim("a", others), claim("b", others)), "and that match is one match"


@pytest.mark.parametrize("marker", COUNTED)
def test_what_is_counted_in_a_match_is_no_match(marker: str) -> None:
    one, other = claim("a", ("Arsenal", "Chelsea")), claim("b", (f"Arsenal {marker}", f"Chelsea {marker}"))
    assert not are_one(one, other)
    assert told(other)[0].verdict == "APART"


@pytest.mark.parametrize(
    "competition",
    ["Women's Super League", "Premier League 2 U21", "Reserve League", "Esoccer Battle - 8 mins", "Premier League SRL"],
)
def test_the_competition_may_say_whose_side_plays(competition: str) -> None:
    clubs = ("Arsenal", "Chelsea")
    men = claim("a", clubs, competition="Premier League")
    assert not are_one(men, claim("b", clubs, competition=competition))
    assert are_one(men, claim("b", clubs, competition="EPL"))


@pytest.mark.parametrize(
    ("sport", "one", "other"),
    [
        ("tennis", ("Serena Williams", "Ana Ivanovic"), ("Williams V.", "Ivanovic A.")),
        ("tennis", ("Mischa Zverev", "Andy Murray"), ("Zverev A.", "Murray A.")),
        ("soccer", ("Real Madrid", "Getafe"), ("Real Madrid Castilla", "Getafe B")),
        ("soccer", ("Ajax", "PSV"), ("Jong Ajax", "Jong PSV")),
        ("soccer", ("Manchester City", "Newcastle Jets"), ("Melbourne City", "Newcastle United")),
        ("soccer", ("Racing Club", "Independiente"), ("Racing Santander", "Independiente Rivadavia")),
        ("soccer", ("Everton", "Liverpool"), ("Everton Vina del Mar", "Liverpool Montevideo")),
        ("soccer", ("Cercle Brugge", "Gent"), ("Club Brugge", "Gent")),
        ("basketball", ("LA Clippers", "Boston Celtics"), ("Los Angeles Lakers", "Boston Celtics")),
        ("ice_hockey", ("NY Rangers", "NJ Devils"), ("New York Islanders", "New Jersey Devils")),
    ],
)  # fmt: skip
def test_two_matches_with_names_in_common_stay_two(sport: str, one: Sides, other: Sides) -> None:
    assert not are_one(claim("a", one, sport), claim("b", other, sport))


@pytest.mark.parametrize(
    "sides", [("Home", "Away"), ("TBD", "TBD"), ("Winner QF1", "Winner QF2"), ("1A", "2B"), ("Team A", "Team B")]
)
def test_places_that_are_kept_for_somebody_name_nobody(sides: Sides) -> None:
    assert [each.verdict for each in told(claim("a", sides), claim("b", sides))] == ["UNNAMED", "UNNAMED"]


def test_a_place_is_taken_when_its_side_is_known() -> None:
    kept = claim("a", ("France", "Winner QF2"))
    drawn = msgspec.structs.replace(kept, away="Morocco")
    *_, first, second = told(kept, drawn, claim("b", ("France", "Morocco")))
    assert first.fixture.fixture_id == second.fixture.fixture_id
    assert second.verdict == "MATCHED"


@pytest.mark.parametrize("marker", ["", " U21", " Women"])
@pytest.mark.parametrize("more", [{}, {"betradar_id": "77"}])
def test_a_club_whose_name_begins_another_s_is_that_other_s_doubt(marker: str, more: dict[str, Any]) -> None:
    sides = [(f"{home}{marker}", f"Celtic{marker}") for home in ("Dundee", "Dundee Utd")]
    one, other = claim("a", sides[0], **more), claim("b", sides[1], **more)
    for claims in ((one, other), (other, one)):
        first, second = told(*claims)
        assert second.fixture.fixture_id != first.fixture.fixture_id
        assert second.verdict == "UNSURE"
        assert second.doubt is not None
        assert second.doubt.candidate_id == first.fixture.fixture_id


def test_who_is_told_first_means_nothing_in_tennis_and_is_a_doubt_in_football() -> None:
    players, clubs = ("Roger Federer", "Rafael Nadal"), ("Slavia Sofia", "Beroe")
    _, turned = told(claim("a", players, "tennis"), claim("b", ("Nadal R.", "Federer R."), "tennis"))
    assert (turned.verdict, turned.swapped) == ("MATCHED", True)
    assert [side.name for side in turned.sides] == list(players)
    _, doubted = told(claim("a", clubs), claim("b", (clubs[1], clubs[0])))
    assert (doubted.verdict, doubted.swapped) == ("UNSURE", False)


def test_a_provider_that_turns_its_own_match_round_is_followed() -> None:
    one = claim("a", ("Slavia Sofia", "Beroe"))
    back = msgspec.structs.replace(one, home=one.away, away=one.home)
    first, second, third = told(one, back, one)
    assert len({each.fixture.fixture_id for each in (first, second, third)}) == 1
    assert [each.swapped for each in (first, second, third)] == [False, True, False]


def test_betradar_s_id_tells_a_match_whose_time_and_names_say_too_little() -> None:
    one = claim("a", ("Estudiantes Rio Cuarto", "Atletico Tigre"), betradar_id="25178112")
    far: dict[str, Any] = {"kick_off_at": KICK_OFF + 100 * HOUR_US}
    assert not are_one(one, claim("b", ("Estudiantes", "Tigre"), **far))
    assert are_one(one, claim("b", ("Estudiantes", "Tigre"), betradar_id="25178112", **far))
    assert are_one(one, claim("uof", ("Estudiantes", "Tigre"), provider_fixture_id="sr:match:25178112", **far))


@pytest.mark.parametrize(
    ("sides", "number", "reason"),
    [
        (("Arsenal", "Chelsea"), "1", "Betradar's id is the same, the names are not"),
        (("Beroe", "Slavia Sofia"), "1", "home and away are swapped"),
        (("Slavia Sofia", "Beroe"), "2", "Betradar has another id for it"),
    ],
)
def test_betradar_s_id_against_the_names_is_a_doubt(sides: Sides, number: str, reason: str) -> None:
    first, second = told(
        claim("a", ("Slavia Sofia", "Beroe"), betradar_id="1"), claim("b", sides, betradar_id=number)
    )  # fmt: skip
    assert second.doubt is not None
    assert (second.verdict, second.doubt.reason) == ("UNSURE", reason)
    assert second.fixture.fixture_id != first.fixture.fixture_id


def test_a_claim_is_compared_with_few_of_many_fixtures() -> None:
    directory, letters = FixtureDirectory(), "abcdefghijklmnopqrstuvwxyz"
    words = [f"{one}{other}{one}nov{other}" for one in letters for other in letters]
    for number in range(5_000):
        sides = (f"{words[number % 676]} United", f"{words[(number * 7 + 3) % 676]} City")
        at = KICK_OFF + number % 5 * 24 * HOUR_US
        resolve(directory, catalogue(), claim("a", sides, provider_fixture_id=f"{number}", kick_off_at=at))
    sides = (f"{words[40]} Utd", f"{words[283]} City")
    for time_is in ("EXACT", "UNKNOWN"):
        asked = claim("b", sides, time_is=time_is)
        home, away = resolve(directory, catalogue(), asked).sides
        assert len(directory) >= 5_000
        assert 1 <= len(candidates(directory, asked, (home, away))) <= 10

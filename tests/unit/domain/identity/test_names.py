"""Names as they compare, the catalogue, and how alike two names are."""

import pytest

from domain.identity import names
from domain.identity.catalogue import Catalogue, catalogue
from domain.identity.ids import market_id
from domain.identity.similarity import POSSIBLE, SURE, similarity


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nott'm Forest", "NOTTM FOREST F.C."),
        ("Brighton & Hove Albion", "Brighton and Hove Albion"),
        ("1. FC Köln", "Koln"),
        ("Union Saint-Gilloise", "Union St. Gilloise"),
        ("Динамо Минск", "Dinamo Minsk"),
        ("Chelsea Women", "Chelsea FC (W)"),
        ("Ajax Under 21", "Ajax U21"),
    ],
)
def test_one_team_written_in_two_ways_has_one_key(one: str, other: str) -> None:
    assert names.team(one).key == names.team(other).key


@pytest.mark.parametrize("side", ["Chelsea (W)", "Chelsea U19", "Chelsea Reserves", "Chelsea II", "Chelsea B"])
def test_a_club_s_other_sides_are_not_its_first_team(side: str) -> None:
    assert similarity(names.team(side), names.team("Chelsea")) == 0.0
    assert names.team(side).key != names.team("Chelsea").key


def test_a_name_of_nothing_but_a_club_type_keeps_it() -> None:
    assert names.team("AFC").words == ("afc",)


def test_a_person_s_name_may_be_turned_round_and_a_horse_has_no_number() -> None:
    assert names.person("Williams, Serena") == names.person("Serena Williams")
    assert names.runner("3. Le Romain").key == names.runner("Le Romain (AUS)").key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Man City", "Manchester City"),
        ("Brighton", "Brighton and Hove Albion"),
        ("Wolves", "Wolverhampton Wanderers"),
        ("Nott'm Forest", "Nottingham Forest"),
        ("Club Bruges", "Club Brugge KV"),
        ("Sporting de Charleroi", "R. Charleroi SC"),
        ("KFCO Beerschot Wilrijk", "K Beerschot VA"),
        ("OH Leuven", "Oud-Heverlee Leuven"),
        ("Sint Truiden", "STVV"),
        ("SV Zulte-Waregem", "Zulte Waregem"),
        ("Standard Liege", "Standard de Liège"),
    ],
)
def test_the_catalogue_knows_a_team_by_its_aliases(one: str, other: str) -> None:
    found = [catalogue().team("soccer", names.team(text)) for text in (one, other)]
    assert found[0] is not None
    assert found[0] == found[1]


def test_the_catalogue_keeps_neighbours_apart() -> None:
    known = catalogue()
    pairs = [("Man City", "Man Utd"), ("Club Brugge", "Cercle Brugge"), ("Sheff Utd", "Sheff Wed")]
    for one, other in pairs:
        assert known.team("soccer", names.team(one)) != known.team("soccer", names.team(other))


def test_a_club_s_women_are_a_team_of_their_own_by_any_of_its_names() -> None:
    known = catalogue()
    women = known.team("soccer", names.team("Man City (W)"))
    assert women is not None
    assert women == known.team("soccer", names.team("Manchester City Women"))
    assert women != known.team("soccer", names.team("Manchester City"))


def test_a_name_under_two_teams_is_refused() -> None:
    with pytest.raises(ValueError, match="names both"):
        Catalogue({"soccer": {"teams": {"Racing Genk": ["Racing"], "Racing Gent": ["Racing"]}}})


def test_a_competition_is_known_by_its_aliases_and_else_by_its_own_name() -> None:
    known = catalogue()
    assert known.competition("soccer", "EPL") == known.competition("soccer", "English Premier League")
    assert known.competition("soccer", "Ligue 2").name == "Ligue 2"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Man Utd", "Manchester United"), ("Beroe Stara Za", "Beroe Stara Zagora"), ("Middlesborough", "Middlesbrough")],
)
def test_a_shortened_or_misspelt_name_is_surely_the_same(one: str, other: str) -> None:
    assert similarity(names.team(one), names.team(other)) >= SURE


@pytest.mark.parametrize(
    ("one", "other"), [("Inter", "Inter Miami"), ("Guinea", "Guinea-Bissau"), ("Newcastle", "Newcastle United")]
)
def test_a_name_that_says_less_may_be_the_same(one: str, other: str) -> None:
    assert POSSIBLE <= similarity(names.team(one), names.team(other)) < SURE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Manchester City", "Manchester United"), ("Real Madrid", "Real Sociedad"), ("Niger", "Nigeria"),
        ("Austria", "Australia"), ("Slovakia", "Slovenia"), ("Iran", "Iraq"), ("Club Brugge", "Cercle Brugge"),
        ("Sheffield Utd", "Sheffield Wed"), ("North Korea", "South Korea"),
    ],
)  # fmt: skip
def test_names_that_contradict_each_other_are_not_possible(one: str, other: str) -> None:
    assert similarity(names.team(one), names.team(other)) < POSSIBLE


def test_an_initial_stands_for_a_first_name_and_contradicts_another() -> None:
    assert similarity(names.person("B Hassan"), names.person("Benjamin Hassan")) >= SURE
    assert similarity(names.person("S Williams"), names.person("Venus Williams")) < POSSIBLE


def test_a_market_s_id_names_its_line_also_when_it_is_zero() -> None:
    assert market_id("fx-1", "MATCH_ODDS", "FT") == "fx-1/MATCH_ODDS/FT"
    assert market_id("fx-1", "ASIAN_HANDICAP", "FT", 0) == "fx-1/ASIAN_HANDICAP/FT/0"

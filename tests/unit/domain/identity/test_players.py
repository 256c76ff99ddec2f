"""Who a team's player is."""

import pytest

from domain.identity.players import MOST_PLAYERS, Squads

TEAM = "pt-1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sergio Agüero", "Sergio Aguero"), ("Álvaro Negredo", "A. Negredo"), ("Willian", "Willian Borges da Silva"),
        ("Luis Alberto Suárez Díaz", "Luis Suárez"), ("Agüero, Sergio", "Sergio Aguero"), ("Gabriel Jesus", "G. Jesus"),
    ],
)  # fmt: skip
def test_one_player_in_two_ways_of_writing(one: str, other: str) -> None:
    for first, second in ((one, other), (other, one)):
        squads = Squads("soccer")
        assert squads.resolve("a", "1", TEAM, first).id == squads.resolve("b", "x", TEAM, second).id


@pytest.mark.parametrize(
    ("one", "other"),
    [("Denis Suárez", "Luis Suárez"), ("Rafael da Silva", "Fabio da Silva"), ("Gary Cahill", "Tim Cahill")],
)
def test_two_players_of_one_name_stay_two(one: str, other: str) -> None:
    squads = Squads("soccer")
    assert squads.resolve("a", "1", TEAM, one).id != squads.resolve("b", "2", TEAM, other).id


def test_a_name_that_may_be_either_is_nobody_s() -> None:
    squads = Squads("soccer")
    known = {squads.resolve("a", "1", TEAM, "Denis Suárez").id, squads.resolve("a", "2", TEAM, "Luis Suárez").id}
    assert squads.resolve("b", "9", TEAM, "Suárez").id not in known


def test_a_player_of_another_team_is_another() -> None:
    squads = Squads("soccer")
    assert squads.resolve("a", "1", TEAM, "Danilo").id != squads.resolve("b", "1", "pt-2", "Danilo").id


def test_a_squad_never_holds_too_much() -> None:
    squads = Squads("soccer")
    for number in range(MOST_PLAYERS + 50):
        squads.resolve("a", str(number), TEAM, f"Somebody{number} Else{number}")
    assert squads.resolve("b", None, TEAM, "Somebody1 Else1") == squads.resolve("a", "1", TEAM, "Somebody1 Else1")
    last = MOST_PLAYERS + 49
    assert len(squads.resolve("b", None, TEAM, f"Somebody{last} Else{last}", "Other").names) == 2

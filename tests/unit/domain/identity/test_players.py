"""Who a team's player is."""

import pytest

from domain.identity.ids import player_id
from domain.identity.players import MOST_PLAYERS, Player, Squads

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


def test_a_whole_name_finds_the_one_player_of_two_sides_who_has_it() -> None:
    squads = Squads("soccer")
    paul = squads.resolve("a", "1", TEAM, "Paul Rover", "Pauly").id
    squads.resolve("a", "2", "pt-2", "Paula Roverson")
    assert squads.find([TEAM, "pt-2"], "Rover, Paul") == (TEAM, paul)
    assert squads.find(["pt-2", TEAM], "PAUL ROVER") == (TEAM, paul)
    for unsure in ("Pauly", "Rover", "P. Rover", "Paul James Rover", "Paul Rovers"):
        assert squads.find([TEAM, "pt-2"], unsure) is None
    squads.resolve("a", "3", "pt-2", "Paul Rover")
    assert squads.find([TEAM, "pt-2"], "Paul Rover") is None
    assert squads.find([TEAM], "Paul Rover") == (TEAM, paul)


def test_two_who_were_joined_are_one_in_every_team_and_stay_so() -> None:
    squads = Squads("soccer")
    kept, gone = (squads.resolve("a", number, TEAM, name).id for number, name in (("1", "Ann Bee"), ("2", "Cy Dee")))
    squads.resolve("a", "2", "pt-2", "Cy Dee")
    squads.join(gone, kept)
    assert squads.who("a", "2") == kept
    assert squads.names_of(TEAM, kept) == ("Ann Bee", "Cy Dee")
    assert squads.names_of("pt-2", kept) == ("Cy Dee",)
    squads.know(Player(gone, ("Cy Dee",)), TEAM, ("a", "2"))
    assert squads.names_of(TEAM, gone) == ()
    assert squads.resolve("b", "9", TEAM, "Cy Dee").id == kept


def test_who_was_parted_is_not_led_back_by_what_was_told_before() -> None:
    squads = Squads("soccer")
    first = squads.resolve("a", "1", TEAM, "Ann Bee")
    assert squads.resolve("b", "9", TEAM, "Ann Bee").id == first.id
    squads.part("b", "9")
    own = player_id("soccer", "b", "9")
    squads.know(Player(own, ("Ann Bee",)), TEAM, ("b", "9"))
    squads.know(first, TEAM, ("b", "9"))
    assert (squads.who("b", "9"), squads.who("a", "1")) == (own, first.id)
    assert set(squads.resolve("c", "5", TEAM, "Ann Bee").doubted) == {own, first.id}
    squads.join(own, first.id)
    assert squads.who("b", "9") == first.id
    squads.part("b", "9")
    assert squads.who("b", "9") == own

"""The teams and competitions that are known by more than one name."""

import tomllib
from collections.abc import Callable
from functools import cache, partial
from importlib.resources import files
from typing import Any

import msgspec

from domain.identity import names
from domain.identity.ids import competition_id, participant_id
from domain.identity.names import Name


class Known(msgspec.Struct, frozen=True):
    """A team or competition: its id, what we call it, and the other names in use."""

    id: str
    name: str
    aliases: tuple[str, ...]


class Catalogue:
    """Looks a name up among the known teams and competitions of a sport; equal after normalising, never just alike."""

    def __init__(self, sports: dict[str, dict[str, dict[str, list[str]]]]) -> None:
        """Index the names.

        Raises:
            ValueError: one name stands for two teams or two competitions.
        """
        self._teams: dict[tuple[str, str], Known] = {}
        self._competitions: dict[tuple[str, str], Known] = {}
        for sport, kinds in sports.items():
            _index(self._teams, sport, kinds.get("teams", {}), partial(names.normalise, sport), participant_id)
            _index(self._competitions, sport, kinds.get("competitions", {}), names.competition, competition_id)
        self._team_ids = frozenset(known.id for known in self._teams.values())
        self._competition_ids = frozenset(known.id for known in self._competitions.values())

    def team(self, sport: str, name: Name) -> Known | None:
        """Return the team of this normalised name; women's, youth and reserve sides are not their club's first team."""
        if name.tags:
            first = self._teams.get((sport, Name(name.words).key))
            return _side(sport, first, name) if first else None
        return self._teams.get((sport, name.key))

    def competition(self, sport: str, text: str) -> Known:
        """Return the competition of this name, known or not."""
        name = names.competition(text)
        known = self._competitions.get((sport, name.key))
        return known or Known(competition_id(sport, name.key), text, ())

    def are_two(self, one: str, other: str) -> bool:
        """Say whether two participants' ids are two teams of the catalogue: then no likeness makes them one."""
        return one != other and one in self._team_ids and other in self._team_ids

    def name_two(self, sport: str, one: Name, other: Name) -> bool:
        """Say whether two names are of two clubs of the catalogue, or of sides of two, women's or youth's."""
        first, second = self._teams.get((sport, Name(one.words).key)), self._teams.get((sport, Name(other.words).key))
        return first is not None and second is not None and first.id != second.id

    def knows_competition(self, competition: str) -> bool:
        """Say whether a competition's id is one of the catalogue's."""
        return competition in self._competition_ids


def _index(
    index: dict[tuple[str, str], Known],
    sport: str,
    entries: dict[str, list[str]],
    normalise: Callable[[str], Name],
    make_id: Callable[[str, str], str],
) -> None:
    for name, aliases in entries.items():
        known = Known(make_id(sport, normalise(name).key), name, tuple(aliases))
        for text in (name, *aliases):
            taken = index.setdefault((sport, normalise(text).key), known)
            if taken is not known:
                raise ValueError(f"{text!r} names both {taken.name} and {name}")


def _side(sport: str, club: Known, name: Name) -> Known:
    words = names.normalise(sport, club.name).words
    side = Name(words, name.tags)
    return Known(participant_id(sport, side.key), f"{club.name} ({', '.join(name.tags)})", ())


@cache
def catalogue() -> Catalogue:
    """Return the catalogue that comes with the system."""
    text = files("domain.identity").joinpath("teams.toml").read_text(encoding="utf-8")
    sports: dict[str, Any] = tomllib.loads(text)
    return Catalogue(sports)

"""Who a team's player is, by the names that providers use for him: found in his team alone, else known as himself."""

from typing import Final

import msgspec

from domain.identity.ids import participant_id
from domain.identity.names import Name, person
from domain.identity.similarity import SURE, person_similarity

MOST_PLAYERS: Final = 200
"""Players kept of one team."""
ALONE: Final = 4
"""A name of one word says who it is when it has so many letters, and nobody else of the team has it."""


class Player(msgspec.Struct, frozen=True):
    """A player: his canonical id, and the names that are used for him, the first as it was told first."""

    id: str
    names: tuple[str, ...]


class Squads:
    """The players of each team that were told of so far; who comes to a squad that is full is not kept."""

    def __init__(self, sport: str) -> None:
        self._sport = sport
        self._teams: dict[str, dict[str, Player]] = {}
        self._references: dict[tuple[str, str], str] = {}

    def resolve(self, provider: str, reference: str | None, team_id: str, *names: str) -> Player:
        """Return the one player of a team whom the names can mean, else a new one; a provider's id keeps its player.

        Two of a team who may both be meant are no answer: then the names are a player of their own.
        """
        squad = self._teams.setdefault(team_id, {})
        link = (provider, reference or "")
        known = squad.get(self._references.get(link, "")) if reference else None
        if known is None:
            meant = [each for each in squad.values() if _is_meant(names, each, squad)]
            new = Player(participant_id(self._sport, f"{team_id}/{person(names[0]).key}"), names)
            known = meant[0] if len(meant) == 1 else squad.get(new.id, new)
        known = Player(known.id, tuple(dict.fromkeys((*known.names, *names))))
        if known.id in squad or len(squad) < MOST_PLAYERS:
            squad[known.id] = known
        if reference:
            self._references[link] = known.id
        return known


def _is_meant(texts: tuple[str, ...], player: Player, squad: dict[str, Player]) -> bool:
    ours, theirs = [person(text) for text in texts], [person(text) for text in player.names]
    if any(person_similarity(one, other) >= SURE for one in ours for other in theirs):
        return True
    return any(_is_alone(one, other, player, squad) for one in ours for other in theirs)


def _is_alone(one: Name, other: Name, player: Player, squad: dict[str, Player]) -> bool:
    """Say whether one of two names is a single word of the other, and of nobody else's of the team."""
    short, long = sorted((one.words, other.words), key=len)
    if len(short) != 1 or len(short[0]) < ALONE or short[0] not in long:
        return False
    others = (text for each in squad.values() if each.id != player.id for text in each.names)
    return not any(short[0] in person(text).words for text in others)

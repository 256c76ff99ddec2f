"""Who a team's player is, by the names that providers use for him: found in his team alone, else known as himself."""

from typing import Final, TypeVar

import msgspec

from domain.identity.ids import participant_id, player_id
from domain.identity.names import Name, person
from domain.identity.similarity import SURE, person_similarity

MOST_PLAYERS: Final = 200
"""Players kept of one team."""
MOST_TEAMS: Final = 5_000
MOST_LINKS: Final = 200_000
MOST_NAMES: Final = 16
"""Names kept of one player."""
ALONE: Final = 4
"""A name of one word says who it is when it has so many letters, and nobody else of the team has it."""

Link = tuple[str, str]
Key = TypeVar("Key")
Value = TypeVar("Value")


class Player(msgspec.Struct, frozen=True):
    """A player: his canonical id, and the names that are used for him, the first as it was told first.

    `doubted` are the players of his team whom his names may mean, too, and who he is not taken for.
    """

    id: str
    names: tuple[str, ...]
    doubted: tuple[str, ...] = ()


class Squads:
    """The players of each team that were told of so far; who comes to a squad that is full is not kept."""

    def __init__(self, sport: str) -> None:
        self._sport = sport
        self._teams: dict[str, dict[str, Player]] = {}
        self._links: dict[Link, str] = {}
        self._told: dict[Link, str] = {}

    def resolve(self, provider: str, reference: str | None, team_id: str, *names: str) -> Player:
        """Return the one player of a team whom the names can mean, else a new one; a provider's id keeps its player.

        Two of a team who may both be meant are no answer, nor is one whom the provider tells under another id: then
        the names are a player of their own, in doubt. A new one has the id that his provider's id gives him.
        """
        own = player_id(self._sport, provider, reference) if reference else self._named(team_id, names[0])
        known = self._links.get((provider, reference)) if reference else None
        doubted: tuple[str, ...] = ()
        if known is None:
            squad = self._teams.get(team_id, {})
            meant = [each.id for each in squad.values() if _is_meant(names, each, squad)]
            free = [each for each in meant if not reference or self._told.get((provider, each)) in {None, reference}]
            if len(meant) == len(free) == 1:
                known = free[0]
            else:
                known, doubted = own, tuple(sorted({*meant} - {own}))
        player = self.know(Player(known, names), team_id, (provider, reference) if reference else None)
        return msgspec.structs.replace(player, doubted=doubted) if doubted else player

    def know(self, player: Player, team_id: str, link: Link | None = None) -> Player:
        """Take in what is known of a player of a team, and who calls him what; return all that is. Idempotent."""
        squad = self._teams.setdefault(team_id, {})
        before = squad.get(player.id)
        names = tuple(dict.fromkeys((*(before.names if before else ()), *player.names)))[:MOST_NAMES]
        player = Player(player.id, names)
        if before is not None or len(squad) < MOST_PLAYERS:
            squad[player.id] = player
        if link is not None:
            self._links[link] = player.id
            self._told[link[0], player.id] = link[1]
        _bound(self._teams, MOST_TEAMS)
        _bound(self._links, MOST_LINKS)
        _bound(self._told, MOST_LINKS)
        return player

    def who(self, provider: str, reference: str) -> str:
        """Return the id of whom a provider calls so; where nobody has named him, the one that its id gives him."""
        return self._links.get((provider, reference)) or player_id(self._sport, provider, reference)

    def name_of(self, team_id: str, player: str) -> str:
        """Return what a team's player is called, an empty text where he is not known."""
        known = self._teams.get(team_id, {}).get(player)
        return known.names[0] if known else ""

    def _named(self, team_id: str, name: str) -> str:
        return participant_id(self._sport, f"{team_id}/{person(name).key}")


def _bound(kept: dict[Key, Value], most: int) -> None:
    if len(kept) > most:
        del kept[next(iter(kept))]


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

"""Who a team's player is, by the names that providers use for him: found in his team alone, else known as himself."""

from collections.abc import Sequence
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

WHOLE: Final = 0.97
"""Names that are alike from here on have the same words, in whichever order."""

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
        self._onward: dict[str, str] = {}
        self._apart: dict[Link, str] = {}

    def resolve(self, provider: str, reference: str | None, team_id: str, *names: str) -> Player:
        """Return the one player of a team whom the names can mean, else a new one; a provider's id keeps its player.

        Two of a team who may both be meant are no answer, nor is one whom the provider tells under another id: then
        the names are a player of their own, in doubt. A new one has the id that his provider's id gives him.
        """
        own = player_id(self._sport, provider, reference) if reference else self._by_name(team_id, names[0])
        known = self._links.get((provider, reference)) if reference else None
        doubted: tuple[str, ...] = ()
        if known is None:
            squad = self._teams.get(team_id, {})
            meant = [each.id for each in squad.values() if _is_meant(names, each, squad)]
            free = [each for each in meant if not reference or self._told.get((provider, each)) in {None, reference}]
            if len(meant) == len(free) == 1:
                known = free[0]
            else:
                known, doubted = own, tuple(sorted({*meant} - {self._last(own)}))
        player = self.know(Player(known, names), team_id, (provider, reference) if reference else None)
        return msgspec.structs.replace(player, doubted=doubted) if doubted else player

    def know(self, player: Player, team_id: str, link: Link | None = None) -> Player:
        """Take in what is known of a player of a team, and who calls him what; return all that is. Idempotent.

        What persons decided outranks what is told: what was told of two players as one, before they were parted, is
        let be.
        """
        known = self._last(player.id)
        if link in self._apart and self.who(*link) != known:
            return _named(known, *player.names)
        squad = self._teams.setdefault(team_id, {})
        before = squad.get(known)
        player = _named(known, *(before.names if before else ()), *player.names)
        if before is not None or len(squad) < MOST_PLAYERS:
            squad[known] = player
        if link is not None:
            self._links[link] = known
            self._told[link[0], known] = link[1]
        _bound(self._teams, MOST_TEAMS)
        _bound(self._links, MOST_LINKS)
        _bound(self._told, MOST_LINKS)
        return player

    def drop(self, team_id: str, player: str) -> None:
        """Know that one of a team was found to be another. Idempotent."""
        self._teams.get(team_id, {}).pop(player, None)

    def join(self, retired: str, kept: str) -> None:
        """Take two players for one from now on, in every team that has the retired one. Idempotent."""
        for earlier, onward in self._onward.items():
            if onward == retired:
                self._onward[earlier] = kept
        self._onward[retired] = kept
        for squad in self._teams.values():
            gone = squad.pop(retired, None)
            if gone is not None:
                squad[kept] = _named(kept, *(squad[kept].names if kept in squad else ()), *gone.names)
        _bound(self._onward, MOST_LINKS)

    def part(self, provider: str, reference: str) -> None:
        """Take what a provider calls so for a player of his own from now on, by the id of its number. Idempotent.

        Whom he was taken for keeps all his names: at worst the next of such a name is in doubt.
        """
        own = player_id(self._sport, provider, reference)
        self._told.pop((provider, self.who(provider, reference)), None)
        self._onward.pop(own, None)
        self._apart[provider, reference] = self._links[provider, reference] = own
        _bound(self._apart, MOST_LINKS)

    def who(self, provider: str, reference: str) -> str:
        """Return the id of whom a provider calls so; where nobody has named him, the one that its id gives him."""
        link = (provider, reference)
        known = self._apart.get(link) or self._links.get(link)
        return self._last(known or player_id(self._sport, provider, reference))

    def find(self, teams: Sequence[str], name: str) -> tuple[str, str] | None:
        """Return the team and the id of the one player of some teams who has this whole name; None for none or two.

        A name of one word is not whole, and likeness is not enough: nobody says that he is one of them.
        """
        if len(person(name).words) < 2:
            return None
        found = {
            player.id: (team, player.id)
            for team in teams
            for player in self._teams.get(team, {}).values()
            if likeness((name,), player.names) >= WHOLE
        }
        return next(iter(found.values())) if len(found) == 1 else None

    def names_of(self, team_id: str, player: str) -> tuple[str, ...]:
        """Return what a team's player is called, nothing where he is not known."""
        known = self._teams.get(team_id, {}).get(player)
        return known.names if known else ()

    def _last(self, player: str) -> str:
        """Return whom a player was merged into by a person; himself where he was not."""
        return self._onward.get(player, player)

    def _by_name(self, team_id: str, name: str) -> str:
        return participant_id(self._sport, f"{team_id}/{person(name).key}")


def likeness(names: tuple[str, ...], others: tuple[str, ...]) -> float:
    """Score how alike two players' names are, by the likest of them, in [0, 1]."""
    return max(person_similarity(person(one), person(other)) for one in names for other in others)


def _named(player: str, *names: str) -> Player:
    return Player(player, tuple(dict.fromkeys(names))[:MOST_NAMES])


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

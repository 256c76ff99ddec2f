"""Opta's F7: the result of a match, its sides, and the players of their line-ups.

Source: Opta F7 feed specification, as its files show it. Ids carry a letter for what they name: f a match, t a team,
p a player; the events of F24 have the same ids without it. Times state their zone.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from connectors.opta.messages import Text, When, uk_time
from domain.errors import ContractViolation

Uid = Annotated[str, Meta(pattern=r"^[a-z]{1,4}\d{1,15}\Z")]
PLAYED: Final = "Result"
"""The type of a document that tells how a match went."""


class Words(msgspec.Struct):
    """Text inside an element."""

    text: Text = msgspec.field(default="", name="#text")


class MatchInfo(msgspec.Struct, kw_only=True):
    """When a match began and how far it has come."""

    period: str = msgspec.field(default="", name="Period")
    timestamp: str = msgspec.field(default="", name="TimeStamp")
    dates: list[Words] = msgspec.field(default_factory=list, name="<Date>")
    attendances: list[Words] = msgspec.field(default_factory=list, name="<Attendance>")


class MatchPlayer(msgspec.Struct, kw_only=True):
    """A player in a line-up."""

    player: Uid = msgspec.field(name="PlayerRef")


class LineUp(msgspec.Struct):
    """The players of one side."""

    players: list[MatchPlayer] = msgspec.field(default_factory=list, name="<MatchPlayer>")


class TeamData(msgspec.Struct, kw_only=True):
    """One side in the match."""

    side: Literal["Home", "Away"] = msgspec.field(name="Side")
    team: Uid = msgspec.field(name="TeamRef")
    score: Annotated[int, Meta(ge=0, le=100)] | None = msgspec.field(default=None, name="Score")
    line_ups: list[LineUp] = msgspec.field(default_factory=list, name="<PlayerLineUp>")


class MatchData(msgspec.Struct):
    """The match."""

    infos: Annotated[list[MatchInfo], Meta(min_length=1, max_length=1)] = msgspec.field(name="<MatchInfo>")
    teams: Annotated[list[TeamData], Meta(min_length=2, max_length=2)] = msgspec.field(name="<TeamData>")


class PersonName(msgspec.Struct):
    """A person's name; `known` is what everybody says."""

    firsts: list[Words] = msgspec.field(default_factory=list, name="<First>")
    lasts: list[Words] = msgspec.field(default_factory=list, name="<Last>")
    knowns: list[Words] = msgspec.field(default_factory=list, name="<Known>")


class Person(msgspec.Struct, kw_only=True):
    """A player by name."""

    uid: Uid = msgspec.field(name="uID")
    names: list[PersonName] = msgspec.field(default_factory=list, name="<PersonName>")


class Team(msgspec.Struct, kw_only=True):
    """A team by name, and its players."""

    uid: Uid = msgspec.field(name="uID")
    names: list[Words] = msgspec.field(default_factory=list, name="<Name>")
    players: list[Person] = msgspec.field(default_factory=list, name="<Player>")


class Competition(msgspec.Struct):
    """A competition."""

    names: list[Words] = msgspec.field(default_factory=list, name="<Name>")


class SoccerDocument(msgspec.Struct, kw_only=True):
    """A match and its teams."""

    uid: Uid = msgspec.field(name="uID")
    type: str = msgspec.field(default="", name="Type")
    matches: Annotated[list[MatchData], Meta(min_length=1, max_length=1)] = msgspec.field(name="<MatchData>")
    teams: Annotated[list[Team], Meta(min_length=2, max_length=2)] = msgspec.field(name="<Team>")
    competitions: list[Competition] = msgspec.field(default_factory=list, name="<Competition>")

    @property
    def match(self) -> MatchData:
        """Return the match."""
        return self.matches[0]

    @property
    def info(self) -> MatchInfo:
        """Return when it was."""
        return self.match.infos[0]


class SoccerFeed(msgspec.Struct, kw_only=True):
    """An F7 document: one match."""

    documents: Annotated[list[SoccerDocument], Meta(min_length=1, max_length=1)] = msgspec.field(
        name="<SoccerDocument>"
    )
    timestamp: When = msgspec.field(name="TimeStamp")

    @property
    def document(self) -> SoccerDocument:
        """Return the match."""
        return self.documents[0]

    @property
    def true_at(self) -> int:
        """Return when the match was as told, microseconds UTC: that of its last change, else of the document.

        Raises:
            ContractViolation: a time is none.
        """
        return uk_time(self.document.info.timestamp or self.timestamp)


def text_of(words: list[Words]) -> str:
    """Return the text of the first of these elements."""
    return words[0].text if words else ""


def name_of(person: Person) -> tuple[str, tuple[str, ...]]:
    """Return a player's full name, and what he is known as where that is another.

    Raises:
        ContractViolation: the player has no name.
    """
    found = person.names[0] if person.names else PersonName()
    parts = (text_of(found.firsts), text_of(found.lasts))
    full, known = " ".join(part for part in parts if part), text_of(found.knowns)
    if not full and not known:
        raise ContractViolation(f"player {person.uid} has no name")
    return full or known, (known,) if known and full and known != full else ()

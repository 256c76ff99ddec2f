"""Opta's F24: a game and events of it, each with its qualifiers.

Source: Opta F24 feed specification, as its files show it. `type_id` says what happened, qualifiers say how. The times
`timestamp`, `last_modified` and `game_date` are by the clocks of the United Kingdom, without a zone. An event that is
corrected keeps its `id` and comes again with a higher `version`; one that was withdrawn comes again with type 43.
"""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from domain.errors import ContractViolation
from domain.feeds.calendar import micros, uk_micros

Id = Annotated[int, Meta(ge=0, le=2**53)]
Text = Annotated[str, Meta(max_length=512)]
When = Annotated[str, Meta(min_length=1, max_length=40)]


class Qualifier(msgspec.Struct):
    """How an event happened."""

    qualifier_id: Id
    value: Annotated[str, Meta(max_length=4096)] = ""


class Event(msgspec.Struct, kw_only=True):
    """An event. `period_id` 1 to 5 are periods of play; `min` and `sec` are the clock of the match."""

    id: Id
    type_id: Id
    period_id: Id
    min: Annotated[int, Meta(ge=0, le=200)]
    sec: Annotated[int, Meta(ge=0, le=59)]
    team_id: Id
    timestamp: When
    version: Id = 0
    outcome: Id = 0
    player_id: Id | None = None
    qualifiers: list[Qualifier] = msgspec.field(default_factory=list, name="<Q>")

    @property
    def occurred_at(self) -> int:
        """Return when it happened, microseconds UTC.

        Raises:
            ContractViolation: the timestamp is no time.
        """
        return uk_time(self.timestamp)

    def has(self, qualifier: int) -> bool:
        """Say whether it has a qualifier."""
        return any(each.qualifier_id == qualifier for each in self.qualifiers)


class Game(msgspec.Struct, kw_only=True):
    """A game. The scores in its head are those of when the file was made, and are not used."""

    id: Id
    home_team_id: Id
    away_team_id: Id
    home_team_name: Text
    away_team_name: Text
    game_date: When
    competition_name: Text = ""
    events: list[Event] = msgspec.field(default_factory=list, name="<Event>")


class Games(msgspec.Struct, kw_only=True):
    """An F24 document: games, of which one message has one."""

    games: Annotated[list[Game], Meta(min_length=1, max_length=1)] = msgspec.field(name="<Game>")

    @property
    def game(self) -> Game:
        """Return the game."""
        return self.games[0]


def uk_time(text: str) -> int:
    """Read a time as microseconds UTC; one without a zone is by the clocks of the United Kingdom.

    Raises:
        ContractViolation: the text is no time.
    """
    try:
        moment = datetime.fromisoformat(text)
        return uk_micros(moment) if moment.tzinfo is None else micros(moment)
    except (ValueError, OverflowError) as error:
        raise ContractViolation(f"no time of a match: {text[:40]!r}") from error

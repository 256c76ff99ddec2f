"""StatsBomb's messages: an event of a match, and the line-up of one side.

Source: StatsBomb Open Data Specification. Of an event only what says something about the score, the cards, the figures
or the sides is declared; all else is kept in the bytes and counted by `unknown_fields`.
"""

from collections import Counter
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from connectors.unknown import count_unknown
from domain.errors import ContractViolation, UndecodableInput
from domain.events.feeds import RawMessage
from domain.feeds.matchclock import elapsed_us, since_kick_off_us

CONTENT_TYPE: Final = "application/json"

Id = Annotated[int, Meta(ge=0, le=2**31)]
Text = Annotated[str, Meta(max_length=256)]
EventId = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")]


class Ref(msgspec.Struct, frozen=True):
    """Anything with an id and a name: a team, a player, a type, an outcome."""

    id: Id
    name: Text = ""


class Shot(msgspec.Struct, frozen=True):
    """A shot; `statsbomb_xg` is the probability that it is a goal."""

    outcome: Ref
    type: Ref | None = None
    statsbomb_xg: Annotated[float, Meta(ge=0, le=1)] | None = None


class Pass(msgspec.Struct, frozen=True):
    """A pass; a corner is one of a type of its own, a whole pass has no outcome."""

    type: Ref | None = None
    outcome: Ref | None = None


class Offence(msgspec.Struct, frozen=True):
    """A foul or bad behaviour, and the card for it."""

    card: Ref | None = None


class Place(msgspec.Struct, frozen=True):
    """A player of a starting eleven."""

    player: Ref


class Tactics(msgspec.Struct, frozen=True):
    """How a side plays."""

    lineup: Annotated[list[Place], Meta(max_length=64)] = msgspec.field(default_factory=list)


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An event. `timestamp` is the time since its period began; `index` is its place in the match, from 1."""

    id: EventId
    index: Annotated[int, Meta(ge=1, le=1_000_000)]
    period: Annotated[int, Meta(ge=1, le=5)]
    timestamp: Annotated[str, Meta(max_length=20)]
    minute: Annotated[int, Meta(ge=0, le=200)]
    second: Annotated[int, Meta(ge=0, le=59)]
    type: Ref
    team: Ref
    player: Ref | None = None
    shot: Shot | None = None
    pass_: Pass | None = msgspec.field(default=None, name="pass")
    foul_committed: Offence | None = None
    bad_behaviour: Offence | None = None
    tactics: Tactics | None = None

    @property
    def clock_us(self) -> int:
        """Return the time since the kick-off by the match clock (see domain.feeds.matchclock)."""
        return since_kick_off_us(self.period, elapsed_us(self.timestamp))


class Player(msgspec.Struct, frozen=True):
    """A player in a line-up."""

    player_id: Id
    player_name: Text
    player_nickname: Text | None = None


class Lineup(msgspec.Struct, frozen=True):
    """The players of one side, substitutes too."""

    team_id: Id
    team_name: Text
    lineup: Annotated[list[Player], Meta(max_length=64)]


class _Kind(msgspec.Struct, frozen=True):
    """Tells a line-up from an event: an event has a type, a line-up a team of its own."""

    team_id: msgspec.Raw = msgspec.Raw()
    type: msgspec.Raw = msgspec.Raw()


Message = Event | Lineup


def parse_message(message: RawMessage) -> Message:
    """Parse a message of this provider.

    Raises:
        UndecodableInput, ContractViolation: see `parse`; or the content type is another.
    """
    if message.content_type != CONTENT_TYPE:
        raise ContractViolation(f"StatsBomb has no content type {message.content_type[:60]!r}")
    return parse(message.payload)


def parse(payload: bytes) -> Message:
    """Parse an event or a line-up.

    Raises:
        UndecodableInput: the bytes are not JSON.
        ContractViolation: the JSON is neither.
    """
    kind = _kind_of(payload)
    try:
        found: Message = msgspec.json.decode(payload, type=kind)
        if isinstance(found, Event):
            elapsed_us(found.timestamp)
    except msgspec.ValidationError as error:
        raise ContractViolation(f"not {'an event' if kind is Event else 'a line-up'} of StatsBomb: {error}") from error
    except (ValueError, RecursionError) as error:
        raise UndecodableInput(f"not JSON: {error}") from error
    return found


def unknown_fields(payload: bytes) -> Counter[str]:
    """Count the fields of a message that this module does not declare.

    Raises:
        UndecodableInput, ContractViolation: see `parse`.
    """
    return count_unknown(_kind_of(payload), payload)


def _kind_of(payload: bytes) -> type[Event] | type[Lineup]:
    try:
        told = msgspec.json.decode(payload, type=_Kind)
    except msgspec.ValidationError as error:
        raise ContractViolation(f"not a message of StatsBomb: {error}") from error
    except (ValueError, RecursionError) as error:
        raise UndecodableInput(f"not JSON: {error}") from error
    return Lineup if bytes(told.team_id) and not bytes(told.type) else Event

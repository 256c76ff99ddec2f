"""The answers of The Odds API v4: odds, scores, events, sports.

Source: The Odds API v4 documentation. An outcome is named by its text and `point`; times are ISO 8601.
`parse` gives every kind of answer one shape.
"""

from collections import Counter
from typing import Annotated

import msgspec
from msgspec import Meta

from connectors.unknown import count_unknown
from domain.errors import ContractViolation, UndecodableInput

Name = Annotated[str, Meta(min_length=1, max_length=256)]
DecimalOdds = Annotated[float, Meta(ge=1, le=1e6)]


class Outcome(msgspec.Struct, omit_defaults=True):
    """One outcome of a market: decimal odds, and the line of a spread or total."""

    name: Name
    price: DecimalOdds
    point: Annotated[float, Meta(ge=-1e6, le=1e6)] | None = None
    description: str | None = None

    @property
    def odds(self) -> int:
        """Return the price in thousandths."""
        return round(self.price * 1000)

    @property
    def line_milli(self) -> int | None:
        """Return the line in thousandths."""
        return None if self.point is None else round(self.point * 1000)


class Market(msgspec.Struct, omit_defaults=True):
    """One bookmaker's market, by the provider's key: h2h, spreads, totals, h2h_lay and others."""

    key: Name
    outcomes: list[Outcome]
    last_update: str | None = None


class Bookmaker(msgspec.Struct, omit_defaults=True):
    """One bookmaker's markets of an event; several regional keys share one title."""

    key: Name
    title: str
    markets: list[Market]
    last_update: str | None = None


class Score(msgspec.Struct):
    """A team's score, as text."""

    name: Name
    score: str


class Event(msgspec.Struct, omit_defaults=True):
    """One match: with `bookmakers` in an odds answer, with `completed` in a scores answer, bare in an events answer."""

    id: Name
    sport_key: Name
    commence_time: str
    home_team: str | None = None
    away_team: str | None = None
    sport_title: str | None = None
    bookmakers: list[Bookmaker] | None = None
    completed: bool | None = None
    scores: list[Score] | None = None
    last_update: str | None = None


class Sport(msgspec.Struct, omit_defaults=True):
    """One sport or competition that the provider covers."""

    key: Name
    group: str
    title: str
    active: bool
    description: str = ""
    has_outrights: bool = False


class Answer(msgspec.Struct, frozen=True):
    """What an answer says, whatever its endpoint: events, or sports."""

    events: tuple[Event, ...] = ()
    sports: tuple[Sport, ...] = ()


_document = msgspec.json.Decoder(Event | list[msgspec.Raw])
_event = msgspec.json.Decoder(Event)
_sport = msgspec.json.Decoder(Sport)


class _Kind(msgspec.Struct):
    commence_time: msgspec.Raw = msgspec.Raw(b"")


_kind = msgspec.json.Decoder(_Kind)


def parse(payload: bytes) -> Answer:
    """Parse a JSON answer of any of the endpoints.

    Raises:
        UndecodableInput: the bytes are not JSON.
        ContractViolation: the JSON is not an answer of these endpoints.
    """
    try:
        document: Event | list[msgspec.Raw] = _document.decode(payload)
        if isinstance(document, Event):
            return Answer(events=(document,))
        if document and not _kind.decode(document[0]).commence_time:
            return Answer(sports=tuple(_sport.decode(each) for each in document))
        return Answer(events=tuple(_event.decode(each) for each in document))
    except msgspec.ValidationError as error:
        raise ContractViolation(f"not an answer of The Odds API v4: {error}") from error
    except (ValueError, RecursionError) as error:
        raise UndecodableInput(f"not JSON: {error}") from error


def encode(answer: list[Event] | list[Sport] | Event) -> bytes:
    """Write an answer as the provider does."""
    return msgspec.json.encode(answer)


def unknown_fields(payload: bytes) -> Counter[str]:
    """Count the fields, by their path, that this module does not declare.

    Raises:
        UndecodableInput: the bytes are not JSON.
    """
    is_sports = bool(parse(payload).sports)
    return count_unknown(Event | list[Sport] if is_sports else Event | list[Event], payload)

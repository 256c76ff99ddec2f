"""SBTech's answers: events and, apart from them, their markets; odds in six notations, lines on outcomes, UTC.

What is offered is the decimal text, two places cut from the book's own `trueOdds`. No field names the match as Betradar
does; ids of Betradar's trackers stand among the media of an event and are not taken for it.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from connectors.bookmakers.capture import DecimalOdds, Line, Name, Stamp, Text, read
from domain.errors import ContractViolation
from domain.feeds.coupon import Choice, Coupon, LeftOut, OfferedMarket, OfferedMatch

FOOTBALL = "1"
ACTIVE = "Active"
FIXTURE = "Fixture"


class Notations(msgspec.Struct):
    """The same odds as they are shown in different parts of the world."""

    decimal: Annotated[str, Meta(min_length=1, max_length=12, pattern=r"^\d+(\.\d+)?$")]


class Selection(msgspec.Struct, rename="camel"):
    """One outcome; `points` is its own side's line."""

    id: Name
    outcome_type: Text
    name: Name
    display_odds: Notations
    points: Line | None = None
    status: Text = ACTIVE
    is_disabled: bool = False


class MarketType(msgspec.Struct):
    """What a market is."""

    id: Name
    name: Name


class Market(msgspec.Struct, rename="camel"):
    """One type of market of an event, with all its lines."""

    id: Name
    event_id: Name
    name: Name
    market_type: MarketType
    selections: list[Selection]
    is_suspended: bool = False


class Participant(msgspec.Struct, rename="camel"):
    """One side."""

    id: Name
    name: Name
    venue_role: Text = ""


class Event(msgspec.Struct, rename="camel"):
    """One match, or what else is bet on."""

    id: Name
    type: Text
    sport_id: Text
    start_event_date: Stamp
    participants: list[Participant]
    sport_name: Text = ""
    league_name: Text = ""
    is_live: bool = False
    is_suspended: bool = False


class Page(msgspec.Struct):
    """One answer: the markets name their events by id."""

    events: list[Event]
    markets: list[Market]


class Answer(msgspec.Struct, tag_field="provider", tag="SBTECH"):
    """Captured answers."""

    data: list[Page]
    bookmaker: Text = ""


_decoder = msgspec.json.Decoder(Answer)


def parse(payload: bytes) -> Coupon:
    """Parse captured answers; see `Bookmaker.parse`."""
    answer = read(_decoder, payload, "SBTech")
    events = {event.id: event for page in answer.data for event in page.events}
    markets: dict[str, list[Market]] = {event: [] for event in events}
    for market in (each for page in answer.data for each in page.markets):
        markets.setdefault(market.event_id, []).append(market)
    pairs = {event.id: sides for event in events.values() if (sides := _sides(event))}
    return Coupon(
        bookmaker=answer.bookmaker,
        matches=tuple(_match(events[each], sides, markets[each]) for each, sides in pairs.items()),
        left_out=tuple(LeftOut(id=each, reason="OUTRIGHT") for each in events if each not in pairs),
        strays=tuple(event for event in markets if event not in events),
    )


def _sides(event: Event) -> tuple[Participant, Participant] | None:
    roles = {participant.venue_role: participant for participant in event.participants}
    home, away = roles.get("Home"), roles.get("Away")
    return (home, away) if event.type == FIXTURE and home and away and len(event.participants) == 2 else None


def _match(event: Event, sides: tuple[Participant, Participant], markets: list[Market]) -> OfferedMatch:
    home, away = sides
    return OfferedMatch(
        id=event.id,
        starts=event.start_event_date,
        sport="soccer" if event.sport_id == FOOTBALL else event.sport_name.lower(),
        home=home.name,
        away=away.name,
        home_reference=home.id,
        away_reference=away.id,
        competition=event.league_name,
        in_play=event.is_live,
        markets=tuple(_market(market, is_open=not event.is_suspended) for market in markets),
    )


def _market(market: Market, *, is_open: bool) -> OfferedMarket:
    return OfferedMarket(
        key=market.market_type.id,
        name=market.name,
        is_open=is_open and not market.is_suspended,
        choices=tuple(
            Choice(
                code=each.outcome_type,
                name=each.name,
                odds=_odds(each) if each.status == ACTIVE and not each.is_disabled else None,
                line_milli=None if each.points is None else round(each.points * 1000),
            )
            for each in market.selections
        ),
    )


def _odds(selection: Selection) -> int:
    try:
        return round(msgspec.convert(selection.display_odds.decimal, DecimalOdds, strict=False) * 1000)
    except msgspec.ValidationError as error:
        raise ContractViolation(f"not decimal odds: {selection.display_odds.decimal!r}") from error

"""Kambi's answers: a list of events, or bet offers with the events they are of; odds and lines in thousandths, UTC.

It carries no Betradar id. What is tagged COMPETITION is an outright. A suspended outcome has no odds.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from connectors.bookmakers.capture import Name, Number, Request, Stamp, Text, read
from domain.feeds.coupon import Choice, Coupon, LeftOut, OfferedMarket, OfferedMatch

MATCH = "MATCH"
OPEN = "OPEN"
STARTED = "STARTED"
FOOTBALL = "FOOTBALL"


class Outcome(msgspec.Struct, rename="camel"):
    """One outcome; `type` says which: OT_ONE, OT_CROSS, OT_TWO, OT_OVER and others."""

    id: Number
    label: Name
    type: Name
    status: Text = OPEN
    odds: Annotated[int, Meta(ge=1000, le=1_000_000_000)] | None = None
    line: Annotated[int, Meta(ge=-10_000_000, le=10_000_000)] | None = None
    changed_date: Stamp | None = None


class Criterion(msgspec.Struct, rename="camel"):
    """What is bet on; `occurrence_type` is what is counted, where it is told."""

    id: Number
    english_label: Name
    occurrence_type: Text | None = None


class BetOffer(msgspec.Struct, rename="camel"):
    """One market of one event, at one line."""

    id: Number
    event_id: Number
    criterion: Criterion
    outcomes: list[Outcome]
    suspended: bool = False


class Participant(msgspec.Struct, rename="camel"):
    """One side of a match."""

    participant_id: Number
    home: bool = False


class Event(msgspec.Struct, rename="camel"):
    """One match or outright."""

    id: Number
    name: Name
    start: Stamp
    home_name: Text | None = None
    away_name: Text | None = None
    group: Text = ""
    sport: Text = FOOTBALL
    state: Text = "NOT_STARTED"
    tags: list[str] = []
    participants: list[Participant] = []


class Page(msgspec.Struct, rename="camel"):
    """One answer: `bet_offers` is absent in a list of events."""

    events: list[Event]
    bet_offers: list[BetOffer] | None = None


class Answer(msgspec.Struct, tag_field="provider", tag="KAMBI", rename="camel"):
    """A captured answer, or the answers to several requests for bet offers; pages repeat events."""

    data: Page | list[Page]
    request_type: Request
    bookmaker: Text = ""


_decoder = msgspec.json.Decoder(Answer)


def parse(payload: bytes) -> Coupon:
    """Parse a captured answer; see `Bookmaker.parse`."""
    answer = read(_decoder, payload, "Kambi")
    pages = answer.data if isinstance(answer.data, list) else [answer.data]
    events = {event.id: event for page in pages for event in page.events}
    offers: dict[int, list[BetOffer]] | None = None
    if answer.request_type == "BET_OFFER":
        offers = {event: [] for event in events}
        for each in (offer for page in pages for offer in page.bet_offers or ()):
            offers.setdefault(each.event_id, []).append(each)
    return Coupon(
        bookmaker=answer.bookmaker,
        matches=tuple(_match(event, offers) for event in events.values() if _is_match(event)),
        left_out=tuple(LeftOut(id=str(each.id), reason="OUTRIGHT") for each in events.values() if not _is_match(each)),
        strays=tuple(str(event) for event in offers or () if event not in events),
    )


def _is_match(event: Event) -> bool:
    return MATCH in event.tags and bool(event.home_name and event.away_name)


def _match(event: Event, offers: dict[int, list[BetOffer]] | None) -> OfferedMatch:
    sides = {side.home: str(side.participant_id) for side in event.participants}
    return OfferedMatch(
        id=str(event.id),
        starts=event.start,
        sport="soccer" if event.sport == FOOTBALL else event.sport.lower(),
        home=event.home_name,
        away=event.away_name,
        home_reference=sides.get(True),
        away_reference=sides.get(False),
        competition=event.group,
        in_play=event.state == STARTED,
        markets=None if offers is None else tuple(_market(offer) for offer in offers[event.id]),
    )


def _market(offer: BetOffer) -> OfferedMarket:
    return OfferedMarket(
        key=str(offer.criterion.id),
        name=offer.criterion.english_label,
        group=offer.criterion.occurrence_type or "",
        is_open=not offer.suspended,
        updated_at=max((each.changed_date for each in offer.outcomes if each.changed_date), default=None),
        choices=tuple(
            Choice(
                code=each.type,
                name=each.label,
                odds=each.odds if each.status == OPEN else None,
                line_milli=each.line,
            )
            for each in offer.outcomes
        ),
    )

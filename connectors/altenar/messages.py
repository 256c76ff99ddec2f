"""Altenar's answers: matches of a championship with their markets, decimal odds, times in UTC.

`ExtId` is the Betradar match id. A market's type stands before the "_" of `MarketTypeId`; after it stands its line, or
"mb" for the main one, so that the line is read from `SpecialOddsName` ("+0.25", "2.5 ").
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from connectors.bookmakers.capture import DecimalOdds, Name, Number, Stamp, Text, milli_of, read
from domain.feeds.coupon import Choice, Coupon, LeftOut, OfferedMarket, OfferedMatch

FOOTBALL = 1
OPEN = 1


class Selection(msgspec.Struct, rename="pascal"):
    """One outcome."""

    id: Number
    name: Name
    price: DecimalOdds
    selection_type_id: Number
    is_active: bool = True


class Market(msgspec.Struct, rename="pascal"):
    """One market; `special_odds_name` is its line, the home side's in a handicap."""

    id: Number
    name: Name
    market_type_id: Name
    items: list[Selection]
    special_odds_name: Text = ""
    status: int = OPEN


class Competitor(msgspec.Struct, rename="pascal"):
    """One side of a match, in the order of `order`: home is 1."""

    name: Name
    order: int


class Event(msgspec.Struct, rename="pascal"):
    """One match, or an outright where it has not two competitors; `ext_id` is empty where Betradar has none."""

    id: Number
    name: Name
    event_date: Stamp
    sport_id: Number
    items: list[Market]
    competitors: list[Competitor] = []
    sport_name: Text = ""
    champ_name: Text = ""
    ext_id: Annotated[str, Meta(max_length=20)] = ""
    is_live_event: bool = False


class Group(msgspec.Struct, rename="pascal"):
    """One sport's matches."""

    events: list[Event]


class Result(msgspec.Struct, rename="pascal"):
    """The groups of an answer."""

    items: list[Group]


class Data(msgspec.Struct, rename="pascal"):
    """What the bookmaker answered."""

    result: Result


class Answer(msgspec.Struct, tag_field="provider", tag="ALTENAR"):
    """A captured answer."""

    data: Data
    bookmaker: Text = ""


_decoder = msgspec.json.Decoder(Answer)


def parse(payload: bytes) -> Coupon:
    """Parse a captured answer; see `Bookmaker.parse`."""
    answer = read(_decoder, payload, "Altenar")
    events = [event for group in answer.data.result.items for event in group.events]
    return Coupon(
        bookmaker=answer.bookmaker,
        matches=tuple(_match(event) for event in events if len(event.competitors) == 2),
        left_out=tuple(LeftOut(id=str(event.id), reason="OUTRIGHT") for event in events if len(event.competitors) != 2),
    )


def _match(event: Event) -> OfferedMatch:
    home, away = sorted(event.competitors, key=lambda competitor: competitor.order)
    return OfferedMatch(
        id=str(event.id),
        starts=event.event_date,
        sport="soccer" if event.sport_id == FOOTBALL else event.sport_name.lower(),
        home=home.name,
        away=away.name,
        competition=event.champ_name,
        betradar_id=event.ext_id or None,
        in_play=event.is_live_event,
        markets=tuple(_market(market) for market in event.items),
    )


def _market(market: Market) -> OfferedMarket:
    return OfferedMarket(
        key=market.market_type_id.partition("_")[0],
        name=market.name,
        line_milli=milli_of(market.special_odds_name),
        is_open=market.status == OPEN,
        choices=tuple(
            Choice(
                code=str(selection.selection_type_id),
                name=selection.name,
                odds=round(selection.price * 1000) if selection.is_active else None,
            )
            for selection in market.items
        ),
    )

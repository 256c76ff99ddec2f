"""Bookmakers' own feeds as BetsAPI hands them on: bet365's records, bwin's, 1xBet's and SBOBET's events."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from connectors.betsapi.messages import SECOND, League, Minute, Seconds, Side, Whole, newest

Odds = Annotated[float, Meta(ge=0, le=1e6)]
Line = Annotated[float, Meta(ge=-1e4, le=1e4)]
Record = dict[str, str]
"""One of bet365's records: its `type` (CL class, CT competition, EV event, MA market, PA price), two-letter fields."""


class Bet365(msgspec.Struct, frozen=True):
    """Records in order: what follows an event or market belongs to it. `updated_at` is in seconds."""

    records: tuple[Record, ...]
    event_id: str | None = None
    updated_at: Seconds | None = None

    def said_at(self) -> int | None:
        """Return when the records were fetched."""
        return self.updated_at * SECOND if self.updated_at else None


class BwinResult(msgspec.Struct, frozen=True, rename="pascal"):
    """One outcome; odds of 1 are no offer."""

    id: Whole
    name: str
    odds: Odds
    visible: bool = True


class BwinMarket(msgspec.Struct, frozen=True, rename="pascal"):
    """One market; its line is in its outcomes' names ("Over 2,5")."""

    id: Whole
    name: str
    results: tuple[BwinResult, ...]
    visible: bool = True


class BwinEvent(msgspec.Struct, frozen=True, rename="pascal"):
    """One match; sport 4 is football."""

    id: Whole
    sport_id: Whole
    league_name: str
    home_team: str
    away_team: str
    date: str
    markets: tuple[BwinMarket, ...]
    is_pre_match: bool = False
    region_name: str = ""
    updated_at: Seconds | None = msgspec.field(name="updated_at", default=None)


class XbetPrice(msgspec.Struct, frozen=True, rename={"kind": "T", "group": "G", "odds": "C", "line": "P"}):
    """One outcome by the number of its type, with its line."""

    kind: Whole
    group: Whole
    odds: Odds
    line: Line | None = None


class XbetGroup(msgspec.Struct, frozen=True, rename={"group": "G", "columns": "E"}):
    """One market by the number of its group, its outcomes in columns."""

    group: Whole
    columns: tuple[tuple[XbetPrice, ...], ...]


class XbetPart(msgspec.Struct, frozen=True, rename={"period": "P", "title": "TG", "groups": "GE"}):
    """Markets of a part of the match (`period`), or special ones (`title`)."""

    groups: tuple[XbetGroup, ...] = ()
    period: Whole | None = None
    title: str = ""


class XbetValue(msgspec.Struct, frozen=True, rename={"sport": "SN", "groups": "GE", "parts": "SG"}):
    """The bookmaker's own event."""

    sport: str
    groups: tuple[XbetGroup, ...] = ()
    parts: tuple[XbetPart, ...] = ()


class XbetEvent(msgspec.Struct, frozen=True, rename={"value": "Value"}):
    """One match of 1xBet."""

    id: str
    league: League
    home: Side
    away: Side
    time: Seconds
    value: XbetValue
    updated_at: Seconds | None = None


class SbobetMarket(msgspec.Struct, frozen=True):
    """One market: its odds are (home, away), (over, under) or (home, draw, away)."""

    id: Whole
    market_id: Whole
    display: str
    odds: tuple[Odds, ...]
    handicap: Line | None = None


class SbobetEvent(msgspec.Struct, frozen=True):
    """One match of SBOBET; in play where it has a period."""

    id: str
    league: League
    home: Side
    away: Side
    time: Seconds
    markets: tuple[SbobetMarket, ...]
    home_score: Annotated[int, Meta(ge=0, le=1_000)] | None = None
    away_score: Annotated[int, Meta(ge=0, le=1_000)] | None = None
    period: str = ""
    minute: Minute | None = msgspec.field(name="min", default=None)
    updated_at: Seconds | None = None


BookmakerEvent = BwinEvent | XbetEvent | SbobetEvent
NAMES: Final = {BwinEvent: "bwin", XbetEvent: "onexbet", SbobetEvent: "sbobet", Bet365: "bet365"}


class BookmakerEvents(msgspec.Struct, frozen=True):
    """An answer with matches of one bookmaker."""

    events: tuple[BookmakerEvent, ...]

    def said_at(self) -> int | None:
        """Return when the newest match was fetched."""
        return newest(event.updated_at for event in self.events)

"""Betcenter's answers: games with their markets and tips, odds as decimal x 100, times in UTC.

`statisticsId` is the Betradar match id. A total's line is `anchor`, a three-way handicap's is `hc` ("0:1"); a tip of a
total is told by what it covers: "3+" or "0-2".
"""

import re
from typing import Annotated

import msgspec
from msgspec import Meta

from connectors.bookmakers.capture import Line, Name, Number, Stamp, Text, head_start, read
from domain.feeds.betcenter import CARDS, CORNERS, PLAYERS
from domain.feeds.coupon import Choice, Coupon, LeftOut, OfferedMarket, OfferedMatch

FOOTBALL = 1
_GROUPS = (PLAYERS, CORNERS, CARDS)
_OVER = re.compile(r"^\d+\+$")


class Tip(msgspec.Struct):
    """One outcome."""

    id: Number
    text: Name
    odds: Annotated[int, Meta(ge=100, le=100_000_000)]


class Market(msgspec.Struct, rename="camel"):
    """One market; its categories are those of the menu."""

    id: Number
    text: Name
    tips: list[Tip]
    category_ids: list[int] = []
    anchor: Line | None = None
    hc: Annotated[str, Meta(max_length=20)] = ""
    is_running_event: bool = False


class Team(msgspec.Struct):
    """One side: `order` 0 is home."""

    id: Number
    name: Name
    order: int


class League(msgspec.Struct):
    """A competition."""

    name: Text


class Game(msgspec.Struct, rename="camel"):
    """One match, or an outright where it has not two teams."""

    id: Number
    start_time: Stamp
    sport: Number
    teams: list[Team]
    markets: list[Market]
    league_info: League
    statistics_id: Number | None = None


class Data(msgspec.Struct):
    """What the bookmaker answered, without its menu."""

    games: list[Game]


class Answer(msgspec.Struct, tag_field="provider", tag="BETCENTER"):
    """A captured answer."""

    data: Data
    bookmaker: Text = ""


_decoder = msgspec.json.Decoder(Answer)


def parse(payload: bytes) -> Coupon:
    """Parse a captured answer; see `Bookmaker.parse`."""
    answer = read(_decoder, payload, "Betcenter")
    games = answer.data.games
    return Coupon(
        bookmaker=answer.bookmaker,
        matches=tuple(_match(game) for game in games if len(game.teams) == 2),
        left_out=tuple(LeftOut(id=str(game.id), reason="OUTRIGHT") for game in games if len(game.teams) != 2),
    )


def _match(game: Game) -> OfferedMatch:
    home, away = sorted(game.teams, key=lambda team: team.order)
    return OfferedMatch(
        id=str(game.id),
        starts=game.start_time,
        sport="soccer" if game.sport == FOOTBALL else f"betcenter_{game.sport}",
        home=home.name,
        away=away.name,
        home_reference=str(home.id),
        away_reference=str(away.id),
        competition=game.league_info.name,
        betradar_id=str(game.statistics_id) if game.statistics_id else None,
        in_play=any(market.is_running_event for market in game.markets),
        markets=tuple(_market(market) for market in game.markets),
    )


def _market(market: Market) -> OfferedMarket:
    return OfferedMarket(
        key=str(market.id),
        name=market.text.strip() or market.text,
        group=next((str(each) for each in market.category_ids if str(each) in _GROUPS), ""),
        line_milli=head_start(market.hc) if market.anchor is None else round(market.anchor * 1000),
        choices=tuple(
            Choice(code=_code(tip.text, of_total=market.anchor is not None), name=tip.text, odds=tip.odds * 10)
            for tip in market.tips
        ),
    )


def _code(text: str, *, of_total: bool) -> str:
    if of_total:
        return "OVER" if _OVER.match(text) else "UNDER"
    return text.strip().upper()

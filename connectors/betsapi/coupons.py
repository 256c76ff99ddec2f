"""Bookmakers' own feeds, as BetsAPI hands them on, as coupons: one shape for all four.

A handicap that counts from the score as it stands has that score, "1-0", as its market's group.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from connectors.betsapi.raws import (
    Bet365,
    BookmakerEvents,
    BwinEvent,
    BwinMarket,
    BwinResult,
    Record,
    SbobetEvent,
    SbobetMarket,
    XbetEvent,
    XbetGroup,
)
from connectors.bookmakers.capture import head_start, milli_of
from domain.errors import ContractViolation
from domain.feeds.betsapi import NO_MATCHES, fraction_of, line_of, sport_of
from domain.feeds.bwin import HANDICAPS
from domain.feeds.coupon import Choice, Coupon, LeftOut, OfferedMarket, OfferedMatch
from domain.feeds.markets import milli, sides_of

_LINE_AT_END: Final = re.compile(r"(Over|Under) ([\d.,]+)$", re.ASCII)
_RELATIVE: Final = re.compile(r"\((\d{1,2}-\d{1,2})\)$", re.ASCII)
_SCORE: Final = re.compile(r"(\d{1,2})-(\d{1,2})", re.ASCII)
_BWIN_SPORTS: Final = {4: "soccer", 5: "tennis", 7: "basketball", 12: "ice_hockey"}
_XBET_SPORTS: Final = {"Football": "soccer", "Ice Hockey": "ice_hockey"}


def coupons_of(answer: Bet365 | BookmakerEvents) -> list[Coupon]:
    """Return what an answer offers, each bookmaker's by itself.

    Raises:
        ContractViolation: odds or a line are no such.
    """
    if isinstance(answer, Bet365):
        return [_bet365(answer)]
    return [_coupon(event) for event in answer.events]


def _coupon(event: BwinEvent | XbetEvent | SbobetEvent) -> Coupon:
    if isinstance(event, BwinEvent):
        return Coupon(bookmaker="bwin", matches=(_bwin(event),))
    if isinstance(event, XbetEvent):
        return Coupon(bookmaker="onexbet", matches=(_xbet(event),))
    return Coupon(bookmaker="sbobet", matches=(_sbobet(event),))


def _bet365(answer: Bet365) -> Coupon:
    """Group records: a class names the sport, an event what follows it, a market its prices."""
    sport, competition = "", ""
    events: list[tuple[Record, str, str, list[Record]]] = []
    for record in answer.records:
        match record.get("type"):
            case "CL":
                sport = record.get("ID", "")
            case "CT":
                competition = record.get("NA", "")
            case "EV":
                events.append((record, record.get("CL") or sport, record.get("CT") or competition, []))
            case "MA" | "CO" | "PA" if events:
                events[-1][3].append(record)
            case _:
                pass
    matches: list[OfferedMatch] = []
    left_out: list[LeftOut] = []
    for event, number, named, records in events:
        sides = sides_of(event.get("NA", ""))
        if sides is None or not number.isdecimal() or int(number) in NO_MATCHES or event.get("FI", "0") == "0":
            reason = "OUTRIGHT" if number.isdecimal() and int(number) in NO_MATCHES else "SPECIAL"
            left_out.append(LeftOut(id=event.get("FI") or event.get("ID", ""), reason=reason))  # type: ignore[arg-type]
            continue
        matches.append(OfferedMatch(
            id=event["FI"], starts="", sport=sport_of(int(number)), home=sides[0].strip(), away=sides[1].strip(),
            competition=named, in_play=True, markets=tuple(_bet365_markets(records)),
        ))  # fmt: skip
    return Coupon(bookmaker="bet365", matches=tuple(matches), left_out=tuple(left_out))


def _bet365_markets(records: list[Record]) -> Iterable[OfferedMarket]:
    market: Record | None = None
    choices: list[Choice] = []
    column = ""
    for record in [*records, {"type": "MA"}]:
        if record["type"] == "CO":
            column = record.get("NA", "")
        elif record["type"] == "PA":
            choices.append(_bet365_choice(record, column))
        else:
            if market is not None and choices:
                relative = _RELATIVE.search(market.get("NA", ""))
                yield OfferedMarket(
                    key=market.get("ID", ""), name=market.get("NA", ""), choices=tuple(choices),
                    group=relative[1] if relative else "", is_open=market.get("SU") != "1",
                )  # fmt: skip
            market, choices, column = record, [], ""


def _bet365_choice(record: Record, column: str) -> Choice:
    """Read a price; a correct score in the away side's column is written that side's goals first."""
    name = record.get("NA", "").strip()
    score = _SCORE.fullmatch(name)
    if score is not None and column == "2":
        name = f"{score[2]}-{score[1]}"
    odds = fraction_of(record.get("OD")) if record.get("SU") != "1" else None
    line = record.get("HA", "").strip()
    return Choice(code=name, name=name or "-", odds=odds, line_milli=line_of(line) if line else None)


def _bwin(event: BwinEvent) -> OfferedMatch:
    return OfferedMatch(
        id=str(event.id), starts=event.date, sport=_BWIN_SPORTS.get(event.sport_id, f"bwin_{event.sport_id}"),
        home=event.home_team, away=event.away_team, competition=event.league_name, in_play=not event.is_pre_match,
        markets=tuple(_bwin_market(event, market) for market in event.markets if market.results),
    )  # fmt: skip


def _bwin_market(event: BwinEvent, market: BwinMarket) -> OfferedMarket:
    start = head_start(market.name.removeprefix("Handicap ")) if market.name.startswith("Handicap ") else None
    return OfferedMarket(
        key=str(market.id), name=market.name, line_milli=start, group="" if start is None else HANDICAPS,
        choices=tuple(_bwin_choice(event, result) for result in market.results), is_open=market.visible,
    )  # fmt: skip


def _bwin_choice(event: BwinEvent, result: BwinResult) -> Choice:
    sides = {event.home_team: "1", "X": "X", event.away_team: "2"}
    name = result.name.strip()
    total = _LINE_AT_END.fullmatch(name)
    first, joined, second = name.partition(" or ")
    code = sides.get(name, total[1] if total else name)
    if joined and first in sides and second in sides:
        code = sides[first] + sides[second]
    is_offered = result.visible and result.odds > 1
    return Choice(
        code=code, name=name or "-", odds=milli(result.odds) if is_offered else None,
        line_milli=milli_of(total[2]) if total else None,
    )  # fmt: skip


def _xbet(event: XbetEvent) -> OfferedMatch:
    """Read 1xBet's groups; those of special combinations, which have a title, keep it as their group."""
    markets = list(_xbet_markets(event.value.groups, "", ""))
    for part in event.value.parts:
        markets += _xbet_markets(part.groups, str(part.period or ""), part.title)
    return OfferedMatch(
        id=event.id, starts=_iso(event.time), sport=_XBET_SPORTS.get(event.value.sport, event.value.sport.lower()),
        home=event.home.name, away=event.away.name, home_reference=event.home.id, away_reference=event.away.id,
        competition=event.league.name, in_play=bool(event.updated_at and event.updated_at >= event.time),
        markets=tuple(markets),
    )  # fmt: skip


def _xbet_markets(groups: tuple[XbetGroup, ...], period: str, title: str) -> Iterable[OfferedMarket]:
    for group in groups:
        choices = tuple(
            Choice(
                code=str(price.kind), name=str(price.kind), odds=milli(price.odds) if price.odds > 1 else None,
                line_milli=None if price.line is None else milli(price.line),
            )
            for column in group.columns for price in column
        )  # fmt: skip
        if choices:
            yield OfferedMarket(
                key=str(group.group), name=f"Group {group.group}", choices=choices, period=period, group=title
            )


def _sbobet(event: SbobetEvent) -> OfferedMatch:
    score = "" if event.home_score is None or event.away_score is None else f"{event.home_score}-{event.away_score}"
    return OfferedMatch(
        id=event.id, starts=_iso(event.time), home=event.home.name, away=event.away.name, home_reference=event.home.id,
        away_reference=event.away.id, competition=event.league.name, in_play=event.period != "",
        markets=tuple(_sbobet_market(market, score) for market in event.markets if market.odds),
    )  # fmt: skip


def _sbobet_market(market: SbobetMarket, score: str) -> OfferedMarket:
    codes = {2: ("1", "2"), 3: ("1", "X", "2")}.get(len(market.odds))
    if codes is None:
        raise ContractViolation(f"market {market.display[:60]!r} has {len(market.odds)} odds")
    return OfferedMarket(
        key=str(market.market_id), name=market.display or "-", group=score,
        line_milli=None if market.handicap is None else milli(market.handicap),
        choices=tuple(
            Choice(code=code, name=code, odds=milli(odds) if odds > 1 else None)
            for code, odds in zip(codes, market.odds, strict=True)
        ),
    )  # fmt: skip


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()

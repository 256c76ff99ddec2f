"""Pinnacle's answers: a list of match-ups, or lines that name match-ups by their ids; American odds, UTC with offset.

It carries no Betradar id. A match has no parent; its specials, and its corners listed as a match of the same sides at
the same time, are its children.
"""

from collections import Counter
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from connectors.bookmakers.capture import Line as Points
from connectors.bookmakers.capture import Name, Number, Request, Stamp, Text, read
from connectors.unknown import count_unknown
from domain.errors import ContractViolation
from domain.feeds.coupon import Choice, Coupon, LeftOut, OfferedMarket, OfferedMatch, Reason

SOCCER = "Soccer"
MATCHUP = "matchup"
REGULAR = "Regular"
HUNDRED = 100


class Participant(msgspec.Struct):
    """One side of a match-up, or an outcome of a special."""

    name: Name
    alignment: Text


class Sport(msgspec.Struct):
    """A sport."""

    name: Name


class League(msgspec.Struct):
    """A competition; corners have one of their own."""

    name: Text
    sport: Sport


class Matchup(msgspec.Struct, rename="camel"):
    """A match, its corners, or a special; `units` says what a match-up counts: Regular, Corners, Bookings."""

    id: Number
    type: Name
    start_time: Stamp
    league: League
    participants: list[Participant]
    parent_id: Number | None = None
    units: Text | None = None
    is_live: bool = False


class Price(msgspec.Struct, rename="camel"):
    """One outcome: by its designation in a match, by its participant in a special."""

    price: Annotated[int, Meta(ge=-10_000_000, le=10_000_000)]
    designation: Text | None = None
    participant_id: Number | None = None
    points: Points | None = None


class Line(msgspec.Struct, rename="camel"):
    """One market at one line; `side` is the team of a team's total."""

    matchup_id: Number
    key: Name
    type: Name
    period: Annotated[int, Meta(ge=0, le=99)]
    cutoff_at: Stamp
    prices: list[Price]
    side: Literal["home", "away"] | None = None
    status: Text | None = None


class Answer(msgspec.Struct, tag_field="provider", tag="PINNACLE", rename="camel"):
    """A captured answer: what `data` holds, the request tells."""

    data: msgspec.Raw
    request_type: Request
    bookmaker: Text = ""


_decoder = msgspec.json.Decoder(Answer)
_list = msgspec.json.Decoder(list[Matchup])
_lines = msgspec.json.Decoder(list[Line])


def parse(payload: bytes) -> Coupon:
    """Parse a captured answer; see `Bookmaker.parse`."""
    answer = read(_decoder, payload, "Pinnacle")
    if answer.request_type == "BET_OFFER":
        lines: dict[int, list[Line]] = {}
        for line in read(_lines, bytes(answer.data), "Pinnacle"):
            lines.setdefault(line.matchup_id, []).append(line)
        return Coupon(bookmaker=answer.bookmaker, matches=tuple(_offers(each) for each in lines.values()))
    matches, others = [], []
    for matchup in read(_list, bytes(answer.data), "Pinnacle"):
        reason = _reason(matchup)
        if reason is None:
            matches.append(_match(matchup))
        else:
            parent = None if matchup.parent_id is None else str(matchup.parent_id)
            others.append(LeftOut(id=str(matchup.id), reason=reason, match_id=parent))
    return Coupon(bookmaker=answer.bookmaker, matches=tuple(matches), left_out=tuple(others))


def unknown_fields(payload: bytes) -> Counter[str]:
    """Count the undeclared fields of a captured answer, those of the bookmaker's own lists without a path before them.

    Raises:
        UndecodableInput, ContractViolation: see `Bookmaker.parse`.
    """
    answer = read(_decoder, payload, "Pinnacle")
    listed = list[Line] if answer.request_type == "BET_OFFER" else list[Matchup]
    return count_unknown(Answer, payload) + count_unknown(listed, bytes(answer.data))


def odds_of(american: int) -> int:
    """Turn American odds into decimal ones in thousandths: +150 is 2500, -200 is 1500.

    Raises:
        ContractViolation: no such odds exist between -100 and +100.
    """
    if abs(american) < HUNDRED:
        raise ContractViolation(f"not American odds: {american}")
    gain = american * 10 if american > 0 else round(HUNDRED * 1000 / -american)
    return 1000 + gain


def _reason(matchup: Matchup) -> Reason | None:
    """Say why a match-up is no match."""
    if matchup.units == "Corners":
        return "CORNERS"
    if matchup.units == "Bookings":
        return "CARDS"
    sides = {participant.alignment for participant in matchup.participants}
    if matchup.type == MATCHUP and matchup.parent_id is None and sides == {"home", "away"}:
        return None if matchup.units in {None, REGULAR} else "SPECIAL"
    return "OUTRIGHT" if matchup.parent_id is None else "SPECIAL"


def _match(matchup: Matchup) -> OfferedMatch:
    sides = {participant.alignment: participant.name for participant in matchup.participants}
    sport = matchup.league.sport.name
    return OfferedMatch(
        id=str(matchup.id),
        starts=matchup.start_time,
        sport="soccer" if sport == SOCCER else sport.lower(),
        home=sides["home"],
        away=sides["away"],
        competition=matchup.league.name,
        in_play=matchup.is_live,
    )


def _offers(lines: list[Line]) -> OfferedMatch:
    return OfferedMatch(
        id=str(lines[0].matchup_id),
        starts=min(line.cutoff_at for line in lines),
        markets=tuple(_market(line) for line in lines),
    )


def _market(line: Line) -> OfferedMarket:
    return OfferedMarket(
        key=line.type if line.side is None else f"{line.type}/{line.side}",
        name=line.key,
        period=str(line.period),
        is_open=line.status in {None, "open"},
        choices=tuple(
            Choice(
                code=each.designation or "",
                name=each.designation or str(each.participant_id or ""),
                odds=odds_of(each.price),
                line_milli=None if each.points is None else round(each.points * 1000),
            )
            for each in line.prices
        ),
    )

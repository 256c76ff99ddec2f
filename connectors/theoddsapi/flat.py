"""Flat rows: v4 odds answers as collectors write them out, one CSV row for each outcome, one snapshot of an event.

A message holds the rows of one event without the header (`header=absent`, RFC 4180); the columns are the format's own.
"""

import csv
import io
from typing import Final

import msgspec

from connectors.theoddsapi.messages import Answer, Bookmaker, Event, Market, Outcome
from domain.errors import ContractViolation, UndecodableInput

CONTENT_TYPE: Final = "text/csv; header=absent"

COLUMNS: Final = (
    "event_id", "sport_key", "sport_title", "commence_time", "home_team", "away_team", "snapshot_time", "market_type",
    "bookmaker_key", "bookmaker_title", "last_update", "market", "outcome_name", "price", "point", "implied_prob",
)  # fmt: skip
HEADER: Final = ",".join(COLUMNS).encode()


class FlatRow(msgspec.Struct):
    """One outcome of one bookmaker; prices and points are numbers as text."""

    event_id: str
    sport_key: str
    sport_title: str
    commence_time: str
    home_team: str
    away_team: str
    snapshot_time: str
    market_type: str
    bookmaker_key: str
    bookmaker_title: str
    last_update: str
    market: str
    outcome_name: str
    price: str
    point: str
    implied_prob: str


def rows(payload: bytes) -> list[FlatRow]:
    """Split rows without a header.

    Raises:
        UndecodableInput: the bytes are not UTF-8 or not CSV.
        ContractViolation: a row has not the format's columns.
    """
    try:
        cells = [row for row in csv.reader(io.StringIO(payload.decode()), strict=True) if row]
    except (ValueError, csv.Error) as error:
        raise UndecodableInput(f"not CSV: {error}") from error
    for number, row in enumerate(cells, 1):
        if len(row) != len(COLUMNS):
            raise ContractViolation(f"row {number} has {len(row)} of {len(COLUMNS)} columns")
    return [FlatRow(*row) for row in cells]


def parse(payload: bytes) -> Answer:
    """Parse flat rows into the events that the odds endpoint would have answered.

    Raises:
        UndecodableInput: the bytes are not CSV.
        ContractViolation: a row breaks the format.
    """
    grouped: dict[str, list[FlatRow]] = {}
    for row in rows(payload):
        grouped.setdefault(row.event_id, []).append(row)
    try:
        return Answer(events=tuple(_event(each) for each in grouped.values()))
    except msgspec.ValidationError as error:
        raise ContractViolation(f"not a row of The Odds API's outcomes: {error}") from error


def _event(rows: list[FlatRow]) -> Event:
    first = rows[0]
    makers: dict[str, list[FlatRow]] = {}
    for row in rows:
        makers.setdefault(row.bookmaker_key, []).append(row)
    return msgspec.convert(
        {
            "id": first.event_id,
            "sport_key": first.sport_key,
            "sport_title": first.sport_title,
            "commence_time": first.commence_time,
            "home_team": first.home_team,
            "away_team": first.away_team,
            "bookmakers": [_bookmaker(each) for each in makers.values()],
        },
        Event,
        strict=False,
    )


def _bookmaker(rows: list[FlatRow]) -> Bookmaker:
    markets: dict[str, list[FlatRow]] = {}
    for row in rows:
        markets.setdefault(row.market, []).append(row)
    return Bookmaker(
        key=rows[0].bookmaker_key,
        title=rows[0].bookmaker_title,
        last_update=max(row.last_update for row in rows),
        markets=[
            Market(key=key, last_update=max(row.last_update for row in each), outcomes=[_outcome(row) for row in each])
            for key, each in markets.items()
        ],
    )


def _outcome(row: FlatRow) -> Outcome:
    # "nan" and "inf" are numbers to Python; the bounds of Outcome refuse them.
    fields = {"name": row.outcome_name, "price": row.price, "point": row.point or None}
    return msgspec.convert(fields, Outcome, strict=False)

"""A row of football-data.co.uk: one match with its result, its statistics and its odds.

Blank cells are values that the site does not have. What one cell has wrong is a fault of the row; the rest is taken.
"""

import re
from datetime import datetime
from typing import Final

import msgspec

from connectors.tables import milli_of, odds_of, parse_rows, table_payload, whole_of
from domain.errors import ContractViolation
from domain.events.feeds import RawMessage
from domain.feeds.calendar import DAY_US, HOUR_US, micros, uk_micros
from domain.feeds.footballdata import COUNTS, LineColumn, Moment, PriceColumn, line_column, price_column
from domain.feeds.markets import MOST_GOALS

NAME: Final = "football-data.co.uk"
HEADER: Final = frozenset(["Date", "HomeTeam", "AwayTeam", "FTHG", "FTAG"])
LASTS_US: Final = 2 * HOUR_US
_WORDS: Final = frozenset(["Div", "Date", "Time", "HomeTeam", "AwayTeam", "Referee"])
_GOALS: Final = frozenset(["FTHG", "FTAG", "FTR", "HTHG", "HTAG", "HTR"])
_DAY: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})|(\d{4})-(\d{2})-(\d{2})")
_TIME: Final = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")


class Quote(msgspec.Struct, frozen=True):
    """One price: its column's meaning, its odds and its line in thousandths."""

    column: PriceColumn
    odds: int
    line_milli: int | None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One match. `kick_off_at` is the match day's midnight UTC where `has_time` is false; goals are (home, away)."""

    division: str
    kick_off_at: int
    has_time: bool
    home: str
    away: str
    referee: str
    full_time: tuple[int, int] | None
    half_time: tuple[int, int] | None
    counts: dict[str, int]
    quotes: tuple[Quote, ...]
    unknown: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def over_at(self) -> int:
        """Return when the match was over at the latest: two hours after its kick-off, or with its day."""
        return self.kick_off_at + (LASTS_US if self.has_time else DAY_US)


def parse_message(message: RawMessage) -> Row:
    """Parse a message of this provider.

    Raises:
        UndecodableInput, ContractViolation: see `parse`; or the content type is another.
    """
    return parse(table_payload(message, NAME))


def parse(payload: bytes) -> Row:
    """Parse a header and one row.

    Raises:
        UndecodableInput: the bytes are not CSV.
        ContractViolation: there is not exactly one match: two sides on a day.
    """
    rows = parse_rows(payload)
    if len(rows) != 1:
        raise ContractViolation(f"{len(rows)} rows in a message of one match")
    cells = {name: text for name, text in rows[0].items() if text}
    home, away = _side(cells, "HomeTeam"), _side(cells, "AwayTeam")
    if home == away:
        raise ContractViolation("home and away are the same team")
    kick_off_at = _kick_off(cells.get("Date", ""), cells.get("Time"))
    faults: list[str] = []
    return Row(
        division=cells.get("Div", ""),
        kick_off_at=kick_off_at,
        has_time="Time" in cells,
        home=home,
        away=away,
        referee=cells.get("Referee", ""),
        full_time=_goals(cells, "FT", faults),
        half_time=_goals(cells, "HT", faults),
        counts=_counts(cells, faults),
        quotes=_quotes(cells, faults),
        unknown=tuple(name for name in rows[0] if not _is_known(name)),
        faults=tuple(faults),
    )


def _side(cells: dict[str, str], column: str) -> str:
    name = cells.get(column, "")
    if not name or len(name) > 256:
        raise ContractViolation(f"{column} names no team")
    return name


def _kick_off(day: str, time: str | None) -> int:
    match, clock = _DAY.fullmatch(day), _TIME.fullmatch(time) if time else None
    if match is None or (time and clock is None):
        raise ContractViolation(f"not a day and time: {day[:40]!r} {(time or '')[:40]!r}")
    d, m, y, iso_y, iso_m, iso_d = match.groups()
    year = int(iso_y or y)
    if year < 100:
        year += 1900 if year >= 90 else 2000
    try:
        date = datetime(year, int(iso_m or m), int(iso_d or d))  # noqa: DTZ001 - by the clocks of the UK
        if clock is None:
            return micros(date)
        return uk_micros(date.replace(hour=int(clock[1]), minute=int(clock[2])))
    except ValueError as error:
        raise ContractViolation(f"no such day or time: {day!r} {time!r}") from error


def _goals(cells: dict[str, str], part: str, faults: list[str]) -> tuple[int, int] | None:
    texts = (cells.get(f"{part}HG"), cells.get(f"{part}AG"))
    if texts == (None, None):
        return None
    try:
        home, away = (whole_of(text or "", f"goals {part}", MOST_GOALS) for text in texts)
    except ContractViolation as error:
        faults.append(str(error))
        return None
    said = cells.get(f"{part}R")
    if said is not None and said != ("H" if home > away else "A" if away > home else "D"):
        faults.append(f"{part}R says {said[:10]!r} of {home}-{away}")
        return None
    return home, away


def _counts(cells: dict[str, str], faults: list[str]) -> dict[str, int]:
    counts = {}
    for column, name in COUNTS.items():
        if column in cells:
            try:
                counts[name] = whole_of(cells[column], column)
            except ContractViolation as error:
                faults.append(str(error))
    return counts


def _quotes(cells: dict[str, str], faults: list[str]) -> tuple[Quote, ...]:
    lines: dict[tuple[Moment, str | None], int] = {}
    for name, text in cells.items():
        column = _line_column(name)
        if column is not None:
            try:
                lines[column.moment, column.bookmaker] = milli_of(text, name)
            except ContractViolation as error:
                faults.append(str(error))
    quotes = []
    for name, text in cells.items():
        price = _price_column(name)
        if price is None:
            continue
        try:
            quotes.append(_quote(name, text, price, lines))
        except ContractViolation as error:
            faults.append(str(error))
    return tuple(quotes)


def _quote(name: str, text: str, price: PriceColumn, lines: dict[tuple[Moment, str | None], int]) -> Quote:
    odds = odds_of(text, name)
    line = price.line_milli
    if price.kind.by_line and line is None:
        line = lines.get((price.moment, price.bookmaker), lines.get((price.moment, None)))
        if line is None:
            raise ContractViolation(f"{name} has no handicap")
    return Quote(price, odds, line)


def _price_column(name: str) -> PriceColumn | None:
    return None if name in COUNTS or name in _GOALS or name in _WORDS else price_column(name)


def _line_column(name: str) -> LineColumn | None:
    return None if name in COUNTS else line_column(name)


def _is_known(name: str) -> bool:
    if name in _WORDS or name in _GOALS or name in COUNTS:
        return True
    return price_column(name) is not None or line_column(name) is not None

"""The rows of one match in Betfair's season tables: a runner a row.

Blank cells are values that the exchange did not have. What one cell has wrong is a fault of the match; the rest is
taken. Market ids lack the "1." that they have elsewhere, "-0" is 0, and a score may be reckoned from a capped margin:
one that is no whole number is none.
"""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from connectors.tables import milli_of, odds_of, parse_rows, table_payload, whole_of
from connectors.times import micros_of
from domain.errors import ContractViolation
from domain.events.feeds import RawMessage
from domain.feeds.betfairhub import PriceColumn, price_column, sides_in
from domain.feeds.calendar import DAY_US, HOUR_US
from domain.feeds.markets import MOST_GOALS

NAME: Final = "Betfair's season tables"
GROUP: Final = "EVENT_ID"
HEADER: Final = frozenset(["EVENT_DATE", "PATH", "EVENT_ID", "MARKET_ID", "MARKET_NAME", "SELECTION_ID", "RUNNER_NAME"])
MOST_MINOR: Final = 10**15
_STATUSES: Final = {"WINNER", "LOSER", "REMOVED", "PLACED"}
_KNOWN: Final = HEADER | {
    "MARKET_TYPE", "HANDICAP", "RUNNER_STATUS", "IS_WINNER", "TOTAL_GOALS", "HOME_TEAM", "AWAY_TEAM", "HOME_MARGIN",
    "HOME_SCORE", "AWAY_SCORE", "HALF_TIME", "TOTAL_MATCHED_VOLUME", "LAST_PREPLAY_PRICE",
}  # fmt: skip

Status = Literal["WINNER", "LOSER", "REMOVED", "PLACED"]


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """A runner's best prices in thousandths and what was matched in minor units, at one moment."""

    back: int | None = None
    lay: int | None = None
    volume: int | None = None

    @property
    def is_offered(self) -> bool:
        """Say whether there is a price to take on either side."""
        return self.back is not None or self.lay is not None


class Runner(msgspec.Struct, frozen=True, kw_only=True):
    """A runner of a market, by moment: (its name, minutes before kick-off)."""

    market: str
    market_name: str
    id: int
    name: str
    handicap_milli: int | None
    status: Status | None
    prices: dict[tuple[str, int], Prices]
    last_traded: int | None
    matched: int | None


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """One match. `day_at` is the midnight that begins its day; `score` is (home, away)."""

    id: str
    competition: str
    home: str
    away: str
    day_at: int
    half_time_at: int | None
    score: tuple[int, int] | None
    total_goals: int | None
    runners: tuple[Runner, ...]
    unknown: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def over_at(self) -> int:
        """Return when the match was over at the latest: with its day, and two hours after its half-time."""
        return max(self.day_at + DAY_US, (self.half_time_at or 0) + 2 * HOUR_US)


def parse_message(message: RawMessage) -> Match:
    """Parse a message of this provider.

    Raises:
        UndecodableInput, ContractViolation: see `parse`; or the content type is another.
    """
    return parse(table_payload(message, NAME))


def parse(payload: bytes) -> Match:
    """Parse a header and the rows of one match.

    Raises:
        UndecodableInput: the bytes are not CSV.
        ContractViolation: they are not of one match: an id, two sides, a day.
    """
    rows = parse_rows(payload)
    first = rows[0]
    if not first.keys() >= HEADER:
        raise ContractViolation(f"columns are missing: {', '.join(sorted(HEADER - first.keys()))}")
    if any(row.get(name) != first.get(name) for row in rows for name in ("EVENT_ID", "PATH", "EVENT_DATE")):
        raise ContractViolation("rows of several matches in a message of one")
    event = first.get("EVENT_ID", "")
    if not (event.isascii() and event.isdecimal() and len(event) <= 18):
        raise ContractViolation(f"no id of an event: {event[:40]!r}")
    path = first.get("PATH", "")
    home, away = _sides(path, first)
    faults: dict[str, None] = {}
    runners = [runner for row in rows if (runner := _runner(row, faults)) is not None]
    return Match(
        id=event,
        competition=path.split("/")[1] if path.count("/") else "",
        home=home,
        away=away,
        day_at=_time(first.get("EVENT_DATE", "")),
        half_time_at=_half_time(first, faults),
        score=_score(first, faults),
        total_goals=_count(first, "TOTAL_GOALS", faults),
        runners=tuple(runners),
        unknown=tuple(name for name in first if name not in _KNOWN and price_column(name) is None),
        faults=tuple(faults),
    )


def _sides(path: str, row: Mapping[str, str]) -> tuple[str, str]:
    """Read the two sides of the path, which has them where columns lack them; else of their columns."""
    home, away = sides_in(path) or (row.get("HOME_TEAM", ""), row.get("AWAY_TEAM", ""))
    if not home or not away or home == away or max(len(home), len(away)) > 256:
        raise ContractViolation(f"no two sides in {path[-80:]!r}")
    return home, away


def _time(text: str) -> int:
    """Read a time in any of the three forms: a T or a blank, a Z or +0000, with or without a blank before it."""
    return micros_of(text.replace(" Z", "Z").replace(" +0000", "Z"))


def _half_time(row: Mapping[str, str], faults: dict[str, None]) -> int | None:
    try:
        return _time(row["HALF_TIME"]) if row.get("HALF_TIME") else None
    except ContractViolation as error:
        faults[str(error)] = None
        return None


def _score(row: Mapping[str, str], faults: dict[str, None]) -> tuple[int, int] | None:
    home, away = _count(row, "HOME_SCORE", faults), _count(row, "AWAY_SCORE", faults)
    return None if home is None or away is None else (home, away)


def _count(row: Mapping[str, str], column: str, faults: dict[str, None]) -> int | None:
    text = row.get(column, "")
    if not text:
        return None
    try:
        return whole_of(text.removeprefix("-") if text == "-0" else text, column, MOST_GOALS)
    except ContractViolation as error:
        faults[str(error)] = None
        return None


def _runner(row: Mapping[str, str], faults: dict[str, None]) -> Runner | None:
    prices: dict[tuple[str, int], Prices] = {}
    try:
        runner_id = whole_of(row["SELECTION_ID"], "SELECTION_ID", 10**9)
        if not row["MARKET_NAME"] or not row["RUNNER_NAME"] or max(map(len, row.values())) > 1_000:
            raise ContractViolation("a market or a runner without a name")  # noqa: TRY301
        handicap = milli_of(row["HANDICAP"], "HANDICAP") if row.get("HANDICAP") else None
    except ContractViolation as error:
        faults[str(error)] = None
        return None
    for name, text in row.items():
        column = price_column(name)
        if column is not None and text:
            key = (column.moment, column.minutes_before)
            prices[key] = _with(prices.get(key, Prices()), column, name, text, faults)
    status = row.get("RUNNER_STATUS", "")
    if status and status not in _STATUSES:
        faults[f"an unknown status: {status[:40]!r}"] = None
    return Runner(
        market=row["MARKET_ID"],
        market_name=row["MARKET_NAME"],
        id=runner_id,
        name=row["RUNNER_NAME"],
        handicap_milli=handicap,
        status=status if status in _STATUSES else None,  # type: ignore[arg-type]  # one of its words
        prices=prices,
        last_traded=_number(row, "LAST_PREPLAY_PRICE", faults),
        matched=_number(row, "TOTAL_MATCHED_VOLUME", faults, is_volume=True),
    )


def _with(prices: Prices, column: PriceColumn, name: str, text: str, faults: dict[str, None]) -> Prices:
    number = _number({name: text}, name, faults, is_volume=column.part == "VOLUME")
    return msgspec.structs.replace(prices, **{column.part.lower(): number})


def _number(row: Mapping[str, str], name: str, faults: dict[str, None], *, is_volume: bool = False) -> int | None:
    text = row.get(name, "")
    if not text:
        return None
    try:
        return _minor(text, name) if is_volume else odds_of(text, name)
    except ContractViolation as error:
        faults[str(error)] = None
        return None


def _minor(text: str, what: str) -> int:
    """Read an amount as minor units."""
    try:
        amount = round(float(text) * 100)
    except (ValueError, OverflowError) as error:
        raise ContractViolation(f"{what} is no amount: {text[:40]!r}") from error
    if not 0 <= amount < MOST_MINOR:
        raise ContractViolation(f"{what} is out of all bounds: {text[:40]!r}")
    return amount

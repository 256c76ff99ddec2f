"""A row of a point-by-point table of a year: who played, the points, and the score as its winner has it."""

import re
from datetime import datetime
from typing import Final

import msgspec

from connectors.tables import parse_rows, table_payload
from connectors.tennispbp import slam
from domain.errors import ContractViolation
from domain.events.feeds import RawMessage
from domain.feeds.calendar import DAY_US, micros
from domain.feeds.tennispbp import Game, play, sets_of

NAME: Final = "point-by-point tables"
HEADER: Final = frozenset(["pbp_id", "date", "tny_name", "server1", "server2", "winner", "pbp", "score"])
_KNOWN: Final = HEADER | {"tour", "draw", "adf_flag", "wh_minutes"}
MOST_MINUTES: Final = 700
"""The longest match took 665."""
LEAST_MINUTES: Final = 10
MOST_SETS: Final = 5
_ID: Final = re.compile(r"\d{1,18}")
_SET: Final = re.compile(r"(\d{1,2})-(\d{1,2})(?:\(\d{1,3}\))?")
_MINUTES: Final = re.compile(r"-?\d{1,6}")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One match. `players` are in the order of their first service; `winner` is 0 or 1.

    `minutes` is None where the row's length of the match cannot be: tables have negative ones.
    Where it does not tell aces and double faults, they are points like others.
    """

    id: str
    day_at: int
    tournament: str
    players: tuple[str, str]
    winner: int
    games: tuple[Game, ...]
    minutes: int | None
    tells_aces: bool
    unknown: tuple[str, ...]

    @property
    def over_at(self) -> int:
        """Return when the match was over at the latest: with its day."""
        return self.day_at + DAY_US


Told = Row | slam.Players | slam.Match


def parse_message(message: RawMessage) -> Told:
    """Parse a message of any of this provider's tables.

    Raises:
        UndecodableInput, ContractViolation: see `parse`; or the content type is another.
    """
    return told(table_payload(message, NAME))


def told(payload: bytes) -> Told:
    """Parse a header and the rows of one match, of whichever table they are.

    Raises:
        UndecodableInput: the bytes are not CSV.
        ContractViolation: see the table's own function.
    """
    rows = parse_rows(payload)
    if rows[0].keys() >= slam.POINTS_HEADER:
        return slam.match_of(rows)
    return slam.players_of(rows) if rows[0].keys() >= slam.PLAYERS_HEADER else _row(rows)


def parse(payload: bytes) -> Row:
    """Parse a header and one row.

    Raises:
        UndecodableInput: the bytes are not CSV.
        ContractViolation: there is not exactly one match, or its points do not make its score.
    """
    return _row(parse_rows(payload))


def _row(rows: list[dict[str, str]]) -> Row:
    if len(rows) != 1:
        raise ContractViolation(f"{len(rows)} rows in a message of one match")
    (row,) = rows
    if not row.keys() >= HEADER:
        raise ContractViolation(f"columns are missing: {', '.join(sorted(HEADER - row.keys()))}")
    if not (_ID.fullmatch(row["pbp_id"]) and row["pbp_id"].isascii()):
        raise ContractViolation(f"no id of a match: {row['pbp_id'][:40]!r}")
    players = row["server1"], row["server2"]
    if not all(players) or players[0] == players[1] or max(map(len, players)) > 256:
        raise ContractViolation("no two players")
    if row["winner"] not in {"1", "2"}:
        raise ContractViolation(f"no winner: {row['winner'][:40]!r}")
    winner, games = int(row["winner"]) - 1, play(row["pbp"])
    _check_score(row["score"], winner, games)
    return Row(
        id=row["pbp_id"],
        day_at=_day(row["date"]),
        tournament=row["tny_name"],
        players=players,
        winner=winner,
        games=games,
        minutes=_minutes(row.get("wh_minutes", "")),
        tells_aces=row.get("adf_flag") != "0",
        unknown=tuple(name for name in row if name not in _KNOWN),
    )


def _day(text: str) -> int:
    try:
        return micros(datetime.strptime(text, "%d %b %y"))  # noqa: DTZ007 - a day, taken as UTC's
    except ValueError as error:
        raise ContractViolation(f"not a day: {text[:40]!r}") from error


def _check_score(text: str, winner: int, games: tuple[Game, ...]) -> None:
    """Refuse points that do not make the score; the winner's games come first in it."""
    wanted = []
    for part in text.split():
        match = _SET.fullmatch(part)
        if match is None:
            raise ContractViolation(f"not a score: {text[:80]!r}")
        wanted.append((int(match[1]), int(match[2])))
    if len(wanted) > MOST_SETS:
        raise ContractViolation(f"{len(wanted)} sets")
    played = sets_of(games)
    of_winner = played if winner == 0 else [(second, first) for first, second in played]
    if wanted != of_winner:
        told = " ".join(f"{first}-{second}" for first, second in of_winner)
        raise ContractViolation(f"the points make {told[:80]!r}, not {text[:80]!r}")
    if sum(first > second for first, second in wanted) * 2 <= len(wanted):
        raise ContractViolation(f"the winner did not win {text[:80]!r}")


def _minutes(text: str) -> int | None:
    if text and not _MINUTES.fullmatch(text):
        raise ContractViolation(f"no length of a match: {text[:40]!r}")
    minutes = int(text) if text else 0
    return minutes if LEAST_MINUTES <= minutes <= MOST_MINUTES else None

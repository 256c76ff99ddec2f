"""Point-by-point tables of the majors: one tells each match's players, the other a row for each point.

A match's id, 2013-wimbledon-1101, is all that they have in common. Neither says the day, and who won is found from the
sets: of a match that somebody retired from they do not say it.
"""

import re
from datetime import UTC, datetime
from typing import Final

import msgspec

from connectors.tables import whole_of
from domain.errors import ContractViolation
from domain.feeds.calendar import micros
from domain.feeds.tennispbp import MOST_POINTS, Game, Point, game_of

PLAYERS_HEADER: Final = frozenset(["match_id", "year", "slam", "match_num", "player1", "player2"])
POINTS_HEADER: Final = frozenset([
    "match_id", "ElapsedTime", "SetNo", "GameNo", "P1GamesWon", "P2GamesWon", "SetWinner", "GameWinner", "PointNumber",
    "PointWinner", "PointServer", "P1Ace", "P2Ace", "P1DoubleFault", "P2DoubleFault",
])  # fmt: skip
GROUP: Final = "match_id"
_ID: Final = re.compile(r"(?P<year>(?:19|20)\d\d)-(?P<slam>[a-z]{2,20})-(?P<number>[A-Z0-9]{1,8})", re.ASCII)
_ELAPSED: Final = re.compile(r"(\d{1,2}):([0-5]\d):([0-5]\d)", re.ASCII)
_TO_WIN: Final = {"1": 3, "2": 2, "MS": 3, "WS": 2}
"""Sets that win a match by how its number begins: the men's singles, the women's."""
SECOND: Final = 1_000_000


class Players(msgspec.Struct, frozen=True, kw_only=True):
    """Who plays a match; `year_at` is the midnight UTC that begins its year."""

    id: str
    year_at: int
    tournament: str
    players: tuple[str, str]


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """A match's games that have a winner; `ends_us` is when each ended after the match began.

    `winner` is None where no player won the sets that it takes: the match was given up, or was not told to its end.
    """

    id: str
    year_at: int
    games: tuple[Game, ...]
    ends_us: tuple[int, ...]
    winner: int | None

    @property
    def over_at(self) -> int:
        """Return when the last game ended, counted from the beginning of the year: more is not known."""
        return self.year_at + self.ends_us[-1]


def players_of(rows: list[dict[str, str]]) -> Players:
    """Read the row of a match.

    Raises:
        ContractViolation: there is not exactly one match between two players.
    """
    if len(rows) != 1:
        raise ContractViolation(f"{len(rows)} rows in a message of one match")
    (row,) = rows
    name = _named(row["match_id"])
    players = row["player1"], row["player2"]
    if not all(players) or players[0] == players[1] or max(map(len, players)) > 256:
        raise ContractViolation("no two players")
    return Players(
        id=row["match_id"], year_at=_year_at(name), tournament=f"{name['slam']} {name['year']}",
        players=players,
    )  # fmt: skip


def match_of(rows: list[dict[str, str]]) -> Match:
    """Read the points of a match, and play its games.

    Raises:
        ContractViolation: points are missing or are of several matches, or a game is not its points'.
    """
    match_id = rows[0]["match_id"]
    name = _named(match_id)
    if len(rows) > MOST_POINTS:
        raise ContractViolation(f"more than {MOST_POINTS} points")
    games: list[Game] = []
    ends: list[int] = []
    points: list[Point] = []
    for number, row in enumerate(rows, 1):
        if row["match_id"] != match_id or whole_of(row["PointNumber"], "PointNumber") != number:
            raise ContractViolation(f"row {number} is no point {number} of {match_id}")
        points.append(_point(row))
        winner = whole_of(row["GameWinner"], "GameWinner", 2)
        ends_set = whole_of(row["SetWinner"], "SetWinner", 2) != 0
        if winner == 0 and not ends_set:
            continue
        games.append(game_of(points, whole_of(row["SetNo"], "SetNo", 5), ends_set=ends_set))
        ends.append(_elapsed(row["ElapsedTime"], ends))
        _check(row, games)
        points = []
    if not games:
        raise ContractViolation("a match without a game")
    return Match(
        id=match_id, year_at=_year_at(name), games=tuple(games), ends_us=tuple(ends),
        winner=_winner(name["number"], games),
    )  # fmt: skip


def _year_at(name: re.Match[str]) -> int:
    """Return the beginning of the year of a match's id."""
    return micros(datetime(int(name["year"]), 1, 1, tzinfo=UTC))


def _named(match_id: str) -> re.Match[str]:
    name = _ID.fullmatch(match_id)
    if name is None:
        raise ContractViolation(f"no id of a match: {match_id[:40]!r}")
    return name


def _point(row: dict[str, str]) -> Point:
    server, winner = whole_of(row["PointServer"], "PointServer", 2), whole_of(row["PointWinner"], "PointWinner", 2)
    if not server or not winner:
        raise ContractViolation("a point without a server or a winner")
    return Point(
        server=server - 1,
        winner=winner - 1,
        is_ace=row[f"P{server}Ace"] == "1",
        is_double_fault=row[f"P{server}DoubleFault"] == "1",
    )


def _elapsed(text: str, before: list[int]) -> int:
    parts = _ELAPSED.fullmatch(text)
    if parts is None:
        raise ContractViolation(f"no time: {text[:40]!r}")
    elapsed = (int(parts[1]) * 3_600 + int(parts[2]) * 60 + int(parts[3])) * SECOND
    return max(elapsed, before[-1]) if before else elapsed


def _check(row: dict[str, str], games: list[Game]) -> None:
    """Refuse a game whose winner, or whose set's winner or count, is not what the points make it."""
    game = games[-1]
    of_set = [each.winner for each in games if each.set_number == game.set_number]
    told = [whole_of(row[f"P{side}GamesWon"], "games", 999) for side in (1, 2)]
    if whole_of(row["GameWinner"], "GameWinner", 2) - 1 != game.winner or told != [of_set.count(0), of_set.count(1)]:
        raise ContractViolation(f"game {len(of_set)} of set {game.set_number} is not what its points make it")
    if game.ends_set and whole_of(row["SetWinner"], "SetWinner", 2) - 1 != int(told[1] > told[0]):
        raise ContractViolation(f"set {game.set_number} is not what its games make it")


def _winner(number: str, games: list[Game]) -> int | None:
    wanted = _TO_WIN.get(number[:2]) or _TO_WIN.get(number[:1])
    sets: dict[int, list[int]] = {}
    for game in games:
        sets.setdefault(game.set_number, [0, 0])[game.winner] += 1
    ended = {game.set_number for game in games if game.ends_set}
    won = [int(second > first) for each, (first, second) in sets.items() if each in ended]
    return next((player for player in (0, 1) if won.count(player) == wanted), None)

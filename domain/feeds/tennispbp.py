"""A tennis match played again from its points.

Each point is a letter: S the server won it, R the returner, A an ace, D a double fault. `;` ends a game, `.` a set, `/`
changes the server within a tie-break; the first game is served by the first player, and the games in turn.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from domain.errors import ContractViolation

MOST_POINTS: Final = 2_000
"""The longest match had 980 points."""
NOMINAL_POINT_US: Final = 40_000_000
"""What a point takes with the pause after it, where a match's length is not known."""
_OF_SERVER: Final = frozenset("SA")
_POINTS: Final = frozenset("SRAD")


class Game(msgspec.Struct, frozen=True, kw_only=True):
    """One game; pairs are of (the first player, the second), players are 0 and 1. `ends_set` says that it did."""

    set_number: int
    server: int
    winner: int
    points: tuple[int, int]
    aces: tuple[int, int]
    double_faults: tuple[int, int]
    is_tie_break: bool
    ends_set: bool

    @property
    def is_break(self) -> bool:
        """Say whether the returner won it; a tie-break has no returner."""
        return self.winner != self.server and not self.is_tie_break


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One point; players are 0 and 1."""

    server: int
    winner: int
    is_ace: bool
    is_double_fault: bool


def play(text: str) -> tuple[Game, ...]:
    """Play a match again; the full stop after the last set may be left out.

    Raises:
        ContractViolation: something is no point, a game has no winner, or there are too many points.
    """
    if len(text) > 2 * MOST_POINTS:
        raise ContractViolation(f"more than {MOST_POINTS} points")
    games: list[Game] = []
    for set_number, of_set in enumerate(text.removesuffix(".").split("."), 1):
        parts = of_set.split(";")
        for index, part in enumerate(parts, 1):
            server = len(games) % 2
            games.append(_game(part, set_number, server, ends_set=index == len(parts)))
    return tuple(games)


def game_of(points: Sequence[Point], set_number: int, *, ends_set: bool) -> Game:
    """Play one game; within a tie-break the server changes.

    Raises:
        ContractViolation: it has no winner.
    """
    won, aces, faults = [0, 0], [0, 0], [0, 0]
    for point in points:
        won[point.winner] += 1
        aces[point.server] += point.is_ace
        faults[point.server] += point.is_double_fault
    if won[0] == won[1]:
        raise ContractViolation(f"a game without a winner in set {set_number}")
    return Game(
        set_number=set_number, server=points[0].server, winner=int(won[1] > won[0]), points=(won[0], won[1]),
        aces=(aces[0], aces[1]), double_faults=(faults[0], faults[1]),
        is_tie_break=any(point.server != points[0].server for point in points), ends_set=ends_set,
    )  # fmt: skip


def _game(text: str, set_number: int, server: int, *, ends_set: bool) -> Game:
    points, serving = [], server
    for letter in text:
        if letter == "/":
            serving = 1 - serving
            continue
        if letter not in _POINTS:
            raise ContractViolation(f"no point of tennis: {letter!r}")
        winner = serving if letter in _OF_SERVER else 1 - serving
        points.append(Point(server=serving, winner=winner, is_ace=letter == "A", is_double_fault=letter == "D"))
    game = game_of(points, set_number, ends_set=ends_set)
    return msgspec.structs.replace(game, server=server, is_tie_break="/" in text)


def sets_of(games: Iterable[Game]) -> list[tuple[int, int]]:
    """Return the games that each player won in each set."""
    sets: dict[int, list[int]] = {}
    for game in games:
        sets.setdefault(game.set_number, [0, 0])[game.winner] += 1
    return [(won[0], won[1]) for won in sets.values()]


def total(pairs: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Add pairs up."""
    listed = list(pairs)
    return sum(first for first, _ in listed), sum(second for _, second in listed)

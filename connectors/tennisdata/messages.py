"""A row of tennis-data.co.uk: one match, told as its winner and its loser.

Blank cells and N/A are values that the site does not have. What one cell has wrong is a fault of the row; the rest is
taken.
"""

from datetime import datetime
from typing import Final

import msgspec

from connectors.tables import odds_of, parse_rows, table_payload, whole_of
from domain.errors import ContractViolation
from domain.events.feeds import RawMessage
from domain.feeds.calendar import DAY_US, micros
from domain.feeds.tennisdata import ENDINGS, Ending, price_column

NAME: Final = "tennis-data.co.uk"
HEADER: Final = frozenset(["Tournament", "Date", "Winner", "Loser", "Comment"])
MOST_GAMES: Final = 99
"""More games than any set had: the longest ended 70-68."""
SETS: Final = range(1, 6)
_FIGURES: Final = {"Rank": "ranking_place", "Pts": "ranking_points"}
_WORDS: Final = frozenset([
    "ATP", "WTA", "Tier", "Location", "Tournament", "Date", "Series", "Court", "Surface", "Round", "Best of", "Winner",
    "Loser", "Wsets", "Lsets", "Comment",
])  # fmt: skip
_PAIRS: Final = frozenset(
    [f"{side}{name}" for side in "WL" for name in _FIGURES] + [f"{side}{n}" for side in "WL" for n in SETS]
)
_DAYS: Final = ("%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y")


class Quote(msgspec.Struct, frozen=True):
    """One bookmaker's closing odds of one player, in thousandths."""

    bookmaker: str
    of_winner: bool
    odds: int


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One match; pairs are (winner's, loser's). `day_at` is the midnight UTC that begins its day.

    `ending` is None where the row does not say it, or in an unknown word.
    """

    tournament: str
    day_at: int
    winner: str
    loser: str
    ending: Ending | None
    sets: tuple[int, int] | None
    games: dict[int, tuple[int, int]]
    winner_figures: dict[str, int]
    loser_figures: dict[str, int]
    quotes: tuple[Quote, ...]
    unknown: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def over_at(self) -> int:
        """Return when the match was over at the latest: with its day."""
        return self.day_at + DAY_US


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
        ContractViolation: there is not exactly one match: two players on a day.
    """
    rows = parse_rows(payload)
    if len(rows) != 1:
        raise ContractViolation(f"{len(rows)} rows in a message of one match")
    cells = {name: text for name, text in rows[0].items() if text and text != "N/A"}
    winner, loser = _player(cells, "Winner"), _player(cells, "Loser")
    if winner == loser:
        raise ContractViolation("winner and loser are the same player")
    faults: list[str] = []
    ending = _ending(cells, faults)
    games = _games(cells, faults)
    return Row(
        tournament=cells.get("Tournament", ""),
        day_at=_day(cells.get("Date", "")),
        winner=winner,
        loser=loser,
        ending=ending,
        sets=_sets(cells, ending, games, faults),
        games=games,
        winner_figures=_figures(cells, "W", faults),
        loser_figures=_figures(cells, "L", faults),
        quotes=_quotes(cells, faults),
        unknown=tuple(name for name in rows[0] if not _is_known(name)),
        faults=tuple(faults),
    )


def _player(cells: dict[str, str], column: str) -> str:
    name = cells.get(column, "")
    if not name or len(name) > 256:
        raise ContractViolation(f"{column} names no player")
    return name


def _day(text: str) -> int:
    for form in _DAYS:
        try:
            return micros(datetime.strptime(text, form))  # noqa: DTZ007 - a day, taken as UTC's
        except ValueError:
            continue
    raise ContractViolation(f"not a day: {text[:40]!r}")


def _ending(cells: dict[str, str], faults: list[str]) -> Ending | None:
    said = cells.get("Comment", "")
    ending = ENDINGS.get(said.casefold())
    if ending is None and said:
        faults.append(f"an unknown ending: {said[:40]!r}")
    return ending


def _games(cells: dict[str, str], faults: list[str]) -> dict[int, tuple[int, int]]:
    games = {}
    for number in SETS:
        pair = _pair(cells, f"W{number}", f"L{number}", MOST_GAMES, faults)
        if pair is not None:
            games[number] = pair
    return games


def _sets(
    cells: dict[str, str], ending: Ending | None, games: dict[int, tuple[int, int]], faults: list[str]
) -> tuple[int, int] | None:
    """Read the sets won; of a completed match they are those of its games, and the winner has more."""
    sets = _pair(cells, "Wsets", "Lsets", len(SETS), faults)
    if sets is None or ending != "COMPLETED":
        return sets
    won = [winner > loser for winner, loser in games.values()]
    if sets[0] <= sets[1] or (won.count(True), won.count(False)) != sets:
        faults.append(f"sets of {sets[0]}-{sets[1]} are not those of the games")
        return None
    return sets


def _pair(cells: dict[str, str], first: str, second: str, most: int, faults: list[str]) -> tuple[int, int] | None:
    if first not in cells and second not in cells:
        return None
    try:
        return whole_of(cells.get(first, ""), first, most), whole_of(cells.get(second, ""), second, most)
    except ContractViolation as error:
        faults.append(str(error))
        return None


def _figures(cells: dict[str, str], side: str, faults: list[str]) -> dict[str, int]:
    figures = {}
    for column, name in _FIGURES.items():
        if side + column in cells:
            try:
                figures[name] = whole_of(cells[side + column], side + column)
            except ContractViolation as error:
                faults.append(str(error))
    return figures


def _quotes(cells: dict[str, str], faults: list[str]) -> tuple[Quote, ...]:
    quotes = []
    for name, text in cells.items():
        column = price_column(name)
        if column is None:
            continue
        try:
            quotes.append(Quote(*column, odds_of(text, name)))
        except ContractViolation as error:
            faults.append(str(error))
    return tuple(quotes)


def _is_known(name: str) -> bool:
    return name in _WORDS or name in _PAIRS or price_column(name) is not None

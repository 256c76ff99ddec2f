"""Rows of a goal-minute list, made up for tests: each payload is a header and the goals of a match."""

from tests.unit.connectors import table_samples

LIST = "scoring_player,scoring_team,time,GH,GA,game,date,season"
FILE = "goals_time_eng-premier-league.csv"
Row = tuple[str, str, str, int, int]
THREE: list[Row] = [
    ("A Rover", "Rovers", "12", 1, 0),
    ("B Wanderer", "Wanderers", "45+2", 1, 1),
    ("A Rover", "Rovers", "90+7", 2, 1),
]


def goals(
    rows: list[Row] | None = None, *, game: str = "Rovers vs. Wanderers 2:1", date: str = "2019-08-10", more: str = ""
) -> bytes:
    """Write the goals of one match."""
    quoted = f'"{game}"' if "\n" in game or "," in game else game
    told = [
        dict(zip(LIST.split(","), (*map(str, row), quoted, date, "2019-2020"), strict=True)) for row in rows or THREE
    ]
    return table_samples.payload(LIST + more, *told)


def goal_lists(count: int = 12) -> list[bytes]:
    """Write matches on days that follow each other."""
    return [goals(date=f"{2000 + n // 336}-{1 + n // 28 % 12:02}-{1 + n % 28:02}", game=game(n)) for n in range(count)]


def game(n: int) -> str:
    """Name the n-th match: its result is the same, what it says beside it is not."""
    return "Rovers vs. Wanderers 2:1" + ("" if n % 2 else " \t\n\t (Hinspiel 1:1)")

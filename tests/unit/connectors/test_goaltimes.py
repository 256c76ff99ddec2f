"""Goal-minute lists under the contract of connectors, and what their parser reads and refuses."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.contract import Connector, WrongFile
from connectors.goaltimes.connector import GoalTimes
from connectors.goaltimes.messages import Note, parse, parse_message
from connectors.tables import CONTENT_TYPE
from domain.errors import ContractViolation, RejectedInput
from domain.events.feeds import RawMessage
from domain.feeds.goaltimes import league_of
from tests.unit.connectors import table_samples
from tests.unit.connectors.goaltimes_samples import FILE, LIST, THREE, Row, goal_lists, goals
from tests.unit.connectors.recorded_suite import RecordedContract

MINUTE = 60_000_000
DAY = int(datetime(2019, 8, 10, tzinfo=UTC).timestamp()) * 1_000_000


class TestRecordedGoalTimes(RecordedContract):
    """A league's goals, a match a message."""

    provider = "goaltimes"
    content_type = CONTENT_TYPE
    broken = goals(game="Rovers against Wanderers")

    @property
    def payloads(self) -> list[bytes]:
        return goal_lists()

    def connector(self) -> Connector:
        return GoalTimes()

    def written(self, payloads: Sequence[bytes]) -> bytes:
        return table_samples.written(payloads)

    def many(self) -> list[bytes]:
        return goal_lists(2_000)

    def parse(self, message: RawMessage) -> object:
        return parse_message(message)


def test_a_match_is_read_with_its_goals() -> None:
    match = parse(goals())
    assert (match.home, match.away, match.day_at, match.stated, match.note) == ("Rovers", "Wanderers", DAY, (2, 1), "")
    assert [(each.side, each.minute, each.clock_us // MINUTE, each.home, each.away) for each in match.goals] == [
        ("HOME", 11, 11, 1, 0),
        ("AWAY", 46, 46, 1, 1),
        ("HOME", 96, 111, 2, 1),
    ]


@pytest.mark.parametrize(
    ("text", "minute", "clock"),
    [
        ("1", 0, 0),
        ("45", 44, 44),
        ("45+1", 45, 45),
        ("46", 45, 60),
        ("90", 89, 104),
        ("91", 90, 115),
        ("120", 119, 149),
    ],
)
def test_minutes_are_whole_ones_elapsed(text: str, minute: int, clock: int) -> None:
    (goal,) = parse(goals([("A", "Rovers", text, 1, 0)], game="Rovers vs. Wanderers 1:0")).goals
    assert (goal.minute, goal.clock_us // MINUTE) == (minute, clock)


def test_a_goal_whose_minute_nobody_noted_stands_where_the_list_has_it() -> None:
    unknown: list[Row] = [THREE[0], ("B", "Wanderers", "0", 1, 1), THREE[2]]
    assert [each.minute for each in parse(goals(unknown)).goals] == [11, None, 96]
    assert parse(goals(unknown)).goals[1].clock_us == 11 * MINUTE


@pytest.mark.parametrize(
    ("game", "note"),
    [
        ("Rovers vs. Wanderers 2:1 annull.", "ANNULLED"),
        ("Rovers vs. Wanderers 5:0 Wert.", "AWARDED"),
        ("Rovers vs. Wanderers 7:6 i.E. \t\n\t (Hinspiel 2:2)", "PENALTIES"),
        ("Rovers vs. Wanderers 2:1 (Hinspiel 0:3)", ""),
    ],
)
def test_how_a_result_came_about_is_known(game: str, note: Note) -> None:
    assert parse(goals(game=game)).note == note


@pytest.mark.parametrize(
    "payload",
    [
        goals(game="Rovers vs. Wanderers 3:1"),
        goals(game="Rovers vs. Wanderers 2:1 abgebr."),
        goals(game="Rovers vs. Rovers 2:1"),
        goals(game="Rovers vs. Wanderers 2:" + "1" * 400),
        goals(date="2019-02-30"),
        goals(date="19-02-03"),
        goals(date="1812-06-24"),
        goals([*THREE[:2], ("A", "Others", "50", 2, 1)]),
        goals([*THREE[:2], ("A", "Rovers", "50", 1, 2)]),
        goals([*THREE[:2], ("A", "Rovers", "50", 3, 1)]),
        goals([*THREE[:2], ("A", "Rovers", "200", 2, 1)]),
        goals([*THREE[:2], ("A", "Rovers", "x", 2, 1)]),
        goals() + goals(date="2019-08-11").split(b"\r\n", 1)[1],
        goals().replace(b"scoring_team", b"team"),
    ],
)
def test_rows_that_are_not_the_goals_of_one_match_are_refused(payload: bytes) -> None:
    with pytest.raises(ContractViolation):
        parse(payload)


@pytest.mark.parametrize("payload", [b"", b'"', b"\x81", LIST.encode(), b"a,b\n1,2\n", LIST.encode() + b'\n"a'])
def test_bytes_that_are_no_rows_are_refused_with_a_typed_error(payload: bytes) -> None:
    with pytest.raises(RejectedInput):
        parse(payload)


@pytest.mark.parametrize("each", [b",", b"\n"])
def test_more_cells_than_any_table_has_are_refused_before_they_are_read(each: bytes) -> None:
    with pytest.raises(ContractViolation, match="more than 1,000,000 cells"):
        parse(each * 1_000_001)


def test_a_new_column_is_told_of_and_stops_nothing() -> None:
    assert parse(goals(more=",assist")).unknown == ("assist",)


def test_a_match_is_received_when_its_day_is_over(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_bytes(table_samples.written([goals()]))
    (message,) = GoalTimes().recorded(path)
    assert message.occurred_at == DAY + 24 * 60 * MINUTE


def test_a_quotation_mark_that_is_never_closed_spoils_no_more_than_a_few_rows(tmp_path: Path) -> None:
    path = tmp_path / FILE
    spoilt = LIST.encode() + b'\r\n"A,Rovers,1,1,0,Rovers vs. Wanderers 1:0,2018-01-01,s\r\n'
    single = [goals([("A", f"Team {n}", "9", 1, 0)], game=f"Team {n} vs. Wanderers 1:0") for n in range(40)]
    path.write_bytes(table_samples.written([spoilt, *single]))
    messages = list(GoalTimes().recorded(path))
    assert sum(map(_parses, messages)) == len(single)
    assert b"".join(each.payload.split(b"\r\n", 1)[1] for each in messages) == path.read_bytes().split(b"\r\n", 1)[1]


def _parses(message: RawMessage) -> bool:
    try:
        parse_message(message)
    except RejectedInput:
        return False
    return True


def test_a_table_of_another_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "E0.csv"
    path.write_bytes(table_samples.written([table_samples.football_row()]))
    with pytest.raises(WrongFile):
        list(GoalTimes().recorded(path))


def test_the_name_of_a_file_says_its_league() -> None:
    assert league_of(f"file:{FILE}") == "Premier League"
    assert league_of("file:goals_time_bel-pro-league.csv.gz") == "Belgian First Division A"
    assert league_of("file:goals_time_mars.csv") == league_of("file:other.csv") == ""

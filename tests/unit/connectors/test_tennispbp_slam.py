"""The tables of the majors: a match's players, its points, and what of them cannot be true."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookstream import topics
from connectors.contract import WrongFile
from connectors.tennispbp.connector import TennisPbp
from connectors.tennispbp.messages import told
from connectors.tennispbp.slam import Match, Players
from domain.errors import ContractViolation, RejectedInput
from domain.events.canonical import Fixture, Incident, Statistic
from tests.unit.agents.tables import Trial

NAMES = "match_id,year,slam,match_num,player1,player2,status"
POINTS = (
    "match_id,ElapsedTime,SetNo,P1GamesWon,P2GamesWon,SetWinner,GameNo,GameWinner,PointNumber,PointWinner,PointServer,"
    "P1Ace,P2Ace,P1DoubleFault,P2DoubleFault"
)
MATCH = "2013-springfield-2101"
YEAR = 1_356_998_400_000_000
SECOND = 1_000_000
Change = Callable[[list[str]], list[str]]


def names(first: str = "Zoe Zed", second: str = "Ann Abe", match_id: str = MATCH) -> bytes:
    return f"{NAMES}\n{match_id},2013,springfield,2101,{first},{second},\n".encode()


def rows(*winners: int, match_id: str = MATCH) -> list[str]:
    """Write the points of sets of six games to love, each by one of the players, who serves every other game."""
    lines: list[str] = []
    for set_number, winner in enumerate(winners, 1):
        for game in range(1, 7):
            for point in range(1, 5):
                ends, won = point == 4, game if point == 4 else game - 1
                pair = (won, 0) if winner == 1 else (0, won)
                number = len(lines) + 1
                server = 1 + (set_number * 6 + game + 1) % 2
                ace = "1,0" if (point, server, winner) == (1, 1, 1) else "0,0"
                lines.append(
                    f"{match_id},0:{number // 2:02}:{number % 2 * 30:02},{set_number},{pair[0]},{pair[1]},"
                    f"{winner if ends and game == 6 else 0},{game},{winner if ends else 0},{number},{winner},{server},"
                    f"{ace},0,0"
                )
    return lines


def points(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in (POINTS, *lines)).encode()


def match(lines: list[str]) -> Match:
    found = told(points(lines))
    assert isinstance(found, Match)
    return found


def test_a_match_is_its_games_in_time() -> None:
    found = match(rows(1, 2, 1))
    assert (found.id, found.year_at, found.winner, len(found.games)) == (MATCH, YEAR, 0, 18)
    first = found.games[0]
    assert (first.server, first.winner, first.points, first.aces, first.is_break) == (0, 0, (4, 0), (1, 0), False)
    assert (found.games[1].is_break, found.games[5].ends_set, found.ends_us[0]) == (True, True, 120 * SECOND)
    assert found.over_at == YEAR + 36 * 60 * SECOND


def test_a_match_that_was_given_up_has_no_winner_and_its_last_points_are_no_game() -> None:
    found = match(rows(1, 1)[:-1])
    assert (found.winner, len(found.games)) == (None, 11)


def test_men_need_three_sets() -> None:
    men = "2013-springfield-1101"
    assert match(rows(1, 1, match_id=men)).winner is None
    assert match(rows(2, 2, 1, 2, match_id=men)).winner == 1


def test_players_are_told_by_their_own_table() -> None:
    found = told(names())
    assert found == Players(id=MATCH, year_at=YEAR, tournament="springfield 2013", players=("Zoe Zed", "Ann Abe"))


@pytest.mark.parametrize("payload", [names("", "Abe"), names("Abe", "Abe"), names(match_id="2101"), names("x" * 257)])
def test_players_that_cannot_be_are_refused(payload: bytes) -> None:
    with pytest.raises(ContractViolation):
        told(payload)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda lines: lines[1:], "row 1 is no point 1"),
        (lambda lines: [*lines[:5], *lines[6:]], "row 6 is no point 6"),
        (lambda lines: [*lines[:9], lines[9].replace(MATCH, "2013-springfield-2102"), *lines[10:]], "row 10"),
        (lambda lines: [lines[0].replace(",1,1,1,0,0,0", ",1,3,1,0,0,0"), *lines[1:]], "PointServer is no count"),
        (lambda lines: [lines[0].replace(",1,1,1,0,0,0", ",1,0,1,0,0,0"), *lines[1:]], "without a server or a winner"),
        (lambda lines: [*lines[:3], lines[3].replace(",1,0,0,1,1,", ",1,0,0,1,2,"), *lines[4:]], "not what its points"),
        (lambda lines: [*lines[:3], lines[3].replace("0:02:00", "late"), *lines[4:]], "no time"),
        (lambda lines: lines[:3], "a match without a game"),
    ],
)
def test_points_that_cannot_be_true_are_refused(change: Change, fault: str) -> None:
    with pytest.raises(ContractViolation, match=fault):
        match(change(rows(1, 1)))


def test_the_points_of_a_match_are_one_message(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_bytes(points([*rows(1, 1), *rows(2, 2, match_id="2013-springfield-2102")]))
    first, second = TennisPbp().recorded(path)
    assert (first.payload, first.occurred_at) == (points(rows(1, 1)), YEAR + 24 * 60 * SECOND)
    assert second.payload == points(rows(2, 2, match_id="2013-springfield-2102"))


def test_a_table_of_something_else_is_a_wrong_file(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_bytes(points(rows(1)).replace(b"PointServer", b"Server", 1))
    with pytest.raises(WrongFile, match="no table of point-by-point"):
        list(TennisPbp().recorded(path))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_both_tables_make_one_match_whichever_comes_first(order: tuple[int, int]) -> None:
    trial, payloads = Trial("tennispbp"), (names(), points(rows(1, 1)))
    for each in order:
        trial.row(payloads[each])
    fixtures = trial.said(topics.FIXTURES, Fixture)
    assert {each.fixture_id for each in fixtures} == {fixtures[0].fixture_id}
    assert (fixtures[-1].status, fixtures[-1].name) == ("FINISHED", "Zoe Zed v Ann Abe")
    assert trial.incidents == [("KICK_OFF", None, None), ("SCORE", 1, 0), ("SCORE", 2, 0), ("FULL_TIME", 2, 0)]
    assert [each.occurred_at - YEAR for each in trial.said(topics.INCIDENTS, Incident)][:3] == [
        0, 12 * 60 * SECOND, 24 * 60 * SECOND
    ]  # fmt: skip
    assert (trial.figures["home_points_won_count"], trial.figures["home_breaks_count"]) == (48, 6)


def test_a_match_told_again_says_nothing_new() -> None:
    trial = Trial("tennispbp")
    trial.row(points(rows(1, 1)))
    before = len(trial.said(topics.STATISTICS, Statistic))
    trial.row(names())
    trial.row(points(rows(1, 1)))
    assert len(trial.said(topics.STATISTICS, Statistic)) == before


@given(st.integers(0, 1_500), st.integers(0, 60), st.binary(max_size=40))
def test_damaged_points_are_read_or_refused_with_a_typed_error(at: int, length: int, put: bytes) -> None:
    whole = points(rows(1, 2))
    with suppress(RejectedInput):
        assert told(whole[:at] + put + whole[at + length :]).id

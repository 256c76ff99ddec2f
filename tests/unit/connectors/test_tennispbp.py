"""Point-by-point rows, and the connector under the contract."""

from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Connector
from connectors.tables import CONTENT_TYPE
from connectors.tennispbp.connector import TennisPbp
from connectors.tennispbp.messages import parse, parse_message
from domain.errors import ContractViolation, RejectedInput
from domain.events.feeds import RawMessage
from domain.feeds.tennispbp import MOST_POINTS, play, sets_of
from tests.unit.connectors import table_samples
from tests.unit.connectors.recorded_suite import RecordedContract
from tests.unit.connectors.table_samples import points_row, points_rows

SECOND_OF_JANUARY = 1_483_315_200_000_000


class TestRecordedTennisPbp(RecordedContract):
    """A year's table."""

    provider = "tennispbp"
    content_type = CONTENT_TYPE
    broken = table_samples.POINTS.encode() + b"\r\n1,no day,at all\r\n"

    @property
    def payloads(self) -> list[bytes]:
        return points_rows()

    def connector(self) -> Connector:
        return TennisPbp()

    def written(self, payloads: Sequence[bytes]) -> bytes:
        return table_samples.written(payloads)

    def many(self) -> list[bytes]:
        return points_rows(3_000)

    def parse(self, message: RawMessage) -> object:
        return parse_message(message)


def test_a_row_says_who_played_when_and_every_game() -> None:
    row = parse(points_row())
    assert (row.id, row.players, row.winner, row.minutes) == ("10000001", ("Zoe Zed", "Ann Abe"), 0, 86)
    assert (row.day_at, row.tells_aces, row.unknown) == (SECOND_OF_JANUARY, True, ())
    assert sets_of(row.games) == [(7, 6), (6, 0)]
    first, tie_break, broken = row.games[0], row.games[12], row.games[15]
    assert (first.server, first.winner, first.points, first.aces) == (0, 0, (4, 0), (1, 0))
    assert (tie_break.is_tie_break, tie_break.is_break, tie_break.points) == (True, False, (7, 3))
    assert tie_break.ends_set
    assert (broken.server, broken.winner, broken.is_break, broken.double_faults) == (1, 0, True, (0, 1))


def test_service_goes_on_in_turn_after_a_tie_break() -> None:
    assert [game.server for game in parse(points_row()).games[11:15]] == [1, 0, 1, 0]


def test_a_full_stop_after_the_last_set_begins_no_other() -> None:
    assert play("SSSS;RRRR.") == play("SSSS;RRRR")


@pytest.mark.parametrize(("minutes", "wanted"), [("-154", None), ("0", None), ("", None), ("9999", None), ("86", 86)])
def test_a_length_that_cannot_be_is_not_known(minutes: str, wanted: int | None) -> None:
    assert parse(points_row(wh_minutes=minutes)).minutes == wanted


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"score": "7-6(3) 6-1"}, "the points make '7-6 6-0'"),
        ({"winner": "2"}, "the points make '6-7 0-6'"),
        ({"score": "walkover"}, "not a score"),
        ({"winner": "3"}, "no winner"),
        ({"pbp": "SSXS"}, "no point of tennis: 'X'"),
        ({"pbp": "SR"}, "a game without a winner"),
        ({"pbp": ""}, "a game without a winner"),
        ({"pbp": "S" * (2 * MOST_POINTS + 1)}, "more than"),
        ({"pbp": "SSSS;RSSRSS", "score": "1-1"}, "the winner did not win"),
        ({"pbp": ".".join(["SSSS"] * 6), "score": " ".join(["1-0"] * 6)}, "6 sets"),
        ({"server1": ""}, "no two players"),
        ({"server2": "Zoe Zed"}, "no two players"),
        ({"date": "2017"}, "not a day"),
        ({"pbp_id": "x"}, "no id"),
        ({"wh_minutes": "long"}, "no length"),
    ],
)
def test_a_row_that_cannot_be_true_is_refused(changes: dict[str, str], fault: str) -> None:
    with pytest.raises(ContractViolation, match=fault.replace("(", r"\(")):
        parse(points_row(**changes))


def test_a_table_without_its_columns_is_refused() -> None:
    with pytest.raises(ContractViolation, match=r"columns are missing: pbp$"):
        parse(points_row().replace(b",pbp,", b",points,"))


@given(st.integers(0, 400), st.integers(0, 40), st.binary(max_size=40))
def test_damaged_rows_are_read_or_refused_with_a_typed_error(at: int, length: int, put: bytes) -> None:
    whole = points_row()
    with suppress(RejectedInput):
        assert parse(whole[:at] + put + whole[at + length :]).games


@given(st.text("SRAD;./", max_size=300))
def test_any_points_are_played_or_refused_and_every_game_has_its_points(text: str) -> None:
    with suppress(RejectedInput):
        games = play(text)
        assert sum(map(sum, (game.points for game in games))) == sum(letter in "SRAD" for letter in text)
        assert sum(map(sum, sets_of(games))) == len(games)

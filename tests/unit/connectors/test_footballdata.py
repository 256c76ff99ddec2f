"""football-data.co.uk's rows, and the connector under the contract."""

import gzip
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Connector, TruncatedFile, WrongFile
from connectors.footballdata.connector import FootballData
from connectors.footballdata.messages import parse, parse_message
from connectors.tables import CONTENT_TYPE, milli_of
from domain.errors import ContractViolation, RejectedInput
from domain.events.feeds import RawMessage
from domain.feeds.footballdata import ASIAN_HANDICAP, MATCH_ODDS, TOTAL_GOALS
from tests.unit.connectors import table_samples
from tests.unit.connectors.recorded_suite import RecordedContract
from tests.unit.connectors.table_samples import football_row, football_rows


class TestRecordedFootballData(RecordedContract):
    """A season's file."""

    provider = "footballdata"
    content_type = CONTENT_TYPE
    broken = table_samples.SEASON.encode() + b"\r\nE0,no day,at all\r\n"

    @property
    def payloads(self) -> list[bytes]:
        return football_rows()

    def connector(self) -> Connector:
        return FootballData()

    def written(self, payloads: Sequence[bytes]) -> bytes:
        return table_samples.written(payloads)

    def many(self) -> list[bytes]:
        return football_rows(300) * 10

    def parse(self, message: RawMessage) -> object:
        return parse_message(message)


def micros(year: int, month: int, day: int, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp()) * 1_000_000


def test_a_row_says_who_played_when_and_how_it_ended() -> None:
    row = parse(football_row())
    assert (row.division, row.home, row.away, row.referee) == ("E0", "Rovers", "Wanderers", "A Whistle")
    assert (row.full_time, row.half_time) == ((4, 1), (2, 0))
    assert row.kick_off_at == micros(2019, 8, 9, 19)
    assert (row.counts["away_red_cards_count"], row.counts["home_corners_count"]) == (1, 11)
    assert row.faults == row.unknown == ()


@pytest.mark.parametrize(
    ("day", "time", "wanted"),
    [
        ("13/08/16", "", (2016, 8, 13)),
        ("13/08/2016", "", (2016, 8, 13)),
        ("2016-08-13", "", (2016, 8, 13)),
        ("05/09/93", "", (1993, 9, 5)),
        ("28/03/2020", "15:00", (2020, 3, 28, 15)),
        ("29/03/2020", "15:00", (2020, 3, 29, 14)),
        ("24/10/2020", "15:00", (2020, 10, 24, 14)),
        ("25/10/2020", "15:00", (2020, 10, 25, 15)),
    ],
)
def test_days_are_read_in_both_forms_and_times_by_the_clocks_of_the_uk(
    day: str, time: str, wanted: tuple[int, ...]
) -> None:
    row = parse(football_row(Date=day, Time=time))
    assert row.kick_off_at == micros(*wanted)
    assert row.has_time == bool(time)


def test_prices_are_told_by_bookmaker_moment_and_line() -> None:
    quotes = {
        (each.column.bookmaker, each.column.moment, each.column.kind, each.column.selection, each.line_milli): each.odds
        for each in parse(football_row()).quotes
    }
    assert len(quotes) == 18
    assert quotes["bet365", "OPENING", MATCH_ODDS, "home", None] == 1140
    assert quotes["bet365", "CLOSING", MATCH_ODDS, "away", None] == 21000
    assert quotes["pinnacle", "CLOSING", MATCH_ODDS, "draw", None] == 10430
    assert quotes["market_average", "OPENING", MATCH_ODDS, "away", None] == 19830
    assert quotes["bet365", "OPENING", TOTAL_GOALS, "under", 2500] == 3000
    assert quotes["bet365", "OPENING", ASIAN_HANDICAP, "home", -2250] == 1960
    assert quotes["bet365", "CLOSING", ASIAN_HANDICAP, "away", -2000] == 1990


def test_a_blank_cell_is_no_value_and_no_fault() -> None:
    row = parse(football_row(B365H="", HTHG="", HTAG="", HTR="", HS=""))
    assert (row.half_time, row.faults, len(row.quotes)) == (None, (), 17)
    assert "home_shots_count" not in row.counts


@pytest.mark.parametrize(
    ("column", "text"),
    [("B365H", "0.0"), ("B365H", "nan"), ("B365H", "1e99"), ("HS", "-3"), ("FTHG", "4.5"), ("FTR", "A"), ("AHh", "")],
)
def test_a_wrong_cell_is_a_fault_and_the_rest_is_taken(column: str, text: str) -> None:
    row = parse(football_row(**{column: text}))
    assert row.faults
    assert row.home == "Rovers"
    assert len(row.quotes) >= 16


@pytest.mark.parametrize(
    "changes",
    [{"Date": "31/02/2020"}, {"Date": ""}, {"Time": "25:00"}, {"HomeTeam": ""}, {"AwayTeam": "Rovers"}, {"Time": "x"}],
)
def test_a_row_that_is_no_match_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ContractViolation):
        parse(football_row(**changes))


@pytest.mark.parametrize(
    "payload", [b"", b"Date\n", b'Date\n"', b"\x81\x8d", b"a,a\n1,2\n", b"a,\n1,2\n", b"a\n1\n2\n"]
)
def test_bytes_that_are_no_row_are_refused_with_a_typed_error(payload: bytes) -> None:
    with pytest.raises(RejectedInput):
        parse(payload)


def test_a_new_column_is_told_of_and_stops_nothing() -> None:
    header = table_samples.SEASON + ",XGH"
    row = parse(table_samples.payload(header, {**table_samples.SEASON_ROW, "XGH": "2.31"}))
    assert row.unknown == ("XGH",)
    assert row.full_time == (4, 1)


def test_rows_without_a_value_are_no_matches(tmp_path: Path) -> None:
    path = tmp_path / "E0.csv"
    path.write_bytes(table_samples.written(football_rows(2)) + b",,,,\r\n,,,,\r\n")
    assert len(list(FootballData().recorded(path))) == 2


def test_a_file_that_is_cut_gives_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "E0.csv.gz"
    path.write_bytes(gzip.compress(table_samples.written(football_rows(40))[:-40]))
    seen: list[RawMessage] = []
    with pytest.raises(TruncatedFile):
        seen.extend(FootballData().recorded(path))
    assert [parse_message(message).home for message in seen] == ["Rovers"] * 39


def test_a_table_of_another_site_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odds.csv"
    path.write_bytes(b"Winner,Loser,Date\nA,B,2017-01-01\n")
    with pytest.raises(WrongFile):
        list(FootballData().recorded(path))


def test_a_header_without_rows_is_a_recording_without_messages(tmp_path: Path) -> None:
    path = tmp_path / "I1.csv"
    path.write_text(table_samples.SEASON + "\n")

    assert list(FootballData().recorded(path)) == []


def test_a_message_of_more_rows_than_any_match_has_is_refused() -> None:
    with pytest.raises(ContractViolation, match="more than 5000 rows"):
        parse(b"a,b\n" * 5_002)


@given(st.integers(0, 700), st.integers(0, 60), st.binary(max_size=40))
def test_damaged_rows_are_read_or_refused_with_a_typed_error(at: int, length: int, put: bytes) -> None:
    whole = table_samples.football_row()
    with suppress(RejectedInput):
        assert parse(whole[:at] + put + whole[at + length :]).home


@given(
    st.sampled_from(["FTHG", "HTAG", "HY", "Date", "Time", "B365H", "PSCA", "AHh", "B365>2.5", "HomeTeam"]), st.text()
)
def test_any_cell_is_read_or_refused_with_a_typed_error(column: str, text: str) -> None:
    with suppress(RejectedInput):
        assert parse(table_samples.football_row(**{column: text})).home


def test_digits_with_a_line_between_them_are_no_number() -> None:
    with pytest.raises(ContractViolation, match="is no number: '1_0'"):
        milli_of("1_0", "B365H")
    row = parse(table_samples.football_row(B365H="1_0"))
    assert any("'1_0'" in fault for fault in row.faults)

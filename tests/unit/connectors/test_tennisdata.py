"""tennis-data.co.uk's rows, and the connector under the contract."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Connector, WrongFile
from connectors.tables import CONTENT_TYPE
from connectors.tennisdata.connector import TennisData
from connectors.tennisdata.messages import Quote, parse, parse_message
from domain.errors import ContractViolation, Misconfigured, RejectedInput
from domain.events.feeds import RawMessage
from tests.unit.connectors import table_samples
from tests.unit.connectors.recorded_suite import RecordedContract
from tests.unit.connectors.table_samples import tennis_row, tennis_rows

DAY_US = 86_400_000_000
SECOND_OF_JANUARY = 1_483_315_200_000_000


class TestRecordedTennisData(RecordedContract):
    """A year's file."""

    provider = "tennisdata"
    content_type = CONTENT_TYPE
    broken = table_samples.YEAR.encode() + b"\r\n1,no day,at all\r\n"

    @property
    def payloads(self) -> list[bytes]:
        return tennis_rows()

    def connector(self) -> Connector:
        return TennisData()

    def written(self, payloads: Sequence[bytes]) -> bytes:
        return table_samples.written(payloads)

    def many(self) -> list[bytes]:
        return tennis_rows(300) * 10

    def parse(self, message: RawMessage) -> object:
        return parse_message(message)


def test_a_row_says_who_won_when_and_by_what() -> None:
    row = parse(tennis_row())
    assert (row.tournament, row.winner, row.loser, row.ending) == ("Springfield Open", "Zed A.", "Abe B.", "COMPLETED")
    assert (row.sets, row.games) == ((2, 1), {1: (4, 6), 2: (6, 3), 3: (7, 6)})
    assert (row.day_at, row.over_at) == (SECOND_OF_JANUARY, SECOND_OF_JANUARY + DAY_US)
    assert row.winner_figures == {"ranking_place": 39, "ranking_points": 1102}
    assert (len(row.quotes), row.quotes[2]) == (6, Quote("pinnacle", odds=1580, of_winner=True))
    assert row.faults == row.unknown == ()


def test_blank_cells_and_not_ranked_players_are_no_faults() -> None:
    row = parse(tennis_row(LRank="N/A", LPts="N/A", PSW="", W3="", L3="", Wsets="", Lsets=""))
    assert row.faults == ()
    assert (row.loser_figures, len(row.quotes), row.sets) == ({}, 5, None)


@pytest.mark.parametrize("day", ["2017-01-02", "02/01/2017", "02/01/17"])
def test_days_are_read_in_every_form_of_the_site(day: str) -> None:
    assert parse(tennis_row(Date=day)).day_at == SECOND_OF_JANUARY


def test_a_retirement_leaves_the_sets_as_they_stood() -> None:
    row = parse(tennis_row(Comment="Retired", Wsets="1", Lsets="1"))
    assert (row.ending, row.sets, row.faults) == ("RETIRED", (1, 1), ())


@pytest.mark.parametrize(
    "changes",
    [
        {"Wsets": "3"},
        {"Wsets": "1", "Lsets": "2"},
        {"Comment": "Abandoned"},
        {"W1": ""},
        {"W1": "6.5"},
        {"WRank": "-1"},
        {"PSW": "1"},
        {"PSW": "inf"},
        {"MaxL": "much"},
    ],
)
def test_a_wrong_cell_is_a_fault_and_the_rest_is_taken(changes: dict[str, str]) -> None:
    row = parse(tennis_row(**changes))
    assert row.faults
    assert len(row.quotes) >= 5


@pytest.mark.parametrize(
    "changes", [{"Winner": ""}, {"Loser": "Zed A."}, {"Date": "the second"}, {"Winner": "x" * 257}, {"Date": ""}]
)
def test_a_row_without_two_players_on_a_day_is_no_match(changes: dict[str, str]) -> None:
    with pytest.raises(ContractViolation):
        parse(tennis_row(**changes))


def test_a_new_column_is_named() -> None:
    row = parse(table_samples.payload(table_samples.YEAR + ",Weather", {**table_samples.YEAR_ROW, "Weather": "fine"}))
    assert row.unknown == ("Weather",)


def test_a_season_of_football_is_a_wrong_file(tmp_path: Path) -> None:
    path = tmp_path / "season.csv"
    path.write_bytes(table_samples.football_row())
    with pytest.raises(WrongFile, match="no table of tennis-data"):
        list(TennisData().recorded(path))


def test_options_are_refused() -> None:
    with pytest.raises(Misconfigured, match="takes no options"):
        TennisData("a key")


@given(st.integers(0, 400), st.integers(0, 40), st.binary(max_size=40))
def test_damaged_rows_are_read_or_refused_with_a_typed_error(at: int, length: int, put: bytes) -> None:
    whole = tennis_row()
    with suppress(RejectedInput):
        assert parse(whole[:at] + put + whole[at + length :]).winner

"""The rows of Betfair's season tables, and the connector under the contract."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.betfairhub.connector import BetfairHub
from connectors.betfairhub.messages import Prices, parse, parse_message
from connectors.contract import Connector
from connectors.tables import CONTENT_TYPE, MOST_GROUPED
from domain.errors import ContractViolation, RejectedInput
from domain.events.feeds import RawMessage
from domain.feeds.betfairhub import market_of, selection_of
from tests.unit.connectors import table_samples
from tests.unit.connectors.recorded_suite import RecordedContract
from tests.unit.connectors.table_samples import HUB_RUNNERS, hub_match, hub_matches


class TestRecordedBetfairHub(RecordedContract):
    """A season's table."""

    provider = "betfairhub"
    content_type = CONTENT_TYPE
    broken = table_samples.HUB.encode() + b"\r\nno day,at all\r\n"

    @property
    def payloads(self) -> list[bytes]:
        return hub_matches()

    def connector(self) -> Connector:
        return BetfairHub()

    def written(self, payloads: Sequence[bytes]) -> bytes:
        return table_samples.written(payloads)

    def many(self) -> list[bytes]:
        return [hub_match(EVENT_ID=str(n)) for n in range(2_000)]

    def parse(self, message: RawMessage) -> object:
        return parse_message(message)


def micros(*parts: int) -> int:
    year, month, day, hour, minute, second = parts
    return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()) * 1_000_000


def test_the_rows_of_a_match_say_who_played_when_and_how_it_ended() -> None:
    match = parse(hub_match())
    assert (match.id, match.competition, match.home, match.away) == ("33000001", "First League", "Rovers", "Wanderers")
    assert (match.score, match.total_goals, len(match.runners)) == ((2, 1), 3, 8)
    assert match.day_at == micros(2024, 10, 18, 0, 0, 0)
    assert match.half_time_at == micros(2024, 10, 18, 9, 26, 15)
    assert match.faults == match.unknown == ()
    first = match.runners[0]
    assert first.prices == {
        ("1_MIN_PRIOR", 1): Prices(back=2500, lay=2520, volume=100_050),
        ("HALF_TIME", 0): Prices(back=1500),
    }  # fmt: skip
    assert (first.status, first.handicap_milli) == ("WINNER", 0)


@pytest.mark.parametrize(
    "day", ["2024-10-18T00:00:00.000Z", "2024-10-18 00:00:00.000 Z", "2024-10-18 00:00:00.000 +0000"]
)
def test_days_are_read_in_all_three_forms(day: str) -> None:
    assert parse(hub_match(EVENT_DATE=day)).day_at == micros(2024, 10, 18, 0, 0, 0)


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    assert parse(b"\xef\xbb\xbf" + hub_match()).day_at == micros(2024, 10, 18, 0, 0, 0)


def test_minus_nought_is_nought_and_a_reckoned_score_is_none() -> None:
    assert parse(hub_match(HOME_SCORE="-0", AWAY_SCORE="0")).score == (0, 0)
    match = parse(hub_match(HOME_SCORE="5.625", AWAY_SCORE="1.375"))
    assert match.score is None
    assert [fault.split(" is ")[0] for fault in match.faults] == ["HOME_SCORE", "AWAY_SCORE"]


def test_the_path_names_the_sides_where_columns_do_not() -> None:
    path = "Soccer/First League/Rovers v Wanderers/Fixtures 6 Jan"
    match = parse(hub_match(PATH=path, HOME_TEAM="", AWAY_TEAM="ixtures 6 Jan"))
    assert (match.home, match.away) == ("Rovers", "Wanderers")
    match = parse(hub_match(PATH="Soccer"))
    assert (match.home, match.away, match.competition) == ("Rovers", "Wanderers", "")


@pytest.mark.parametrize(
    "changes",
    [
        {"BEST_BACK_PRICE_HALF_TIME": "1"},
        {"BEST_LAY_PRICE_HALF_TIME": "x"},
        {"TOTAL_MATCHED_VOLUME": "-5"},
        {"TOTAL_MATCHED_VOLUME": "inf"},
        {"HALF_TIME": "soon"},
        {"RUNNER_STATUS": "HIDDEN"},
        {"TOTAL_GOALS": "many"},
        {"SELECTION_ID": ""},
        {"HANDICAP": "a lot"},
        {"MARKET_NAME": ""},
    ],
)
def test_a_wrong_cell_is_one_fault_of_the_match(changes: dict[str, str]) -> None:
    match = parse(hub_match(**changes))
    assert len(match.faults) == 1
    assert match.score == (2, 1)


@pytest.mark.parametrize(
    "changes", [{"EVENT_ID": ""}, {"EVENT_ID": "x/y"}, {"EVENT_DATE": ""}, {"PATH": "", "HOME_TEAM": "Wanderers"}]
)
def test_rows_without_an_id_a_day_or_two_sides_are_no_match(changes: dict[str, str]) -> None:
    with pytest.raises(ContractViolation):
        parse(hub_match(**changes))


def test_a_match_without_end_is_read_in_messages_of_bounded_length(tmp_path: Path) -> None:
    path = tmp_path / "season.csv"
    path.write_bytes(hub_match(*[HUB_RUNNERS[0]] * (MOST_GROUPED + 1)))
    assert [len(parse(each.payload).runners) for each in BetfairHub().recorded(path)] == [MOST_GROUPED, 1]


def test_rows_of_two_matches_are_no_message() -> None:
    other = hub_match(HUB_RUNNERS[0], EVENT_ID="2").split(b"\n", 1)[1]
    with pytest.raises(ContractViolation, match="several matches"):
        parse(hub_match() + other)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Match Odds", ("MATCH_ODDS", "FT", None)),
        ("Half Time", ("HALF_TIME", "1H", None)),
        ("DRAW NO BET", ("DRAW_NO_BET", "FT", None)),
        ("Half Time Score", ("CORRECT_SCORE", "1H", None)),
        ("Over/Under 2.5 Goals", ("TOTAL_GOALS", "FT", 2500)),
        ("First Half Goals 0.5", ("TOTAL_GOALS", "1H", 500)),
        ("Rovers +1", ("EUROPEAN_HANDICAP", "FT", 1000)),
        ("Wanderers +1", ("EUROPEAN_HANDICAP", "FT", -1000)),
        ("Goal Lines", ("BETFAIR_GOAL_LINES", "FT", None)),
        ("ET - Next Goal", ("BETFAIR_ET_NEXT_GOAL", "FT", None)),
        ("ET - Over/Under 1.5 Goals", ("BETFAIR_ET_OVER_UNDER_1_5_GOALS", "FT", None)),
    ],
)
def test_markets_are_known_by_their_names(name: str, wanted: tuple[str, str, int | None]) -> None:
    kind, line = market_of(name, "Rovers", "Wanderers")
    assert (kind.market_type, kind.period, line) == wanted


@pytest.mark.parametrize(
    ("market", "runner", "wanted"),
    [
        ("Match Odds", "Rovers", "home"),
        ("Half Time", "Wanderers (HT)", "away"),
        ("Half Time", "The Draw (HT)", "draw"),
        ("Rovers +1", "Rovers +1", "home"),
        ("Rovers +1", "Wanderers vs1", "away"),
        ("Rovers +1", "Draw", "draw"),
        ("Match Odds", "United", "r-7"),
        ("Correct Score", "1 vs 2", "1-2"),
        ("Correct Score", "Any Other Draw", "r-7"),
        ("Double Chance", "Draw or Away", "draw_or_away"),
        ("Goal Lines", "Under", "under"),
        ("Over/Under 2.5 Goals", "Over 2.5 Goals", "over"),
        ("1st Goal", "No Goal", "r-7"),
    ],
)
def test_runners_are_known_by_their_names(market: str, runner: str, wanted: str) -> None:
    kind, _ = market_of(market, "Rovers", "Wanderers")
    assert selection_of(kind, 7, runner, "Rovers", "Wanderers") == wanted


def test_a_runner_s_name_may_be_cut_after_a_word() -> None:
    kind, line = market_of("Western Sydney (W) +1", "Sydney FC (W)", "Western Sydney Wanderers (W)")
    assert (kind.market_type, line) == ("EUROPEAN_HANDICAP", -1000)
    kind, _ = market_of("Match Odds", "Melbourne City", "Melbourne Victory")
    assert selection_of(kind, 7, "Melbourne", "Melbourne City", "Melbourne Victory") == "r-7"
    assert selection_of(kind, 7, "Melbourne City FC", "Melbourne City", "Melbourne Victory") == "home"


@given(st.integers(0, 900), st.integers(0, 40), st.binary(max_size=40))
def test_damaged_rows_are_read_or_refused_with_a_typed_error(at: int, length: int, put: bytes) -> None:
    whole = hub_match()
    with suppress(RejectedInput):
        assert parse(whole[:at] + put + whole[at + length :]).home

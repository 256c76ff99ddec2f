"""football-data.co.uk's rows in, canonical events out."""

from datetime import UTC, datetime

import pytest

from bookstream import topics
from domain.events.canonical import Fixture
from domain.feeds.footballdata import collected_at
from domain.feeds.rows import row_id
from tests.unit.agents.tables import Trial
from tests.unit.connectors.table_samples import football_row


def micros(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


KICK_OFF = micros("2019-08-09 19:00")
"""The sample's 20:00, in summer, a Friday."""


@pytest.fixture
def trial() -> Trial:
    return Trial("footballdata")


def test_a_row_is_a_finished_match_with_its_result(trial: Trial) -> None:
    trial.row(football_row())
    fixtures = trial.said(topics.FIXTURES, Fixture)
    assert [(each.status, each.name, each.kick_off_at) for each in fixtures] == [
        ("SCHEDULED", "Rovers v Wanderers", KICK_OFF), ("FINISHED", "Rovers v Wanderers", KICK_OFF),
    ]  # fmt: skip
    assert fixtures[0].competition == "Premier League"
    assert fixtures[0].provider_fixture_id == "e0-2019_08_09-rovers-wanderers"
    assert trial.incidents == [("HALF_TIME", 2, 0), ("SCORE", 4, 1), ("FULL_TIME", 4, 1)]
    assert trial.reasons == {}


def test_statistics_are_told_with_those_that_are_nought(trial: Trial) -> None:
    trial.row(football_row())
    figures = trial.figures
    assert figures["home_yellow_cards_count"] == 0
    assert figures["away_red_cards_count"] == 1
    assert (figures["home_shots_count"], figures["home_corners_count"]) == (15, 11)
    assert (figures["home_first_half_goals_count"], figures["away_first_half_goals_count"]) == (2, 0)


def test_opening_odds_come_before_closing_odds_and_these_at_kick_off(trial: Trial) -> None:
    trial.row(football_row())
    told = [
        (each.bookmaker, each.market_type, each.line_milli, each.occurred_at, [s.back_odds for s in each.selections])
        for each in trial.odds
    ]
    opening = micros("2019-08-09 16:00")
    assert told == [
        ("bet365", "ASIAN_HANDICAP", -2250, opening, [1960, 1940]),
        ("bet365", "MATCH_ODDS", None, opening, [1140, 10000, 19000]),
        ("bet365", "TOTAL_GOALS", 2500, opening, [1400, 3000]),
        ("market_average", "MATCH_ODDS", None, opening, [1140, 8750, 19830]),
        ("bet365", "ASIAN_HANDICAP", -2000, KICK_OFF, [1910, 1990]),
        ("bet365", "MATCH_ODDS", None, KICK_OFF, [1150, 9500, 21000]),
        ("pinnacle", "MATCH_ODDS", None, KICK_OFF, [1140, 10430, 19630]),
    ]
    assert {(each.status, each.in_play, each.late) for each in trial.odds} == {("OPEN", False, False)}


def test_a_row_told_again_says_nothing_new_and_a_corrected_one_what_was_corrected(trial: Trial) -> None:
    trial.row(football_row())
    odds, statistics = len(trial.odds), len(trial.figures)
    trial.row(football_row())
    trial.row(football_row(PSCH="1.15", HY="1", FTAG="2"))
    trial.row(football_row())
    assert [(each.bookmaker, each.selections[0].back_odds) for each in trial.odds[odds:]] == [
        ("pinnacle", 1150), ("pinnacle", 1140),
    ]  # fmt: skip
    assert len(trial.figures) == statistics
    assert trial.incidents[3:] == [("GOAL", 4, 2), ("GOAL_CANCELLED", 4, 1)]


def test_a_match_that_was_not_played_has_odds_and_no_result(trial: Trial) -> None:
    trial.row(football_row(FTHG="", FTAG="", FTR="", HTHG="", HTAG="", HTR=""))
    assert trial.incidents == []
    assert [each.status for each in trial.said(topics.FIXTURES, Fixture)] == ["SCHEDULED"]
    assert len(trial.odds) == 7


def test_a_wrong_cell_is_a_dead_letter_and_the_rest_is_said(trial: Trial) -> None:
    trial.row(football_row(B365H="0.0"))
    (reason,) = trial.reasons
    assert "B365H" in reason
    assert len(trial.odds) == 7
    assert ("FULL_TIME", 4, 1) in trial.incidents


def test_a_day_before_this_century_is_a_dead_letter(trial: Trial) -> None:
    trial.row(football_row(Date="14/08/93"))
    assert list(trial.reasons) == ["the kick-off is not in this century"]
    assert trial.odds == []


@pytest.mark.parametrize(
    ("kick_off", "wanted"),
    [
        ("2019-08-10 11:30", "2019-08-09 16:00"),
        ("2019-08-12 19:00", "2019-08-09 16:00"),
        ("2019-08-13 19:00", "2019-08-13 14:00"),
        ("2020-01-09 20:00", "2020-01-07 15:00"),
        ("2020-01-11 15:00", "2020-01-10 17:00"),
    ],
)
def test_odds_are_collected_on_fridays_and_tuesdays(kick_off: str, wanted: str) -> None:
    assert collected_at(micros(kick_off)) == micros(wanted)


def test_odds_are_never_collected_after_the_kick_off() -> None:
    assert collected_at(micros("2019-08-09 00:00")) == micros("2019-08-09 00:00") - 1


def test_a_long_id_is_cut_and_still_its_own() -> None:
    ids = {row_id("E0", "2019-08-09", "a" * 60, end) for end in ("x", "y")}
    assert len(ids) == 2
    assert {len(each) for each in ids} == {64}

"""Point-by-point rows in, canonical events out."""

import pytest

from bookstream import topics
from domain.events.canonical import Fixture, Incident, Statistic
from tests.unit.agents.tables import AT, Trial
from tests.unit.connectors.table_samples import points_row

DAY = 1_483_315_200_000_000

MINUTE = 60_000_000


@pytest.fixture
def trial() -> Trial:
    return Trial("tennispbp")


def test_a_match_is_played_again_set_by_set_on_its_clock(trial: Trial) -> None:
    trial.row(points_row())
    told = [(each.kind, each.home_score, each.away_score) for each in trial.said(topics.INCIDENTS, Incident)]
    assert told == [("KICK_OFF", None, None), ("SCORE", 1, 0), ("SCORE", 2, 0), ("FULL_TIME", 2, 0)]
    kick_off, first, second, over = (each.occurred_at for each in trial.said(topics.INCIDENTS, Incident))
    point = 86 * MINUTE // 82
    assert (kick_off, first, second, over) == (DAY, DAY + 58 * point, DAY + 82 * point, AT)
    fixtures = trial.said(topics.FIXTURES, Fixture)
    assert [each.status for each in fixtures] == ["SCHEDULED", "IN_PLAY", "FINISHED"]
    assert fixtures[0].name == "Zoe Zed v Ann Abe"


def test_games_and_points_are_told_as_they_were_won(trial: Trial) -> None:
    trial.row(points_row())
    told = [(each.name, each.value) for each in trial.said(topics.STATISTICS, Statistic)]
    assert told[:8] == [
        ("home_set_1_games_count", 1), ("away_set_1_games_count", 0),
        ("home_points_won_count", 4), ("away_points_won_count", 0),
        ("away_set_1_games_count", 1), ("away_points_won_count", 4),
        ("home_set_1_games_count", 2), ("home_points_won_count", 8),
    ]  # fmt: skip
    times = [each.occurred_at for each in trial.said(topics.STATISTICS, Statistic)]
    assert times == sorted(times)


def test_a_match_comes_to_its_figures(trial: Trial) -> None:
    trial.row(points_row())
    assert trial.figures == {
        "home_set_1_games_count": 7, "away_set_1_games_count": 6, "home_set_2_games_count": 6,
        "away_set_2_games_count": 0, "home_points_won_count": 55, "away_points_won_count": 27, "home_aces_count": 6,
        "away_aces_count": 6, "home_double_faults_count": 0, "away_double_faults_count": 1, "home_breaks_count": 3,
        "away_breaks_count": 0, "length_minutes": 86,
    }  # fmt: skip


def test_aces_that_are_not_told_are_no_figure(trial: Trial) -> None:
    trial.row(points_row(adf_flag="0", wh_minutes="-5"))
    assert not [name for name in trial.figures if "aces" in name or "faults" in name or "minutes" in name]
    kick_off, first, *_ = (each.occurred_at for each in trial.said(topics.INCIDENTS, Incident))
    assert first - kick_off == 58 * 40_000_000


def test_a_match_that_comes_again_is_told_once(trial: Trial) -> None:
    trial.row(points_row())
    count = len(trial.incidents), len(trial.said(topics.STATISTICS, Statistic))
    trial.row(points_row(tour="ATP tour"))
    trial.row(points_row())
    assert (len(trial.incidents), len(trial.said(topics.STATISTICS, Statistic))) == count


def test_points_that_do_not_make_the_score_are_a_dead_letter(trial: Trial) -> None:
    trial.row(points_row(score="6-0 6-0"))
    assert list(trial.reasons) == ["the points make '7-6 6-0', not '6-0 6-0'"]
    assert trial.incidents == []

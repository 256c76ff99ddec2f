"""tennis-data.co.uk's rows in, canonical events out."""

import pytest

from bookstream import topics
from domain.events.canonical import Fixture
from tests.unit.agents.tables import Trial
from tests.unit.connectors.table_samples import tennis_row

SECOND_OF_JANUARY = 1_483_315_200_000_000


@pytest.fixture
def trial() -> Trial:
    return Trial("tennisdata")


def test_players_stand_in_an_order_that_does_not_tell_who_won(trial: Trial) -> None:
    trial.row(tennis_row())
    fixture = trial.said(topics.FIXTURES, Fixture)[-1]
    assert (fixture.name, fixture.status) == ("Abe B. v Zed A.", "FINISHED")
    assert (fixture.sport, fixture.competition) == ("tennis", "Springfield Open")
    assert trial.incidents == [("SCORE", 1, 2), ("FULL_TIME", 1, 2)]
    told = {each.bookmaker: [(s.selection_id, s.back_odds) for s in each.selections] for each in trial.odds}
    assert told == {
        "bet365": [("home", 2500), ("away", 1500)],
        "pinnacle": [("home", 2520), ("away", 1580)],
        "market_max": [("home", 2550), ("away", 1590)],
    }
    assert {(each.occurred_at, each.status) for each in trial.odds} == {(SECOND_OF_JANUARY, "OPEN")}


def test_games_and_rankings_are_figures(trial: Trial) -> None:
    trial.row(tennis_row())
    assert trial.figures == {
        "away_set_1_games_count": 4, "home_set_1_games_count": 6, "away_set_2_games_count": 6,
        "home_set_2_games_count": 3, "away_set_3_games_count": 7, "home_set_3_games_count": 6,
        "away_ranking_place": 39, "away_ranking_points": 1102, "home_ranking_place": 54, "home_ranking_points": 854,
    }  # fmt: skip


def test_a_walkover_is_no_match(trial: Trial) -> None:
    trial.row(
        tennis_row(Comment="Walkover", **dict.fromkeys(("W1", "L1", "W2", "L2", "W3", "L3", "Wsets", "Lsets"), ""))
    )
    assert trial.incidents == []
    assert trial.said(topics.FIXTURES, Fixture)[-1].status == "CANCELLED"
    assert len(trial.odds) == 3


def test_a_retirement_is_told_of_the_player_who_retired(trial: Trial) -> None:
    trial.row(tennis_row(Comment="Retired", W3="1", L3="0", Wsets="1", Lsets="1"))
    assert trial.figures["home_retired_flag"] == 1
    assert trial.incidents == [("SCORE", 1, 1), ("FULL_TIME", 1, 1)]


def test_one_match_with_the_players_the_other_way_round_is_told_as_the_fixture_has_it(trial: Trial) -> None:
    trial.row(tennis_row(Winner="Abe B.", Loser="Zed A."))
    assert trial.incidents == [("SCORE", 2, 1), ("FULL_TIME", 2, 1)]
    assert [each.selections[0].back_odds for each in trial.odds] == [1500, 1590, 1580]


def test_a_wrong_cell_is_a_dead_letter_and_the_rest_is_said(trial: Trial) -> None:
    trial.row(tennis_row(PSW="0"))
    (reason,) = trial.reasons
    assert "PSW" in reason
    assert len(trial.odds) == 3
    assert trial.incidents[-1] == ("FULL_TIME", 1, 2)


def test_the_same_row_again_says_nothing(trial: Trial) -> None:
    trial.row(tennis_row())
    count = len(trial.odds), len(trial.incidents)
    trial.row(tennis_row(Round="Quarterfinals"))
    trial.row(tennis_row())
    assert (len(trial.odds), len(trial.incidents)) == count

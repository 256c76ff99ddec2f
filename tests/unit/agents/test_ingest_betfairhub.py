"""Betfair's season tables in, canonical events out."""

import pytest

from bookstream import topics
from domain.events.canonical import Fixture
from tests.unit.agents.tables import Trial
from tests.unit.connectors.table_samples import HUB_RUNNERS, hub_match

DAY = 1_729_209_600_000_000
HALF_TIME = DAY + (9 * 3600 + 26 * 60 + 15) * 1_000_000
OVER = DAY + 86_400_000_000
MINUTE = 60_000_000


@pytest.fixture
def trial() -> Trial:
    return Trial("betfairhub")


def test_a_market_is_told_before_the_match_at_half_time_and_as_it_was_settled(trial: Trial) -> None:
    trial.row(hub_match(*HUB_RUNNERS[:3], TOTAL_MATCHED_VOLUME="900.25", LAST_PREPLAY_PRICE="2.48"))
    before, half_time, settled = trial.odds
    assert [(each.status, each.in_play, each.occurred_at) for each in trial.odds] == [
        ("OPEN", False, DAY - MINUTE), ("OPEN", True, HALF_TIME), ("CLOSED", True, OVER),
    ]  # fmt: skip
    home, draw, away = before.selections
    assert (home.selection_id, home.back_odds, home.lay_odds, home.traded_minor) == ("home", 2500, 2520, 100_050)
    assert (draw.back_odds, draw.lay_odds, away.back_odds, home.last_traded_odds) == (3400, None, 3000, 2480)
    assert [each.back_odds for each in half_time.selections] == [1500, 4000, 7000]
    assert [(each.status, each.traded_minor) for each in settled.selections] == [
        ("WINNER", 90_025), ("LOSER", 90_025), ("LOSER", 90_025),
    ]  # fmt: skip
    assert {each.bookmaker for each in trial.odds} == {"betfair"}


def test_a_handicap_is_the_home_side_s_and_a_line_without_a_price_is_not_told(trial: Trial) -> None:
    trial.row(hub_match())
    told = {
        (each.market_type, each.line_milli): [(s.selection_id, s.back_odds) for s in each.selections]
        for each in trial.odds
        if each.occurred_at == DAY - MINUTE
    }
    assert told["ASIAN_HANDICAP", -500] == [("home", 2050), ("away", 1900)]
    assert told["TOTAL_GOALS", 2500] == [("over", 1900), ("under", 2100)]
    assert ("ASIAN_HANDICAP", -4000) not in told
    assert len(told) == 3


def test_the_result_ends_the_match(trial: Trial) -> None:
    trial.row(hub_match())
    fixture = trial.said(topics.FIXTURES, Fixture)[-1]
    assert (fixture.name, fixture.status, fixture.competition) == ("Rovers v Wanderers", "FINISHED", "First League")
    assert trial.incidents == [("SCORE", 2, 1), ("FULL_TIME", 2, 1)]
    assert trial.figures == {"total_goals_count": 3}
    assert trial.reasons == {}


def test_a_reckoned_score_is_a_dead_letter_and_the_winner_is_told(trial: Trial) -> None:
    trial.row(hub_match(*HUB_RUNNERS[:3], HOME_SCORE="5.625", AWAY_SCORE="1.375"))
    (reason,) = trial.reasons
    assert "HOME_SCORE is no count: '5.625'" in reason
    assert trial.odds[-1].selections[0].status == "WINNER"
    assert trial.incidents == [("FULL_TIME", None, None)]


def test_a_runner_that_comes_twice_is_a_dead_letter(trial: Trial) -> None:
    trial.row(hub_match(*HUB_RUNNERS[:3], HUB_RUNNERS[0]))
    assert list(trial.reasons) == ["market 'Match Odds' has 'home' twice"]


def test_the_same_match_again_says_nothing(trial: Trial) -> None:
    trial.row(hub_match())
    count = len(trial.odds), len(trial.incidents)
    trial.row(hub_match(MARKET_TYPE="MATCH_ODDS"))
    trial.row(hub_match())
    assert (len(trial.odds), len(trial.incidents)) == count

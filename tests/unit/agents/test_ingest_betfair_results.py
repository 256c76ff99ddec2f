"""What the exchange's runner statuses say became of its markets."""

from typing import Any

import pytest

from bookstream import topics
from domain.events.settlement import MarketResult
from domain.settlement.result import HALF, LOSE, NONE, VOID, WIN, LegResult
from domain.settlement.telling import result_of, word_of
from domain.settlement.truth import MarketWords, hear, unheard
from tests.unit.agents.test_ingest_betfair import Trial, definition, image
from tests.unit.agents.test_ingest_moves import NEW, split

HOME_WON = ("WINNER", "LOSER", "LOSER")
AWAY_WON = ("LOSER", "WINNER", "LOSER")


@pytest.fixture
def trial() -> Trial:
    trial = Trial()
    trial.take(image())
    return trial


def said(trial: Trial) -> list[MarketResult]:
    return trial.said(topics.RESULTS, MarketResult)


def results(result: MarketResult) -> dict[str, LegResult | None]:
    return {each.selection_id: result_of(each) for each in result.selections}


def truth(words: list[MarketResult], market_id: str) -> MarketWords:
    """Weigh what was said of a market as settlement does, the last first."""
    market = unheard(market_id)
    for each in reversed(words):
        if each.market_id == market_id:
            market = hear(market, word_of(each))
    return market


def race(*statuses: str, **gone: Any) -> dict[str, Any]:
    """Define a race whose last runner may be withdrawn."""
    made = definition(
        status="CLOSED", eventTypeId="7", marketType="WIN", eventName="Ascot 30th Apr", venue="Ascot",
        numberOfWinners=1, statuses=statuses,
    )  # fmt: skip
    made["marketDefinition"]["runners"][-1] |= gone
    return made


def test_a_closed_market_s_winner_is_said_for_good_with_the_exchange_s_time_and_version(trial: Trial) -> None:
    trial.take(definition(status="CLOSED", version=7, statuses=HOME_WON))
    (result,) = said(trial)
    assert results(result) == {"home": WIN, "away": LOSE, "draw": LOSE}
    assert result.market_id == f"{result.fixture_id}/MATCH_ODDS/FT"
    assert (result.told_by, result.told_number, result.action, result.confirmed) == ("betfair", 7, "SETTLE", True)
    assert (result.occurred_at, result.provider, result.actor) == (trial.at, "betfair", None)


def test_a_market_that_is_closed_anew_is_settled_by_its_last_winner_in_whatever_order_that_is_heard(
    trial: Trial,
) -> None:
    trial.take(definition(status="CLOSED", statuses=HOME_WON))
    trial.take(definition(status="CLOSED", version=2, statuses=AWAY_WON))
    first, second = said(trial)
    assert results(second) == {"home": LOSE, "away": WIN, "draw": LOSE}
    held = truth([first, second], first.market_id).truth
    assert (held.status, held.results) == ("CONFIRMED", results(second))


def test_a_market_that_is_opened_again_has_no_result_until_it_is_closed(trial: Trial) -> None:
    trial.take(definition(status="CLOSED", statuses=HOME_WON))
    trial.take(definition(status="OPEN", version=2, inPlay=True))
    assert [each.action for each in said(trial)] == ["SETTLE", "ROLLBACK_SETTLEMENT"]
    market_id = said(trial)[0].market_id
    assert truth(said(trial), market_id).truth.status == "OPEN"
    trial.take(definition(status="CLOSED", version=3, statuses=AWAY_WON))
    assert truth(said(trial), market_id).truth.results["away"] == WIN


def test_a_market_that_opens_says_nothing_of_results_where_nothing_was_said(trial: Trial) -> None:
    trial.take(definition(status="SUSPENDED"))
    trial.take(definition(status="CLOSED", version=2))
    trial.take(definition(status="OPEN", version=3))
    assert said(trial) == []


def test_removed_runners_are_void_and_so_is_a_market_of_them(trial: Trial) -> None:
    trial.take(definition(status="CLOSED", statuses=("WINNER", "LOSER", "REMOVED")))
    trial.take(definition(status="CLOSED", version=2, statuses=("REMOVED",) * 3))
    first, second = said(trial)
    assert results(first) == {"home": WIN, "away": LOSE, "draw": VOID}
    assert set(results(second).values()) == {VOID}


def test_those_that_are_level_share_the_place(trial: Trial) -> None:
    trial.take(definition(status="CLOSED", numberOfWinners=1, statuses=("WINNER", "WINNER", "LOSER")))
    (result,) = said(trial)
    shared = LegResult(win=1, void=NONE, dead_heat=HALF)
    assert results(result) == {"home": shared, "away": shared, "draw": LOSE}


def test_of_a_race_with_a_withdrawal_nothing_is_said_and_what_was_said_is_taken_back() -> None:
    gone = {"adjustmentFactor": 20.0, "removalDate": "2017-04-30T12:00:00.000Z"}
    silent = Trial()
    silent.take(race("WINNER", "LOSER", "REMOVED", **gone))
    assert (said(silent), silent.reasons) == ([], [])
    corrected = Trial()
    corrected.take(race("WINNER", "LOSER", "LOSER"))
    corrected.take(race("WINNER", "LOSER", "REMOVED", version=2, **gone))
    assert [each.action for each in said(corrected)] == ["SETTLE", "ROLLBACK_SETTLEMENT"]
    assert truth(said(corrected), said(corrected)[0].market_id).truth.status == "OPEN"


def test_each_line_of_a_handicap_market_has_its_own_result_and_whole_lines_have_none() -> None:
    trial = Trial()
    lines = [(-0.5, 0.5, "LOSER", "WINNER"), (0.5, -0.5, "WINNER", "LOSER"), (0.0, 0.0, "LOSER", "LOSER")]
    runners = [
        {"id": number, "name": name, "sortPriority": 2 * place + side, "status": status, "hc": line}
        for place, (home, away, *statuses) in enumerate(lines)
        for side, (number, name, line, status) in enumerate(
            [(63907, "Middlesbrough", home, statuses[0]), (47999, "Man City", away, statuses[1])], 1
        )
    ]
    more: dict[str, Any] = {
        "marketType": "ASIAN_HANDICAP",
        "bettingType": "ASIAN_HANDICAP_DOUBLE_LINE",
        "runners": runners,
    }
    trial.take(image(**more | {"runners": [each | {"status": "ACTIVE"} for each in runners]}))
    trial.take(definition(status="CLOSED", **more))
    found = {each.market_id.rpartition("/")[2]: results(each) for each in said(trial)}
    assert found == {"-500": {"home": LOSE, "away": WIN}, "500": {"home": WIN, "away": LOSE}}


def test_results_go_with_a_match_to_its_new_fixture_and_are_taken_back_where_they_were(trial: Trial) -> None:
    trial.take(definition(status="CLOSED", statuses=HOME_WON))
    (settled,) = said(trial)
    split(trial.log, trial.at + 1, settled.fixture_id, "betfair", "28202626")
    left, moved = said(trial)[1:]
    assert (moved.fixture_id, moved.market_id) == (NEW, f"{NEW}/MATCH_ODDS/FT")
    assert (results(moved), moved.told_by, moved.occurred_at) == (results(settled), "betfair", settled.occurred_at)
    assert set(results(left).values()) == {None}
    assert truth([settled, left], settled.market_id).truth.status == "OPEN"
    trial.take(definition(status="CLOSED", version=2, statuses=AWAY_WON))
    assert truth(said(trial), moved.market_id).truth.results == {"home": LOSE, "away": WIN, "draw": LOSE}


def test_a_market_without_results_moves_without_any(trial: Trial) -> None:
    split(trial.log, trial.at + 1, trial.odds[-1].fixture_id, "betfair", "28202626")
    assert said(trial) == []

"""Betfair's statuses and the Unified Odds Feed's factors as results, and our rules' own word."""

import pytest

from domain.errors import ContractViolation
from domain.events.canonical import MarketOdds, RunnerStatus, SelectionOdds
from domain.feeds.markets import MarketKind
from domain.settlement import ours, uof
from domain.settlement.betfair import Runner, agrees, each_way_of, market_of, results_of, withdrawals
from domain.settlement.facts import Facts
from domain.settlement.folding import Record, learn
from domain.settlement.result import HALF_LOSE, HALF_WIN, LOSE, VOID, WIN, LegResult
from domain.settlement.rulebook import Choice, Market, rule_of
from domain.settlement.rulebook import market_of as published
from domain.settlement.settle import settle
from tests.unit.domain.settlement.tellings import MATCH, MINUTE, figure, told


def field(*statuses: RunnerStatus) -> list[Runner]:
    return [Runner(id=number, status=status) for number, status in enumerate(statuses, 1)]


def test_statuses_are_results() -> None:
    assert results_of(field("WINNER", "LOSER", "REMOVED"), 1) == {"1": WIN, "2": LOSE, "3": VOID}
    assert results_of(field("WINNER", "WINNER", "LOSER"), 2) == {"1": WIN, "2": WIN, "3": LOSE}
    assert results_of(field("WINNER", "ACTIVE"), 1) is None


def test_two_winners_of_one_place_share_it_and_three_of_two_nobody_can_tell() -> None:
    half = LegResult(win=1, dead_heat=(1, 2))
    assert results_of(field("WINNER", "WINNER", "LOSER"), 1) == {"1": half, "2": half, "3": LOSE}
    assert results_of(field("WINNER", "WINNER", "WINNER", "LOSER"), 2) is None
    assert results_of(field("WINNER", "WINNER", "WINNER"), 0) == {"1": WIN, "2": WIN, "3": WIN}


def test_a_withdrawn_runner_takes_by_its_part_of_the_market_and_only_from_earlier_bets() -> None:
    gone = Runner(id=3, status="REMOVED", adjustment_factor=20.0, removed_at=1_000)
    runners = [*field("WINNER", "LOSER"), gone]
    assert [each.odds for each in withdrawals(runners)] == [5000]
    assert (results_of(runners, 1, placed_at=999) or {})["1"] == LegResult(win=1, deduction=20)
    assert (results_of(runners, 1, placed_at=1_000) or {})["1"] == WIN


def test_no_status_tells_of_half_a_line_or_of_a_push() -> None:
    runners = [
        Runner(id=1, status="WINNER", handicap_milli=-500),
        Runner(id=1, status="LOSER", handicap_milli=-1000),
        Runner(id=1, status="WINNER", handicap_milli=-750),
    ]
    assert results_of(runners, 0) == {"1/-500": WIN}


def test_each_way_has_two_parts() -> None:
    assert each_way_of("WINNER") == (WIN, WIN)
    assert each_way_of("PLACED") == (LOSE, WIN)
    assert each_way_of("LOSER") == (LOSE, LOSE)
    assert each_way_of("REMOVED") == (VOID, VOID)
    assert each_way_of("ACTIVE") is None


@pytest.mark.parametrize(
    ("result", "statuses"),
    [
        (WIN, ["WINNER"]),
        (HALF_WIN, ["WINNER"]),
        (LOSE, ["LOSER"]),
        (HALF_LOSE, ["LOSER"]),
        (VOID, ["REMOVED"]),
        (LegResult(win=1, dead_heat=(1, 2), deduction=5), ["WINNER"]),
    ],
)
def test_a_status_agrees_with_the_results_that_it_can_stand_for(result: LegResult, statuses: list[str]) -> None:
    words: tuple[RunnerStatus, ...] = ("WINNER", "LOSER", "REMOVED", "ACTIVE", "PLACED")
    assert [word for word in words if agrees(result, word)] == statuses


def test_a_handicap_s_lines_are_the_home_side_s() -> None:
    runners = [
        Runner(id=7, status="ACTIVE", sort_priority=1, name="Hull", handicap_milli=-500),
        Runner(id=8, status="ACTIVE", sort_priority=2, name="Leeds", handicap_milli=500),
    ]
    market = market_of(
        sport="soccer", market_type="ASIAN_HANDICAP", name="Asian Handicap", event="Hull v Leeds", runners=runners,
        betting_type="ASIAN_HANDICAP_DOUBLE_LINE",
    )  # fmt: skip
    assert [(each.id, each.word, each.line_milli) for each in market.choices] == [
        ("7/-500", "home", -500),
        ("8/500", "away", -500),
    ]
    assert settle(market, Facts(phase="FINISHED", home=1, scored=True)).results == {"7/-500": WIN, "8/500": LOSE}


def test_a_market_whose_prices_are_lines_is_not_taken_for_one_of_odds() -> None:
    market = market_of(
        sport="soccer", market_type="MATCH_ODDS", name="", event="Hull v Leeds", betting_type="LINE",
        runners=field("ACTIVE"),
    )  # fmt: skip
    assert rule_of(market) is None


def test_a_published_market_is_known_by_its_words_or_by_its_runners_names() -> None:
    def odds(kind: str, *names: tuple[str, str]) -> Market:
        event = MarketOdds(
            event_id="e", occurred_at=0, received_at=0, provider="betfair", fixture_id="fx", market_id="m",
            market_type=kind, period="FT", line_milli=None, bookmaker="betfair", status="OPEN", in_play=False,
            bet_delay_s=0, late=False,
            selections=tuple(SelectionOdds(selection_id=each, name=name) for each, name in names),
        )  # fmt: skip
        return published(event, "soccer", ("Hull",), ("Leeds",), name="Leeds Clean Sheet")

    over = Facts(phase="FINISHED", home=0, away=1, scored=True, half=(0, 0))
    assert settle(odds("MATCH_ODDS", ("home", "Hull"), ("away", "Leeds")), over).results == {"home": LOSE, "away": WIN}
    double = odds("BETFAIR_HALF_TIME_FULL_TIME", ("r-1", "Draw/Leeds"), ("r-2", "Hull/Leeds"))
    assert settle(double, over).results == {"r-1": WIN, "r-2": LOSE}
    assert settle(odds("BETFAIR_CLEAN_SHEET", ("r-1", "Yes"), ("r-2", "No")), over).results == {"r-1": WIN, "r-2": LOSE}
    assert settle(odds("BETFAIR_MATCH_ODDS", ("home", "Hull")), over).state == "NOT_OURS"


@pytest.mark.parametrize(
    ("factors", "wanted"),
    [
        ((1,), WIN),
        ((0,), LOSE),
        ((0, 1.0), VOID),
        ((1, 1.0), VOID),
        ((1, 0.5), HALF_WIN),
        ((0, 0.5), HALF_LOSE),
        ((1, None, 0.5), LegResult(win=1, dead_heat=(1, 2))),
        ((1, 0.0, 0.3333), LegResult(win=1, dead_heat=(1, 3))),
        ((1, 0.0, 0.67), LegResult(win=1, dead_heat=(2, 3))),
        ((1, 0.0, 0.0), LOSE),
        ((-1,), None),
    ],
)
def test_the_feed_s_factors_are_exact(factors: tuple[int, float, float], wanted: LegResult | None) -> None:
    assert uof.leg_result(*factors) == wanted


@pytest.mark.parametrize("factors", [(2,), (1, 1.5), (1, 0.0, -0.1), (1, float("nan"))])
def test_factors_that_no_bet_can_have_are_refused(factors: tuple[int, float]) -> None:
    with pytest.raises(ContractViolation):
        uof.leg_result(*factors)


def test_a_settled_line_names_our_selections() -> None:
    kind = MarketKind(market_type="TOTAL_GOALS", shape="OVER_UNDER")
    over, under = uof.outcomes_of(kind, [uof.Told(id="12", result=1), uof.Told(id="13", result=0)], known_at=5)
    assert (over.selection_id, over.result, over.known_at) == ("over", WIN, 5)
    assert (under.selection_id, under.result) == ("under", LOSE)


# ---- our own word


def rules_say(kind: str, words: str, line: int | None = None, *, upto: int = len(MATCH)) -> dict[str, int | None]:
    record = Record()
    for each in MATCH[:upto]:
        learn(record, each)
    choices = tuple(Choice(id=word) for word in words.split())
    market = Market(sport="soccer", market_type=kind, period="FT", choices=choices, line_milli=line)
    return {each.selection_id: each.known_at for each in ours.outcomes_of(market, record)}


def test_a_result_is_known_from_the_incident_on_that_decided_it() -> None:
    # MATCH: goals in the 37th, 68th and 76th minute, a break of 15, and the end at 94.
    assert rules_say("TOTAL_GOALS", "over under", 500) == {"over": 37 * MINUTE, "under": 37 * MINUTE}
    assert rules_say("TOTAL_GOALS", "over under", 2500) == {"over": 91 * MINUTE, "under": 91 * MINUTE}
    assert rules_say("BOTH_TO_SCORE", "yes") == {"yes": 83 * MINUTE}
    assert rules_say("MATCH_ODDS", "home") == {"home": 109 * MINUTE}
    assert rules_say("MATCH_ODDS", "home", upto=6) == {}
    assert rules_say("UOF_1", "home") == {}


def test_what_a_correction_decides_is_known_from_the_correction_on() -> None:
    record = Record()
    for each in [*MATCH[:3], told("GOAL_CANCELLED", 50, (0, 0), "HOME"), told("GOAL", 60, (1, 0), "HOME")]:
        learn(record, each)
    market = Market(
        sport="soccer", market_type="TOTAL_GOALS", period="FT", choices=(Choice(id="over"),), line_milli=500
    )
    (over,) = ours.outcomes_of(market, record)
    assert over.known_at == 75 * MINUTE
    assert ours.moment_of(record) == 75 * MINUTE


def test_only_what_is_new_is_said_and_a_goal_withdrawn_takes_back_what_it_decided() -> None:
    record = Record()
    for each in MATCH[:2]:
        learn(record, each)
    market = Market(
        sport="soccer", market_type="TOTAL_GOALS", period="FT", line_milli=500,
        choices=(Choice(id="over"), Choice(id="under")),
    )  # fmt: skip
    first = ours.word_of("uof", market, record)
    assert first is not None
    assert (first.source, first.at, first.sequence, first.confirmed) == ("rules:uof", 37 * MINUTE, 2, False)
    said = {each.selection_id: each.result for each in first.outcomes if each.result is not None}
    assert said == {"over": WIN, "under": LOSE}
    assert ours.word_of("uof", market, record, said) is None
    learn(record, told("GOAL_CANCELLED", 39, (0, 0), "HOME"))
    taken_back = ours.word_of("uof", market, record, said)
    assert taken_back is not None
    assert [(each.selection_id, each.result) for each in taken_back.outcomes] == [("over", None), ("under", None)]
    assert (taken_back.at, taken_back.sequence) > (first.at, first.sequence)


def test_when_a_figure_decided_nobody_knows() -> None:
    record = Record()
    for incident in MATCH:
        learn(record, incident)
    for corners in (figure("home_corners_count", 5), figure("away_corners_count", 7)):
        learn(record, corners)
    market = Market(
        sport="soccer", market_type="TOTAL_CORNERS", period="FT", choices=(Choice(id="over"),), line_milli=9500
    )
    (over,) = ours.outcomes_of(market, record)
    assert (over.result, over.known_at) == (WIN, None)
    assert ours.source_of("uof") == "rules:uof"

"""What the Unified Odds Feed says became of its lines, in the words of settlement."""

from itertools import permutations

import pytest

from agents.ingest import ingest_context
from bookstream import topics
from bookstream.delivery.memory import MemoryLog
from domain.events.settlement import MarketResult
from domain.identity.catalogue import catalogue
from domain.identity.claims import FixtureClaim
from domain.identity.directory import FixtureDirectory
from domain.identity.resolver import resolve
from domain.settlement.result import HALF_LOSE, HALF_WIN, LOSE, VOID, WIN, LegResult
from domain.settlement.telling import result_of, word_of
from domain.settlement.truth import MarketTruth, hear, leg_outcome, unheard
from tests.unit.agents.test_ingest_moves import NEW, split
from tests.unit.agents.test_ingest_uof import FIXTURE, SECOND, URN, Trial, line, pair

MS = 1000
KICK_OFF = 1_776_511_800 * SECOND


@pytest.fixture
def trial() -> Trial:
    trial = Trial()
    trial.say(FIXTURE)
    trial.odds_change(line(1))
    return trial


def outcomes(*results: str, market: str = 'id="1"') -> str:
    inner = "".join(f"<outcome {each}/>" for each in results)
    return f"<outcomes><market {market}>{inner}</market></outcomes>"


def won(winner: int) -> str:
    return outcomes(*(f'id="{each}" result="{int(each == winner)}"' for each in (1, 2, 3)))


def said(trial: Trial) -> list[MarketResult]:
    return trial.said(topics.RESULTS, MarketResult)


def results(result: MarketResult) -> dict[str, LegResult | None]:
    return {each.selection_id: result_of(each) for each in result.selections}


def truth(words: list[MarketResult], market_id: str = "") -> MarketTruth:
    """Weigh what was said of a market, and make sure that no order of it comes to anything else."""
    wanted = [each for each in words if each.market_id == (market_id or words[0].market_id)]
    found = []
    for order in permutations(wanted):
        market = unheard(wanted[0].market_id)
        for each in order:
            market = hear(market, word_of(each))
        found.append((market.truth.status, market.truth.results, market.truth.windows))
    assert all(each == found[0] for each in found)
    return market.truth


def test_a_settlement_is_said_with_its_producer_its_own_time_and_its_certainty(trial: Trial) -> None:
    trial.about("bet_settlement", won(1), certainty=1, product=3)
    stamp = trial.at - SECOND
    trial.about("bet_settlement", won(1), certainty=2)
    first, second = said(trial)
    assert (first.told_by, first.occurred_at, first.confirmed) == ("uof/3", stamp, False)
    assert (second.told_by, second.confirmed, second.action) == ("uof/1", True, "SETTLE")
    assert first.market_id == second.market_id == f"{first.fixture_id}/MATCH_ODDS/FT"
    assert results(first) == results(second) == {"home": WIN, "draw": LOSE, "away": LOSE}
    assert truth([first]).status == "PROVISIONAL"
    assert truth([first, second]).status == "CONFIRMED"


def test_halves_voids_and_dead_heats_are_exact(trial: Trial) -> None:
    market = 'id="16" specifiers="hcp=-0.25"'
    trial.odds_change(line(16, pair("1714", "1715"), "hcp=-0.25"))
    half = outcomes('id="1714" result="1" void_factor="0.5"', 'id="1715" result="0" void_factor="0.5"', market=market)
    trial.about("bet_settlement", half, certainty=2)
    third = 'result="1" dead_heat_factor="0.3333"'
    mixed = outcomes(f'id="1" {third}', 'id="2" result="0" void_factor="1"', 'id="3" result="1" void_factor="1.0"')
    trial.about("bet_settlement", mixed, certainty=2)
    handicap, match = said(trial)
    assert results(handicap) == {"home": HALF_WIN, "away": HALF_LOSE}
    assert handicap.market_id.endswith("/ASIAN_HANDICAP/FT/-250")
    assert results(match)["home"] == LegResult(win=1, dead_heat=(1, 3))
    assert truth([match]).results == {"home": LegResult(win=1, dead_heat=(1, 3)), "draw": VOID, "away": VOID}


def test_an_outcome_that_is_undecided_has_no_result(trial: Trial) -> None:
    trial.about("bet_settlement", outcomes('id="1" result="-1"', 'id="2" result="0"'), certainty=1)
    assert results(said(trial)[0]) == {"home": None, "draw": LOSE}
    assert truth(said(trial)).results == {"draw": LOSE}


def test_a_word_that_comes_twice_is_said_once(trial: Trial) -> None:
    for product in (1, 1, 3):
        trial.about("bet_settlement", won(1), certainty=2, product=product, timestamp=KICK_OFF // MS)
    assert [each.told_by for each in said(trial)] == ["uof/1", "uof/3"]


def test_a_settlement_and_its_rollback_come_to_the_last_truth_in_any_order(trial: Trial) -> None:
    trial.about("bet_settlement", won(1), certainty=2)
    trial.about("rollback_bet_settlement", '<market id="1"/>')
    assert [each.action for each in said(trial)] == ["SETTLE", "ROLLBACK_SETTLEMENT"]
    assert truth(said(trial)).status == "OPEN"
    trial.about("bet_settlement", won(3), certainty=2)
    assert truth(said(trial)).results["away"] == WIN
    assert truth(said(trial)).results["home"] == LOSE


def test_a_provisional_word_after_a_confirmed_one_is_said_and_changes_nothing(trial: Trial) -> None:
    trial.about("bet_settlement", won(1), certainty=2)
    trial.about("bet_settlement", won(3), certainty=1)
    assert [each.confirmed for each in said(trial)] == [True, False]
    assert truth(said(trial)).results["home"] == WIN


def test_a_cancel_s_window_voids_what_was_placed_in_it_until_it_is_rolled_back(trial: Trial) -> None:
    window = {"start_time": KICK_OFF // MS, "end_time": KICK_OFF // MS + 60_000}
    trial.about("bet_cancel", '<market id="1" void_reason="7"/>', **window)
    (cancel,) = said(trial)
    assert (cancel.action, cancel.from_at, cancel.until_at) == ("CANCEL", KICK_OFF, KICK_OFF + 60 * SECOND)
    held = truth([cancel])
    assert leg_outcome(held, "home", KICK_OFF).result == VOID
    assert leg_outcome(held, "home", KICK_OFF + 60 * SECOND).status == "OPEN"
    trial.about("rollback_bet_cancel", '<market id="1"/>', **window)
    assert truth(said(trial)).windows == ()
    trial.about("bet_cancel", '<market id="1"/>')
    assert [(each.from_at, each.until_at) for each in said(trial)[2:]] == [(None, None)]
    assert truth(said(trial)).status == "CONFIRMED"


def test_a_cancel_names_the_event_that_supersedes_it_and_the_outcomes_it_is_about(trial: Trial) -> None:
    trial.about("bet_cancel", '<market id="1"><outcome id="3"/></market>', superceded_by="sr:match:43")
    (cancel,) = said(trial)
    assert (cancel.selection_ids, cancel.superseded_by) == (("away",), "sr:match:43")


def test_what_is_said_before_the_event_is_known_is_said_when_it_is(trial: Trial) -> None:
    early = Trial()
    early.about("bet_settlement", won(1), certainty=1)
    first = early.at
    early.about("rollback_bet_settlement", '<market id="1"/>')
    early.about("bet_settlement", won(3), certainty=2)
    assert said(early) == []
    early.say(FIXTURE)
    assert [each.action for each in said(early)] == ["SETTLE", "ROLLBACK_SETTLEMENT", "SETTLE"]
    assert said(early)[0].occurred_at == first - SECOND
    assert truth(said(early)).results["away"] == WIN
    early.about("bet_settlement", won(2), certainty=2)
    assert len(said(early)) == 4


def turned() -> Trial:
    """Know the match from another provider, the sides the other way round."""
    directory = FixtureDirectory()
    told = FixtureClaim(
        provider="betfair", provider_fixture_id="1", sport="tennis", kick_off_at=KICK_OFF, home="Roger Federer",
        away="Rafael Nadal",
    )  # fmt: skip
    resolve(directory, catalogue(), told)
    trial = Trial()
    trial.log = MemoryLog([ingest_context(directory)])
    document = FIXTURE.replace("sr:sport:1", "sr:sport:5").replace("Soccer", "Tennis")
    trial.say(
        document.replace("Brighton &amp; Hove Albion", "Nadal, Rafael").replace("Nottingham Forest", "Federer, R")
    )
    return trial


def test_results_are_those_of_the_right_side() -> None:
    trial = turned()
    trial.odds_change(line(186, pair("4", "5")) + line(187, pair("1714", "1715"), "hcp=-2.5"))
    inner = outcomes('id="4" result="1"', 'id="5" result="0"', market='id="186"')
    trial.about("bet_settlement", inner, certainty=2)
    handicap = outcomes('id="1714" result="1"', market='id="187" specifiers="hcp=-2.5"')
    trial.about("bet_settlement", handicap, certainty=2)
    trial.about("bet_cancel", '<market id="186"><outcome id="4"/></market>')
    winner, games, cancel = said(trial)
    assert results(winner) == {"away": WIN, "home": LOSE}
    assert results(games) == {"away": WIN}
    assert games.market_id.endswith("/2500")
    assert cancel.selection_ids == ("away",)
    told = {each.market_id for each in trial.odds}
    assert {each.market_id for each in said(trial)} == told


def test_words_go_with_an_event_to_its_new_fixture_and_are_taken_back_where_they_were(trial: Trial) -> None:
    window = {"start_time": 0, "end_time": KICK_OFF // MS}
    trial.about("bet_settlement", won(1), certainty=1, product=3)
    trial.about("bet_settlement", won(1), certainty=2, product=3)
    trial.about("bet_cancel", '<market id="1"/>', **window)
    before = said(trial)
    old = before[0].market_id
    split(trial.log, trial.at, before[0].fixture_id, "uof", URN)
    moved = [each for each in said(trial) if each.fixture_id == NEW]
    same = ("occurred_at", "told_by", "action", "confirmed", "selections", "from_at", "until_at", "provider")
    for one, other in zip(before, moved, strict=True):
        assert [getattr(one, name) for name in same] == [getattr(other, name) for name in same]
        assert other.market_id == f"{NEW}/MATCH_ODDS/FT"
    assert truth(said(trial), old).status == "OPEN"
    assert truth(said(trial), old).windows == ()
    assert truth(moved).results["home"] == WIN
    trial.about("bet_settlement", won(3), certainty=2, product=3)
    assert said(trial)[-1].market_id == f"{NEW}/MATCH_ODDS/FT"
    assert truth([each for each in said(trial) if each.fixture_id == NEW]).results["away"] == WIN


def test_words_that_come_back_to_a_fixture_stand_there_again(trial: Trial) -> None:
    trial.about("bet_settlement", won(1), certainty=2)
    old = said(trial)[0]
    split(trial.log, trial.at, old.fixture_id, "uof", URN)
    split(trial.log, trial.at + 1, NEW, "uof", URN, fixture_id=old.fixture_id, event_id="d2")
    assert truth(said(trial), old.market_id).results["home"] == WIN
    assert truth(said(trial), f"{NEW}/MATCH_ODDS/FT").status == "OPEN"

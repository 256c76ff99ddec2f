"""The book's configuration: complete by default, strict when given."""

from typing import Any

import pytest

from domain.errors import Misconfigured
from domain.trading.playbook import Playbook
from domain.trading.rules import HOUR_US, BookRules, MarketRules, PhaseRules, SourceRules, rules_from


def test_rules_are_read_from_plain_values() -> None:
    rules = rules_from({"currency": "EUR", "sources": {"x": {"sharpness": 0.7}}, "in_play": {
        "half_life_us": 10**7, "quote_us": 10**7, "vouched_us": 0}})  # fmt: skip
    assert rules.currency == "EUR"
    assert rules.source("x").sharpness == 0.7
    assert rules.in_play.quote_us == 10**7


def test_what_a_file_leaves_out_keeps_its_default_at_any_depth() -> None:
    rules = rules_from({
        "markets": {"DOUBLE_CHANCE": {"market_cap_minor": 5}, "NEW": {"winners": 1}},
        "exchange": {"in_play_stale_us": 90_000_000},
        "in_play": {"quote_us": 10**7},
        "incidents": {"GOAL": 1},
    })  # fmt: skip
    assert (rules.market("DOUBLE_CHANCE").winners, rules.market("DOUBLE_CHANCE").market_cap_minor) == (2, 5)
    assert rules.market("NEW").winners == 1
    assert rules.market("MATCH_ODDS") == BookRules().market("MATCH_ODDS")
    assert (rules.exchange.leads, rules.exchange.in_play_stale_us) == (True, 90_000_000)
    assert rules.in_play.half_life_us == BookRules().in_play.half_life_us
    assert rules.incidents["GOAL"] == 1
    assert rules.incidents["RED_CARD"] == BookRules().incidents["RED_CARD"]
    assert rules_from({}) == BookRules()


@pytest.mark.parametrize(
    "values",
    [
        {"qourum_weight": 1},
        {"currency": 3},
        {"quorum_sources": 0},
        {"quorum_sources": 3, "reopen_sources": 2},
        {"tight_spread": 0},
        {"disagreement_logit": 0},
        {"due_per_tick": 0},
        {"fixtures_kept_us": 24 * HOUR_US},
        {"abandoned_us": 0},
        {"past_kept_us": 0},
        {"incidents": {"GOAL": -1}},
        {"quorum_weight": -1},
        {"markets": {"MATCH_ODDS": {"overround": 0.9}}},
    ],
)
def test_rules_that_are_unknown_or_contradict_each_other_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        rules_from(values)


@pytest.mark.parametrize("values", [{"sharpness": 0.0}, {"in_play_stale_us": 0}, {"stale_us": 1}])
def test_a_source_needs_weight_and_time(values: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        SourceRules(**values)


@pytest.mark.parametrize("values", [{"market_cap_minor": -1}, {"winners": -1}, {"max_odds": 1000}])
def test_a_market_needs_caps_that_can_be(values: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        MarketRules(**values)


def test_a_phase_needs_times_that_can_be() -> None:
    with pytest.raises(Misconfigured):
        PhaseRules(half_life_us=1, quote_us=10**7, vouched_us=0)


def test_a_source_is_found_by_its_name_else_by_what_it_is() -> None:
    rules = BookRules()
    assert rules.source("betfair").leads
    assert rules.source("betfair_es").leads
    assert not rules.source("betfair_sb_uk").leads
    assert rules.source("pinnacle").sharpness > rules.source("somebody").sharpness


def test_a_market_type_is_found_by_its_name_or_its_family_and_may_have_many_winners_else() -> None:
    rules = BookRules()
    assert rules.market("TOTAL_CORNERS").winners == 1
    assert rules.market("ASIAN_HANDICAP").winners == 1
    assert rules.market("DOUBLE_CHANCE").winners == 2
    assert rules.market("BETFAIR_FIRST_GOAL_SCORER").winners == 0


def test_a_playbook_gives_what_its_rules_give() -> None:
    playbook = Playbook(BookRules(ladder="betfair"))
    assert playbook.ladder.name == "betfair"
    for name in ("betfair", "unibet", "betfair"):
        assert playbook.source(name) is playbook.rules.source(name)
    assert playbook.market("WIN") is playbook.rules.market("WIN")
    assert playbook.phase(in_play=True).consensus.half_life_ms == 30_000

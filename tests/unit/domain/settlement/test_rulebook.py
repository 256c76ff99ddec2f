"""The rules as data: each is read, decides one kind of market, and asks only for what a match can tell."""

import tomllib
from importlib.resources import files

import pytest

from domain.settlement.expressions import World, read
from domain.settlement.facts import Facts
from domain.settlement.patterns import numbers_in, rewritten
from domain.settlement.rulebook import Choice, Market, calls_of, of_betfair, rule_of
from domain.settlement.settle import settle

RULES = tomllib.loads(files("domain.settlement").joinpath("rules.toml").read_text(encoding="utf-8"))["rule"]
EACH = [(sport, kind, period) for rule in RULES for sport in rule["sports"] for kind in rule["types"]
        for period in rule.get("periods", ["FT"])]  # fmt: skip


@pytest.mark.parametrize(("sport", "kind", "period"), EACH, ids="/".join)
def test_a_rule_decides_every_selection_that_it_names_once_a_match_is_over(sport: str, kind: str, period: str) -> None:
    rule = rule_of(Market(sport=sport, market_type=kind, period=period, choices=()))
    assert rule is not None
    patterns = [*rule.win, *rule.margin]
    words = {each.replace("{h}", "1").replace("{a}", "0").replace("{n}", "1").replace("{m}", "2") for each in patterns}
    choices = tuple(Choice(id=each) for each in words)
    market = Market(sport=sport, market_type=kind, period=period, choices=choices, line_milli=1500)
    over = Facts(
        phase="FINISHED", home=2, away=0, scored=True, goals=(), half=(0, 0), corners=(3, 4), yellows=(1, 2),
        reds=(0, 0), sets=((6, 3), (7, 5)),
    )  # fmt: skip
    calls, unknown = calls_of(market)
    assert (len(calls), unknown) == (len(words), ())
    verdict = settle(market, over)
    assert verdict.state == "DECIDED"
    assert set(verdict.results) == words


def test_no_condition_holds_more_than_the_language_has() -> None:
    for text in ("__import__('os')", "home.real", "[1]", "home if away else 0", "1 < home < 3", "nth(1, 2)", "home >"):
        with pytest.raises(ValueError, match=r"language of rules|is no expression"):
            read(text)


def test_conditions_are_worked_out_as_they_are_written() -> None:
    world = World({"home": 2, "away": 1}, (1, 2, 1))
    for text, wanted in {
        "home > away and away > 0": 1,
        "home == away or not away": 0,
        "1000 * (home - away) + line": 500,
        "(home + away) % 2": 1,
        "nth(2) == AWAY": 1,
        "nth(4) == NOBODY": 1,
        "reached(1, 1)": 1,
        "reached(2, 0)": 0,
        "reached(0, 0)": 0,
    }.items():
        assert int(read(text, {"line": -500}).formula(world)) == wanted, text


def test_a_pattern_reads_numbers_and_sides_whatever_their_case() -> None:
    assert numbers_in("{h}-{a}", "2-13") == {"h": 2, "a": 13}
    assert numbers_in("{h}-{a}", "2-x") is None
    names = {"{side} by {n}+": "{side}_by_{n}+", "{side}/{side2}": "{side}/{side2}"}
    assert rewritten(names, "Man  City by 4+", ["Hull"], ["Man City"]) == "away_by_4+"
    assert rewritten(names, "Hull/The Draw", ["Hull"], ["Man City"]) == "home/draw"
    assert rewritten(names, "Leeds by 4+", ["Hull"], ["Man City"]) is None


def test_a_name_that_both_sides_go_by_is_neither() -> None:
    assert rewritten({"{side}": "{side}"}, "United", ["United"], ["United"]) is None


def test_a_market_of_betfair_s_own_is_known_by_its_type_and_name() -> None:
    def own(kind: str, name: str = "") -> tuple[str, int | None]:
        market = Market(
            sport="soccer", market_type=kind, period="FT", choices=(), name=name, home=("Hull",), away=("Leeds",)
        )
        known = of_betfair(market)
        return known.market_type, known.line_milli

    assert own("TEAM_A_2") == ("EUROPEAN_HANDICAP", 2000)
    assert own("TEAM_B_3") == ("EUROPEAN_HANDICAP", -3000)
    assert own("CLEAN_SHEET", "Leeds Clean Sheet") == ("CLEAN_SHEET_AWAY", None)
    assert own("CLEAN_SHEET", "Clean Sheet") == ("BETFAIR_CLEAN_SHEET", None)
    assert own("MATCH_ODDS_AND_OU_35") == ("MATCH_ODDS_AND_TOTAL_GOALS", 3500)
    assert own("TO_SCORE") == ("BETFAIR_TO_SCORE", None)
    assert own("MATCH_ODDS") == ("BETFAIR_MATCH_ODDS", None)

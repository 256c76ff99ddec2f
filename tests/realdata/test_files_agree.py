"""All files that tell of the same real matches, through one ingest: one fixture a match, and they say the same of it.

What differs is listed: whose fault it is can be seen in the files.
"""

from collections import Counter, defaultdict
from functools import cache
from typing import NamedTuple

import pytest

from bookstream import topics
from domain.events.canonical import Fixture, Incident, MarketOdds
from tests.realdata.pitch_truth import DATA, Replay, result

pytestmark = [pytest.mark.realdata, pytest.mark.skipif(not DATA.is_dir(), reason="the recorded files are absent")]

ROUND = DATA / "bookmakers_belgium_2021-03-12"
MAKERS = ("kambi_events", "kambi_betoffers", "pinnacle_events", "pinnacle_betoffers", "altenar_events",
          "betcenter_events", "bwin_events", "sbtech_events")  # fmt: skip
FILES = {
    "belgium": [
        *((name.partition("_")[0], f"{ROUND.name}/{name}.json.gz") for name in MAKERS),
        ("goaltimes", "football_results/goals_time_bel-pro-league.csv.gz"),
    ],
    "england 2026": [
        ("theoddsapi", "the_odds_api/soccer_epl_2026-04-16_flat.csv.gz"),
        ("footballdata", "football_results/premier-league_season-2526_results.csv.gz"),
    ],
    "tennis": [
        ("tennispbp", "tennis/pbp_matches_atp_main_2017.csv.gz"),
        ("tennisdata", "tennis/tennis_data_co_uk_atp_2017.csv.gz"),
    ],
    "england 2017": [
        ("betfair", "betfair/soccer_28202626_middlesbrough_mancity_2017-04-30_basic.bz2"),
        ("footballdata", "football_data_co_uk/E0_1617.csv.gz"),
        ("goaltimes", "football_results/goals_time_eng-premier-league.csv.gz"),
    ],
    "cricket": [
        ("betfair", "betfair/cricket_1.200806927_match_odds_2022-07-11.jsonl.gz"),
        ("betfair", "betfair/cricket_1.200806927_scoreboard_ccm.jsonl.gz"),
    ],
}


class Said(NamedTuple):
    """What was said of fixtures, by their ids: their names, who carries them, and each one's final score."""

    replay: Replay
    names: dict[str, str]
    carriers: dict[str, set[str]]
    ends: dict[str, dict[str, tuple[int | None, int | None]]]

    def differences(self) -> dict[str, dict[str, tuple[int | None, int | None]]]:
        """Return the fixtures whose final score is not the same for all who tell it."""
        return {self.names[each]: told for each, told in self.ends.items() if len(set(told.values())) > 1}


@cache
def said(name: str) -> Said:
    replay = Replay()
    for provider, file in FILES[name]:
        replay.file(provider, DATA / file)
    names: dict[str, str] = {}
    carriers: dict[str, set[str]] = defaultdict(set)
    for each in replay.said(topics.FIXTURES, Fixture):
        names[each.fixture_id] = each.name
        carriers[each.fixture_id].add(each.provider)
    ends: dict[str, dict[str, tuple[int | None, int | None]]] = defaultdict(dict)
    for incident in replay.incidents("FULL_TIME"):
        ends[incident.fixture_id][incident.provider] = (incident.home_score, incident.away_score)
    return Said(replay, names, carriers, ends)


def test_a_round_s_bookmakers_and_goals_are_of_the_same_fixtures() -> None:
    found = said("belgium")
    shared = {found.names[each]: who for each, who in found.carriers.items() if len(who) > 1}
    assert len(shared) == 20
    # Matches without goals have no row in the list.
    assert {name for name, who in shared.items() if "goaltimes" not in who} == {
        "Beerschot v Charleroi", "Waasland-Beveren v Sint-Truiden"
    }  # fmt: skip
    assert {who for who in map(frozenset, found.carriers.values()) if len(who) == 1} == {frozenset({"goaltimes"})}
    goals = Counter(each.fixture_id for each in found.replay.incidents("GOAL"))
    scores = {each: sum(filter(None, told["goaltimes"])) for each, told in found.ends.items()}
    assert {each: goals[each] for each in scores} == scores


def test_offers_of_april_2026_are_of_the_results_fixtures() -> None:
    found = said("england 2026")
    assert Counter(frozenset(who) for who in found.carriers.values()) == {
        frozenset({"footballdata", "theoddsapi"}): 20, frozenset({"footballdata"}): 360
    }  # fmt: skip
    offered = {each.fixture_id for each in found.replay.said(topics.ODDS, MarketOdds) if each.provider == "theoddsapi"}
    assert all(found.carriers[each] == {"footballdata", "theoddsapi"} for each in offered)
    assert offered <= found.ends.keys()


def test_a_year_of_tennis_ends_the_same_in_both_files() -> None:
    found = said("tennis")
    assert Counter(frozenset(who) for who in found.carriers.values()) == {
        frozenset({"tennisdata", "tennispbp"}): 2_034, frozenset({"tennisdata"}): 599, frozenset({"tennispbp"}): 113
    }  # fmt: skip
    # Its row says 1-0, two sets were played: refused, and by whom it was won is told by the points alone.
    assert found.differences() == {"Grigor Dimitrov v Nick Kyrgios": {"tennispbp": (2, 0), "tennisdata": (None, None)}}
    assert sum(len(told) > 1 for told in found.ends.values()) == 2_034


def chances(odds: dict[str, float]) -> dict[str, float]:
    """Return the chances that odds tell, their margin taken off in proportion."""
    total = sum(1 / each for each in odds.values())
    return {side: 1 / each / total for side, each in odds.items()}


def test_closing_odds_of_the_exchange_are_those_of_the_bookmakers() -> None:
    found = said("england 2017")
    (fixture,) = [each for each, who in found.carriers.items() if who == {"betfair", "footballdata", "goaltimes"}]
    assert found.names[fixture] == "Middlesbrough v Manchester City"
    assert {found.ends[fixture][each] for each in ("footballdata", "goaltimes")} == {(2, 2)}
    # The exchange says that a match is over, and no score.
    assert found.differences() == {found.names[fixture]: found.ends[fixture]}
    assert found.ends[fixture]["betfair"] == (None, None)
    odds = [each for each in found.replay.said(topics.ODDS, MarketOdds)
            if (each.fixture_id, each.market_type) == (fixture, "MATCH_ODDS")]  # fmt: skip
    before = [each for each in odds if each.provider == "betfair" and not each.in_play and each.status == "OPEN"]
    exchange = {each.selection_id: (each.last_traded_odds or 0) / 1000 for each in before[-1].selections}
    row = result("E0_1617", "Middlesbrough", "Man City")
    pinnacle = {side: float(row[f"PSC{side[0].upper()}"]) for side in ("home", "draw", "away")}
    apart = {side: chances(exchange)[side] - chances(pinnacle)[side] for side in pinnacle}
    print({side: (exchange[side], pinnacle[side], round(each, 4)) for side, each in apart.items()})
    # The exchange was last traded at 13.0 for the home side and Pinnacle closed at 11.84: long odds differ by much
    # where the chances differ by little.
    assert max(map(abs, apart.values())) < 0.01


def test_a_market_and_a_scoreboard_of_cricket_are_one_fixture() -> None:
    found = said("cricket")
    # The scoreboards' file tells of another match, too.
    (fixture,) = {each.fixture_id for each in found.replay.said(topics.ODDS, MarketOdds)}
    assert fixture in {each.fixture_id for each in found.replay.said(topics.INCIDENTS, Incident)}
    assert len(found.names) == 2
    assert found.replay.reasons == {}

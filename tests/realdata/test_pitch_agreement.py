"""One real match in several files is one fixture, and its goals and cards are the same whoever tells them."""

from collections import defaultdict
from itertools import permutations
from pathlib import Path

import pytest

import connectors
from bookstream import topics
from bookstream.codecs import encode
from domain.events.canonical import Fixture, Incident, Statistic
from tests.realdata.pitch_truth import DATA, Replay

SEASONS = DATA / "football_data_co_uk"
STATSBOMB = DATA / "statsbomb"
SPAIN = {
    "footballdata": (SEASONS / "SP1_1819.csv.gz", ["Barcelona,Alaves", "Barcelona,Girona", "Ath Bilbao,Leganes"]),
    "statsbomb": (STATSBOMB / "15946_barcelona_alaves_2018-08-18_events.json.gz", [""]),
    "statsbomb/2": (STATSBOMB / "15986_barcelona_girona_2018-09-23_events.json.gz", [""]),
    "opta": (DATA / "opta_f24" / "1009316_athletic_leganes_2018-08-20_f24.xml.gz", [""]),
}
ENGLAND = {
    "footballdata": (SEASONS / "E0_1617.csv.gz", ["Middlesbrough,Man City"]),
    "goaltimes": (DATA / "football_results" / "goals_time_eng-premier-league.csv.gz", ["2017-04-30,"]),
    "betfair": (DATA / "betfair" / "soccer_28202626_middlesbrough_mancity_2017-04-30_basic.bz2", [""]),
}
RESULTS = {"Barcelona v Alavés": (3, 0), "Barcelona v Girona": (2, 2), "Athletic Club v Leganés": (2, 1)}
CARDS = ("home_yellow_cards_count", "away_yellow_cards_count", "home_red_cards_count", "away_red_cards_count")
Files = dict[str, tuple[Path, list[str]]]

pytestmark = [pytest.mark.realdata, pytest.mark.skipif(not STATSBOMB.is_dir(), reason="the recorded files are absent")]


def replayed(files: Files, order: tuple[str, ...]) -> Replay:
    """Replay what of each file has one of its texts."""
    replay = Replay()
    for name in order:
        path, wanted = files[name]
        for message in connectors.by_name(name.partition("/")[0]).recorded(path):
            if any(text.encode() in message.payload for text in wanted):
                replay.log.send(topics.raw_topic(message.provider), message.stream_id.encode(), encode(message))
        replay.log.run()
    return replay


def carriers(replay: Replay) -> dict[str, set[str]]:
    """Return which providers carry each fixture, by its name where two or more do."""
    found: dict[str, set[str]] = defaultdict(set)
    called: dict[str, str] = {}
    for each in replay.said(topics.FIXTURES, Fixture):
        found[each.fixture_id].add(each.provider)
        called[each.fixture_id] = each.name
    assert len(set(called.values())) == len(called)
    return {called[fixture]: providers for fixture, providers in found.items() if len(providers) > 1}


def by_provider(replay: Replay, name: str) -> dict[str, list[Incident]]:
    """Return the incidents of a match by who told them."""
    ids = {each.fixture_id for each in replay.said(topics.FIXTURES, Fixture) if each.name == name}
    found: dict[str, list[Incident]] = defaultdict(list)
    for each in replay.said(topics.INCIDENTS, Incident):
        if each.fixture_id in ids:
            found[each.provider].append(each)
    return found


@pytest.mark.parametrize("order", [*permutations(SPAIN)][::7], ids="-".join)
def test_three_matches_of_spain_are_one_fixture_each_in_any_order(order: tuple[str, ...]) -> None:
    replay = replayed(SPAIN, order)
    assert carriers(replay) == {
        "Barcelona v Alavés": {"footballdata", "statsbomb"},
        "Barcelona v Girona": {"footballdata", "statsbomb"},
        "Athletic Club v Leganés": {"footballdata", "opta"},
    }
    for name, wanted in RESULTS.items():
        for provider, incidents in by_provider(replay, name).items():
            ends = [(each.home_score, each.away_score) for each in incidents if each.kind == "FULL_TIME"]
            halves = [(each.home_score, each.away_score) for each in incidents if each.kind == "HALF_TIME"]
            assert ends == [wanted], f"{name} by {provider}"
            assert len(halves) == 1, f"{name} by {provider}"
        assert len({each[0].fixture_id for each in by_provider(replay, name).values()}) == 1


def test_cards_and_half_time_scores_of_spain_agree() -> None:
    replay = replayed(SPAIN, tuple(SPAIN))
    names = {each.fixture_id: each.name for each in replay.said(topics.FIXTURES, Fixture)}
    told: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for each in replay.said(topics.STATISTICS, Statistic):
        if each.name in CARDS:
            told[names[each.fixture_id], each.name][each.provider] = each.value
    for name in RESULTS:
        for figure in CARDS:
            values = told[name, figure]
            assert "footballdata" in values
            # Who tells events says nothing of what never happened.
            assert set(values.values()) == {values["footballdata"]}
            assert len(values) == (2 if values["footballdata"] else 1)
        halves = {
            (each.home_score, each.away_score)
            for incidents in by_provider(replay, name).values()
            for each in incidents
            if each.kind == "HALF_TIME"
        }
        assert len(halves) == 1


@pytest.mark.parametrize("order", [*permutations(ENGLAND)], ids="-".join)
def test_middlesbrough_against_manchester_city_is_one_fixture_in_three_files(order: tuple[str, ...]) -> None:
    replay = replayed(ENGLAND, order)
    assert carriers(replay) == {"Middlesbrough v Manchester City": set(ENGLAND)}
    told = by_provider(replay, "Middlesbrough v Manchester City")
    for provider in ("footballdata", "goaltimes"):
        (end,) = [each for each in told[provider] if each.kind == "FULL_TIME"]
        assert (end.home_score, end.away_score) == (2, 2)
    assert [each.minute for each in told["goaltimes"] if each.kind == "GOAL"] == [37, 68, 76, 84]

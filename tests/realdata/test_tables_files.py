"""Every table goes through the whole ingest handler; what comes out is counted without the connectors.

Each cell that cannot be taken is named here: the matches that it belongs to are dead letters for it, and all the rest
of them is said.
"""

import csv
import gzip
import os
import re
from collections import Counter
from functools import cache
from pathlib import Path

import msgspec
import pytest

from bookstream import topics
from connectors.theoddsapi import recorded as theoddsapi
from connectors.theoddsapi.parser import parse_message
from domain.events.canonical import Fixture, IdentityReview, Incident, Statistic
from domain.events.head import Event
from tests.unit.agents.tables import Trial

DATA = Path(os.environ.get("BOOKSTREAM_REALDATA") or Path(__file__).parents[3] / "shared" / "data")
SEASONS = [
    *sorted((DATA / "football_data_co_uk").glob("*.csv.gz")),
    DATA / "football_results" / "premier-league_season-2526_results.csv.gz",
]
HUB = sorted((DATA / "betfair_aleague").glob("*.csv.gz"))
YEAR = DATA / "tennis" / "tennis_data_co_uk_atp_2017.csv.gz"
SHEET = DATA / "tennis" / "tennis_data_co_uk_atp_2017.xlsx"
POINTS = DATA / "tennis" / "pbp_matches_atp_main_2017.csv.gz"
MAJOR = (DATA / "tennis" / "2013-wimbledon-matches.csv", DATA / "tennis" / "2013-wimbledon-points.csv.gz")
FLAT = sorted((DATA / "the_odds_api").glob("*_flat.csv.gz"))

pytestmark = [pytest.mark.realdata, pytest.mark.skipif(not DATA.is_dir(), reason="the recorded files are absent")]

Row = dict[str, str]


def plain(path: Path) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@cache
def told(provider: str, path: Path) -> Trial:
    trial = Trial(provider)
    trial.file(path)
    assert trial.said(topics.IDENTITY_REVIEWS, IdentityReview) == []
    assert not any(each.late for each in trial.odds)
    return trial


def content(event: Event) -> Event:
    """Return an event without what names the record that caused it."""
    return msgspec.structs.replace(event, event_id="", source=None)


def ended(trial: Trial) -> Counter[str]:
    """Count fixtures by the status that they were told of last."""
    return Counter({each.fixture_id: each.status for each in trial.said(topics.FIXTURES, Fixture)}.values())


def scores(trial: Trial, kind: str) -> Counter[tuple[int | None, int | None]]:
    return Counter((home, away) for each, home, away in trial.incidents if each == kind)


@pytest.mark.parametrize("path", SEASONS, ids=lambda path: path.name)
def test_every_match_of_a_season_is_told_with_its_result(path: Path) -> None:
    rows, trial = plain(path), told("footballdata", path)
    assert ended(trial) == {"FINISHED": 380}
    full = Counter((int(float(each["FTHG"])), int(float(each["FTAG"]))) for each in rows)
    half = Counter((int(float(each["HTHG"])), int(float(each["HTAG"]))) for each in rows)
    assert scores(trial, "SCORE") == scores(trial, "FULL_TIME") == full
    assert scores(trial, "HALF_TIME") == half
    wanted: Counter[str] = Counter()
    names = {"HS": "home_shots_count", "AC": "away_corners_count", "HY": "home_yellow_cards_count",
             "AR": "away_red_cards_count"}  # fmt: skip
    for column, name in names.items():
        wanted[name] = sum(int(float(each[column])) for each in rows)
    found: Counter[str] = Counter()
    for each in trial.said(topics.STATISTICS, Statistic):
        if each.name in names.values():
            found[each.name] += int(each.value)
    assert found == wanted


@pytest.mark.parametrize("path", SEASONS, ids=lambda path: path.name)
def test_every_price_of_a_season_is_told(path: Path) -> None:
    rows, trial = plain(path), told("footballdata", path)
    columns = list(rows[0])
    prices = [name for name in columns[columns.index("AR") + 1 :] if re.search(r"([HDA]|[<>]2\.5)$", name)]
    prices = [name for name in prices if not name.endswith(("AHh", "BbAH"))]
    cells = [(name, each[name]) for each in rows for name in prices if each[name]]
    refused = Counter(f"{name}: odds of {text} cannot be taken" for name, text in cells if float(text) <= 1)
    assert Counter(reason for each in trial.reasons.elements() for reason in each.split("; ")) == refused
    told_prices = [each.back_odds or 0 for odds in trial.odds for each in odds.selections]
    wanted = [round(float(text) * 1000) for _, text in cells if float(text) > 1]
    assert Counter(told_prices) == Counter(wanted)


def test_middlesbrough_s_closing_odds_are_told_at_kick_off() -> None:
    trial = told("footballdata", DATA / "football_data_co_uk" / "E0_1617.csv.gz")
    fixtures = {each.fixture_id: each for each in trial.said(topics.FIXTURES, Fixture)}
    (fixture,) = [each for each in fixtures.values() if each.provider_fixture_id.endswith("middlesbrough-man_city")]
    (row,) = [
        each
        for each in plain(DATA / "football_data_co_uk" / "E0_1617.csv.gz")
        if (each["HomeTeam"], each["AwayTeam"]) == ("Middlesbrough", "Man City")
    ]
    pinnacle = [each for each in trial.odds if (each.fixture_id, each.bookmaker) == (fixture.fixture_id, "pinnacle")]
    opening, closing = sorted(pinnacle, key=lambda each: each.occurred_at)
    for odds, prefix in ((opening, "PS"), (closing, "PSC")):
        assert [each.back_odds for each in odds.selections] == [
            round(float(row[prefix + side]) * 1000) for side in "HDA"
        ]
    assert opening.occurred_at < closing.occurred_at == fixture.kick_off_at


def test_every_match_of_a_year_of_tennis_is_told() -> None:
    rows, trial = plain(YEAR), told("tennisdata", YEAR)
    walkovers = sum(each["Comment"] == "Walkover" for each in rows)
    assert ended(trial) == {"FINISHED": len(rows) - walkovers, "CANCELLED": walkovers}
    assert (len(rows), walkovers) == (2633, 14)
    flags = [each for each in trial.said(topics.STATISTICS, Statistic) if each.name.endswith("_retired_flag")]
    assert len(flags) == sum(each["Comment"] == "Retired" for each in rows) == 89
    columns = [maker + side for maker in ("B365", "EX", "LB", "PS", "Max", "Avg") for side in "WL"]
    cells = [(name, each[name]) for each in rows for name in columns if each[name]]
    assert Counter(each.back_odds for odds in trial.odds for each in odds.selections) == Counter(
        round(float(text) * 1000) for _, text in cells if float(text) > 1
    )
    refused = Counter(f"{name}: odds of {text} cannot be taken" for name, text in cells if float(text) <= 1)
    assert sum(refused.values()) == 7
    others = {"W1 is no count: ''": 1, "Lsets is no count: ''": 1, "sets of 2-1 are not those of the games": 1,
              "sets of 1-0 are not those of the games": 1}  # fmt: skip
    assert Counter(reason for each in trial.reasons.elements() for reason in each.split("; ")) == refused + Counter(
        others
    )


def test_a_year_s_spreadsheet_is_told_as_its_csv_is() -> None:
    table, sheet = told("tennisdata", YEAR), told("tennisdata", SHEET)
    assert table.reasons == sheet.reasons
    for topic, kind in ((topics.INCIDENTS, Incident), (topics.STATISTICS, Statistic)):
        assert [content(each) for each in table.said(topic, kind)] == [
            content(each) for each in sheet.said(topic, kind)
        ]
    assert [content(each) for each in table.odds] == [content(each) for each in sheet.odds]
    assert ended(table) == ended(sheet)


def test_the_sets_of_every_match_of_tennis_are_its_winner_s() -> None:
    rows, trial = plain(YEAR), told("tennisdata", YEAR)
    wanted: Counter[tuple[int, int]] = Counter()
    for each in rows:
        pairs = [(each[f"W{n}"], each[f"L{n}"]) for n in range(1, 6) if each[f"W{n}"] and each[f"L{n}"]]
        won = Counter(int(winner) > int(loser) for winner, loser in pairs)
        if each["Comment"] == "Completed" and str(won[True]) == each["Wsets"] and str(won[False]) == each["Lsets"]:
            wanted[max(won.values()), min(won[True], won[False])] += 1
    completed = {each.fixture_id for each in trial.said(topics.STATISTICS, Statistic) if "retired" in each.name}
    found = Counter(
        (max(each.home_score or 0, each.away_score or 0), min(each.home_score or 0, each.away_score or 0))
        for each in trial.said(topics.INCIDENTS, Incident)
        if each.kind == "SCORE" and each.fixture_id not in completed
    )
    assert found == wanted


def test_every_point_of_a_year_is_played_again() -> None:
    rows, trial = plain(POINTS), told("tennispbp", POINTS)
    once = {each["pbp_id"]: each for each in rows}
    assert (len(rows), len(once)) == (2148, 2147)
    assert trial.reasons == {}
    assert ended(trial) == {"FINISHED": len(once)}
    last = {
        (each.fixture_id, each.name): each.value
        for each in trial.said(topics.STATISTICS, Statistic)
        if each.name.endswith(("points_won_count", "aces_count", "double_faults_count"))
    }
    found: Counter[str] = Counter()
    for (_, name), value in last.items():
        found[name.partition("_")[2]] += int(value)
    of_aces = [each for each in once.values() if each["adf_flag"] != "0"]
    assert found == {
        "points_won_count": sum(len(re.sub(r"[^SRAD]", "", each["pbp"])) for each in once.values()),
        "aces_count": sum(each["pbp"].count("A") for each in of_aces),
        "double_faults_count": sum(each["pbp"].count("D") for each in of_aces),
    }
    wanted = Counter(
        tuple(sorted(Counter(int(a) > int(b) for a, b in re.findall(r"(\d+)-(\d+)", each["score"])).values()))
        for each in once.values()
    )
    over = [(home, away) for kind, home, away in trial.incidents if kind == "FULL_TIME"]
    assert Counter(tuple(sorted(filter(None, pair))) for pair in over) == wanted


@pytest.mark.parametrize("files", [MAJOR, MAJOR[::-1]], ids=["names first", "points first"])
def test_every_point_of_a_major_is_played_again(files: tuple[Path, ...]) -> None:
    trial = Trial("tennispbp")
    assert [trial.file(path) for path in files] == [146, 146]
    assert trial.reasons == {}
    points: dict[str, list[Row]] = {}
    for each in plain(MAJOR[1]):
        points.setdefault(each["match_id"], []).append(each)
    with MAJOR[0].open(encoding="utf-8", newline="") as file:
        names = {each["match_id"]: f"{each['player1']} v {each['player2']}" for each in csv.DictReader(file)}
    fixtures = {each.fixture_id: each for each in trial.said(topics.FIXTURES, Fixture)}
    called = {each.provider_fixture_id: each.name for each in fixtures.values()}
    assert called == names
    assert len(fixtures) == len(points) == 146
    over: Counter[tuple[int, ...]] = Counter()
    won: Counter[str] = Counter()
    for match, rows in points.items():
        sets = Counter(each["SetWinner"] for each in rows if each["SetWinner"] != "0")
        if max(sets.values(), default=0) == (3 if "-wimbledon-1" in match else 2):
            over[sets["1"], sets["2"]] += 1
        played = rows[: 1 + max(n for n, each in enumerate(rows) if each["GameWinner"] != "0")]
        won["points_won_count"] += len(played)
        won["aces_count"] += sum(each["P1Ace"] == "1" or each["P2Ace"] == "1" for each in played)
    assert (ended(trial), sum(over.values())) == ({"FINISHED": 137, "IN_PLAY": 9}, 137)
    assert scores(trial, "FULL_TIME") == over
    last = {(each.fixture_id, each.name): each.value for each in trial.said(topics.STATISTICS, Statistic)}
    found: Counter[str] = Counter()
    for (_, name), value in last.items():
        found[name.partition("_")[2]] += int(value)
    assert {name: found[name] for name in won} == won


@pytest.mark.parametrize("path", HUB, ids=lambda path: path.name)
def test_every_match_of_the_exchange_s_tables_is_told(path: Path) -> None:
    rows, trial = plain(path), told("betfairhub", path)
    matches = {each["EVENT_ID"]: each for each in rows}
    assert ended(trial) == {"FINISHED": len(matches)}
    whole = [each for each in matches.values() if re.fullmatch(r"\d+", each["HOME_SCORE"])]
    assert scores(trial, "SCORE") == Counter((int(each["HOME_SCORE"]), int(each["AWAY_SCORE"])) for each in whole)
    refused = Counter(
        f"HOME_SCORE is no count: {each['HOME_SCORE']!r}; AWAY_SCORE is no count: {each['AWAY_SCORE']!r}"
        for each in matches.values()
        if "." in each["HOME_SCORE"]
    )
    assert trial.reasons == refused


@pytest.mark.parametrize("path", HUB, ids=lambda path: path.name)
def test_every_price_and_winner_of_the_exchange_s_tables_is_told(path: Path) -> None:
    rows, trial = plain(path), told("betfairhub", path)
    for word, attribute in (("BEST_BACK", "back_odds"), ("BEST_LAY", "lay_odds")):
        wanted = Counter(
            round(float(text) * 1000) for each in rows for name, text in each.items() if name.startswith(word) and text
        )
        prices = Counter(getattr(each, attribute) for odds in trial.odds for each in odds.selections)
        assert prices - Counter({None: prices[None]}) == wanted
    in_play = {each.status for each in trial.odds if each.in_play}
    assert in_play == ({"OPEN", "CLOSED"} if "HALF_TIME" in rows[0] else {"CLOSED"})
    match_odds = [each for each in trial.odds if (each.market_type, each.status) == ("MATCH_ODDS", "CLOSED")]
    winners = Counter(each.name for odds in match_odds for each in odds.selections if each.status == "WINNER")
    assert winners == Counter(
        each["RUNNER_NAME"] for each in rows if each["MARKET_NAME"] == "Match Odds" and each["IS_WINNER"] == "1"
    )
    sides = {each.selection_id for odds in match_odds for each in odds.selections}
    assert sides == {"home", "draw", "away"}


@pytest.mark.parametrize("path", FLAT, ids=lambda path: path.name)
def test_every_row_of_a_flat_file_is_an_outcome(path: Path) -> None:
    wanted = Counter(
        (each["event_id"], each["bookmaker_key"], each["market"], each["outcome_name"], float(each["price"]),
         float(each["point"]) if each["point"] else None)
        for each in plain(path)
    )  # fmt: skip
    found = Counter(
        (event.id, maker.key, market.key, outcome.name, outcome.price, outcome.point)
        for message in theoddsapi.recorded(path)
        for event in parse_message(message).events
        for maker in event.bookmakers or ()
        for market in maker.markets
        for outcome in market.outcomes
    )
    assert found == wanted

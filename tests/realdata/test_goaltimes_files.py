"""Both goal-minute lists: each match is read, and its goals are those that football-data.co.uk tells."""

import csv
import gzip
import io
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from bookstream import topics
from domain.events.canonical import Fixture, Incident, Participant
from domain.identity import names
from domain.identity.catalogue import catalogue
from tests.realdata.pitch_truth import DATA, Replay, rows

FOLDER = DATA / "football_results"
ENGLAND = FOLDER / "goals_time_eng-premier-league.csv.gz"
BELGIUM = FOLDER / "goals_time_bel-pro-league.csv.gz"
SEASONS = ["E0_1617", "E0_1718", "E0_1819", "E0_1920", "E0_2021", "E0_2122"]
WRONG = {ENGLAND: 1, BELGIUM: 0}
"""Matches whose goals do not lead to the result beside them."""

pytestmark = [pytest.mark.realdata, pytest.mark.skipif(not FOLDER.is_dir(), reason="the recorded files are absent")]

Score = tuple[int, int]


def plain(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(io.StringIO(file.read(), newline="")))


def matches(path: Path) -> dict[tuple[str, str], list[dict[str, str]]]:
    found: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in plain(path):
        found[row["date"], row["game"]].append(row)
    return found


@cache
def replayed(path: Path) -> Replay:
    """Replay a list once for all tests: nobody changes it."""
    replay = Replay()
    assert replay.file("goaltimes", path) == len(matches(path))
    return replay


@pytest.mark.parametrize("path", [ENGLAND, BELGIUM], ids=lambda path: path.name)
def test_every_goal_is_told_and_only_what_contradicts_itself_is_refused(path: Path) -> None:
    replay = replayed(path)
    wrong = sum(replay.reasons.values())
    assert wrong == WRONG[path]
    if path == ENGLAND:
        assert list(replay.reasons) == [
            "West Ham United v Aston Villa, 1991-08-28: its goals lead to 3:2, its result is 3:1"
        ]
    refused = 5 if path == ENGLAND else 0
    assert len(replay.incidents("GOAL")) == len(plain(path)) - refused
    assert len({each.fixture_id for each in replay.said(topics.FIXTURES, Fixture)}) == len(matches(path)) - wrong
    assert not any(each.late for each in replay.incidents("GOAL"))


def test_minutes_are_those_of_the_list() -> None:
    replay = replayed(BELGIUM)
    stated = [row["time"].split("+") for row in plain(BELGIUM)]
    wanted = Counter(sum(map(int, each)) - 1 if each != ["0"] else None for each in stated)
    assert Counter(each.minute for each in replay.incidents("GOAL")) == wanted


@pytest.mark.parametrize("path", [ENGLAND, BELGIUM], ids=lambda path: path.name)
def test_the_result_of_a_match_is_the_one_on_the_pitch(path: Path) -> None:
    replay = replayed(path)
    statuses = Counter({each.fixture_id: each.status for each in replay.said(topics.FIXTURES, Fixture)}.values())
    annulled = sum("annull." in game for _, game in matches(path))
    awarded = sum("Wert." in game for _, game in matches(path))
    assert statuses["CANCELLED"] == annulled == (0 if path == ENGLAND else 16)
    assert len(replay.incidents("FULL_TIME")) == len(matches(path)) - annulled - awarded - WRONG[path]
    assert awarded == (0 if path == ENGLAND else 4)


def told(replay: Replay) -> dict[tuple[str, str, str], Score]:
    """Return the last score of each match by day and the canonical ids of its sides."""
    fixtures = {each.fixture_id: each for each in replay.said(topics.FIXTURES, Fixture)}
    found = {}
    for each in replay.said(topics.INCIDENTS, Incident):
        if each.kind == "GOAL":
            fixture = fixtures[each.fixture_id]
            day = datetime.fromtimestamp(fixture.kick_off_at / 1_000_000, UTC).date().isoformat()
            found[day, fixture.home_id or "", fixture.away_id or ""] = (each.home_score or 0, each.away_score or 0)
    return found


def side(name: str) -> str:
    known = catalogue().team("soccer", names.team(name))
    assert known is not None
    return known.id


def day_of(text: str) -> str:
    form = "%d/%m/%Y" if len(text) == 10 else "%d/%m/%y"
    return datetime.strptime(text, form).replace(tzinfo=UTC).date().isoformat()


def test_six_premier_leagues_agree_with_football_data_on_every_result() -> None:
    scores = told(replayed(ENGLAND))
    days: Counter[int] = Counter()
    missing, different = [], []
    for season in SEASONS:
        for row in rows(DATA / "football_data_co_uk" / f"{season}.csv.gz"):
            wanted = (int(float(row["FTHG"])), int(float(row["FTAG"])))
            if wanted == (0, 0):
                continue
            day, sides = datetime.fromisoformat(day_of(row["Date"])), (side(row["HomeTeam"]), side(row["AwayTeam"]))
            near = {apart: (day + timedelta(days=apart)).date().isoformat() for apart in (0, -1, 1)}
            apart = next((apart for apart, each in near.items() if (each, *sides) in scores), None)
            if apart is None:
                missing.append((row["Date"], row["HomeTeam"], row["AwayTeam"]))
                continue
            days[apart] += 1
            if scores[near[apart], *sides] != wanted:
                different.append((row["Date"], row["HomeTeam"], row["AwayTeam"], scores[near[apart], *sides], wanted))
    assert missing == []
    assert different == []
    assert days == {0: sum(days.values())}


def test_middlesbrough_against_manchester_city_has_its_four_goals() -> None:
    replay = replayed(ENGLAND)
    (fixture,) = {
        each.fixture_id
        for each in replay.said(topics.FIXTURES, Fixture)
        if each.name == "Middlesbrough v Manchester City" and each.kick_off_at == 1_493_510_400_000_000
    }
    goals = [each for each in replay.incidents("GOAL") if each.fixture_id == fixture]
    assert [(each.minute, each.home_score, each.away_score) for each in goals] == [
        (37, 1, 0),
        (68, 1, 1),
        (76, 2, 1),
        (84, 2, 2),
    ]


def test_two_men_of_one_name_are_not_one() -> None:
    """Arsenal's Alan Smith of the nineties was not the one of Leeds."""
    replay = replayed(ENGLAND)
    fixtures = {each.fixture_id: each.name for each in replay.said(topics.FIXTURES, Fixture)}
    smiths = {
        each.participant_id for each in replay.said(topics.PARTICIPANTS, Participant) if each.name == "Alan Smith"
    }
    scored: dict[str, set[str]] = defaultdict(set)
    for each in replay.incidents("GOAL"):
        if each.participant_id in smiths:
            home, _, away = fixtures[each.fixture_id].partition(" v ")
            scored[each.participant_id].add(home if each.side == "HOME" else away)
    assert sorted(map(sorted, scored.values())) == [
        ["Arsenal"], ["Leeds United"], ["Manchester United"], ["Wolverhampton Wanderers"],
    ]  # fmt: skip

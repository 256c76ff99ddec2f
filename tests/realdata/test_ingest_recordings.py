"""Every recorded file of the providers goes through the whole ingest handler, and what comes out is right."""

import csv
import gzip
import os
from collections import Counter
from pathlib import Path
from typing import TypeVar

import pytest

from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.memory import MemoryLog
from connectors.betfair import recorded as betfair
from connectors.theoddsapi import recorded as theoddsapi
from domain.events.canonical import Fixture, IdentityReview, Incident, MarketOdds, Participant
from domain.events.head import Event
from domain.identity import names
from domain.identity.catalogue import catalogue
from domain.identity.directory import FixtureDirectory

DATA = Path(os.environ.get("BOOKSTREAM_REALDATA") or Path(__file__).parents[3] / "shared" / "data")
EPOCH = 1_700_000_000_000_000

pytestmark = [pytest.mark.realdata, pytest.mark.skipif(not DATA.is_dir(), reason="the recorded files are absent")]

BETFAIR = sorted(path for path in (DATA / "betfair").rglob("*") if path.is_file())
THEODDSAPI = sorted((DATA / "the_odds_api").glob("*"))
MIDDLESBROUGH = DATA / "betfair" / "soccer_28202626_middlesbrough_mancity_2017-04-30_basic.bz2"

E = TypeVar("E", bound=Event)


class Replay:
    """Files through the ingest context, in memory, one after the other."""

    def __init__(self) -> None:
        self.log = MemoryLog([ingest_context(FixtureDirectory())], batch_records=512)

    def file(self, path: Path) -> int:
        provider = betfair if path in BETFAIR else theoddsapi
        count = 0
        for message in provider.recorded(path, received_at=EPOCH):
            self.log.send(topics.raw_topic(message.provider), message.stream_id.encode(), encode(message))
            count += 1
        self.log.run()
        return count

    def said(self, topic: topics.Topic, kind: type[E]) -> list[E]:
        return [decode(kind, record.value or b"") for record in self.log.records(topic.name)]

    @property
    def reasons(self) -> Counter[str]:
        name = "__connect.errors.exception.message"
        return Counter(dict(record.headers)[name].decode() for record in self.log.records(topics.DEAD_LETTERS.name))


@pytest.mark.parametrize("path", BETFAIR + THEODDSAPI, ids=lambda path: path.name)
def test_a_recorded_file_replays_without_a_dead_letter(path: Path) -> None:
    replay = Replay()
    assert replay.file(path) > 0
    assert replay.reasons == Counter()
    odds = replay.said(topics.ODDS, MarketOdds)
    assert len({each.event_id for each in odds}) == len(odds)
    assert not any(each.late for each in odds)
    fixtures = {each.fixture_id for each in replay.said(topics.FIXTURES, Fixture)}
    assert {each.fixture_id for each in odds} <= fixtures


@pytest.mark.parametrize("path", BETFAIR, ids=lambda path: path.name)
def test_a_file_replayed_twice_says_everything_once(path: Path) -> None:
    replay = Replay()
    replay.file(path)
    once = len(replay.log.records(topics.ODDS.name))
    replay.file(path)
    assert len(replay.log.records(topics.ODDS.name)) == once


def test_middlesbrough_against_manchester_city_is_one_fixture_with_the_result_that_it_had() -> None:
    replay = Replay()
    replay.file(MIDDLESBROUGH)
    fixtures = replay.said(topics.FIXTURES, Fixture)
    assert {each.name for each in fixtures} == {"Middlesbrough v Manchester City"}
    assert len({each.fixture_id for each in fixtures}) == 1
    assert [each.status for each in fixtures] == ["SCHEDULED", "IN_PLAY", "FINISHED"]
    last = {(each.market_type, each.line_milli, each.bookmaker): each for each in replay.said(topics.ODDS, MarketOdds)}
    winners = {
        key: {each.selection_id for each in odds.selections if each.status == "WINNER"} for key, odds in last.items()
    }
    # 2-2, 1-0 at half-time
    assert winners["MATCH_ODDS", None, "betfair"] == {"draw"}
    assert winners["HALF_TIME", None, "betfair"] == {"home"}
    assert winners["BOTH_TO_SCORE", None, "betfair"] == {"yes"}
    assert winners["TOTAL_GOALS", 3500, "betfair"] == {"over"}
    assert winners["TOTAL_GOALS", 4500, "betfair"] == {"under"}
    assert winners["DOUBLE_CHANCE", None, "betfair"] == {"home_or_draw", "draw_or_away"}
    assert winners["DRAW_NO_BET", None, "betfair"] == set()
    assert all(odds.status == "CLOSED" for odds in last.values())
    kinds = Counter(each.kind for each in replay.said(topics.INCIDENTS, Incident))
    assert (kinds["KICK_OFF"], kinds["FULL_TIME"]) == (1, 1)


def test_a_scoreboard_and_a_nameless_market_of_one_event_are_one_fixture() -> None:
    replay = Replay()
    for path in BETFAIR:
        if path.name.startswith("cricket"):
            replay.file(path)
    fixtures = [each for each in replay.said(topics.FIXTURES, Fixture) if each.provider_fixture_id == "31573045"]
    assert len({each.fixture_id for each in fixtures}) == 1
    assert fixtures[-1].home == "Netherlands"
    scores = [
        (each.home_score, each.away_score)
        for each in replay.said(topics.INCIDENTS, Incident)
        if each.kind == "SCORE" and each.fixture_id == fixtures[0].fixture_id
    ]
    assert (163, 111) in scores


def test_all_files_together_find_no_doubtful_fixture() -> None:
    replay = Replay()
    for path in BETFAIR + THEODDSAPI:
        replay.file(path)
    assert [(each.provider_name, each.reason) for each in replay.said(topics.IDENTITY_REVIEWS, IdentityReview)] == []
    assert replay.reasons == Counter()


def test_the_premier_league_s_teams_are_the_catalogue_s_in_every_file() -> None:
    replay = Replay()
    replay.file(DATA / "the_odds_api" / "soccer_epl_2026-04-16_flat.csv.gz")
    found = {each.participant_id for each in replay.said(topics.PARTICIPANTS, Participant)}
    results = DATA / "football_results" / "premier-league_season-2526_results.csv.gz"
    with gzip.open(results, "rt", encoding="utf-8") as file:
        called = {row["HomeTeam"] for row in csv.DictReader(file)}
    known = {name: catalogue().team("soccer", names.team(name)) for name in called}
    assert [name for name, team in known.items() if team is None] == []
    assert {team.id for team in known.values() if team} == found
    assert len(found) == 20


@pytest.mark.parametrize("season", ["E0_1617", "E0_1718", "E0_1819", "E0_1920", "E0_2021", "E0_2122", "SP1_1819"])
def test_every_team_of_a_season_is_in_the_catalogue_once(season: str) -> None:
    with gzip.open(DATA / "football_data_co_uk" / f"{season}.csv.gz", "rt", encoding="utf-8-sig") as file:
        called = {row["HomeTeam"] for row in csv.DictReader(file)}
    known = {name: catalogue().team("soccer", names.team(name)) for name in called}
    assert [name for name, team in known.items() if team is None] == []
    assert len({team.id for team in known.values() if team}) == 20


def test_belgium_s_teams_are_the_catalogue_s() -> None:
    replay = Replay()
    replay.file(DATA / "the_odds_api" / "soccer_belgium_first_div_2026-04-16_flat.csv.gz")
    teams = {each.name for each in replay.said(topics.PARTICIPANTS, Participant)}
    assert all(catalogue().team("soccer", names.team(name)) for name in teams)
    assert {"Club Brugge", "Cercle Brugge", "Sint-Truiden", "Oud-Heverlee Leuven"} <= teams

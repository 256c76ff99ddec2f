"""Matches that several files tell, each in its own words: one directory makes one fixture of each."""

import bz2
import csv
import gzip
import json
import os
import random
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from domain.feeds.markets import sides_of
from domain.identity.catalogue import catalogue
from domain.identity.claims import FixtureClaim
from tests.realdata.identity_truth import Key, compared, linked, verdicts

DATA = Path(os.environ.get("BOOKSTREAM_REALDATA") or Path(__file__).parents[3] / "shared" / "data")
COUPONS = DATA / "football_data_co_uk"
GOALS = DATA / "football_results"
SEASONS = ("1617", "1718", "1819", "1920", "2021", "2122")
LONDON = ZoneInfo("Europe/London")

pytestmark = [pytest.mark.realdata, pytest.mark.skipif(not COUPONS.is_dir(), reason="the recorded files are absent")]

# How the results files shorten a club, and a part of its whole name that no other club of the league has.
SHORT = {
    "Man City": "manchester city", "Man United": "manchester united", "Wolves": "wolverhampton",
    "Nott'm Forest": "nottingham", "Alaves": "alav", "Leganes": "legan", "Ath Bilbao": "athletic",
}  # fmt: skip


class Told(NamedTuple):
    """A match as a file tells it, and the day it was played."""

    claim: FixtureClaim
    day: date

    @property
    def key(self) -> Key:
        return self.claim.provider, self.claim.provider_fixture_id


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)


def _told(provider: str, reference: str, at: datetime, sides: tuple[str, str], **more: Any) -> Told:
    claim = FixtureClaim(
        provider=provider, provider_fixture_id=reference, sport="soccer",
        kick_off_at=round(at.timestamp()) * 1_000_000, home=sides[0], away=sides[1], **more,
    )  # fmt: skip
    return Told(claim, at.date())


def _coupon(name: str, competition: str) -> Iterator[Told]:
    for number, row in enumerate(_rows(COUPONS / f"{name}.csv.gz")):
        written = "%d/%m/%Y" if len(row["Date"]) == 10 else "%d/%m/%y"
        day = datetime.strptime(f"{row['Date']} {row.get('Time') or '00:00'}", f"{written} %H:%M")  # noqa: DTZ007 - below
        at = day.replace(tzinfo=LONDON if row.get("Time") else UTC)
        yield _told(
            "footballdata", f"{name}/{number}", at, (row["HomeTeam"], row["AwayTeam"]), competition=competition,
            time_is="EXACT" if row.get("Time") else "DAY",
        )  # fmt: skip


def _goals(name: str, first: str, last: str) -> Iterator[Told]:
    games = {(row["date"], row["game"]) for row in _rows(GOALS / f"goals_time_{name}.csv.gz")}
    for day, game in sorted(games):
        if first <= day <= last:
            home, away = re.sub(r" \d+:\d+$", "", game).split(" vs. ")
            at = datetime.fromisoformat(day).replace(tzinfo=UTC)
            yield _told("goals", f"{day} {game}", at, (home, away), time_is="DAY")


def _results() -> Iterator[Told]:
    for number, row in enumerate(_rows(GOALS / "premier-league_season-2526_results.csv.gz")):
        at = datetime.fromisoformat(row["Date"]).replace(tzinfo=UTC)
        sides = (row["HomeTeam"], row["AwayTeam"])
        yield _told("results", str(number), at, sides, time_is="DAY", competition="Premier League")


def _flat(name: str) -> Iterator[Told]:
    rows = {row["event_id"]: row for row in _rows(DATA / "the_odds_api" / f"{name}_2026-04-16_flat.csv.gz")}
    for reference, row in rows.items():
        at = datetime.fromisoformat(row["commence_time"])
        yield _told("theoddsapi", reference, at, (row["home_team"], row["away_team"]), competition=row["sport_title"])


def _exchange() -> Told:
    with bz2.open(next((DATA / "betfair").glob("soccer_28202626_*.bz2")), "rt", encoding="utf-8") as file:
        definition = json.loads(next(file))["mc"][0]["marketDefinition"]
    sides = sides_of(definition["eventName"])
    assert sides is not None
    return _told("betfair", definition["eventId"], datetime.fromisoformat(definition["openDate"]), sides)


def _event_streams() -> Iterator[Told]:
    for number, day in (("15946", "2018-08-18"), ("15986", "2018-09-23")):
        home, away = (
            team["team_name"] for team in json.loads((DATA / "statsbomb" / f"{number}_lineups.json").read_bytes())
        )
        at = datetime.fromisoformat(day).replace(tzinfo=UTC)
        yield _told("statsbomb", number, at, (home, away), time_is="DAY")
    with gzip.open(
        DATA / "opta_f24" / "1009316_athletic_leganes_2018-08-20_f24.xml.gz", "rt", encoding="utf-8"
    ) as file:
        game = dict(re.findall(r'(\w+)="([^"]*)"', file.read(4_000).partition("<Game ")[2].partition(">")[0]))
    # The file states no zone: two hours out, if it is the stadium's own.
    at = datetime.fromisoformat(game["game_date"]).replace(tzinfo=UTC)
    sides = (game["home_team_name"], game["away_team_name"])
    yield _told("opta", game["id"], at, sides, competition=game["competition_name"])


def _is(short: str | None, whole: str | None) -> bool:
    assert short
    assert whole
    return SHORT.get(short, short.casefold()) in whole.casefold()


def _truth(coupons: list[Told], others: list[Told]) -> dict[Key, str]:
    """Say which match each of the others is by the day and the clubs, read off the names by hand."""
    truth = {each.key: each.claim.provider_fixture_id for each in coupons}
    by_day: dict[date, list[Told]] = {}
    for each in coupons:
        by_day.setdefault(each.day, []).append(each)
    for other in others:
        found = [
            each
            for each in by_day.get(other.day, ())
            if _is(each.claim.home, other.claim.home) and _is(each.claim.away, other.claim.away)
        ]
        assert len(found) <= 1
        truth[other.key] = found[0].claim.provider_fixture_id if found else f"only {other.key}"
    return truth


def _orders(told: list[Told]) -> Iterator[list[FixtureClaim]]:
    claims = [each.claim for each in told]
    yield claims
    yield claims[::-1]
    random.Random(1).shuffle(claims)
    yield claims


def test_six_seasons_of_the_premier_league_are_one_fixture_a_match_in_both_files() -> None:
    coupons = [each for season in SEASONS for each in _coupon(f"E0_{season}", "Premier League")]
    goals = list(_goals("eng-premier-league", "2016-08-01", "2022-07-01"))
    assert (len(coupons), len(goals)) == (6 * 380, 2126)
    truth = _truth(coupons, goals)
    alone = sum(1 for each in truth.values() if each.startswith("only"))
    assert alone < 5, f"{alone} matches of the goals list are on no coupon of that day"
    for claims in _orders([*coupons, *goals]):
        links = linked(claims, catalogue())
        found = compared(links, truth)
        print(found, dict(verdicts(links)), f"{alone} in one file alone")
        assert (found.precision, found.recall) == (1.0, 1.0)


def test_middlesbrough_against_manchester_city_is_one_fixture_in_three_files() -> None:
    coupons = list(_coupon("E0_1617", "Premier League"))
    told = [*coupons, *_goals("eng-premier-league", "2017-04-28", "2017-05-02"), _exchange()]
    for claims in _orders(told):
        links = linked(claims, catalogue())
        exchange = links["betfair", "28202626"].fixture.fixture_id
        same = {key for key, each in links.items() if each.fixture.fixture_id == exchange}
        assert len(same) == 3
        assert {provider for provider, _ in same} == {"betfair", "footballdata", "goals"}
        assert ("goals", "2017-04-30 Middlesbrough FC vs. Manchester City 2:2") in same


def test_event_streams_of_spanish_matches_are_the_fixtures_of_their_closing_odds() -> None:
    coupons = list(_coupon("SP1_1819", "La Liga"))
    streams = list(_event_streams())
    truth = _truth(coupons, streams)
    assert not [each for each in truth.values() if each.startswith("only")]
    for claims in _orders([*coupons, *streams]):
        found = compared(linked(claims, catalogue()), truth)
        assert (found.right, found.precision, found.recall) == (3, 1.0, 1.0)


def test_offers_of_april_2026_are_the_fixtures_of_the_season_s_results() -> None:
    results, offers = list(_results()), list(_flat("soccer_epl"))
    assert (len(results), len(offers)) == (380, 20)
    truth = _truth(results, offers)
    print([each for each in truth.values() if each.startswith("only")])
    for claims in _orders([*results, *offers]):
        found = compared(linked(claims, catalogue()), truth)
        print(found)
        assert (found.precision, found.recall) == (1.0, 1.0)


def test_a_scoreboard_and_a_nameless_stream_of_one_event_are_one_fixture() -> None:
    path = DATA / "betfair" / "cricket_1.200806927_scoreboard_ccm.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        (told,) = {
            (change["eventId"], change["homeTeam"]["name"], change["awayTeam"]["name"], info["expectedStartTime"])
            for line in file
            for change in json.loads(line)["cc"]
            if "homeTeam" in change and "expectedStartTime" in (info := change.get("fixtureInfo", {}))
        }
    with gzip.open(path.with_name("cricket_1.200806927_match_odds_2022-07-11.jsonl.gz"), "rt") as file:
        definition = json.loads(next(file))["mc"][0]["marketDefinition"]
    event, home, away, starts = told
    named = FixtureClaim(
        provider="betfair", provider_fixture_id=event, sport="cricket", kick_off_at=starts * 1000, home=home, away=away
    )
    bare = FixtureClaim(
        provider="betfair", provider_fixture_id=definition["eventId"], sport="cricket",
        kick_off_at=round(datetime.fromisoformat(definition["openDate"]).timestamp()) * 1_000_000,
    )  # fmt: skip
    for claims in ([named, bare], [bare, named], [bare, named, bare]):
        (link,) = linked(claims, catalogue()).values()
        assert link.fixture.name == "Netherlands v Papua New Guinea"

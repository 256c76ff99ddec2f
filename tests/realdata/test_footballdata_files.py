"""Every file of football-data.co.uk: its matches, goals, statistics and prices, counted without the connector."""

import csv
import gzip
import os
from collections import Counter
from pathlib import Path

import pytest

from connectors.footballdata.connector import FootballData
from connectors.footballdata.messages import Row, parse_message

REALDATA = Path(os.environ.get("BOOKSTREAM_REALDATA", Path(__file__).parents[3] / "shared" / "data"))
FOLDER = REALDATA / "football_data_co_uk"
RESULTS = REALDATA / "football_results" / "premier-league_season-2526_results.csv.gz"

pytestmark = [pytest.mark.realdata, pytest.mark.skipif(not FOLDER.is_dir(), reason="the recorded files are absent")]

FILES = [*sorted(FOLDER.glob("*.csv.gz")), RESULTS]
ZERO = {"E0_2122.csv.gz": 2}
"""Cells that say odds of 0.0: no price, and a fault of the row."""
BETBRAIN = ("Bb1X2", "BbOU", "BbAH", "BbAHh")


def plain(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read(path: Path) -> list[Row]:
    return [parse_message(message) for message in FootballData().recorded(path)]


def test_the_folder_holds_eight_seasons() -> None:
    assert len(FILES) == 9


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_match_and_goal_of_a_file_is_read(path: Path) -> None:
    wanted, rows = plain(path), read(path)
    assert len(rows) == len(wanted) == 380
    assert [(row.home, row.away) for row in rows] == [(each["HomeTeam"], each["AwayTeam"]) for each in wanted]
    for row, each in zip(rows, wanted, strict=True):
        assert row.full_time == (int(float(each["FTHG"])), int(float(each["FTAG"])))
        assert row.half_time == (int(float(each["HTHG"])), int(float(each["HTAG"])))
        assert row.has_time == ("Time" in each)
        assert row.counts["home_red_cards_count"] == int(float(each["HR"]))
    assert Counter(name for row in rows for name in row.unknown) == Counter()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_price_of_a_file_is_read(path: Path) -> None:
    wanted, rows = plain(path), read(path)
    names = list(wanted[0])
    after = names[names.index("AR") + 1 :]
    prices = [name for name in after if name not in {*BETBRAIN, "AHh", "AHCh"}]
    filled = sum(1 for each in wanted for name in prices if each[name])
    faults = [fault for row in rows for fault in row.faults]
    assert len(faults) == ZERO.get(path.name, 0)
    assert sum(len(row.quotes) for row in rows) + len(faults) == filled
    total = sum(round(float(each[name]) * 1000) for each in wanted for name in prices if each[name])
    assert sum(quote.odds for row in rows for quote in row.quotes) == total


def test_the_closing_odds_of_middlesbrough_are_pinnacle_s() -> None:
    (row,) = [
        each for each in read(FOLDER / "E0_1617.csv.gz") if (each.home, each.away) == ("Middlesbrough", "Man City")
    ]
    closing = {quote.column.selection: quote.odds for quote in row.quotes if quote.column.moment == "CLOSING"}
    (wanted,) = [
        each
        for each in plain(FOLDER / "E0_1617.csv.gz")
        if each["Date"] == "30/04/17" and each["HomeTeam"] == "Middlesbrough"
    ]
    assert closing == {
        side: round(float(wanted[name]) * 1000) for side, name in (("home", "PSCH"), ("draw", "PSCD"), ("away", "PSCA"))
    }
    assert (row.full_time, row.half_time) == ((2, 2), (1, 0))

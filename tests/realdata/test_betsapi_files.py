"""Every file of BetsAPI is read, and holds what is counted in it without the connector."""

import gzip
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from connectors.betsapi.connector import BetsApi
from connectors.betsapi.messages import Events, Merges, OddsHistory, OddsSummary, Timelines, Trend
from connectors.betsapi.parser import Answer, parse_message
from connectors.betsapi.raws import Bet365, BookmakerEvents, BwinEvent, SbobetEvent, XbetEvent

REALDATA = Path(os.environ.get("BOOKSTREAM_REALDATA", Path(__file__).parents[3] / "shared" / "data"))
FOLDER = REALDATA / "betsapi"

pytestmark = [pytest.mark.realdata, pytest.mark.skipif(not FOLDER.is_dir(), reason="the recorded files are absent")]

KINDS = {
    "1xbet_event.json.gz": BookmakerEvents, "bet365_event.soccer.json.gz": Bet365, "bet365_inplay.json.gz": Bet365,
    "bet365_result.json": Events, "betfair_timeline.json": Timelines, "bwin_event.json.gz": BookmakerEvents,
    "bwin_result.json": Events, "ended.json.gz": Events, "event_history.json": Events,
    "event_odds_bet365_2017-03-15_3-2.json.gz": OddsHistory, "event_odds_summary.json.gz": OddsSummary,
    "event_stats_trend.json.gz": Trend, "event_view.json": Events, "inplay.json": Events,
    "merge_history.json": Merges, "sbobet_event.json": BookmakerEvents, "upcoming.json": Events,
}  # fmt: skip


def plain(name: str) -> Any:
    path = FOLDER / name
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return json.loads(content)["results"]


def read(name: str) -> Answer:
    (message,) = BetsApi().recorded(FOLDER / name)
    return parse_message(message)


def test_every_file_of_the_folder_is_known_here() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_a_file_is_what_it_is_said_to_be(name: str) -> None:
    assert type(read(name)) is KINDS[name]


@pytest.mark.parametrize(("name", "count"), [("inplay.json", 29), ("upcoming.json", 50), ("ended.json.gz", 50)])
def test_a_list_gives_all_its_matches(name: str, count: int) -> None:
    answer, wanted = read(name), plain(name)
    assert isinstance(answer, Events)
    assert len(answer.events) == len(wanted) == count
    assert [(each.id, each.time, each.ss, each.home.name) for each in answer.events] == [
        (each["id"], int(each["time"]), each["ss"], each["home"]["name"]) for each in wanted
    ]


def test_what_the_sides_played_before_is_read_from_all_three_lists() -> None:
    answer, wanted = read("event_history.json"), plain("event_history.json")
    assert isinstance(answer, Events)
    assert [each.id for each in answer.events] == [each["id"] for rows in wanted.values() for each in rows]
    assert len(answer.events) == 21


def test_the_odds_history_has_711_rows_in_seven_markets() -> None:
    answer, wanted = read("event_odds_bet365_2017-03-15_3-2.json.gz"), plain("event_odds_bet365_2017-03-15_3-2.json.gz")
    assert isinstance(answer, OddsHistory)
    assert {key: len(rows) for key, rows in answer.markets.items()} == {key: len(rows) for key, rows in wanted.items()}
    assert (len(answer.markets), sum(map(len, answer.markets.values()))) == (7, 711)
    scores = Counter(row["ss"] for rows in wanted.values() for row in rows)
    assert Counter(row.ss for rows in answer.markets.values() for row in rows) == scores


def test_the_summary_has_every_bookmaker_s_first_and_latest_odds() -> None:
    answer, wanted = read("event_odds_summary.json.gz"), plain("event_odds_summary.json.gz")
    assert isinstance(answer, OddsSummary)
    assert list(answer.bookmakers) == list(wanted)
    counted = sum(1 for each in wanted.values() for span in each["odds"].values() for row in span.values() if row)
    spans = [span for each in answer.bookmakers.values() for span in (each.odds.start, each.odds.end)]
    assert sum(1 for span in spans for row in span.values() if row) == counted == 142


def test_the_trend_has_every_change_of_every_statistic() -> None:
    answer, wanted = read("event_stats_trend.json.gz"), plain("event_stats_trend.json.gz")
    assert isinstance(answer, Trend)
    counted = {name: {side: len(points) for side, points in sides.items()} for name, sides in wanted.items()}
    assert {
        name: {side: len(points) for side, points in sides.items()} for name, sides in answer.stats.items()
    } == counted


def test_a_hundred_ids_were_merged() -> None:
    answer = read("merge_history.json")
    assert isinstance(answer, Merges)
    assert [(each.from_id, each.to_id) for each in answer.merges] == [
        (each["from_id"], each["to_id"]) for each in plain("merge_history.json")
    ]
    assert len(answer.merges) == 100


def test_the_timeline_has_two_red_cards_and_the_period_marks() -> None:
    answer = read("betfair_timeline.json")
    assert isinstance(answer, Timelines)
    (match,) = answer.timelines
    kinds = Counter(each.update_type for each in match.update_details)
    assert kinds == Counter(each["updateType"] for each in plain("betfair_timeline.json")[0]["updateDetails"])
    assert (match.score.home.name, match.score.away.name, kinds["RedCard"]) == ("Rosario Central", "Sao Paulo", 2)


@pytest.mark.parametrize("name", ["bet365_event.soccer.json.gz", "bet365_inplay.json.gz"])
def test_bet365_s_records_are_kept_in_order(name: str) -> None:
    answer = read(name)
    assert isinstance(answer, Bet365)
    assert list(answer.records) == plain(name)[0]


def test_bookmakers_events_have_all_their_prices() -> None:
    found = {}
    for name in ("bwin_event.json.gz", "1xbet_event.json.gz", "sbobet_event.json"):
        answer = read(name)
        assert isinstance(answer, BookmakerEvents)
        (event,) = answer.events
        if isinstance(event, BwinEvent):
            found[name] = sum(len(market.results) for market in event.markets)
        elif isinstance(event, XbetEvent):
            groups = [*event.value.groups, *(group for part in event.value.parts for group in part.groups)]
            found[name] = sum(len(column) for group in groups for column in group.columns)
        elif isinstance(event, SbobetEvent):
            found[name] = sum(len(market.odds) for market in event.markets)
    assert found == {
        "bwin_event.json.gz": count(plain("bwin_event.json.gz"), "Odds"),
        "1xbet_event.json.gz": count(plain("1xbet_event.json.gz"), "C"),
        "sbobet_event.json": 14,
    }


def count(document: Any, key: str) -> int:
    """Count a key anywhere in a document."""
    if isinstance(document, dict):
        return (key in document) + sum(count(each, key) for each in document.values())
    return sum(count(each, key) for each in document) if isinstance(document, list) else 0

"""Every file of BetsAPI goes through the whole ingest handler, and what comes out agrees with what is counted here."""

import gzip
import itertools
import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any, TypeVar

import pytest

from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.memory import MemoryLog
from connectors.betsapi.connector import BetsApi
from domain.events.canonical import Fixture, IdentityReview, Incident, MarketOdds, Statistic
from domain.events.head import Event
from domain.identity.directory import FixtureDirectory

DATA = Path(os.environ.get("BOOKSTREAM_REALDATA") or Path(__file__).parents[3] / "shared" / "data")
FOLDER = DATA / "betsapi"
FILES = sorted(FOLDER.glob("*"))
HISTORY = "event_odds_bet365_2017-03-15_3-2.json.gz"
EPOCH = 1_700_000_000_000_000
SECOND = 1_000_000

pytestmark = [pytest.mark.realdata, pytest.mark.skipif(not FOLDER.is_dir(), reason="the recorded files are absent")]

REJECTED = {
    "event_odds_summary.json.gz": ["market 1_2, row 333293: not a line: '0-0.5'"],
    "bet365_result.json": ["event 233630: the score is 1-0, its lines tell of 2-0"],
}
"""All that could not be taken, by file: a line whose sign cannot be told, and lines of text that tell another score."""

E = TypeVar("E", bound=Event)


class Replay:
    """Files through the ingest context, in memory, one after the other."""

    def __init__(self, *names: str) -> None:
        self.log = MemoryLog([ingest_context(FixtureDirectory())], batch_records=512)
        self.count = 0
        for name in names:
            for message in BetsApi().recorded(FOLDER / name, received_at=EPOCH):
                self.log.send(topics.raw_topic("betsapi"), message.stream_id.encode(), encode(message))
                self.count += 1
            self.log.run()

    def said(self, topic: topics.Topic, kind: type[E]) -> list[E]:
        return [decode(kind, record.value or b"") for record in self.log.records(topic.name)]

    @property
    def odds(self) -> list[MarketOdds]:
        return self.said(topics.ODDS, MarketOdds)

    @property
    def statistics(self) -> list[Statistic]:
        return self.said(topics.STATISTICS, Statistic)

    @property
    def incidents(self) -> list[Incident]:
        return self.said(topics.INCIDENTS, Incident)

    @property
    def fixtures(self) -> list[Fixture]:
        return self.said(topics.FIXTURES, Fixture)

    @property
    def reasons(self) -> list[str]:
        name = "__connect.errors.exception.message"
        return [dict(record.headers)[name].decode() for record in self.log.records(topics.DEAD_LETTERS.name)]


def plain(name: str) -> Any:
    path = FOLDER / name
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return json.loads(content)["results"]


def events_of(name: str) -> list[dict[str, Any]]:
    results = plain(name)
    rows = results if isinstance(results, list) else [row for rows in results.values() for row in rows]
    return list({row["id"]: row for row in rows}.values())


@pytest.mark.parametrize("name", [path.name for path in FILES])
def test_a_file_is_taken_whole_but_for_what_is_listed(name: str) -> None:
    replay = Replay(name)
    assert replay.count == 1
    assert replay.reasons == REJECTED.get(name, [])
    assert not any(each.late for each in replay.odds)
    assert {each.fixture_id for each in replay.odds} <= {each.fixture_id for each in replay.fixtures}
    assert len({each.event_id for each in replay.odds}) == len(replay.odds)


def test_all_files_together_lose_nothing_more() -> None:
    replay = Replay(*(path.name for path in FILES))
    assert sorted(replay.reasons) == sorted(reason for reasons in REJECTED.values() for reason in reasons)
    reviews = replay.said(topics.IDENTITY_REVIEWS, IdentityReview)
    assert Counter(each.reason for each in reviews) == {"the provider has another fixture like this one": 3}


@pytest.mark.parametrize(
    "name",
    ["inplay.json", "upcoming.json", "ended.json.gz", "event_history.json", "event_view.json", "bet365_result.json"],
)
def test_a_list_s_matches_are_fixtures_at_their_kick_offs(name: str) -> None:
    replay = Replay(name)
    told = {each.provider_fixture_id: each.kick_off_at for each in replay.fixtures if each.provider == "betsapi"}
    assert told == {each["id"]: int(each["time"]) * SECOND for each in events_of(name)}


def test_scores_and_results_are_those_of_the_lists() -> None:
    replay = Replay("inplay.json", "ended.json.gz")
    ids = {each.provider_fixture_id: each.fixture_id for each in replay.fixtures if each.provider == "betsapi"}
    last = {each.fixture_id: (each.home_score, each.away_score) for each in replay.incidents if each.kind == "SCORE"}
    wanted = {
        ids[each["id"]]: tuple(map(int, each["ss"].split("-")))
        for name in ("inplay.json", "ended.json.gz")
        for each in events_of(name)
        if each["ss"] and each["time_status"] in {"1", "3"}
    }
    assert last == wanted
    over = Counter(each["time_status"] for each in events_of("ended.json.gz"))["3"]
    assert sum(each.kind == "FULL_TIME" for each in replay.incidents) == over


def rows_of(*, newest_last: bool = True) -> list[tuple[int, str, dict[str, Any]]]:
    """Give all rows of the history, the oldest first."""
    rows = [(int(row["add_time"]), market, row) for market, rows in plain(HISTORY).items() for row in reversed(rows)]
    return sorted(rows, key=lambda each: each[0]) if newest_last else rows


def price_of(row: dict[str, Any], name: str) -> int | None:
    text = {"EVS": "2"}.get(row.get(f"{name}_od") or "", row.get(f"{name}_od"))
    return round(float(text) * 1000) if text and text != "-" else None


def test_every_state_of_the_history_is_told_with_its_prices_and_time() -> None:
    replay = Replay(HISTORY)
    wanted = Counter(
        (
            at,
            tuple(sorted(filter(None, (price_of(row, name) for name in ("home", "draw", "away", "over", "under"))))),
        )
        for at, _, row in rows_of()
    )
    suspended = Counter({each: count for each, count in wanted.items() if not each[1]})
    told = Counter(
        (each.occurred_at // SECOND, tuple(sorted(one.back_odds for one in each.selections if one.back_odds)))
        for each in replay.odds
        if each.status == "OPEN"
    )
    assert wanted.total() == 711
    assert told == wanted - suspended
    assert suspended.total() == 4
    assert {each.bookmaker for each in replay.odds} == {"bet365"}


def test_each_market_of_the_history_is_what_its_number_says() -> None:
    counts = Counter((each.market_type, each.period) for each in Replay(HISTORY).odds if each.status == "OPEN")
    assert counts == {
        ("MATCH_ODDS", "FT"): 102, ("ASIAN_HANDICAP", "FT"): 132, ("TOTAL_GOALS", "FT"): 199,
        ("TOTAL_CORNERS", "FT"): 257, ("ASIAN_HANDICAP", "1H"): 9, ("TOTAL_GOALS", "1H"): 7,
        ("TOTAL_CORNERS", "1H"): 1,
    }  # fmt: skip


def test_handicaps_of_the_history_are_those_of_the_whole_match() -> None:
    told = {
        each.occurred_at // SECOND: each.line_milli
        for each in Replay(HISTORY).odds
        if (each.market_type, each.period, each.status) == ("ASIAN_HANDICAP", "FT", "OPEN")
    }
    for at, market, row in rows_of():
        if market == "1_2" and row["home_od"] not in {None, "", "-"}:
            parts = [float(part) for part in row["handicap"].split(",")]
            lead = [int(part) for part in row["ss"].split("-")] if row["ss"] else [0, 0]
            assert told[at] == round(1000 * sum(parts) / len(parts)) - 1000 * (lead[0] - lead[1])


def test_at_no_time_a_market_of_the_history_is_offered_on_two_lines() -> None:
    offered: dict[tuple[str, str], set[str]] = {}
    withdrawn = 0
    for each in Replay(HISTORY).odds:
        markets = offered.setdefault((each.market_type, each.period), set())
        if each.status == "OPEN":
            markets.add(each.market_id)
        else:
            markets.discard(each.market_id)
            withdrawn += 1
        assert len(markets) <= 1
    assert withdrawn > 50


def test_the_goals_of_the_history_have_their_minutes_and_the_price_moves_before_them() -> None:
    replay = Replay(HISTORY)
    goals = [each for each in replay.incidents if each.kind == "GOAL"]
    assert [(each.minute, each.home_score, each.away_score) for each in goals] == [
        (9, 1, 0), (45, 2, 0), (52, 3, 0), (72, 3, 1), (84, 3, 2),
    ]  # fmt: skip
    third = goals[2].occurred_at
    prices = [
        (each.occurred_at, one.back_odds)
        for each in replay.odds
        for one in each.selections
        if (each.market_type, each.status, one.selection_id) == ("MATCH_ODDS", "OPEN", "home")
    ]
    before = [odds for at, odds in prices if at < third]
    assert before[-2:] == [1083, 1015]
    assert next(odds for at, odds in prices if at >= third) == 1020


def test_the_clock_of_the_history_steps_back_at_half_time_as_it_was_told() -> None:
    told = [each.value for each in Replay(HISTORY).statistics if each.name == "match_clock_minutes"]
    clock = [int(row["time_str"]) for _, _, row in rows_of() if row["ss"] and row["time_str"] is not None]
    changes = [minute for n, minute in enumerate(clock) if n == 0 or clock[n - 1] != minute]
    assert told == changes[changes[0] == 0 :]  # a clock at 0 is where it starts from
    assert (46, 45) in list(itertools.pairwise(told))
    assert told[-1] == 91


def test_the_history_s_match_kicks_off_when_its_clock_says() -> None:
    fixture = Replay(HISTORY).fixtures[-1]
    assert abs(fixture.kick_off_at - 1_489_577_520 * SECOND) <= 300 * SECOND  # 2017-03-15, 11:32 UTC
    assert fixture.status == "IN_PLAY"


def test_the_summary_tells_each_bookmaker_s_first_and_latest_state() -> None:
    replay = Replay("event_odds_summary.json.gz")
    wanted: Counter[str] = Counter()
    for name, maker in plain("event_odds_summary.json.gz").items():
        for market in maker["odds"]["start"].keys() | maker["odds"]["end"].keys():
            rows = [maker["odds"][when].get(market) for when in ("start", "end")]
            offered = [row for row in rows if row and price_of(row, "home" if "home_od" in row else "over")]
            wanted[name.lower()] += len({json.dumps(row, sort_keys=True) for row in offered})
    wanted["pinnaclesports"] -= 1
    told = Counter(each.bookmaker for each in replay.odds if each.status == "OPEN")
    assert told == +wanted
    assert (told.total(), len(wanted), len(told)) == (137, 34, 32)


def test_the_trend_tells_every_point() -> None:
    replay = Replay("event_stats_trend.json.gz")
    points = [
        point for sides in plain("event_stats_trend.json.gz").values() for side in sides.values() for point in side
    ]
    assert len(replay.statistics) == len(points) == 923
    assert sum(each.value for each in replay.statistics) == sum(int(point["val"]) for point in points)


def test_the_timeline_s_goals_cards_and_marks_are_at_their_own_times() -> None:
    (match,) = plain("betfair_timeline.json")
    kinds = {
        "KickOff": "KICK_OFF", "FirstHalfEnd": "HALF_TIME", "SecondHalfKickOff": "SECOND_HALF",
        "SecondHalfEnd": "FULL_TIME", "YellowCard": "YELLOW_CARD", "RedCard": "RED_CARD",
    }  # fmt: skip
    told = [
        (each.kind, each.side, each.occurred_at)
        for each in Replay("betfair_timeline.json").incidents
        if each.kind != "SCORE"
    ]
    times = {update["updateId"]: update["updateTime"] for update in match["updateDetails"]}
    assert [(kind, side) for kind, side, _ in told] == [
        (kinds[update["updateType"]], update.get("team", "").upper() or None) for update in match["updateDetails"]
    ]
    assert told[0][2] == 1_523_579_498_318_000
    assert times[9] == "2018-04-13T00:31:38.318Z"
    assert sorted(at for _, _, at in told) == [at for _, _, at in told]
    assert [each.minute for each in Replay("betfair_timeline.json").incidents if each.kind == "RED_CARD"] == [38, 82]


@pytest.mark.parametrize("name", ["event_view.json", "bwin_result.json"])
def test_goals_and_cards_of_a_view_are_those_that_its_lines_tell(name: str) -> None:
    (event,) = events_of(name)
    lines = [each["text"] for each in event["events"]]
    goals = [int(line.split("'")[0].split("+")[0]) for line in lines if re.search(r"' - \d+\w\w Goal ", line)]
    cards = [int(line.split("'")[0].split("+")[0]) for line in lines if " Yellow Card " in line]
    incidents = Replay(name).incidents
    assert [each.minute for each in incidents if each.kind == "GOAL"] == goals
    assert sorted(each.minute or 0 for each in incidents if each.kind == "YELLOW_CARD") == cards


def test_bet365_s_list_and_its_view_are_one_match_with_the_id_of_betsapi() -> None:
    replay = Replay("bet365_inplay.json.gz", "bet365_event.soccer.json.gz")
    ids = {(each.provider, each.provider_fixture_id): each.fixture_id for each in replay.fixtures}
    assert ids["betsapi/bet365", "63210348"] == ids["betsapi", "222436"]
    records = plain("bet365_inplay.json.gz")[0]
    named = [each for each in records if each["type"] == "EV" and re.search(r" vs? ", each["NA"])]
    assert len({key for key in ids if key[0] == "betsapi/bet365"}) == len(named) == 58


@pytest.mark.parametrize(
    ("name", "bookmaker"),
    [
        ("bet365_event.soccer.json.gz", "bet365"), ("bwin_event.json.gz", "bwin"), ("1xbet_event.json.gz", "onexbet"),
        ("sbobet_event.json", "sbobet"),
    ],
)  # fmt: skip
def test_a_bookmaker_s_main_markets_are_priced(name: str, bookmaker: str) -> None:
    odds = {(each.market_type, each.period, each.line_milli): each for each in Replay(name).odds}
    assert {each.bookmaker for each in odds.values()} == {bookmaker}
    wanted: dict[str, tuple[tuple[str, str, int | None], dict[str, int]]] = {
        "bet365": (("ASIAN_HANDICAP", "FT", 0), {"home": 1700, "away": 2100}),
        "bwin": (("TOTAL_GOALS", "FT", 4500), {"over": 2100, "under": 1650}),
        "onexbet": (("ASIAN_HANDICAP", "FT", 250), {"home": 2310, "away": 1560}),
        "sbobet": (("HALF_TIME", "1H", None), {"home": 4000, "draw": 1540, "away": 4500}),
    }
    key, prices = wanted[bookmaker]
    assert {each.selection_id: each.back_odds for each in odds[key].selections} == prices
    assert ("TOTAL_GOALS", "FT") in {key[:2] for key in odds}


def test_what_1xbet_s_numbers_do_not_explain_is_counted() -> None:
    replay = Replay("1xbet_event.json.gz")
    left_out = {each.name: each.value for each in replay.statistics}
    value = plain("1xbet_event.json.gz")[0]["Value"]
    groups = len(value["GE"]) + sum(len(part["GE"]) for part in value["SG"])
    placed = {"1", "2", "8", "15", "17", "19", "62", "99", "2854"}
    titled = sum(len(part["GE"]) for part in value["SG"] if part.get("TG"))
    known = sum(str(each["G"]) in placed for part in [value, *value["SG"]] if not part.get("TG") for each in part["GE"])
    assert left_out == {"left_out_special_count": titled, "left_out_unknown_count": groups - titled - known}

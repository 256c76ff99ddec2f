"""Real markets are settled by our own rules, and every runner's outcome is the provider's, or its difference is known.

What is counted here is read out of the files anew: the markets' definitions as JSON, the tables as CSV, the feed's
messages as text.
"""

import bz2
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bookstream import topics
from connectors.uof import parser
from connectors.uof.messages import BetSettlement
from domain.events.canonical import Incident, Statistic
from domain.feeds import betfairhub
from domain.feeds.markets import AWAY
from domain.feeds.tennispbp import play, sets_of
from domain.settlement import betfair, uof
from domain.settlement.facts import Facts
from domain.settlement.folding import folded
from domain.settlement.result import HALF_LOSE, HALF_WIN, LOSE, VOID, WIN, LegResult
from domain.settlement.rulebook import Choice, Market
from domain.settlement.settle import settle
from tests.realdata.pitch_truth import DATA, Replay, rows

EXCHANGE = DATA / "betfair"
EVENT = EXCHANGE / "soccer_28202626_middlesbrough_mancity_2017-04-30_basic.bz2"
ALEAGUE = DATA / "betfair_aleague"
POINTS = DATA / "tennis" / "pbp_matches_atp_main_2017.csv.gz"
NOT_BY_FACTS = {
    "": 2, "FIRST_GOAL_SCORER": 1, "TO_SCORE": 1, "TO_SCORE_2_OR_MORE": 1, "TO_SCORE_HATTRICK": 1, "SCORE_CAST": 1,
    "WINCAST": 1, "SHOWN_A_CARD": 1, "PENALTY_TAKEN": 1,
}  # fmt: skip
"""Who scored or was booked, who did not play, and a penalty that nobody told of."""
SCORELESS = {"A-League_2023-2024": 14, "A-League_2024-2025": 16, "A-League_Womens_2020-2021": 134}
"""Markets of matches whose score the table leaves out, or reckons from a margin that it caps."""

pytestmark = [pytest.mark.realdata, pytest.mark.skipif(not EVENT.is_file(), reason="the recorded files are absent")]

Definition = dict[str, Any]


def definitions(path: Path) -> dict[str, Definition]:
    """Return each market's last definition, as JSON."""
    payload = path.read_bytes()
    text = bz2.decompress(payload) if path.suffix == ".bz2" else gzip.decompress(payload)
    found: dict[str, Definition] = {}
    for line in text.splitlines():
        for change in json.loads(line).get("mc", []) if b"marketDefinition" in line else ():
            if "marketDefinition" in change:
                found[change["id"]] = change["marketDefinition"]
    return found


def runners_of(definition: Definition) -> tuple[betfair.Runner, ...]:
    return tuple(
        betfair.Runner(
            id=each["id"], status=each["status"], sort_priority=each.get("sortPriority", 0), name=each.get("name", ""),
            handicap_milli=round(each.get("hc", 0) * 1000), adjustment_factor=each.get("adjustmentFactor"),
            removed_at=moment(each["removalDate"]) if "removalDate" in each else None,
        )
        for each in definition["runners"]
    )  # fmt: skip


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp()) * 1_000_000


def market_of(definition: Definition) -> Market:
    return betfair.market_of(
        sport="soccer", market_type=definition.get("marketType"), name=definition["name"],
        event=definition["eventName"], runners=runners_of(definition), betting_type=definition["bettingType"],
    )  # fmt: skip


def facts_told(provider: str, path: Path, folder: Path, match: str) -> Facts:
    """Fold what a provider tells of one match: the rows of a table that it is in, through the whole ingest."""
    with gzip.open(path, "rt", encoding="utf-8-sig") as file:
        header, *lines = file.read().splitlines()
    table = folder / path.name.removesuffix(".gz")
    table.write_text("\n".join([header, *(line for line in lines if re.search(match, line))]) + "\n")
    replay = Replay()
    assert replay.file(provider, table) == 1
    return folded([*replay.said(topics.INCIDENTS, Incident), *replay.said(topics.STATISTICS, Statistic)])


@pytest.fixture(scope="module")
def goals(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """Return the match as the list of goals tells it."""
    path = DATA / "football_results" / "goals_time_eng-premier-league.csv.gz"
    return facts_told("goaltimes", path, tmp_path_factory.mktemp("goals"), "Middlesbrough.*2:2,2017-04-30")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """Return the match as football-data.co.uk tells it."""
    path = DATA / "football_data_co_uk" / "E0_1617.csv.gz"
    return facts_told("footballdata", path, tmp_path_factory.mktemp("table"), ",Middlesbrough,Man City,")


@cache
def event() -> dict[str, Definition]:
    return definitions(EVENT)


def test_67_of_the_77_markets_are_settled_and_59_of_them_by_goals_alone(goals: Facts, table: Facts) -> None:
    assert len(event()) == 77
    by_goals = {key for key, each in event().items() if settle(market_of(each), goals).state == "DECIDED"}
    by_table = {key for key, each in event().items() if settle(market_of(each), table).state == "DECIDED"}
    assert len(by_goals) == 59
    added = Counter(event()[key]["marketType"] for key in by_table - by_goals)
    assert added == {
        "CORNER_MATCH_BET": 1, "CORNER_ODDS": 1, "OVER_UNDER_85_CORNR": 1, "OVER_UNDER_105_CORNR": 1,
        "OVER_UNDER_135_CORNR": 1, "OVER_UNDER_45_CARDS": 1, "BOOKING_ODDS": 1, "SENDING_OFF": 1,
    }  # fmt: skip
    assert len(by_goals | by_table) == 67
    left = Counter(event()[key].get("marketType", "") for key in event().keys() - by_goals - by_table)
    assert left == NOT_BY_FACTS
    # A table has no order of goals: what it decides of the rest is what the scores decide.
    assert {event()[key]["marketType"] for key in by_goals - by_table} == {"ANYTIME_SCORE", "FIRST_GOAL_ODDS"}


def test_every_runner_has_the_provider_s_outcome_but_for_five_pushes(goals: Facts, table: Facts) -> None:
    different, runners = set(), 0
    for definition in event().values():
        market = market_of(definition)
        told = [each for facts in (goals, table) if (each := settle(market, facts)).state == "DECIDED"]
        assert all(each.results == told[0].results for each in told)
        for runner in runners_of(definition) if told else ():
            runners += 1
            result = told[0].results[runner.key]
            if not betfair.agrees(result, runner.status):
                different.add((definition["name"], runner.name, runner.handicap_milli, runner.status, result.text))
    by_hand = [each for each in event().values() if each.get("marketType", "") not in NOT_BY_FACTS]
    assert runners == sum(len(each["runners"]) for each in by_hand)
    assert different == {
        ("Asian Handicap", "Middlesbrough", 0, "LOSER", "VOID"),
        ("Asian Handicap", "Man City", 0, "LOSER", "VOID"),
        ("Middlesbrough Total Goals", "2 goals or more", -2000, "LOSER", "VOID"),
        ("Man City Total Goals", "2 goals or more", -2000, "LOSER", "VOID"),
        ("Total Goals", "4 goals or more", -4000, "LOSER", "VOID"),
    }


def test_quarter_lines_are_halves_where_the_provider_has_no_word_for_them(goals: Facts) -> None:
    (definition,) = [each for each in event().values() if each.get("marketType") == "ASIAN_HANDICAP"]
    results = settle(market_of(definition), goals).results
    lines = {(each.name, each.handicap_milli): results[each.key] for each in runners_of(definition)}
    halves = {line: result for line, result in lines.items() if result in (HALF_WIN, HALF_LOSE)}
    assert halves == {
        ("Middlesbrough", -250): HALF_LOSE,
        ("Man City", 250): HALF_WIN,
        ("Middlesbrough", 250): HALF_WIN,
        ("Man City", -250): HALF_LOSE,
    }


def test_each_goal_of_the_match_decides_what_the_end_confirms(goals: Facts) -> None:
    wanted = {key: settle(market_of(each), goals).results for key, each in event().items()}
    decided = []
    for number in range(5):
        score = [each.side for each in goals.goals[:number]]
        half = goals.half if number > 1 else None
        so_far = Facts(
            phase="FIRST_HALF" if half is None else "SECOND_HALF", minute=goals.goals[max(number - 1, 0)].minute or 0,
            home=score.count("HOME"), away=score.count("AWAY"), scored=True, goals=goals.goals[:number], half=half,
        )  # fmt: skip
        names = []
        for key, definition in event().items():
            verdict = settle(market_of(definition), so_far)
            assert verdict.results.items() <= wanted[key].items(), definition["name"]
            names += [definition["name"]] if verdict.state == "DECIDED" else []
        decided.append(sorted(names))
    assert [len(each) for each in decided] == sorted(len(each) for each in decided)
    assert decided[:2] == [
        [],
        [
            "First Half Goals 0.5", "Man City Clean Sheet", "Man City Win to Nil", "Over/Under 0.5 Goals",
            "Over/Under 0.5 Goals", "Time Of First Goal",
        ],
    ]  # fmt: skip


# ---- the A-League tables


def hub_markets(name: str) -> Iterator[list[dict[str, str]]]:
    (path,) = ALEAGUE.glob(f"{name}*.csv.gz")
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows(path):
        found[row["MARKET_ID"]].append(row)
    yield from found.values()


def hub_market(table: list[dict[str, str]]) -> Market:
    first = table[0]
    home, away = betfairhub.sides_in(first["PATH"]) or (first["HOME_TEAM"], first["AWAY_TEAM"])
    kind, line = betfairhub.market_of(first["MARKET_NAME"], home, away)
    choices = []
    for number, row in enumerate(table):
        word = betfairhub.selection_of(kind, int(row["SELECTION_ID"]), row["RUNNER_NAME"], home, away)
        own = round(float(row["HANDICAP"]) * 1000) if kind.by_line and line is None else None
        if own is not None and kind.shape == "SIDES" and word == AWAY:
            own = -own
        choices.append(Choice(id=str(number), word=word, name=row["RUNNER_NAME"], line_milli=own))
    return Market(
        sport="soccer", market_type=kind.market_type.removeprefix("BETFAIR_"), period=kind.period,
        choices=tuple(choices), line_milli=line, home=(home,), away=(away,),
    )  # fmt: skip


def score_of(row: dict[str, str]) -> tuple[int, int] | None:
    if not re.fullmatch(r"\d+", row["HOME_SCORE"]) or not re.fullmatch(r"\d+", row["AWAY_SCORE"]):
        return None
    return int(row["HOME_SCORE"]), int(row["AWAY_SCORE"])


def is_push(row: dict[str, str]) -> bool:
    """Work a handicap or a goal line out by hand: whether a whole line is met exactly."""
    home, away = score_of(row) or (0, 0)
    line = float(row["HANDICAP"])
    if row["MARKET_NAME"] == "Goal Lines":
        return line == home + away
    is_home = row["PATH"].rpartition("/")[2].startswith(row["RUNNER_NAME"].removesuffix(" (W)"))
    return (home - away if is_home else away - home) + line == 0


@pytest.mark.parametrize(
    ("name", "markets", "decided"),
    [
        ("A-League_2023-2024", 168, 154),
        ("A-League_2024-2025", 176, 160),
        ("A-League_Womens_2020-2021", 1231, 888),
    ],
)
def test_the_a_league_is_settled_by_its_scores(name: str, markets: int, decided: int) -> None:
    states: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for table in hub_markets(name):
        score = score_of(table[0])
        if score is None:
            states["SCORELESS"] += 1
            continue
        verdict = settle(hub_market(table), Facts(phase="FINISHED", home=score[0], away=score[1], scored=True))
        states[verdict.state] += 1
        if verdict.state != "DECIDED":
            unknown[table[0]["MARKET_NAME"]] += 1
        for number, row in enumerate(table):
            result = verdict.results.get(str(number))
            if result is not None and not betfair.agrees(result, row["RUNNER_STATUS"]):  # type: ignore[arg-type]
                assert (result, row["RUNNER_STATUS"], is_push(row)) == (VOID, "LOSER", True), row
            elif result is not None and row.get("HANDICAP"):
                assert (result == VOID) is False
    assert sum(states.values()) == markets
    assert (states["DECIDED"], states["SCORELESS"]) == (decided, SCORELESS[name])
    # A score says nothing of its first half, unless nobody scored; and nothing of extra time, or of who lifts a cup.
    half_time = {"Half Time", "Half Time Score", "First Half Goals 0.5", "First Half Goals 1.5", "First Half Goals 2.5"}
    others = {"1st Goal", "ET - Correct Score", "ET - Next Goal", "ET - Over/Under 1.5 Goals", "Extra Time",
              "To Lift The Trophy"}  # fmt: skip
    assert unknown.keys() <= half_time | others
    assert states["NOT_OURS"] == sum(unknown[each] for each in others)


def test_what_the_a_league_s_scores_leave_open_is_settled_by_its_runners_statuses() -> None:
    left: Counter[str] = Counter()
    for table in hub_markets("A-League_Womens_2020-2021"):
        score = score_of(table[0])
        facts = Facts(phase="FINISHED", home=(score or (0, 0))[0], away=(score or (0, 0))[1], scored=score is not None)
        if settle(hub_market(table), facts).state == "DECIDED":
            continue
        runners = [
            betfair.Runner(
                id=int(row["SELECTION_ID"]), status=row["RUNNER_STATUS"],  # type: ignore[arg-type]
                handicap_milli=round(float(row["HANDICAP"] or 0) * 1000),
            )
            for row in table
        ]  # fmt: skip
        results = betfair.results_of(runners, winners=0) or {}
        assert [results[each.key] for each in runners if each.key in results] == [
            WIN if row["IS_WINNER"] == "1" else VOID if row["RUNNER_STATUS"] == "REMOVED" else LOSE
            for row, each in zip(table, runners, strict=True)
            if each.key in results
        ]
        left[table[0]["MARKET_NAME"]] += len(table) - len(results)
    # Only whole and quarter lines of matches without a score are left: no status tells of a push.
    assert {name for name, count in left.items() if count} == {"Asian Handicap", "Goal Lines"}


# ---- races, the Unified Odds Feed, seasons, tennis


RACES = {
    "horse_1.127236622_win_randwick_2016-10-01.bz2": {"WINNER": 1, "LOSER": 12},
    "horse_1.206064380_win_moe_2022-11-07.bz2": {"WINNER": 1, "LOSER": 11, "REMOVED": 1},
    "horse_1.181223995_place_2021-03-30_selfrec.jsonl.gz": {"WINNER": 3, "LOSER": 7},
    "horse_rawstream_win_2025-04-01.jsonl.gz": {"WINNER": 1, "LOSER": 8},
}


@pytest.mark.parametrize("name", RACES)
def test_a_race_is_settled_by_its_runners_statuses(name: str) -> None:
    (definition,) = definitions(EXCHANGE / name).values()
    runners = runners_of(definition)
    results = betfair.results_of(runners, definition["numberOfWinners"])
    assert results is not None
    assert Counter(each.status for each in runners) == RACES[name]
    assert len(results) == len(runners)
    assert sum(each.win for each in results.values()) == RACES[name]["WINNER"] == definition["numberOfWinners"]
    assert sum(each == VOID for each in results.values()) == RACES[name].get("REMOVED", 0)


def test_a_withdrawal_takes_from_bets_placed_before_it_and_from_no_others() -> None:
    (definition,) = definitions(EXCHANGE / "horse_1.206064380_win_moe_2022-11-07.bz2").values()
    runners = runners_of(definition)
    removed_at = moment("2022-11-06T20:54:26+00:00")
    before = betfair.results_of(runners, 1, placed_at=removed_at - 1) or {}
    after = betfair.results_of(runners, 1, placed_at=removed_at) or {}
    # 30.01 % of the market is 3.33, or 7/3: beyond 9/4 and within 3/1, which takes 25 pence.
    assert before["38523163"] == LegResult(win=1, deduction=25)
    assert after["38523163"] == WIN
    assert before["39540410"] == after["39540410"] == VOID


def test_every_outcome_of_the_feed_s_settlements_is_what_its_text_says() -> None:
    counted: Counter[str] = Counter()
    for path in sorted((DATA / "uof_mit").rglob("bet_settlement.xml")):
        payload = path.read_bytes()
        document = parser.parse(payload)
        assert isinstance(document, BetSettlement)
        results = [
            uof.leg_result(each.result, each.void_factor, each.dead_heat_factor)
            for market in document.markets
            for each in market.outcomes
        ]
        texts = re.findall(r"<outcome ([^>]*)/>", payload.decode())
        assert [by_hand(text) for text in texts] == results
        counted.update(each.text for each in results if each is not None)
    assert counted == {
        "LOSE": 39, "WIN": 4, "VOID": 1, "HALF_WIN": 1, "HALF_LOSE": 1,
        "win 1, void 0/1, dead heat 1/2, deduction 0": 2,
    }  # fmt: skip


def by_hand(text: str) -> LegResult:
    said = dict(re.findall(r'(\w+)="([^"]*)"', text))
    factors = said["result"], float(said.get("void_factor", 0)), float(said.get("dead_heat_factor", 1))
    return {
        ("0", 0.0, 1.0): LOSE, ("1", 0.0, 1.0): WIN, ("0", 1.0, 1.0): VOID, ("1", 0.5, 1.0): HALF_WIN,
        ("0", 0.5, 1.0): HALF_LOSE, ("1", 0.0, 0.5): LegResult(win=1, dead_heat=(1, 2)),
    }[factors]  # fmt: skip


def simple(kind: str, words: Iterable[str], *, sport: str = "soccer", period: str = "FT", line: int = 0) -> Market:
    choices = tuple(Choice(id=word) for word in words)
    return Market(sport=sport, market_type=kind, period=period, choices=choices, line_milli=line or None)


@pytest.mark.parametrize("path", sorted((DATA / "football_data_co_uk").glob("*.csv.gz")), ids=lambda path: path.name)
def test_a_season_s_results_and_half_times_are_those_of_its_table(path: Path) -> None:
    sides = {"H": "home", "D": "draw", "A": "away"}
    full, half = simple("MATCH_ODDS", sides.values()), simple("HALF_TIME", sides.values(), period="1H")
    double = simple("HALF_TIME_FULL_TIME", [f"{one}/{other}" for one in sides.values() for other in sides.values()])
    table = rows(path)
    for row in table:
        home, away, first, second = (int(float(row[each])) for each in ("FTHG", "FTAG", "HTHG", "HTAG"))
        facts = Facts(phase="FINISHED", home=home, away=away, scored=True, half=(first, second))
        won = [
            [word for word, result in settle(each, facts).results.items() if result == WIN]
            for each in (full, half, double)
        ]
        at_end, at_half = sides[row["FTR"]], sides[row["HTR"]]
        assert won == [[at_end], [at_half], [f"{at_half}/{at_end}"]]
    assert len(table) == 380


def test_who_won_2148_tennis_matches_is_told_by_their_games() -> None:
    match = simple("MATCH_ODDS", ["home", "away"], sport="tennis")
    winners: Counter[str] = Counter()
    table = rows(POINTS)
    for row in table:
        sets = tuple(sets_of(play(row["pbp"])))
        won = sum(home > away for home, away in sets), sum(home < away for home, away in sets)
        facts = Facts(phase="FINISHED", home=won[0], away=won[1], scored=True, sets=sets)
        verdict = settle(match, facts)
        assert verdict.state == "DECIDED", (row, sets)
        (winner,) = [word for word, result in verdict.results.items() if result == WIN]
        winners[winner] += winner == {"1": "home", "2": "away"}[row["winner"]]
    assert len(table) == winners.total() == 2148

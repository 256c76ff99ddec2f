"""The simulated feeds: the match as it was, in the providers' formats, the same bytes each time."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import orjson

from bookstream.demo import bookmakers, exchange, match, model, recordings
from bookstream.demo.match import SECOND
from domain.events.feeds import ClockTick, RawMessage

GAME = match.load()


def test_the_match_is_what_its_sources_say() -> None:
    goals = [(i.label, i.side) for i in GAME.incidents if i.kind == "GOAL"]
    assert goals == [("19'", "HOME"), ("45'", "AWAY"), ("51'", "AWAY"), ("63'", "HOME")]
    cards = Counter((i.kind, i.side) for i in GAME.incidents if i.kind != "GOAL")
    assert cards == {("YELLOW_CARD", "HOME"): 3, ("YELLOW_CARD", "AWAY"): 5, ("RED_CARD", "HOME"): 1}
    assert GAME.clock(GAME.kick_off_at + 60 * SECOND) == "01:00"
    assert GAME.clock(GAME.second_half_at) == "45:00"


def test_the_model_starts_at_the_closing_odds_and_ends_at_the_result() -> None:
    means = model.fit(GAME)
    before = model.believe(GAME, means, GAME.kick_off_at - SECOND)
    booksum = sum(1000 / GAME.closing_odds[side] for side in ("home", "draw", "away"))
    assert all(abs(before[s] - 1000 / GAME.closing_odds[s] / booksum) < 0.02 for s in ("home", "draw", "away"))
    after = model.believe(GAME, means, GAME.full_time_at)
    assert (round(after["draw"], 6), round(after["over_2500"], 6), round(after["yes"], 6)) == (1, 1, 1)


def test_the_exchange_says_the_same_bytes_for_the_same_seed_and_others_for_another() -> None:
    first = [line for _, line in exchange.messages(GAME, 1)]
    assert first == [line for _, line in exchange.messages(GAME, 1)]
    assert first != [line for _, line in exchange.messages(GAME, 2)]


def test_every_goal_and_red_card_suspends_the_match_odds_and_they_settle_to_a_draw() -> None:
    statuses, winners = Counter[str](), set()
    for _, line in exchange.messages(GAME, 1):
        for change in orjson.loads(line)["mc"]:
            definition = change.get("marketDefinition")
            if definition and definition["marketType"] == "MATCH_ODDS":
                statuses[definition["status"]] += 1
                winners |= {runner["name"] for runner in definition["runners"] if runner["status"] == "WINNER"}
    assert statuses == {"OPEN": 7, "SUSPENDED": 6, "CLOSED": 1}
    assert winners == {"The Draw"}


def closings(number: int) -> dict[str, list[tuple[str, str]]]:
    """Return what every market of an event said from its first close on: its status and its winner."""
    told: dict[str, list[tuple[str, str]]] = {}
    for _, line in exchange.messages(GAME, 1, number):
        for change in orjson.loads(line)["mc"]:
            definition = change.get("marketDefinition", {"status": "", "marketType": ""})
            kind = definition["marketType"]
            if definition["status"] == "CLOSED" or kind in told:
                (winner,) = [r["name"] for r in definition["runners"] if r["status"] == "WINNER"] or [""]
                told.setdefault(kind, []).append((definition["status"], winner))
    return told


def test_one_market_of_each_event_is_closed_with_a_wrong_winner_and_then_with_the_right_one() -> None:
    draw, over, yes = ("CLOSED", "The Draw"), ("CLOSED", "Over 2.5 Goals"), ("CLOSED", "Yes")
    under, no = ("CLOSED", "Under 2.5 Goals"), ("CLOSED", "No")
    plain = {"MATCH_ODDS": [draw], "OVER_UNDER_25": [over], "BOTH_TEAMS_TO_SCORE": [yes]}
    assert closings(0) == plain | {"OVER_UNDER_25": [under, over]}
    assert closings(1) == plain | {"BOTH_TEAMS_TO_SCORE": [no, ("SUSPENDED", ""), yes]}
    wrong, right = closings(2)["MATCH_ODDS"]
    assert wrong != right == draw
    assert closings(5)["MATCH_ODDS"] == [wrong, ("SUSPENDED", ""), draw]


def test_no_ladder_is_crossed() -> None:
    books: dict[tuple[str, int], dict[str, dict[float, float]]] = {}
    for _, line in exchange.messages(GAME, 3):
        for change in orjson.loads(line)["mc"]:
            for runner in change.get("rc", []):
                book = books.setdefault((change["id"], runner["id"]), {"atb": {}, "atl": {}})
                for side in ("atb", "atl"):
                    book[side] = {} if change.get("img") else book[side]
                    book[side] |= dict(runner.get(side, []))
                    book[side] = {odds: size for odds, size in book[side].items() if size}
                assert max(book["atb"]) < min(book["atl"])


def test_a_bookmaker_takes_its_markets_down_after_a_goal() -> None:
    goal = next(GAME.at(i) for i in GAME.incidents if i.kind == "GOAL")
    shown = {at: {b["key"] for b in orjson.loads(a)[0]["bookmakers"]} for at, a in bookmakers.odds_answers(GAME, 1)}
    down = [makers for at, makers in shown.items() if goal + 8 * SECOND < at < goal + 30 * SECOND]
    assert down
    assert not any(down)


def test_scores_rise_to_the_result() -> None:
    scores = [
        tuple(s["score"] for s in orjson.loads(answer)[0]["scores"]) for _, answer in bookmakers.score_answers(GAME)
    ]
    assert (scores[0], scores[-1]) == (("0", "0"), ("2", "2"))
    assert scores == sorted(scores)
    goal = next(GAME.at(i) for i in GAME.incidents if i.kind == "GOAL")
    told = next(
        at for at, answer in bookmakers.score_answers(GAME) if orjson.loads(answer)[0]["scores"][0]["score"] == "1"
    )
    assert 30 * SECOND <= told - goal < 45 * SECOND
    finished = [at for at, answer in bookmakers.score_answers(GAME) if orjson.loads(answer)[0]["completed"]]
    assert finished[0] - GAME.full_time_at < 45 * SECOND


def test_the_recordings_are_read_back_by_the_real_connectors_without_most_of_half_time(tmp_path: Path) -> None:
    items = list(recordings.items(GAME, recordings.write(GAME, tmp_path / "feeds", 1)))
    times = [item.received_at for item in items]
    assert times == sorted(times)
    assert {item.provider for item in items if isinstance(item, RawMessage)} == {"betfair", "theoddsapi"}
    ticks = [item.received_at for item in items if isinstance(item, ClockTick)]
    longest = max(b - a for a, b in pairwise(ticks))
    assert 830 * SECOND < longest < 850 * SECOND

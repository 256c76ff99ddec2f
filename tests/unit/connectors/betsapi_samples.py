"""Answers in BetsAPI's shapes, made up for tests."""

import json
from typing import Any

BEGAN = 1_600_000_000
KICK_OFF = BEGAN


def answer(results: Any, **more: Any) -> bytes:
    """Write an answer."""
    return json.dumps({"success": 1, **more, "results": results}, separators=(",", ":")).encode()


def event(**changes: Any) -> dict[str, Any]:
    """Give one match in play."""
    match = {
        "id": "1500", "sport_id": "1", "time": str(KICK_OFF), "time_status": "1",
        "league": {"id": "94", "name": "Someland Division 1", "cc": "xx"},
        "home": {"id": "10", "name": "Redtown Rovers", "image_id": "1", "cc": "xx"},
        "away": {"id": "20", "name": "Bluefield United", "image_id": None, "cc": None}, "ss": "1-0",
        "timer": {"tm": 41, "ts": 4, "tt": "1", "ta": 0, "md": 0},
    }  # fmt: skip
    return match | changes


def row(number: int, **changes: Any) -> dict[str, Any]:
    """Give one state of a market, a minute after the one before it."""
    state = {
        "id": str(9_000 + number), "home_od": "1.800", "draw_od": "3.400", "away_od": "4.500", "ss": "0-0",
        "time_str": str(number), "add_time": str(KICK_OFF + 60 * number),
    }  # fmt: skip
    return state | changes


def handicap_row(number: int, handicap: str, **changes: Any) -> dict[str, Any]:
    """Give one state of a handicap market."""
    state = row(number, home_od="1.900", away_od="1.950", handicap=handicap, **changes)
    del state["draw_od"]
    return state


def total_row(number: int, handicap: str, **changes: Any) -> dict[str, Any]:
    """Give one state of a total."""
    state = row(number, handicap=handicap)
    for name in ("home_od", "draw_od", "away_od"):
        del state[name]
    return state | {"over_od": "1.850", "under_od": "2.000"} | changes


def odds(**markets: list[dict[str, Any]]) -> bytes:
    """Write a history of markets, each given oldest state first under its key after an m."""
    return answer({name.removeprefix("m"): rows[::-1] for name, rows in markets.items()})


def inplay_answers(count: int = 10) -> list[bytes]:
    """Write polls of the list in play, a minute apart."""
    return [
        answer([event(timer={"tm": n % 90, "ts": 0}, ss=f"{n % 7}-0", time=str(KICK_OFF + 60 * n))])
        for n in range(count)
    ]


def timeline(**changes: Any) -> dict[str, Any]:
    """Give one match as Betfair's timeline tells it: a yellow card, a goal, all periods."""

    def update(number: int, kind: str, clock: str, minute: int, team: str | None = None) -> dict[str, Any]:
        told = {
            "updateId": number, "updateType": kind, "type": kind, "updateTime": f"2020-09-13T{clock}.500Z",
            "matchTime": minute, "elapsedRegularTime": minute,
        }  # fmt: skip
        return told | ({"team": team, "teamName": team} if team else {})

    side = {"halfTimeScore": "0", "numberOfRedCards": 0, "numberOfCorners": 4}
    match = {
        "eventId": 300, "eventTypeId": 1, "status": "COMPLETE", "timeline_updated_at": str(BEGAN + 7_000),
        "score": {
            "home": {"name": "Redtown Rovers", "score": "1", "numberOfYellowCards": 0, **side},
            "away": {"name": "Bluefield United", "score": "0", "numberOfYellowCards": 1, **side},
        },
        "updateDetails": [
            update(1, "KickOff", "12:26:40", 1), update(2, "YellowCard", "12:40:00", 14, "away"),
            update(3, "FirstHalfEnd", "13:12:00", 45), update(4, "SecondHalfKickOff", "13:28:00", 46),
            update(5, "Goal", "13:50:00", 67, "home"), update(6, "SecondHalfEnd", "14:16:00", 90),
        ],
    }  # fmt: skip
    return match | changes


def bet365(**changes: str) -> bytes:
    """Write bet365's records of one match with two markets."""
    match = {
        "type": "EV", "FI": "700", "NA": "Redtown Rovers v Bluefield United", "CT": "Someland Division 1", "C1": "1",
        "CL": "1", "SS": "1-0", "TM": "45", "TS": "0", "TU": "20200913131200",
    }  # fmt: skip
    records = [
        match | changes,
        {"type": "MA", "ID": "1777", "NA": "Fulltime Result", "SU": "0"},
        {"type": "PA", "ID": "1", "NA": "Redtown Rovers", "OD": "2/5", "SU": "0"},
        {"type": "PA", "ID": "2", "NA": "Draw", "OD": "3/1", "SU": "0"},
        {"type": "PA", "ID": "3", "NA": "Bluefield United", "OD": "13/2", "SU": "0"},
        {"type": "MA", "ID": "10124", "NA": "Match Goals", "SU": "0"},
        {"type": "PA", "ID": "4", "NA": "Over ", "OD": "4/7", "HA": "2.5", "SU": "0"},
        {"type": "PA", "ID": "5", "NA": "Under ", "OD": "5/4", "HA": "2.5", "SU": "0"},
    ]
    return answer([records], stats={"event_id": "1500", "update_at": str(BEGAN + 3_000)})

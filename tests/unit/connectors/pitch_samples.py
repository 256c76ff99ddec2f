"""A made-up match as StatsBomb and Opta would tell it."""

import json
from typing import Any

HOME: dict[str, Any] = {"id": 11, "name": "Rovers"}
AWAY: dict[str, Any] = {"id": 22, "name": "Wanderers"}
FILE = "4711_rovers_wanderers_2024-03-09_events.json"
_TYPES = {
    "Starting XI": 35, "Half Start": 18, "Half End": 34, "Shot": 16, "Pass": 30, "Foul Committed": 22,
    "Bad Behaviour": 24, "Own Goal For": 25, "Own Goal Against": 20, "Substitution": 19, "Carry": 43, "New": 99,
}  # fmt: skip


def uuid(n: int) -> str:
    """Give the n-th event's id."""
    return f"00000000-0000-4000-8000-{n:012x}"


def statsbomb_event(n: int, kind: str, *, team: dict[str, Any] = HOME, **more: Any) -> bytes:
    """Write the n-th event of a match, n seconds after its kick-off unless told."""
    told: dict[str, Any] = {
        "id": uuid(n), "index": n, "period": 1, "timestamp": f"00:{n // 60:02}:{n % 60:02}.000", "minute": n // 60,
        "second": n % 60, "type": {"id": _TYPES[kind], "name": kind}, "team": team, "duration": 0.5,
    }  # fmt: skip
    return json.dumps(told | more).encode()


def shot(outcome: int, *, xg: float = 0.25, kind: int = 87) -> dict[str, Any]:
    """Write what a shot came to: 97 is a goal."""
    return {"outcome": {"id": outcome}, "type": {"id": kind}, "statsbomb_xg": xg, "freeze_frame": []}


def statsbomb_start() -> list[bytes]:
    """Write how a match begins: both elevens, and the kick-off as each side has it."""
    elevens = [
        statsbomb_event(
            1 + place, "Starting XI", team=team, timestamp="00:00:00.000", minute=0, second=0,
            tactics={"formation": 442, "lineup": [{"player": {"id": team["id"] * 10, "name": f"P {team['name']}"}}]},
        )
        for place, team in enumerate((HOME, AWAY))
    ]  # fmt: skip
    starts = [
        statsbomb_event(3 + place, "Half Start", team=team, timestamp="00:00:00.000", minute=0, second=0)
        for place, team in enumerate((HOME, AWAY))
    ]
    return elevens + starts


def statsbomb_lineup(team: dict[str, Any] = HOME) -> bytes:
    """Write one side's line-up."""
    players = [{"player_id": 110, "player_name": "Paul Rover", "player_nickname": "Pauly", "jersey_number": 7}]
    return json.dumps({"team_id": team["id"], "team_name": team["name"], "lineup": players}).encode()


def array(payloads: list[bytes]) -> bytes:
    """Write elements as the array that a file holds."""
    return b"[ " + b",\n".join(payloads) + b" ]\n"

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


OPTA_HEAD = (
    b'<?xml version="1.0" encoding="UTF-8"?><Games timestamp="2024-03-09T18:00:00"><Game id="4711" home_team_id="11" '
    b'away_team_id="22" home_team_name="Rovers" away_team_name="Wanderers" game_date="2024-03-09T15:00:00" '
    b'home_score="9" away_score="9" competition_name="Cup">'
)
OPTA_FOOT = b"</Game></Games>"


def opta_event(n: int, kind: int, *qualifiers: int, **more: object) -> bytes:
    """Write the n-th event of a match, n seconds after its kick-off unless told."""
    told = {
        "id": 1000 + n, "event_id": n, "type_id": kind, "period_id": 1, "min": n // 60, "sec": n % 60, "team_id": 11,
        "player_id": 110, "outcome": 1, "x": "0.0", "timestamp": f"2024-03-09T15:{n // 60:02}:{n % 60:02}.5",
        "version": 1,
    } | more  # fmt: skip
    attributes = " ".join(f'{name}="{value}"' for name, value in told.items() if value is not None)
    how = "".join(f'<Q id="{n}" qualifier_id="{each}"/>' for each in qualifiers)
    return f"<Event {attributes}>{how}</Event>".encode()


def opta_game(*events: bytes) -> bytes:
    """Write a document of events."""
    return OPTA_HEAD + b"".join(events) + OPTA_FOOT


def opta_result(*, score: tuple[int, int] = (2, 1), period: str = "FullTime", player: str = "p110") -> bytes:
    """Write the result of the same match, with one player of each side."""
    sides = "".join(
        f'<TeamData Side="{side}" TeamRef="t{team}" Score="{goals}"><PlayerLineUp><MatchPlayer PlayerRef="{each}"/>'
        "</PlayerLineUp></TeamData>"
        for side, team, goals, each in (("Home", 11, score[0], player), ("Away", 22, score[1], "p220"))
    )
    teams = "".join(
        f'<Team uID="t{team}"><Name>{name}</Name><Player uID="p{team}0"><PersonName><First>Paul</First>'
        f"<Last>{name}man</Last><Known>Paulo {team}</Known></PersonName></Player></Team>"
        for team, name in ((11, "Rovers"), (22, "Wanderers"))
    )
    return (
        f'<SoccerFeed TimeStamp="20240309T180000+0000"><SoccerDocument Type="Result" uID="f4711"><Competition uID="c1">'
        f'<Name>Cup</Name></Competition><MatchData><MatchInfo Period="{period}" TimeStamp="20240309T165000+0000">'
        f"<Date>20240309T150000+0000</Date><Attendance>1234</Attendance></MatchInfo>{sides}</MatchData>{teams}"
        "</SoccerDocument></SoccerFeed>"
    ).encode()

"""The goals of one match from a goal-minute list: a row a goal, with its minute and the score after it.

The list writes a match as text, "Home vs. Away 2:1", with German notes where the result is not that of the pitch. It
tells the day only. A match without goals has no row.
"""

import re
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

from connectors.tables import parse_rows, table_payload, whole_of
from domain.errors import ContractViolation
from domain.events.canonical import Side
from domain.events.feeds import RawMessage
from domain.feeds.calendar import DAY_US, micros
from domain.feeds.markets import MOST_GOALS
from domain.feeds.matchclock import since_kick_off_us, stated_minute

NAME: Final = "the goal-minute lists"
HEADER: Final = frozenset(["scoring_player", "scoring_team", "time", "GH", "GA", "game", "date", "season"])

UNKNOWN_MINUTE: Final = "0"

Note = Literal["", "AWARDED", "ANNULLED", "PENALTIES"]
_NOTES: Final[dict[str, Note]] = {"": "", "Wert.": "AWARDED", "annull.": "ANNULLED", "i.E.": "PENALTIES"}
"""How the result came about: on the pitch, by a verdict, not at all, on penalties."""
_GAME: Final = re.compile(r"(?P<home>.{1,256}?) vs\. (?P<away>.{1,256}) (?P<score>\d{1,3}:\d{1,3})(?P<note>(?:\s.*)?)")
_FIRST_LEG: Final = re.compile(r"\(Hinspiel \d{1,3}:\d{1,3}\)")


class Goal(msgspec.Struct, frozen=True):
    """A goal: `minute` is of whole minutes elapsed, `clock_us` since the kick-off; the score is the one after it.

    Where nobody noted the minute it is None.
    """

    scorer: str
    side: Side
    minute: int | None
    clock_us: int
    home: int
    away: int


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """A match with its goals; `day_at` is its day's midnight UTC, `stated` the result that the list states."""

    home: str
    away: str
    day_at: int
    season: str
    stated: tuple[int, int]
    note: Note
    goals: tuple[Goal, ...]
    unknown: tuple[str, ...]

    @property
    def over_at(self) -> int:
        """Return when the match was over at the latest: with its day."""
        return self.day_at + DAY_US


def parse_message(message: RawMessage) -> Match:
    """Parse a message of this provider.

    Raises:
        UndecodableInput, ContractViolation: see `parse`; or the content type is another.
    """
    return parse(table_payload(message, NAME))


def parse(payload: bytes) -> Match:
    """Parse a header and the goals of one match.

    Raises:
        UndecodableInput: the bytes are not CSV.
        ContractViolation: the rows are not the goals of one match, each after the other, up to its result.
    """
    rows = parse_rows(payload)
    first = rows[0]
    if not first.keys() >= HEADER:
        raise ContractViolation(f"a row without {sorted(HEADER - first.keys())}")
    if any((row["game"], row["date"]) != (first["game"], first["date"]) for row in rows):
        raise ContractViolation("goals of several matches in one message")
    home, away, stated, note = _game(first["game"])
    goals = _goals(rows, home, away)
    if note not in {"AWARDED", "PENALTIES"} and (goals[-1].home, goals[-1].away) != stated:
        raise ContractViolation(
            f"{home} v {away}, {first['date'][:10]}: its goals lead to {goals[-1].home}:{goals[-1].away}, "
            f"its result is {stated[0]}:{stated[1]}"
        )
    return Match(
        home=home, away=away, day_at=_day(first["date"]), season=first["season"], stated=stated, note=note, goals=goals,
        unknown=tuple(name for name in first if name not in HEADER),
    )  # fmt: skip


def _game(text: str) -> tuple[str, str, tuple[int, int], Note]:
    match = _GAME.fullmatch(" ".join(text.split()))
    said = _FIRST_LEG.sub("", match["note"]).strip() if match else ""
    if match is None or said not in _NOTES:
        raise ContractViolation(f"not a match: {text[:80]!r}")
    if match["home"] == match["away"]:
        raise ContractViolation("home and away are the same team")
    home, away = (whole_of(part, "a result", MOST_GOALS) for part in match["score"].split(":"))
    return match["home"], match["away"], (home, away), _NOTES[said]


def _goals(rows: list[dict[str, str]], home: str, away: str) -> tuple[Goal, ...]:
    goals: list[Goal] = []
    score = (0, 0)
    for row in rows:
        team = row["scoring_team"]
        if team not in {home, away}:
            raise ContractViolation(f"{team[:64]!r} scores, but does not play")
        side: Side = "HOME" if team == home else "AWAY"
        expected = (score[0] + 1, score[1]) if side == "HOME" else (score[0], score[1] + 1)
        score = (whole_of(row["GH"], "GH", MOST_GOALS), whole_of(row["GA"], "GA", MOST_GOALS))
        if score != expected:
            raise ContractViolation(f"{home} v {away}: a goal of {team} leads to {score[0]}:{score[1]}")
        minute, clock_us = _time(row["time"], goals[-1].clock_us if goals else 0)
        goals.append(Goal(row["scoring_player"][:256], side, minute, clock_us, *score))
    return tuple(goals)


def _time(text: str, before_us: int) -> tuple[int | None, int]:
    """Return a goal's minute and clock; one of minute 0 came at a time that nobody noted, after the one before it."""
    if text == UNKNOWN_MINUTE:
        return None, before_us
    period, minute, within_us = stated_minute(text)
    return minute, since_kick_off_us(period, within_us)


def _day(text: str) -> int:
    try:
        day = micros(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC))
    except ValueError as error:
        raise ContractViolation(f"not a day: {text[:40]!r}") from error
    if day <= 0:
        raise ContractViolation(f"a day before all records: {text}")
    return day

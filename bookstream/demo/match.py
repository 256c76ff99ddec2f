"""A real match as data: what happened, when on its clock, and what the market thought before it began."""

from datetime import datetime
from functools import cached_property
from importlib import resources
from typing import Literal

import msgspec

SECOND = 1_000_000


class MatchIncident(msgspec.Struct, frozen=True):
    """One incident at its match clock; the second half's clock starts at 45:00."""

    half: Literal[1, 2]
    minute: int
    second: int
    kind: Literal["GOAL", "YELLOW_CARD", "RED_CARD"]
    side: Literal["HOME", "AWAY"]
    player: str

    @property
    def label(self) -> str:
        """Return the minute as a scoreboard shows it."""
        return f"{self.minute + 1}'"


class Result(msgspec.Struct, frozen=True):
    """Goals at the end and at half-time."""

    home: int
    away: int
    half_time_home: int
    half_time_away: int


class Match(msgspec.Struct, frozen=True, dict=True):
    """The facts of a match, with their source; times derived from them are microseconds UTC."""

    source: str
    sport: str
    competition: str
    season: str
    home: str
    away: str
    kick_off: datetime
    half_seconds: tuple[int, int]
    half_time_seconds: int
    result: Result
    closing_odds: dict[str, int]
    incidents: tuple[MatchIncident, ...]

    @cached_property
    def kick_off_at(self) -> int:
        """Return the kick-off."""
        return int(self.kick_off.timestamp()) * SECOND

    @cached_property
    def half_time_at(self) -> int:
        """Return the end of the first half."""
        return self.kick_off_at + self.half_seconds[0] * SECOND

    @cached_property
    def second_half_at(self) -> int:
        """Return the start of the second half."""
        return self.half_time_at + self.half_time_seconds * SECOND

    @cached_property
    def full_time_at(self) -> int:
        """Return the final whistle."""
        return self.second_half_at + self.half_seconds[1] * SECOND

    def at(self, incident: MatchIncident) -> int:
        """Return when an incident happened."""
        clock = incident.minute * 60 + incident.second
        if incident.half == 1:
            return self.kick_off_at + clock * SECOND
        return self.second_half_at + (clock - 45 * 60) * SECOND

    def score(self, at: int) -> tuple[int, int]:
        """Return the goals of both sides at a time."""
        scored = [i.side for i in self.incidents if i.kind == "GOAL" and self.at(i) <= at]
        return scored.count("HOME"), scored.count("AWAY")

    def reds(self, at: int) -> tuple[int, int]:
        """Return the players sent off of both sides at a time."""
        off = [i.side for i in self.incidents if i.kind == "RED_CARD" and self.at(i) <= at]
        return off.count("HOME"), off.count("AWAY")

    def played(self, at: int) -> float:
        """Return the share of playing time that is over, in [0, 1]."""
        total = sum(self.half_seconds)
        first = min(max(at - self.kick_off_at, 0), self.half_seconds[0] * SECOND)
        second = min(max(at - self.second_half_at, 0), self.half_seconds[1] * SECOND)
        return (first + second) / SECOND / total

    def clock(self, at: int) -> str:
        """Return the match clock as a scoreboard shows it."""
        if at < self.kick_off_at:
            return "pre-match"
        if at >= self.full_time_at:
            return "full time"
        if self.half_time_at <= at < self.second_half_at:
            return "half-time"
        start, base = (self.kick_off_at, 0) if at < self.half_time_at else (self.second_half_at, 45)
        seconds = (at - start) // SECOND
        return f"{base + seconds // 60:02d}:{seconds % 60:02d}"


def load() -> Match:
    """Read the match that the demo replays, and hold it against itself: the incidents must give the result."""
    text = resources.files("bookstream.demo").joinpath("match.json").read_bytes()
    match = msgspec.json.decode(text, type=Match)
    assert match.score(match.full_time_at) == (match.result.home, match.result.away)
    assert match.score(match.half_time_at) == (match.result.half_time_home, match.result.half_time_away)
    return match

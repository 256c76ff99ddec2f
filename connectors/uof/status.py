"""How an event stands: what odds changes and match summaries carry alike."""

from typing import Annotated

import msgspec
from msgspec import Meta

Urn = Annotated[str, Meta(min_length=3, max_length=128)]
Text = Annotated[str, Meta(max_length=1024)]
Ms = Annotated[int, Meta(ge=0, le=2**53)]
"""Milliseconds UTC."""
Score = Annotated[float, Meta(ge=-1e6, le=1e6)]
"""A whole number in nearly every sport, written with or without a decimal point."""


class Clock(msgspec.Struct):
    """The match clock; times are minutes and seconds, "75:02"."""

    match_time: str | None = None
    played: str | None = None
    stoppage_time: str | None = None
    stoppage_time_announced: str | None = None
    remaining_time: str | None = None
    remaining_time_in_period: str | None = None
    stopped: bool | None = None


class PeriodScore(msgspec.Struct):
    """The score of one period."""

    match_status_code: int | None = None
    number: int | None = None
    type: str | None = None
    home_score: Score | None = None
    away_score: Score | None = None


class PeriodScores(msgspec.Struct):
    """The scores of the periods so far."""

    periods: list[PeriodScore] = msgspec.field(default_factory=list, name="<period_score>")


class Results(msgspec.Struct):
    """Final scores: of the regular time, after overtime, after penalties."""

    results: list[PeriodScore] = msgspec.field(default_factory=list, name="<result>")


class HomeAway(msgspec.Struct):
    """A count of both sides."""

    home: Annotated[int, Meta(ge=0, le=1000)] | None = None
    away: Annotated[int, Meta(ge=0, le=1000)] | None = None


class Counts(msgspec.Struct):
    """What is counted during a match."""

    yellow_cards: list[HomeAway] = msgspec.field(default_factory=list, name="<yellow_cards>")
    red_cards: list[HomeAway] = msgspec.field(default_factory=list, name="<red_cards>")
    yellow_red_cards: list[HomeAway] = msgspec.field(default_factory=list, name="<yellow_red_cards>")
    corners: list[HomeAway] = msgspec.field(default_factory=list, name="<corners>")


class SportEventStatus(msgspec.Struct):
    """The state of a match.

    `status` is a number on the feed and may be a word in a REST answer; `match_status` is the period's code.
    """

    status: str | None = None
    match_status: str | None = None
    match_status_code: int | None = None
    reporting: int | None = None
    home_score: Score | None = None
    away_score: Score | None = None
    home_penalty_score: Score | None = None
    away_penalty_score: Score | None = None
    aggregate_home_score: Score | None = None
    aggregate_away_score: Score | None = None
    aggregate_winner_id: str | None = None
    winner_id: str | None = None
    winning_reason: str | None = None
    scheduled: str | None = None
    current_server: int | None = None
    expedite_mode: bool | None = None
    tiebreak: bool | None = None
    clocks: list[Clock] = msgspec.field(default_factory=list, name="<clock>")
    period_scores: list[PeriodScores] = msgspec.field(default_factory=list, name="<period_scores>")
    results: list[Results] = msgspec.field(default_factory=list, name="<results>")
    statistics: list[Counts] = msgspec.field(default_factory=list, name="<statistics>")

    @property
    def clock(self) -> str | None:
        """Return the time played as it is written."""
        return next((each.match_time or each.played for each in self.clocks), None)

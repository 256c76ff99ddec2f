"""Cricket's scoreboard on the stream (`ccm`): each change repeats the parts that changed, whole."""

from typing import Annotated

import msgspec

Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=10**13)]
"""A time, ms UTC, up to the year 2286."""


class Player(msgspec.Struct, rename="camel", omit_defaults=True):
    """A player of a team."""

    name: str
    is_captain: bool = False
    is_wicket_keeper: bool = False


class Team(msgspec.Struct, rename="camel", omit_defaults=True):
    """A team and the selection that stands for it in the match odds market."""

    name: str
    selection_id: int | None = None
    players: list[Player] = []


class FixtureInfo(msgspec.Struct, rename="camel", omit_defaults=True):
    """The match; `event_status` says what happens on the field (BALL_IN_PROGRESS, POSSIBLE_WICKET, …)."""

    fixture_status: str | None = None
    event_status: str | None = None
    event_description: str | None = None
    expected_start_time: Milliseconds | None = None
    home_team: str | None = None
    away_team: str | None = None
    max_overs: int | None = None


class Innings(msgspec.Struct, rename="camel", omit_defaults=True):
    """The score of one innings; overs are written over.ball ("12.4")."""

    innings_num: int
    innings_runs: int = 0
    innings_wickets: int = 0
    innings_overs: str = "0.0"
    batting_team: str | None = None
    bowling_team: str | None = None


class Batting(msgspec.Struct, rename="camel", omit_defaults=True):
    """The two who bat."""

    team_name: str | None = None
    bat1_name: str | None = None
    bat1_runs: int | None = None
    bat1_balls: int | None = None
    bat1_fours: int | None = None
    bat1_sixes: int | None = None
    bat1_strike: int | None = None
    bat2_name: str | None = None
    bat2_runs: int | None = None
    bat2_balls: int | None = None
    bat2_fours: int | None = None
    bat2_sixes: int | None = None
    bat2_strike: int | None = None


class Bowling(msgspec.Struct, rename="camel", omit_defaults=True):
    """The two who bowl."""

    team_name: str | None = None
    bowl1_name: str | None = None
    bowl1_overs: str | None = None
    bowl1_runs: int | None = None
    bowl1_wickets: int | None = None
    bowl1_maidens: int | None = None
    bowl2_name: str | None = None
    bowl2_overs: str | None = None
    bowl2_runs: int | None = None
    bowl2_wickets: int | None = None
    bowl2_maidens: int | None = None


class MatchStats(msgspec.Struct, rename="camel", omit_defaults=True):
    """The scoreboard; innings that have not begun stand at zero."""

    current_innings: int | None = None
    innings_stats: list[Innings] = []
    batting_team_stats: Batting | None = None
    bowling_team_stats: Bowling | None = None
    toss_result: str | None = None


class CricketIncident(msgspec.Struct, rename="camel", omit_defaults=True):
    """One ball's outcome; `actual_time` is ms UTC."""

    incident_type: str
    overs: str | None = None
    innings: int | None = None
    participant_ref: str | None = None
    qualifier_type: str | None = None
    value: str | None = None
    actual_time: Milliseconds | None = None


class IncidentList(msgspec.Struct, rename="camel"):
    """The latest incidents, the oldest first."""

    incident_list: list[CricketIncident]


class CricketChange(msgspec.Struct, rename="camel", omit_defaults=True):
    """What changed of one match's scoreboard."""

    event_id: str
    market_id: str
    fixture_info: FixtureInfo | None = None
    home_team: Team | None = None
    away_team: Team | None = None
    match_stats: MatchStats | None = None
    incident_list_wrapper: IncidentList | None = None


class CricketMessage(msgspec.Struct, tag_field="op", tag="ccm", rename="camel", omit_defaults=True):
    """A cricket change message."""

    id: int | None = None
    clk: str | None = None
    initial_clk: str | None = None
    pt: Milliseconds | None = None
    ct: str | None = None
    cc: list[CricketChange] = []
    heartbeat_ms: int | None = None
    conflate_ms: int | None = None
    status: int | None = None

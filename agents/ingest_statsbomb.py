"""StatsBomb in canonical events: a match's sides and players, its goals, cards, periods and figures.

A match is known once both starting elevens were told: the home side's comes first. Then its events follow each other by
their index; one that comes again or stands before what was heard is refused. Nothing says that a match is over: it is
taken to be after its second half, and goals of extra time are told all the same, should there be one.
"""

import re
from collections.abc import Sequence
from typing import Final

from agents.ingest_fixtures import Fixtures
from agents.ingest_pitch import (
    SECOND_HALF,
    begin_period,
    end_match,
    end_period,
    keep_match,
    pitch_match,
    take_facts,
)
from agents.ingest_players import Named, say_players, team_of
from agents.ingest_rules import check_time
from agents.ingest_turn import Turn
from connectors.statsbomb.connector import PROVIDER, match_day
from connectors.statsbomb.messages import Event, Lineup, Ref, parse_message
from domain.errors import ContractViolation
from domain.events.canonical import IncidentKind, Side
from domain.feeds import statsbomb
from domain.feeds.dedupe import is_repeat
from domain.feeds.matchclock import SHOOT_OUT
from domain.feeds.pitch import EXPECTED_GOALS, EXPECTED_GOALS_UNIT, Facts
from domain.identity.claims import FixtureClaim, TimeIs
from ops.metrics import LEFT_OUT
from tables.pitch import PitchMatch

_MATCH: Final = re.compile(r"^file:(\d{1,12})(?!\d)")
ONLY: Final = 1
"""The version of each event: a correction never comes."""


class StatsBomb:
    """Normalises this provider's events; `take` is one of one stream, in order."""

    def __init__(self, fixtures: Fixtures) -> None:
        self._fixtures = fixtures

    def gap(self, turn: Turn) -> None:
        """Go on: what is missing is not told again, and the feed stays delayed."""

    def take(self, turn: Turn) -> None:
        """Say what follows from an event or a line-up.

        Raises:
            RejectedInput: it is none, or does not belong where it stands.
        """
        if is_repeat(turn.stream.recent, turn.raw.content_hash):
            return
        message = parse_message(turn.raw)
        if isinstance(message, Lineup):
            self._take_lineup(turn, message)
        else:
            self._take_event(turn, message)

    def _take_lineup(self, turn: Turn, lineup: Lineup) -> None:
        players = [(each.player_id, each.player_name, each.player_nickname) for each in lineup.lineup]
        team_id = team_of(self._fixtures, turn, str(lineup.team_id), lineup.team_name)
        say_players(self._fixtures, turn, team_id, _named(players))

    def _take_event(self, turn: Turn, event: Event) -> None:
        match_id = _match_id(turn)
        match = pitch_match(turn, match_id)
        if turn.heard.place != "LATE":
            if event.index <= match.index:
                raise ContractViolation(f"event {event.id}: its index {event.index} comes after {match.index}")
            match.index = event.index
        if event.type.id == statsbomb.STARTING_XI:
            self._take_eleven(turn, match_id, match, event)
        elif not match.link:
            raise ContractViolation(f"event {event.id}: the sides of match {match_id} are not known")
        else:
            self._take_play(turn, match_id, match, event)
        keep_match(turn, match_id, match)

    def _take_eleven(self, turn: Turn, match_id: str, match: PitchMatch, event: Event) -> None:
        side = (str(event.team.id), event.team.name)
        if side not in match.sides:
            if len(match.sides) == 2:
                raise ContractViolation(f"event {event.id}: a third side in match {match_id}")
            match.sides.append(side)
        if len(match.sides) == 2 and not match.link:
            match.kick_off_at = check_time(turn.raw.occurred_at - event.clock_us, "the kick-off")
            match.link, _ = self._fixtures.link(turn.shard, turn.speech, _claim(turn, match_id, match))
        if event.tactics is not None:
            players = [(each.player.id, each.player.name, None) for each in event.tactics.lineup]
            say_players(self._fixtures, turn, team_of(self._fixtures, turn, *side), _named(players))

    def _take_play(self, turn: Turn, match_id: str, match: PitchMatch, event: Event) -> None:
        kind = event.type.id
        if kind not in statsbomb.TYPES:
            LEFT_OUT.labels(PROVIDER, "UNKNOWN").inc()
        elif kind == statsbomb.HALF_START:
            begin_period(self._fixtures, turn, match, event.period)
        elif kind == statsbomb.HALF_END:
            end_period(turn, match, event.period)
            if event.period >= SECOND_HALF:
                end_match(self._fixtures, turn, match)
        else:
            take_facts(self._fixtures, turn, match, (match_id, event.id), _facts(event, _side(match, event)))


def _facts(event: Event, side: Side) -> Facts:
    """Say what an event means: penalties of a shoot-out are no goals and no shots of the match."""
    incident: IncidentKind | None = None
    figures: dict[str, int] = {}
    kind = event.type.id
    if kind == statsbomb.SHOT and event.shot is not None and event.period != SHOOT_OUT:
        incident = "GOAL" if event.shot.outcome.id == statsbomb.GOAL else None
        figures = statsbomb.shot_figures(event.shot.outcome.id)
        figures[EXPECTED_GOALS] = round((event.shot.statsbomb_xg or 0) * EXPECTED_GOALS_UNIT)
    elif kind == statsbomb.OWN_GOAL_FOR:
        incident = "GOAL"
    elif kind in {statsbomb.FOUL_COMMITTED, statsbomb.BAD_BEHAVIOUR}:
        offence = event.foul_committed or event.bad_behaviour
        incident = statsbomb.card_of(offence.card.id) if offence and offence.card else None
        figures = statsbomb.card_figures(incident)
        if kind == statsbomb.FOUL_COMMITTED:
            figures["fouls_count"] = 1
    elif kind == statsbomb.PASS and event.pass_ is not None:
        figures = statsbomb.pass_figures(_id(event.pass_.type), _id(event.pass_.outcome))
    elif kind == statsbomb.OFFSIDE:
        figures = {"offsides_count": 1}
    elif kind == statsbomb.SUBSTITUTION:
        figures = {"substitutions_count": 1}
    player = str(event.player.id) if event.player is not None else None
    return Facts(ONLY, side, event.minute, incident, player, figures)


def _id(ref: Ref | None) -> int | None:
    return ref.id if ref is not None else None


def _side(match: PitchMatch, event: Event) -> Side:
    teams = [reference for reference, _ in match.sides]
    if str(event.team.id) not in teams:
        raise ContractViolation(f"event {event.id}: its side {event.team.name[:64]!r} does not play")
    return "HOME" if teams.index(str(event.team.id)) == 0 else "AWAY"


def _claim(turn: Turn, match_id: str, match: PitchMatch) -> FixtureClaim:
    (home_reference, home), (away_reference, away) = match.sides
    return FixtureClaim(
        provider=PROVIDER, provider_fixture_id=match_id, sport="soccer", kick_off_at=match.kick_off_at,
        time_is=_time_is(turn, match.kick_off_at), name=f"{home} v {away}", home=home, away=away,
        home_reference=home_reference, away_reference=away_reference,
    )  # fmt: skip


def _time_is(turn: Turn, kick_off_at: int) -> TimeIs:
    """Say what the kick-off is good for: see the connector."""
    day = match_day(turn.raw.endpoint)
    if day is None:
        return "UNKNOWN"
    return "DAY" if day == kick_off_at else "EXACT"


def _match_id(turn: Turn) -> str:
    """Return the match's id from the publisher's name of its file; a file of another name is a match by itself."""
    found = _MATCH.match(turn.raw.endpoint)
    return found[1] if found else re.sub(r"[^0-9A-Za-z_.#-]+", "_", turn.stream_id)[-64:]


def _named(players: Sequence[tuple[int, str, str | None]]) -> list[Named]:
    return [(str(reference), name, (also,) if also and also != name else ()) for reference, name, also in players]

"""Opta in canonical events: a match's goals, cards, periods and figures from F24, its result and players from F7.

An event that comes again with a higher version is a correction: what its older one meant is taken back first.
"""

from typing import Final

from agents.ingest_figures import take_count
from agents.ingest_fixtures import Fixtures, say_incident
from agents.ingest_pitch import (
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
from connectors.opta.connector import PROVIDER
from connectors.opta.messages import Event, Game, Games, uk_time
from connectors.opta.parser import parse_message
from connectors.opta.results import PLAYED, SoccerDocument, TeamData, name_of, text_of
from domain.errors import ContractViolation, RejectedInput
from domain.events.canonical import Side
from domain.feeds import opta
from domain.feeds.matchclock import PERIOD_STARTS_US, SHOOT_OUT
from domain.feeds.pitch import Facts
from domain.identity.claims import FixtureClaim
from ops.metrics import LEFT_OUT
from tables.ingest import LINKS
from tables.pitch import PitchMatch

MOST_FAULTS: Final = 10
"""Faults that a dead letter names."""
_OTHER: Final[dict[Side, Side]] = {"HOME": "AWAY", "AWAY": "HOME"}


class Opta:
    """Normalises this provider's documents; `take` is one of one stream, in order."""

    def __init__(self, fixtures: Fixtures) -> None:
        self._fixtures = fixtures

    def gap(self, turn: Turn) -> None:
        """Go on: what is missing is not told again, and the feed stays delayed."""

    def take(self, turn: Turn) -> None:
        """Say what follows from a document.

        Raises:
            RejectedInput: for the document, or for events of it, when its others were taken.
        """
        message = parse_message(turn.raw)
        if isinstance(message, Games):
            self._take_game(turn, message.game)
        else:
            self._take_result(turn, message.document)

    def _take_game(self, turn: Turn, game: Game) -> None:
        if game.home_team_id == game.away_team_id:
            raise ContractViolation(f"game {game.id}: home and away are the same team")
        match_id = str(game.id)
        match = pitch_match(turn, match_id)
        claim = FixtureClaim(
            provider=PROVIDER, provider_fixture_id=match_id, sport="soccer",
            kick_off_at=check_time(uk_time(game.game_date), "the kick-off"),
            name=f"{game.home_team_name} v {game.away_team_name}", competition=game.competition_name,
            home=game.home_team_name, away=game.away_team_name, home_reference=str(game.home_team_id),
            away_reference=str(game.away_team_id),
        )  # fmt: skip
        match.link, _ = self._fixtures.link(turn.shard, turn.speech, claim)
        faults: list[str] = []
        for event in game.events:
            try:
                self._take_event(turn, game, match, event)
            except RejectedInput as error:
                faults.append(str(error))
        keep_match(turn, match_id, match)
        if faults:
            raise ContractViolation("; ".join(faults[:MOST_FAULTS]))

    def _take_event(self, turn: Turn, game: Game, match: PitchMatch, event: Event) -> None:
        side = _side(game, event)
        if event.type_id > opta.MOST_TYPE:
            LEFT_OUT.labels(PROVIDER, "UNKNOWN").inc()
        elif event.type_id == opta.PERIOD_START and event.period_id in PERIOD_STARTS_US:
            begin_period(self._fixtures, turn, match, event.period_id)
        elif event.type_id == opta.PERIOD_END and event.period_id in PERIOD_STARTS_US:
            end_period(turn, match, event.period_id)
        elif event.type_id == opta.PERIOD_END and event.period_id == opta.POST_MATCH:
            end_match(self._fixtures, turn, match)
        elif event.period_id in PERIOD_STARTS_US and event.period_id != SHOOT_OUT:
            take_facts(self._fixtures, turn, match, (str(game.id), str(event.id)), _facts(event, side))

    def _take_result(self, turn: Turn, document: SoccerDocument) -> None:
        home, away = _of_side(document, "Home"), _of_side(document, "Away")
        names = {team.uid: text_of(team.names) for team in document.teams}
        if home.team == away.team or not names.get(home.team) or not names.get(away.team):
            raise ContractViolation(f"match {document.uid}: it does not name its two sides")
        claim = FixtureClaim(
            provider=PROVIDER, provider_fixture_id=document.uid.lstrip("abcdefghijklmnopqrstuvwxyz"), sport="soccer",
            kick_off_at=check_time(uk_time(text_of(document.info.dates)), "the kick-off"),
            name=f"{names[home.team]} v {names[away.team]}",
            competition=text_of(document.competitions[0].names) if document.competitions else "",
            home=names[home.team], away=names[away.team], home_reference=home.team[1:], away_reference=away.team[1:],
        )  # fmt: skip
        line_ups = _line_ups(document)
        key, _ = self._fixtures.link(turn.shard, turn.speech, claim)
        for team in document.match.teams:
            team_id = team_of(self._fixtures, turn, team.team[1:], names[team.team])
            say_players(self._fixtures, turn, team_id, line_ups[team.team])
        attendance = text_of(document.info.attendances)
        if attendance.isascii() and attendance.isdecimal() and len(attendance) <= 7:
            take_count(turn, key, "attendance_count", int(attendance), may_fall=True)
        if document.type == PLAYED and home.score is not None and away.score is not None:
            _say_score(turn, key, home.score, away.score)
        if document.info.period == "FullTime":
            self._fixtures.advance(turn.shard, turn.speech, key, "FINISHED", witnessed=False)


def _say_score(turn: Turn, key: str, home: int, away: int) -> None:
    """Tell the score of a result if it is news. Goals are told by events alone: the result may overtake them."""
    link = turn.shard.get(LINKS, key)
    assert link is not None, f"the result of {key}, which was never linked"
    if (link.home_score, link.away_score) == (home, away):
        return
    say_incident(turn.speech, link.fixture, "SCORE", home, away)
    if link.home_score is None:
        link.home_score, link.away_score = home, away
        turn.shard.put(LINKS, key, link)


def _facts(event: Event, side: Side) -> Facts:
    kind = event.type_id
    incident = opta.incident_of(kind, event.has)
    if incident in {"YELLOW_CARD", "RED_CARD"} and event.player_id is None:
        # A coach's card is none of a player's.
        return Facts(event.version, side, event.min, figures={"coach_cards_count": 1})
    if incident == "GOAL" and event.has(opta.OWN_GOAL):
        side = _OTHER[side]
    player = str(event.player_id) if event.player_id is not None else None
    figures = opta.figures_of(kind, event.outcome, event.has)
    return Facts(event.version, side, event.min, incident, player, figures, withdrawn=kind == opta.DELETED)


def _side(game: Game, event: Event) -> Side:
    if event.team_id not in {game.home_team_id, game.away_team_id}:
        raise ContractViolation(f"event {event.id}: its side {event.team_id} does not play")
    return "HOME" if event.team_id == game.home_team_id else "AWAY"


def _of_side(document: SoccerDocument, side: str) -> TeamData:
    found = [team for team in document.match.teams if team.side == side]
    if len(found) != 1:
        raise ContractViolation(f"match {document.uid}: {len(found)} sides play at {side.lower()}")
    return found[0]


def _line_ups(document: SoccerDocument) -> dict[str, list[Named]]:
    """Return the players of both line-ups, by their team.

    Raises:
        ContractViolation: one of them is not named.
    """
    named = {person.uid: person for team in document.teams for person in team.players}
    line_ups: dict[str, list[Named]] = {}
    for team in document.match.teams:
        players = line_ups.setdefault(team.team, [])
        for each in (player for line_up in team.line_ups for player in line_up.players):
            if each.player not in named:
                raise ContractViolation(f"match {document.uid}: player {each.player} is not named")
            players.append((each.player[1:], *name_of(named[each.player])))
    return line_ups

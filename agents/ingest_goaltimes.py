"""Goal-minute lists in canonical events: the goals of a match that is over, its scorers, and how it ended.

Scorers have a name, and no number. Who played in the match by another provider's line-ups is known as himself.
"""

from typing import Final

from agents.ingest_fixtures import Fixtures
from agents.ingest_players import say_scorers
from agents.ingest_results import count_unknown, link_of, say_figures
from agents.ingest_turn import Turn
from bookstream import topics
from connectors.goaltimes.connector import PROVIDER
from connectors.goaltimes.messages import Goal, Match, parse_message
from domain.events.canonical import Incident
from domain.feeds.dedupe import repeats_last
from domain.feeds.goaltimes import league_of
from domain.feeds.rows import day_of, row_id
from domain.identity.claims import FixtureClaim
from tables.ingest import LINKS

_ENDED: Final = frozenset(["FINISHED", "CANCELLED"])
_STATED: Final = {"AWARDED": "awarded_goals_count", "PENALTIES": "goals_with_shoot_out_count"}
"""Results that are not those of the pitch, as figures beside it."""


class GoalTimes:
    """Normalises the lists' matches; `take` is the goals of one match."""

    def __init__(self, fixtures: Fixtures) -> None:
        self._fixtures = fixtures

    def gap(self, turn: Turn) -> None:
        """Go on: every message is a whole match, and what is missing is no part of another."""
        turn.say_status("UP", "connected", "each match is whole")

    def take(self, turn: Turn) -> None:
        """Say how a match went. A list that tells of it again says only what differs.

        Raises:
            RejectedInput: it is no match.
        """
        if repeats_last(turn.stream.recent, turn.raw.content_hash):
            return
        match = parse_message(turn.raw)
        key, link = self._fixtures.link(turn.shard, turn.speech, _claim(turn, match))
        count_unknown(turn, match.unknown)
        if link.status in _ENDED:
            last = match.goals[-1]
            self._fixtures.score(turn.shard, turn.speech, key, last.home, last.away)
            return
        _say_goals(self._fixtures, turn, key, match)
        if match.note == "ANNULLED":
            self._fixtures.advance(turn.shard, turn.speech, key, "CANCELLED", witnessed=False)
        else:
            # Nobody says that a match with a verdict was played to its end.
            is_played = match.note != "AWARDED"
            self._fixtures.advance(turn.shard, turn.speech, key, "FINISHED", witnessed=is_played)


def _say_goals(fixtures: Fixtures, turn: Turn, key: str, match: Match) -> None:
    """Tell of the goals, each at its own time, and of who scored them."""
    link = link_of(turn, key)
    named = {_number(match, goal): goal.scorer for goal in match.goals if goal.scorer}
    who = say_scorers(fixtures, turn, link.fixture, named)
    for goal in match.goals:
        link.home_score, link.away_score = goal.home, goal.away
        incident = Incident(
            **turn.speech.head(match.day_at + goal.clock_us), fixture_id=link.fixture.fixture_id, kind="GOAL",
            side=goal.side, minute=goal.minute, home_score=goal.home, away_score=goal.away, late=turn.speech.late,
            participant_id=who[_number(match, goal)] if goal.scorer else None,
        )  # fmt: skip
        turn.speech.say(topics.INCIDENTS, incident.fixture_id, incident)
    turn.shard.put(LINKS, key, link)
    if match.note in _STATED:
        home, away = match.stated
        say_figures(turn, key, {f"home_{_STATED[match.note]}": home, f"away_{_STATED[match.note]}": away})


def _number(match: Match, goal: Goal) -> str:
    """Number a scorer by his name and the side that gained by him: the lists have no numbers.

    Clubs have had players of one name: who scored for several is several until a line-up tells, or a person.
    """
    return row_id(match.home if goal.side == "HOME" else match.away, goal.scorer)


def _claim(turn: Turn, match: Match) -> FixtureClaim:
    competition = league_of(turn.raw.endpoint)
    return FixtureClaim(
        provider=PROVIDER, provider_fixture_id=row_id(day_of(match.day_at), match.home, match.away), sport="soccer",
        kick_off_at=match.day_at, time_is="DAY", name=f"{match.home} v {match.away}", competition=competition,
        home=match.home, away=match.away,
    )  # fmt: skip

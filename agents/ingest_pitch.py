"""The facts of a match, whichever provider tells its events: goals, cards, periods, figures, and their corrections."""

from typing import Final

from agents.ingest_figures import say_figure
from agents.ingest_fixtures import Fixtures, say_incident
from agents.ingest_turn import Turn
from bookstream import topics
from domain.events.canonical import Incident, IncidentKind, Side
from domain.feeds.pitch import EXPECTED_GOALS, EXPECTED_GOALS_UNIT, PASSES, Facts, change_between, figure_name
from domain.feeds.possession import possession_percent
from tables.ingest import LINKS, LinkState, look_later, within
from tables.pitch import PITCH_FACTS, PITCH_MATCHES, PitchMatch

SIDES: Final[tuple[Side, Side]] = ("HOME", "AWAY")
FIRST_HALF, SECOND_HALF = 1, 2


def pitch_match(turn: Turn, match_id: str) -> PitchMatch:
    """Return how a match of this stream stands; a new one is remembered."""
    row = within(turn.stream_id, match_id)
    match = turn.shard.get(PITCH_MATCHES, row)
    if match is None:
        match = PitchMatch()
        look_later(turn.shard, PITCH_MATCHES.name, row, turn.raw.received_at)
        turn.shard.put(PITCH_MATCHES, row, match)
    return match


def keep_match(turn: Turn, match_id: str, match: PitchMatch) -> None:
    """Write down how a match stands."""
    turn.shard.put(PITCH_MATCHES, within(turn.stream_id, match_id), match)


def take_facts(fixtures: Fixtures, turn: Turn, match: PitchMatch, event: tuple[str, str], facts: Facts) -> None:
    """Say what follows from an event, told as (its match's id, its own).

    Idempotent: the same version of it, or an older one, says nothing.
    """
    match_id, event_id = event
    row = within(within(turn.stream_id, match_id), event_id)
    before = turn.shard.get(PITCH_FACTS, row)
    if before is None and facts.says_nothing:
        return
    if before is not None and facts.version <= before.version:
        return
    change = change_between(before, facts)
    for kind, meant in change.incidents:
        _say(fixtures, turn, match, kind, meant)
    for figure, amount in change.figures.items():
        _count(turn, match.link, figure, amount)
    turn.shard.put(PITCH_FACTS, row, facts)


def begin_period(fixtures: Fixtures, turn: Turn, match: PitchMatch, period: int) -> None:
    """Say that a period has begun, once: providers tell it for each side."""
    if period <= match.begun:
        return
    match.begun = period
    link = _link(turn, match.link)
    if link.home_score is None:
        fixtures.score(turn.shard, turn.speech, match.link, 0, 0)
    fixtures.advance(turn.shard, turn.speech, match.link, "IN_PLAY", witnessed=period == FIRST_HALF)
    if period == SECOND_HALF:
        say_incident(turn.speech, link.fixture, "SECOND_HALF", link.home_score, link.away_score)


def end_period(turn: Turn, match: PitchMatch, period: int) -> None:
    """Say that a period has ended, once."""
    if period <= match.ended:
        return
    match.ended = period
    link = _link(turn, match.link)
    if period == FIRST_HALF:
        say_incident(turn.speech, link.fixture, "HALF_TIME", link.home_score, link.away_score)
    _say_possession(turn, link)


def end_match(fixtures: Fixtures, turn: Turn, match: PitchMatch) -> None:
    """Say that a match is over, once."""
    fixtures.advance(turn.shard, turn.speech, match.link, "FINISHED", witnessed=True)


def _say(fixtures: Fixtures, turn: Turn, match: PitchMatch, kind: IncidentKind, facts: Facts) -> None:
    link = _link(turn, match.link)
    if kind in {"GOAL", "GOAL_CANCELLED"}:
        match.score[SIDES.index(facts.side)] += 1 if kind == "GOAL" else -1
        link.home_score, link.away_score = match.score
        turn.shard.put(LINKS, match.link, link)
    who = fixtures.directory.squads.who(turn.raw.provider, facts.player) if facts.player is not None else None
    incident = Incident(
        **turn.speech.head(), fixture_id=link.fixture.fixture_id, kind=kind, side=facts.side, minute=facts.minute,
        participant_id=who, home_score=link.home_score, away_score=link.away_score, late=turn.speech.late,
    )  # fmt: skip
    turn.speech.say(topics.INCIDENTS, incident.fixture_id, incident)


def _count(turn: Turn, key: str, figure: str, amount: int) -> None:
    """Add to a figure and tell it; passes are told at the end of a half."""
    link = _link(turn, key)
    total = link.figures[figure] = link.figures.get(figure, 0) + amount
    turn.shard.put(LINKS, key, link)
    if figure.endswith(EXPECTED_GOALS):
        say_figure(turn, link.fixture.fixture_id, figure, total / EXPECTED_GOALS_UNIT)
    elif not figure.endswith(PASSES):
        say_figure(turn, link.fixture.fixture_id, figure, total)


def _say_possession(turn: Turn, link: LinkState) -> None:
    home, away = (link.figures.get(figure_name(side, PASSES), 0) for side in SIDES)
    for side, passes, other in (("HOME", home, away), ("AWAY", away, home)):
        share = possession_percent(passes, other)
        if share is not None:
            say_figure(turn, link.fixture.fixture_id, f"{side.lower()}_{PASSES}", passes)
            say_figure(turn, link.fixture.fixture_id, f"{side.lower()}_possession_percent", share)


def _link(turn: Turn, key: str) -> LinkState:
    link = turn.shard.get(LINKS, key)
    assert link is not None, f"an event of {key}, which was never linked"
    return link

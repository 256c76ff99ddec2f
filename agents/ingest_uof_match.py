"""How the Unified Odds Feed's events stand: their state, period, score, cards and corners, from feed and REST alike."""

from typing import Final

from agents.ingest_figures import figure_of, grows, say_happened, take_count
from agents.ingest_fixtures import Fixtures, say_incident
from agents.ingest_turn import Turn
from agents.ingest_uof_players import GOALS, players_of, uof_match
from connectors.uof.rest import TimelineEvent
from connectors.uof.status import Score, SportEventStatus
from domain.errors import ContractViolation
from domain.events.canonical import IncidentKind, Side
from domain.feeds.markets import GOAL_SPORTS, MOST_GOALS
from domain.feeds.scores import cards_between
from domain.feeds.uof import fixture_status_of, minute_of
from tables.ingest import LINKS
from tables.uof import UOF_MATCHES

REST: Final = 0
"""Stands for the REST interface where producers are told apart."""
FIRST_HALF, HALF_TIME, SECOND_HALF = "6", "31", "7"
CARDS: Final[dict[str, IncidentKind]] = {
    "yellow_cards": "YELLOW_CARD", "red_cards": "RED_CARD", "yellow_red_cards": "RED_CARD",
}  # fmt: skip
MOST_CARDS: Final = 22
"""Told of one message: no two counts of a match differ by more."""
COUNTED: Final = (*CARDS, "corners")
REVIEWS: Final = "var_reviews"
_TOLD_AS: Final[dict[str, IncidentKind]] = {**CARDS, REVIEWS: "VAR_REVIEW"}
_TIMELINE: Final = {
    "yellow_card": "yellow_cards", "red_card": "red_cards", "yellow_red_card": "yellow_red_cards",
    "video_assistant_referee": REVIEWS,
}  # fmt: skip
_SIDES: Final[dict[str, Side]] = {"home": "HOME", "away": "AWAY"}


def take_status(
    fixtures: Fixtures, turn: Turn, key: str, status: SportEventStatus, *, producer: int, at_ms: int
) -> None:
    """Say what is new of how an event stands. What its producer said earlier, but comes later, is left out.

    Raises:
        ContractViolation: the score cannot be one.
    """
    match, row = uof_match(turn, key)
    if at_ms < match.heard_at.get(producer, 0):
        return
    is_newest = at_ms >= max(match.heard_at.values(), default=0)
    match.heard_at[producer] = at_ms
    before = match.period
    match.period = status.match_status or str(status.match_status_code or "") or before
    turn.shard.put(UOF_MATCHES, row, match)
    stands = fixture_status_of(status.status)
    if stands == "IN_PLAY":
        fixtures.advance(turn.shard, turn.speech, key, stands, witnessed=before != "")
    _say_period(turn, key, before, match.period)
    home, away = _whole(status.home_score), _whole(status.away_score)
    if home is not None and away is not None and stands is not None:
        say_score(fixtures, turn, key, home, away)
    _say_counts(turn, key, status, is_newest=is_newest)
    if stands in {"FINISHED", "CANCELLED"}:
        fixtures.advance(turn.shard, turn.speech, key, stands, witnessed=before not in {"", match.period})


def take_timeline(fixtures: Fixtures, turn: Turn, key: str, events: list[TimelineEvent]) -> None:
    """Say the goals, cards and reviews of a timeline that are not known yet: it is whole, and tells of all again.

    Raises:
        ContractViolation: a score cannot be one.
    """
    link = turn.shard.get(LINKS, key)
    assert link is not None, f"a timeline of {key}, which was never linked"
    scored = [event for event in events if event.type in GOALS]
    scores = [_score(event) for event in scored]
    who = players_of(fixtures, turn, key, link, events)
    known = (link.home_score or 0, link.away_score or 0)
    after = scores.index(known) + 1 if known in scores else 0 if known == (0, 0) else len(scores)
    if link.home_score is None and scores and link.claim.sport in GOAL_SPORTS:
        say_score(fixtures, turn, key, 0, 0)
    for event, score in zip(scored[after:], scores[after:], strict=True):
        say_score(fixtures, turn, key, *score, scorer_id=who.get(event.id))
    counted: dict[str, int] = {}
    for event in events:
        name, side = _TIMELINE.get(event.type), _SIDES.get(event.team or "")
        if name and (side or name == REVIEWS):
            figure = figure_of(event.team if side and event.team else "match", name)
            counted[figure] = counted.get(figure, 0) + 1
            if grows(turn, key, figure, counted[figure]):
                say_happened(turn, key, _TOLD_AS[name], side, event.match_time, participant_id=who.get(event.id))


def say_score(fixtures: Fixtures, turn: Turn, key: str, home: int, away: int, *, scorer_id: str | None = None) -> None:
    """Say a score, and who made it where that is told.

    Raises:
        ContractViolation: no match has it.
    """
    link = turn.shard.get(LINKS, key)
    most = MOST_GOALS if link is not None and link.claim.sport in GOAL_SPORTS else 1_000_000
    if not 0 <= min(home, away) <= max(home, away) <= most:
        raise ContractViolation(f"{key}: a score of {home}-{away}")
    fixtures.score(turn.shard, turn.speech, key, home, away, scorer_id=scorer_id)


def _say_period(turn: Turn, key: str, before: str, now: str) -> None:
    link = turn.shard.get(LINKS, key)
    if link is None or link.claim.sport != "soccer" or before in {"", now}:
        return
    if now == HALF_TIME:
        say_incident(turn.speech, link.fixture, "HALF_TIME", link.home_score, link.away_score)
    elif now == SECOND_HALF and before in {FIRST_HALF, HALF_TIME}:
        say_incident(turn.speech, link.fixture, "SECOND_HALF", link.home_score, link.away_score)


def _say_counts(turn: Turn, key: str, status: SportEventStatus, *, is_newest: bool) -> None:
    """Say how the counts changed; what only an older word than another producer's counts less is no correction."""
    minute = minute_of(status.clock)
    for counts in status.statistics:
        for name in COUNTED:
            for pair in getattr(counts, name):
                for team, side in _SIDES.items():
                    figure, count = figure_of(team, name), getattr(pair, team)
                    before = take_count(turn, key, figure, count, may_fall=is_newest)
                    if before is not None and count is not None and name in CARDS:
                        after = max(before - MOST_CARDS, min(before + MOST_CARDS, count))
                        for kind in cards_between(CARDS[name], before, after):
                            say_happened(turn, key, kind, side, minute)


def _score(event: TimelineEvent) -> tuple[int, int]:
    home, away = _whole(event.home_score), _whole(event.away_score)
    if home is None or away is None:
        raise ContractViolation(f"timeline event {event.id}: a score change without a score")
    return home, away


def _whole(score: Score | None) -> int | None:
    if score is None:
        return None
    if score != int(score):
        raise ContractViolation(f"a score of {score}")
    return int(score)

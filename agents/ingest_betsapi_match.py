"""How matches stand by BetsAPI: lists and views of events, timelines, statistics by minute."""

from typing import Final

import msgspec

from agents.ingest_betsapi_ids import PROVIDER, current
from agents.ingest_betsapi_odds import CLOCK
from agents.ingest_coupon import Tally
from agents.ingest_figures import figure_of as count_of
from agents.ingest_figures import grows, say_happened, take_count
from agents.ingest_fixtures import Fixtures
from agents.ingest_rules import check_time
from agents.ingest_rules_betsapi import check_event
from agents.ingest_turn import Turn
from connectors.betsapi.messages import SECOND, Event
from domain.errors import ContractViolation, RejectedInput
from domain.events.canonical import IncidentKind, Side
from domain.feeds.betsapi import Score, figure_of, score_of, sport_of, status_of, told_of
from domain.feeds.markets import GOAL_SPORTS, MOST_GOALS
from domain.feeds.scores import cards_between
from domain.identity.claims import FixtureClaim
from tables.ingest import LINKS

BET365: Final = f"{PROVIDER}/bet365"
"""Bookmakers' own ids are apart from BetsAPI's: one match has one of each."""
SIDES: Final[dict[str, Side]] = {"home": "HOME", "away": "AWAY"}
TEAMS: Final[dict[Side, str]] = {side: team for team, side in SIDES.items()}
CARDS: Final[dict[IncidentKind, str]] = {"YELLOW_CARD": "yellow_cards", "RED_CARD": "red_cards"}
STATED_CARDS: Final[dict[str, IncidentKind]] = {"yellowcards": "YELLOW_CARD", "redcards": "RED_CARD"}
MOST_CARDS: Final = 22


def take_event(fixtures: Fixtures, turn: Turn, event: Event, tally: Tally) -> None:
    """Say what is new of a match.

    Raises:
        ContractViolation: it cannot be one.
    """
    check_event(event)
    status = status_of(event.time_status)
    claim = _claim(turn, event)
    key, _ = fixtures.link(turn.shard, turn.speech, claim)
    if event.bet365_id is not None:
        other = msgspec.structs.replace(
            claim, provider=BET365, provider_fixture_id=event.bet365_id, home_reference=None, away_reference=None
        )
        fixtures.unite(turn.shard, turn.speech, key, other)
    if status == "IN_PLAY":
        fixtures.advance(turn.shard, turn.speech, key, status, witnessed=False)
    minute = event.timer.tm if event.timer is not None and status == "IN_PLAY" else None
    if status in {"IN_PLAY", "FINISHED"}:
        _take_score(fixtures, turn, key, event, tally)
    if minute is not None:
        take_count(turn, key, CLOCK, minute, may_fall=True)
    _take_stats(turn, key, event, minute, tally)
    if status in {"FINISHED", "CANCELLED"}:
        fixtures.advance(turn.shard, turn.speech, key, status, witnessed=True)


def _claim(turn: Turn, event: Event) -> FixtureClaim:
    return FixtureClaim(
        provider=PROVIDER, provider_fixture_id=current(turn.shard, event.id), sport=sport_of(event.sport_id),
        kick_off_at=check_time(event.time * SECOND, "the kick-off"), name=f"{event.home.name} v {event.away.name}",
        competition=event.league.name, home=event.home.name, away=event.away.name, home_reference=event.home.id,
        away_reference=event.away.id,
    )  # fmt: skip


def _take_score(fixtures: Fixtures, turn: Turn, key: str, event: Event, tally: Tally) -> None:
    """Say the score, with its goals' minutes where lines of text tell all of them, and the cards of these lines."""
    sport = sport_of(event.sport_id)
    score = _score(event) if sport in GOAL_SPORTS else None
    if sport not in GOAL_SPORTS and event.ss:
        tally.left_out[key, "SCORE"] += 1
    if score is not None and max(score) > MOST_GOALS:
        raise ContractViolation(f"event {event.id}: a score of {score[0]}-{score[1]}")
    path: list[tuple[Score, int]] = []
    cards: dict[str, int] = {}
    for line in event.events or ():
        told = told_of(line.text, event.home.name, event.away.name)
        if told is None:
            tally.left_out[key, "TEXT"] += 1
        elif told.kind == "GOAL":
            home, away = path[-1][0] if path else (0, 0)
            path.append(((home + (told.side == "HOME"), away + (told.side == "AWAY")), told.minute))
        else:
            figure = count_of(TEAMS[told.side], CARDS[told.kind])
            cards[figure] = cards.get(figure, 0) + 1
            if grows(turn, key, figure, cards[figure]):
                say_happened(turn, key, told.kind, told.side, told.minute)
    if score is None:
        return
    if path and path[-1][0] == score:
        _say_goals(fixtures, turn, key, path)
    elif path:
        home, away = path[-1][0]
        tally.faults.append(f"event {event.id}: the score is {score[0]}-{score[1]}, its lines tell of {home}-{away}")
    fixtures.score(turn.shard, turn.speech, key, *score)


def _say_goals(fixtures: Fixtures, turn: Turn, key: str, path: list[tuple[Score, int]]) -> None:
    """Say the goals after the score that is known, each with its minute."""
    link = turn.shard.get(LINKS, key)
    assert link is not None, f"goals of {key}, which was never linked"
    if link.home_score is None:
        fixtures.score(turn.shard, turn.speech, key, 0, 0)
    known, scores = (link.home_score or 0, link.away_score or 0), [score for score, _ in path]
    after = scores.index(known) + 1 if known in scores else 0 if known == (0, 0) else len(path)
    for score, minute in path[after:]:
        fixtures.score(turn.shard, turn.speech, key, *score, minute=minute)


def _score(event: Event) -> Score | None:
    """Return the score as it stands: a view has it only as that of the whole match."""
    stands = (event.scores or {}).get("2")
    told = score_of(event.ss)
    if told is None and stands is not None and stands.home is not None and stands.away is not None:
        return stands.home, stands.away
    return told


def _take_stats(turn: Turn, key: str, event: Event, minute: int | None, tally: Tally) -> None:
    for name, values in (event.stats or {}).items():
        try:
            if len(values) != len(SIDES) or not all(each.isdecimal() and len(each) <= 6 for each in values):
                raise ContractViolation(f"event {event.id}: statistic {name[:40]!r} is {str(values)[:60]}")
            for team, side, value in zip(("home", "away"), SIDES.values(), values, strict=True):
                figure, count = figure_of("home" if team == "home" else "away", name), int(value)
                before = take_count(turn, key, figure, count, may_fall=True)
                if name in STATED_CARDS and before is not None:
                    count = max(before - MOST_CARDS, min(before + MOST_CARDS, count))
                    for kind in cards_between(STATED_CARDS[name], before, count):
                        say_happened(turn, key, kind, side, minute)
        except RejectedInput as error:
            tally.faults.append(str(error))

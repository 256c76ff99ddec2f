"""What BetsAPI tells of a whole match at once: Betfair's timelines, and statistics by minute."""

from collections.abc import Iterator
from typing import Final

from agents.ingest_betsapi_ids import PROVIDER, named_link, subject_of
from agents.ingest_betsapi_match import CARDS, SIDES, TEAMS
from agents.ingest_coupon import Tally
from agents.ingest_figures import figure_of as count_of
from agents.ingest_figures import grows, say_figure, say_happened, take_count
from agents.ingest_fixtures import Fixtures, say_incident
from agents.ingest_rules import check_time
from agents.ingest_turn import Turn
from connectors.betsapi.messages import SECOND, Timeline, TimelineUpdate, Trend
from connectors.times import micros_of
from domain.errors import ContractViolation, RejectedInput
from domain.events.canonical import IncidentKind
from domain.feeds import betfair
from domain.feeds.betsapi import Score, figure_of, mark_of
from domain.identity.claims import FixtureClaim
from tables.ingest import LINKS

BETFAIR: Final = f"{PROVIDER}/betfair"
TOLD_UPDATE: Final = "timeline_update"
TOLD_MINUTE: Final = "trend_minute"
"""Up to where a timeline or a trend was told; they are no statistics."""


def take_timeline(fixtures: Fixtures, turn: Turn, timeline: Timeline, tally: Tally) -> None:
    """Say the goals, cards and period marks that are new, each at its own time; a timeline is whole each time.

    Raises:
        ContractViolation: a time is none, or the sides have no names.
    """
    updates = sorted((check_time(micros_of(each.update_time), "an update"), each) for each in timeline.update_details)
    key = _timeline_link(fixtures, turn, timeline, updates[0][0] if updates else turn.raw.occurred_at)
    link = turn.shard.get(LINKS, key)
    told = -1 if link is None else link.figures.get(TOLD_UPDATE, -1)
    goals, cards = [0, 0], dict[str, int]()
    for at, update in updates:
        turn.speech.at = at
        kind, side = mark_of(update.update_type), SIDES.get(update.team or "")
        if kind == "GOAL" and side is not None:
            goals[side == "AWAY"] += 1
        if kind in CARDS and side is not None:
            figure = count_of(TEAMS[side], CARDS[kind])
            cards[figure] = cards.get(figure, 0) + 1
        if kind is None or (kind in {"GOAL", *CARDS} and side is None):
            tally.left_out[key, "UPDATE"] += 1
        elif update.update_id > told:
            if kind == "GOAL":
                score = (goals[0], goals[1])
                fixtures.score(turn.shard, turn.speech, key, *score, minute=update.match_time)
            else:
                _say_update(fixtures, turn, key, update, kind)
    link = turn.shard.get(LINKS, key)
    assert link is not None, f"{key} was linked"
    link.figures[TOLD_UPDATE] = max([told, *(each.update_id for _, each in updates)])
    turn.shard.put(LINKS, key, link)
    tally.faults.extend(_differences(timeline, (goals[0], goals[1]), cards))
    for team, stated in (("home", timeline.score.home), ("away", timeline.score.away)):
        take_count(turn, key, count_of(team, "corners"), stated.number_of_corners, may_fall=True)


def take_trend(fixtures: Fixtures, turn: Turn, trend: Trend, tally: Tally) -> None:
    """Say each statistic as it was at each minute, at that time after the kick-off where the kick-off is known."""
    subject = subject_of(turn)
    claim = FixtureClaim(
        provider=PROVIDER, provider_fixture_id=subject, sport="soccer", kick_off_at=turn.raw.occurred_at,
        time_is="UNKNOWN",
    )  # fmt: skip
    key = named_link(fixtures, turn, claim)
    link = turn.shard.get(LINKS, key)
    assert link is not None, f"{key} was linked"
    told = link.figures.get(TOLD_MINUTE, -1)
    points = sorted(
        (point.time_str, name, team, point.val)
        for name, sides in trend.stats.items() for team, all_points in sides.items() for point in all_points
    )  # fmt: skip
    for minute, name, team, value in points:
        try:
            figure = figure_of("home" if team == "home" else "away", name)
        except RejectedInput as error:
            tally.faults.append(str(error))
            continue
        if minute > told or (minute == told and link.figures.get(figure) != value):
            if link.claim.time_is == "EXACT":
                turn.speech.at = min(link.claim.kick_off_at + minute * 60 * SECOND, turn.raw.occurred_at)
            link.figures[figure] = value
            say_figure(turn, link.fixture.fixture_id, figure, value)
    link.figures[TOLD_MINUTE] = max([told, *(minute for minute, *_ in points)])
    turn.shard.put(LINKS, key, link)


def _timeline_link(fixtures: Fixtures, turn: Turn, timeline: Timeline, kick_off_at: int) -> str:
    home, away = timeline.score.home.name, timeline.score.away.name
    if not home or not away or home == away:
        raise ContractViolation(f"timeline {timeline.event_id}: no two sides")
    claim = FixtureClaim(
        provider=BETFAIR, provider_fixture_id=str(timeline.event_id), kick_off_at=kick_off_at,
        sport=betfair.sport_of(str(timeline.event_type_id)), name=f"{home} v {away}", home=home, away=away,
    )  # fmt: skip
    return fixtures.link(turn.shard, turn.speech, claim)[0]


def _say_update(fixtures: Fixtures, turn: Turn, key: str, update: TimelineUpdate, kind: IncidentKind) -> None:
    minute, side = update.match_time, SIDES.get(update.team or "")
    link = turn.shard.get(LINKS, key)
    assert link is not None, f"an update of {key}, which was never linked"
    if kind == "KICK_OFF":
        fixtures.advance(turn.shard, turn.speech, key, "IN_PLAY", witnessed=True)
        if link.home_score is None:
            fixtures.score(turn.shard, turn.speech, key, 0, 0)
    elif kind == "FULL_TIME":
        fixtures.advance(turn.shard, turn.speech, key, "FINISHED", witnessed=True)
    elif kind in CARDS and side is not None:
        figure = count_of(TEAMS[side], CARDS[kind])
        grows(turn, key, figure, link.figures.get(figure, 0) + 1)
        say_happened(turn, key, kind, side, minute)
    else:
        say_incident(turn.speech, link.fixture, kind, link.home_score, link.away_score)


def _differences(timeline: Timeline, score: Score, cards: dict[str, int]) -> Iterator[str]:
    """Report where the timeline's own totals differ from what its updates tell."""
    for team, stated, goals in (("home", timeline.score.home, score[0]), ("away", timeline.score.away, score[1])):
        pairs = [
            ("goals", int(stated.score) if stated.score.isdecimal() and len(stated.score) <= 4 else None, goals),
            ("yellow cards", stated.number_of_yellow_cards, cards.get(count_of(team, "yellow_cards"), 0)),
            ("red cards", stated.number_of_red_cards, cards.get(count_of(team, "red_cards"), 0)),
        ]
        for what, total, counted in pairs:
            if total is not None and total != counted:
                yield f"timeline {timeline.event_id}: {total} {what} of the {team} side, its updates tell of {counted}"

"""The Unified Odds Feed in canonical events: odds, suspensions, fixtures, scores and cards, and the producers' pulse.

A line whose event is not known yet is held, and told when a REST answer has told of the event. Of settlements and
cancellations the canonical markets' states are told: closed, with each selection's result where a word has it.
"""

from typing import Final

import msgspec

from agents.ingest_fixtures import Fixtures
from agents.ingest_rules import check_time
from agents.ingest_rules_uof import check_event_message, check_sport_event
from agents.ingest_turn import Turn
from agents.ingest_uof_lines import say_held, take_cancel, take_odds, take_rollback, take_settlement, take_stop
from agents.ingest_uof_match import REST, take_status, take_timeline
from agents.ingest_uof_pulse import alive, connected, gap, heard, recovered
from connectors.times import micros_of
from connectors.uof.messages import (
    Alive,
    BetCancel,
    BetSettlement,
    BetStop,
    EventMessage,
    FeedMessage,
    FixtureChange,
    OddsChange,
    RollbackBetCancel,
    RollbackBetSettlement,
    SnapshotComplete,
)
from connectors.uof.parser import Document, parse_message
from connectors.uof.rest import (
    Competitor,
    FixturesFixture,
    MarketDescriptions,
    MatchSummary,
    MatchTimeline,
    Schedule,
    SportEvent,
)
from domain.errors import ContractViolation, RejectedInput
from domain.feeds import uof
from domain.feeds.dedupe import is_repeat
from domain.identity.claims import FixtureClaim
from tables.ingest import LINKS, LinkState, within
from tables.uof import UOF_MARKETS, UofMarket

PROVIDER: Final = "uof"
CANCELLED: Final = 3
"""The kind of fixture change that says that the event will not take place."""


class Uof:
    """Normalises this provider's documents; `take` is one document of one stream, in order."""

    def __init__(self, fixtures: Fixtures) -> None:
        self._fixtures = fixtures

    def gap(self, turn: Turn) -> None:
        """Say that the feed is behind until each producer's recovery is complete."""
        gap(turn)

    def take(self, turn: Turn) -> None:
        """Say what a document changes.

        Raises:
            RejectedInput: for the document, or for parts of it, when its other parts were taken.
        """
        if is_repeat(turn.stream.recent, turn.raw.content_hash):
            return
        document = parse_message(turn.raw)
        faults: list[str] = []
        if isinstance(document, FeedMessage):
            connected(turn)
        if isinstance(document, EventMessage):
            check_event_message(document)
            heard(turn, document.product, document.request_id)
            self._take_message(turn, document, faults)
        elif isinstance(document, FeedMessage):
            _take_pulse(turn, document)
        else:
            self._take_answer(turn, document, faults)
        if faults:
            raise ContractViolation("; ".join(faults[:10]))

    def _take_message(self, turn: Turn, message: EventMessage, faults: list[str]) -> None:
        key, link = self._link_of(turn, message.event_id)
        match message:
            case OddsChange():
                if link is not None:
                    for status in message.statuses:
                        try:
                            take_status(
                                self._fixtures, turn, key, status, producer=message.product, at_ms=message.timestamp
                            )
                        except RejectedInput as error:
                            faults.append(str(error))
                    link = turn.shard.get(LINKS, key)
                take_odds(turn, link, message, faults)
            case BetStop():
                take_stop(turn, link, message)
            case BetSettlement():
                take_settlement(turn, link, message, faults)
            case BetCancel():
                take_cancel(turn, link, message)
            case RollbackBetSettlement() | RollbackBetCancel():
                take_rollback(turn, link, message)
            case FixtureChange():
                self._take_change(turn, key, link, message)

    def _take_change(self, turn: Turn, key: str, link: LinkState | None, change: FixtureChange) -> None:
        """Move an event; of one that is not known, the REST answer will tell as it is then."""
        if link is None:
            return
        if change.start_time is not None:
            at = check_time(change.start_time * 1000, "the start of the event")
            self._fixtures.link(turn.shard, turn.speech, msgspec.structs.replace(link.claim, kick_off_at=at))
        if change.change_type == CANCELLED:
            self._fixtures.advance(turn.shard, turn.speech, key, "CANCELLED", witnessed=True)

    def _take_answer(self, turn: Turn, document: Document, faults: list[str]) -> None:
        match document:
            case FixturesFixture(fixtures=events) | Schedule(events=events):
                for event in events:
                    try:
                        self._take_event(turn, event)
                    except RejectedInput as error:
                        faults.append(str(error))
            case MatchSummary():
                self._take_summary(turn, document)
            case MarketDescriptions():
                _describe(turn, document)
            case _:
                pass  # producers, players and lists of codes say nothing of a fixture

    def _take_summary(self, turn: Turn, summary: MatchSummary) -> None:
        event = summary.events[0]
        key = self._take_event(turn, event)
        if isinstance(summary, MatchTimeline):
            told = [each for timeline in summary.timelines for each in timeline.events]
            take_timeline(self._fixtures, turn, key, told)
        for status in summary.statuses:
            take_status(self._fixtures, turn, key, status, producer=REST, at_ms=turn.raw.occurred_at // 1000)

    def _take_event(self, turn: Turn, event: SportEvent) -> str:
        check_sport_event(event)
        key, _ = self._fixtures.link(turn.shard, turn.speech, _claim(event))
        status = uof.fixture_status_of(event.status)
        if status is not None:
            self._fixtures.advance(turn.shard, turn.speech, key, status, witnessed=False)
        link = turn.shard.get(LINKS, key)
        if link is not None:
            say_held(turn, link, event.id)
        return key

    def _link_of(self, turn: Turn, event_id: str) -> tuple[str, LinkState | None]:
        """Return an event's link: this partition's, or by what the process's directory knows of it."""
        key = f"{PROVIDER}/{event_id}"
        link = turn.shard.get(LINKS, key)
        known = self._fixtures.directory.linked(PROVIDER, event_id) if link is None else None
        if known is None:
            return key, link
        claim = FixtureClaim(
            provider=PROVIDER, provider_fixture_id=event_id, sport=known.sport, kick_off_at=known.kick_off_at,
            name=known.name, competition=known.competition, home=known.home, away=known.away,
        )  # fmt: skip
        return self._fixtures.link(turn.shard, turn.speech, claim)


def _take_pulse(turn: Turn, message: FeedMessage) -> None:
    if isinstance(message, Alive):
        alive(turn, message.product, is_subscribed=message.subscribed == 1)
    elif isinstance(message, SnapshotComplete):
        recovered(turn, message.product, message.request_id)


def _claim(event: SportEvent) -> FixtureClaim:
    starts = event.start_time or event.scheduled
    if starts is None:
        raise ContractViolation(f"event {event.id!r} has no time")
    tournament = event.tournament
    sport = next(iter(tournament.sports), None) if tournament else None
    if sport is None:
        raise ContractViolation(f"event {event.id!r} has no sport")
    sides: dict[str | None, Competitor] = {side.qualifier: side for side in event.sides}
    home, away = sides.get("home"), sides.get("away")
    if home is None or away is None:
        home = away = None  # a race, or a match of which one side is yet to be known
    named = f"{home.name} v {away.name}" if home and away else event.name
    return FixtureClaim(
        provider=PROVIDER, provider_fixture_id=event.id, sport=uof.sport_of(sport.id, sport.name),
        kick_off_at=check_time(micros_of(starts), "the start of the event"), name=named,
        competition=tournament.name if tournament else "",
        home=home.name if home else None, away=away.name if away else None,
        home_reference=home.id if home else None, away_reference=away.id if away else None,
    )  # fmt: skip


def _describe(turn: Turn, document: MarketDescriptions) -> None:
    for each in document.markets:
        name = str(each.id) if each.variant is None else f"{each.id}?{each.variant}"
        outcomes = {outcome.id: outcome.name for group in each.outcomes for outcome in group.each}
        described, row = UofMarket(each.name, each.groups, outcomes), within(turn.stream_id, name)
        if turn.shard.get(UOF_MARKETS, row) != described:
            turn.shard.put(UOF_MARKETS, row, described)

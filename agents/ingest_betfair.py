"""Betfair's stream in canonical events: books, their fixtures, what happens to their markets, what is traded."""

from typing import Final

from agents.ingest_betfair_book import place_runners, refresh, traded_minor, whole_market_id
from agents.ingest_betfair_results import say_reopened, say_settled
from agents.ingest_cricket import take_scoreboard
from agents.ingest_fixtures import Fixtures, say_participants
from agents.ingest_rules import check_definition
from agents.ingest_turn import Turn
from bookstream import topics
from connectors.betfair.cricket import CricketMessage
from connectors.betfair.definition import Definition
from connectors.betfair.ladder import ChangeSet, MarketBook, apply
from connectors.betfair.messages import LATENCY_STATUS, MarketChange, MarketMessage, StatusMessage, decode
from domain.errors import ContractViolation, RejectedInput
from domain.events.canonical import FixtureStatus, Incident, IncidentKind, MarketOdds, Statistic
from domain.events.feeds import FeedState
from domain.feeds import betfair
from domain.feeds.dedupe import is_repeat
from domain.feeds.markets import FINISHING, sides_of
from domain.identity.claims import FixtureClaim
from tables.ingest import BOOKS, BookState, look_later, within

PROVIDER: Final = "betfair"
VOLUME_EVERY_US: Final = 60_000_000
"""The traded volume of a market is told at most this often."""


class Betfair:
    """Normalises this provider's messages; `take` is one message of one stream, in order."""

    def __init__(self, fixtures: Fixtures) -> None:
        self._fixtures = fixtures

    def gap(self, turn: Turn) -> None:
        """Suspend all markets of a stream until their images: a delta to an unknown state is no price."""
        for key, state in turn.shard.scan(BOOKS, within(turn.stream_id)):
            if not state.closed_at and not state.forgotten:
                _break(turn, key, state)

    def take(self, turn: Turn) -> None:
        """Fold one message into its books and say what follows.

        Raises:
            RejectedInput: for the message, or for a part of it, when its other parts were taken. A market of which
                something could not be taken is suspended until its image.
        """
        try:
            message = decode(turn.raw.payload)
        except RejectedInput:
            self.gap(turn)
            turn.say_status("DELAYED", "gap", f"message {turn.raw.stream_sequence} cannot be read")
            raise
        if isinstance(message, StatusMessage):
            _hear_status(turn, message)
        elif isinstance(message, CricketMessage):
            take_scoreboard(self._fixtures, turn, message)
        elif isinstance(message, MarketMessage):
            self._take_message(turn, message)

    def _take_message(self, turn: Turn, message: MarketMessage) -> None:
        _hear_latency(turn, message)
        if turn.heard.place == "LATE":
            raise ContractViolation("the message came after those that follow it: its deltas no longer fit")
        if not message.mc or is_repeat(turn.stream.recent, turn.raw.content_hash):
            return
        turn.speech.sequence = message.clk or turn.speech.sequence
        was_whole = not turn.stream.broken
        faults = [fault for fault in (self._take_market(turn, change) for change in message.mc) if fault]
        if was_whole and turn.stream.broken:
            turn.say_status("DELAYED", "gap", f"market {turn.stream.broken[0]} has no whole state")
        elif not was_whole and not turn.stream.broken:
            turn.say_status("UP", "connected", "every market has its image")
        if faults:
            raise ContractViolation("; ".join(faults))

    def _take_market(self, turn: Turn, change: MarketChange) -> str:
        """Take a change of a market; return what was wrong with it, or nothing."""
        key = within(turn.stream_id, change.id)
        state = _opened(turn, key, change)
        if state is None:
            return ""
        known = state.book.definition
        try:
            done = apply(state.book, change)
            definition = state.book.definition
            if definition is None:
                # Levels are absolute, so they are kept; but nobody can say yet of what market they are.
                _break(turn, key, state)
                return ""
            if state.broken and done.defined and (done.image or known is None):
                state.broken = False
                turn.stream.broken.remove(change.id)
            is_new = done.defined and definition != known
            if is_new:
                self._define(turn, state, definition)
        except RejectedInput as error:
            _break(turn, key, state)
            return f"market {change.id}: {error}"
        if state.kind is not None:
            dirty = refresh(state, done.runners, everything=is_new or done.image)
            _say_lines(turn, state, dirty)
            if done.defined:
                self._say_incidents(turn, state, done, is_first=known is None)
            _say_volume(turn, state)
        return ""

    def _define(self, turn: Turn, state: BookState, definition: Definition) -> None:
        check_definition(definition)
        claim = _claim(state, definition)
        state.link, link = self._fixtures.link(turn.shard, turn.speech, claim)
        state.fixture_id = link.fixture.fixture_id
        runners = place_runners(state, definition, claim.sport)
        say_participants(turn.speech, claim.sport, runners)

    def _say_incidents(self, turn: Turn, state: BookState, done: ChangeSet, *, is_first: bool) -> None:
        assert state.kind is not None, "a book has its kind when it is defined"
        speech, shard = turn.speech, turn.shard
        if done.turned_in_play:
            self._fixtures.advance(shard, speech, state.link, "IN_PLAY", witnessed=not is_first)
        # What a settlement removes was void; a removal is what happens to a market that goes on.
        for key in () if is_first or done.status == "CLOSED" else done.removed:
            line, index = state.places.get(key, (0, -1))
            removed = state.lines[line].selections[index].selection_id if index >= 0 else f"r-{key}"
            _say_incident(turn, state, "RUNNER_REMOVED", removed)
        definition = state.book.definition
        if done.status == "CLOSED" and definition is not None:
            say_settled(turn.speech, state, definition)
        elif done.status_before == "CLOSED":
            say_reopened(turn.speech, state)
        if (done.status_before, done.status) == ("OPEN", "SUSPENDED"):
            _say_incident(turn, state, "SUSPENSION")
        elif (done.status_before, done.status) == ("SUSPENDED", "OPEN"):
            _say_incident(turn, state, "RESUMPTION")
        elif done.status == "CLOSED" and done.status_before != "CLOSED":
            state.closed_at = turn.raw.received_at
            state.book.runners = {}
            if state.kind.market_type in FINISHING and not state.kind.own:
                is_void = definition is not None and all(each.status == "REMOVED" for each in definition.runners)
                end: FixtureStatus = "CANCELLED" if is_void else "FINISHED"
                self._fixtures.advance(shard, speech, state.link, end, witnessed=not is_first)


def _opened(turn: Turn, key: str, change: MarketChange) -> BookState | None:
    """Return a market's book, at first a new one; None if it was settled, is forgotten, and is not told of anew."""
    state = known = turn.shard.get(BOOKS, key)
    if state is None or state.forgotten:
        if state is not None and change.definition is None:
            return None
        state = BookState(MarketBook(change.id))
    state.heard_at = turn.raw.received_at
    turn.shard.put(BOOKS, key, state)
    if known is None:
        look_later(turn.shard, BOOKS.name, key, state.heard_at)
    return state


def _claim(state: BookState, definition: Definition) -> FixtureClaim:
    """Read the fixture that a market belongs to. A meeting has many races: there, event and time name one."""
    sport = betfair.sport_of(definition.event_type_id)
    if sport in betfair.RACING:
        race = state.link.partition("/")[2] or f"{definition.event_id}@{definition.market_time // 1_000_000}"
        return FixtureClaim(
            provider=PROVIDER, provider_fixture_id=race, sport=sport, kick_off_at=definition.market_time,
            name=definition.event_name or definition.venue or "",
        )  # fmt: skip
    sides = sides_of(definition.event_name or "")
    home, away = sides or (None, None)
    references: tuple[str | None, ...] = (None, None)
    if definition.market_type == "MATCH_ODDS":
        ordered = sorted(definition.runners, key=lambda runner: runner.sort_priority)
        ids = [str(each.selection_id) for each in ordered if each.selection_id not in betfair.DRAW_IDS]
        if len(ids) == 2:
            turned = betfair.lists_away_first(definition.event_name or "", ordered[0].name or "")
            references = (ids[1], ids[0]) if turned else (ids[0], ids[1])
    return FixtureClaim(
        provider=PROVIDER, provider_fixture_id=definition.event_id, sport=sport,
        kick_off_at=definition.open_date or definition.market_time, name=definition.event_name or "",
        home=home, away=away, home_reference=references[0], away_reference=references[1],
    )  # fmt: skip


def _break(turn: Turn, key: str, state: BookState) -> None:
    """Suspend a market that has missed something, until its image."""
    state.broken = True
    if state.book.market_id not in turn.stream.broken:
        turn.stream.broken.append(state.book.market_id)
    if state.kind is not None:
        _say_lines(turn, state, refresh(state, (), everything=False))
    turn.shard.put(BOOKS, key, state)


def _say_lines(turn: Turn, state: BookState, indexes: list[int]) -> None:
    kind, speech = state.kind, turn.speech
    assert kind is not None, "a book has its kind when it is defined"
    for index in indexes:
        line = state.lines[index]
        line.said = True
        state.said_at = speech.at
        odds = MarketOdds(
            **speech.head(),
            fixture_id=state.fixture_id,
            market_id=line.market_id,
            market_type=kind.market_type,
            period=kind.period,
            line_milli=line.line_milli,
            bookmaker=state.bookmaker,
            status=state.status,
            in_play=state.in_play,
            bet_delay_s=state.bet_delay_s,
            late=speech.late,
            selections=tuple(line.selections),
        )
        speech.say(topics.ODDS, state.fixture_id, odds)


def _say_incident(turn: Turn, state: BookState, kind: IncidentKind, selection: str | None = None) -> None:
    incident = Incident(
        **turn.speech.head(), fixture_id=state.fixture_id, kind=kind, market_id=whole_market_id(state),
        selection_id=selection, late=turn.speech.late,
        participant_id=selection if selection and selection.startswith("pt-") else None,
    )  # fmt: skip
    turn.speech.say(topics.INCIDENTS, state.fixture_id, incident)


def _say_volume(turn: Turn, state: BookState) -> None:
    speech = turn.speech
    if speech.at - state.volume_at < VOLUME_EVERY_US:
        return
    state.volume_at = speech.at
    volume = traded_minor(state)
    if volume in {0, state.volume_minor}:
        return
    state.volume_minor = volume
    statistic = Statistic(
        **speech.head(), fixture_id=state.fixture_id, name="traded_volume_minor", value=float(volume),
        market_id=whole_market_id(state), late=speech.late,
    )  # fmt: skip
    speech.say(topics.STATISTICS, state.fixture_id, statistic)


def _hear_status(turn: Turn, message: StatusMessage) -> None:
    if message.status_code == "FAILURE" or message.error_code:
        state: FeedState = "DOWN" if message.connection_closed else "DELAYED"
        turn.say_status(state, "refused", message.error_message or message.error_code or "")


def _hear_latency(turn: Turn, message: MarketMessage) -> None:
    if message.status == LATENCY_STATUS:
        if turn.stream.reason != "latency":
            turn.say_status("DELAYED", "latency", "the stream says that it is behind its source")
    elif turn.stream.reason == "latency" and not turn.stream.broken:
        turn.say_status("UP", "connected", "the stream has caught up")

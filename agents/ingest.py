"""The ingest agent: providers' messages in, canonical fixtures, participants, odds, incidents and statistics out.

Input: `feeds.<provider>.raw` (keyed by stream_id: one writer for a stream), `clock.ticks`, what all workers told of a
fixture, `incidents`, `statistics` and `fixtures`, and what persons decided, `identity.decisions`. Output: `fixtures`,
`participants`, `odds`, `incidents`, `statistics`, `identity.reviews`, `feeds.status`, `feeds.completeness`,
`feeds.differences`, `feeds.skew`, `dead-letters`. Idempotent by the number of a message in its stream: a duplicate
causes nothing.
"""

from typing import Final, Protocol, TypeVar
from weakref import WeakSet

from agents.dead_letters import dead_letter
from agents.ingest_agreement import CARDS_MARK
from agents.ingest_betfair import Betfair
from agents.ingest_betsapi import BetsApi
from agents.ingest_bookmakers import BOOKMAKERS, Bookmaker
from agents.ingest_contract import note_refused, note_taken
from agents.ingest_fixtures import Fixtures
from agents.ingest_identity import decide
from agents.ingest_opta import Opta
from agents.ingest_past import forget_past
from agents.ingest_player_rulings import learn_rulings
from agents.ingest_players import learn_players
from agents.ingest_quality import count, hear_figure, hear_fixture, hear_incident, report
from agents.ingest_rules import YEAR_2100_US
from agents.ingest_speech import Speech
from agents.ingest_statsbomb import StatsBomb
from agents.ingest_tables import ANY_ORDER_US, TABLES
from agents.ingest_theoddsapi import TheOddsApi
from agents.ingest_turn import Turn
from agents.ingest_uof import Uof
from agents.ingest_upkeep import keep_watch
from agents.intake import decoded
from bookstream import topics
from bookstream.delivery.api import Batch, Context, Outbox, Record, Shard
from domain.errors import ContractViolation, RejectedInput
from domain.events.canonical import Fixture, IdentityDecision, Incident, Statistic
from domain.events.feeds import ClockTick, RawMessage
from domain.events.head import Event
from domain.feeds.stream import StreamState, hear
from domain.identity.catalogue import catalogue
from domain.identity.directory import FixtureDirectory
from ops import metrics
from tables.ingest import ROWS, STREAMS, WATCHES, Watch, look_later

NAME: Final = "ingest"
UNIT_RECORDS: Final = 512
"""An answer of an aggregator may change hundreds of markets; a unit with its outputs must fit into one batch."""
ALLOWED_LATENESS_US: Final = {
    "betfair": 5_000_000,
    "theoddsapi": 60_000_000,
    **dict.fromkeys(BOOKMAKERS, 60_000_000),
    "uof": 86_400_000_000,
    "betsapi": 86_400_000_000,
    "statsbomb": 86_400_000_000,
    **dict.fromkeys(TABLES, ANY_ORDER_US),
    "opta": 86_400_000_000,
}
"""A stream is in order; an aggregator's bookmakers are updated up to a poll apart.

The Unified Odds Feed's producers and recoveries go by clocks of their own: each line's order is kept by producer;
BetsAPI's answers are of matches of all ages: each history's order is kept by its rows. What
happened on a pitch is true whenever it is told: each event's order is kept by its version.
"""

MOST_SEQUENCE: Final = 2**53
"""A stream has fewer messages; what counts on from a larger number fits into no row."""
FORGET_EVERY_US: Final = 3_600_000_000

E = TypeVar("E", bound=Event)


class Normaliser(Protocol):
    """A provider's messages to canonical events."""

    def gap(self, turn: Turn) -> None:
        """Note that messages before this one are missing."""

    def take(self, turn: Turn) -> None:
        """Take a message, and say what follows.

        Raises:
            RejectedInput: what of it could not be taken.
        """


def ingest_context(directory: FixtureDirectory | None = None) -> Context:
    """Compose the ingest context.

    `directory` is the process's index of known fixtures. What other workers publish on `fixtures` and `participants`
    should be fed to it, by the thread that runs the handlers.
    """
    agent = IngestAgent(directory if directory is not None else FixtureDirectory())
    handlers = {topics.raw_topic(provider): agent.messages for provider in topics.PROVIDERS}
    return Context(
        name=NAME,
        partitions=topics.PARTITIONS,
        handlers={
            **handlers,
            topics.CLOCK.name: agent.ticks,
            topics.INCIDENTS.name: agent.incidents,
            topics.STATISTICS.name: agent.figures,
            topics.FIXTURES.name: agent.fixtures,
            topics.IDENTITY_DECISIONS.name: agent.decisions,
        },
        private_topic=topics.INGEST_STATE.name,
        rows=ROWS,
        unit_records=UNIT_RECORDS,
    )


class IngestAgent:
    """The handlers of the ingest context."""

    def __init__(self, directory: FixtureDirectory) -> None:
        self._fixtures = Fixtures(directory, catalogue())
        self._normalisers: dict[str, Normaliser] = {
            "betfair": Betfair(self._fixtures),
            "theoddsapi": TheOddsApi(self._fixtures),
            **{name: Bookmaker(name, self._fixtures) for name in BOOKMAKERS},
            "uof": Uof(self._fixtures),
            "betsapi": BetsApi(self._fixtures),
            "statsbomb": StatsBomb(self._fixtures),
            **{name: make(self._fixtures) for name, make in TABLES.items()},
            "opta": Opta(self._fixtures),
        }
        self._learned: WeakSet[Shard] = WeakSet()
        self._forgot_at = 0

    def messages(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Normalise messages. Ordering key: stream_id."""
        self._learn(shard)
        for record in batch.records:
            stage = NAME
            try:
                raw = decoded(RawMessage, record)
                stage = f"{NAME}.{raw.provider}"
                self._message(shard, record, raw, out)
            except RejectedInput as error:
                dead_letter(out, record, error, stage)

    def ticks(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Say which live streams have fallen silent, and forget what is long past."""
        self._learn(shard)
        for record in batch.records:
            try:
                tick = decoded(ClockTick, record)
            except RejectedInput as error:
                dead_letter(out, record, error, NAME)
                continue
            keep_watch(shard, record, tick, out)
            report(shard, record, tick, out)
            forget_past(shard, record, tick, out)
            self._forget_fixtures(tick.received_at)

    def incidents(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Compare what providers told of a fixture. Ordering key: fixture_id."""
        for record in batch.records:
            try:
                hear_incident(shard, decoded(Incident, record))
            except RejectedInput as error:
                dead_letter(out, record, error, NAME)

    def figures(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Compare how many cards providers count. Ordering key: fixture_id."""
        for record in batch.records:
            if record.value is None or CARDS_MARK not in record.value:
                continue
            try:
                hear_figure(shard, decoded(Statistic, record))
            except RejectedInput as error:
                dead_letter(out, record, error, NAME)

    def fixtures(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Note which providers carry a fixture; a deleted or merged one says nothing. Ordering key: fixture_id."""
        for record in batch.records:
            try:
                fixture = decoded(Fixture, record) if record.value is not None else None
                if fixture is not None and fixture.successor_id is None:
                    hear_fixture(shard, fixture)
            except RejectedInput as error:
                dead_letter(out, record, error, NAME)

    def decisions(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Carry out what persons decide on identity. Every partition reads every decision."""
        self._learn(shard)
        for record in batch.records:
            try:
                decide(self._fixtures, shard, record, decoded(IdentityDecision, record), out)
            except RejectedInput as error:
                dead_letter(out, record, error, NAME)

    def _message(self, shard: Shard, record: Record, raw: RawMessage, out: Outbox) -> None:
        normaliser = self._normalisers.get(raw.provider)
        if normaliser is None or record.topic != topics.raw_topic(raw.provider):
            raise ContractViolation(f"a message of {raw.provider[:64]!r} on {record.topic}")
        if record.key != raw.stream_id.encode():
            raise ContractViolation("the record's key is not its stream_id")
        if not 0 <= raw.stream_sequence < MOST_SEQUENCE:
            raise ContractViolation("the message's number in its stream is out of all bounds")
        if max(abs(raw.received_at), abs(raw.occurred_at)) >= YEAR_2100_US:
            raise ContractViolation("the message's times are out of all bounds")
        known = shard.get(STREAMS, raw.stream_id)
        stream = known or StreamState(raw.provider, raw.recorded)
        speech = Speech.of(out, record, raw)
        speech.turned = self._fixtures.directory.turned(raw.provider)
        heard = hear(stream, raw, ALLOWED_LATENESS_US[raw.provider])
        metrics.FEED_MESSAGES.labels(raw.provider, heard.place).inc()
        if heard.place == "DUPLICATE":
            return
        shard.put(STREAMS, raw.stream_id, stream)
        if known is None:
            look_later(shard, STREAMS.name, raw.stream_id, raw.received_at)
        if not raw.recorded:
            shard.put(WATCHES, raw.stream_id, Watch(raw.received_at))
        speech.late = heard.late
        turn = Turn(shard, speech, raw, stream, heard)
        for notice in heard.notices:
            speech.say_status(raw.stream_id, notice)
        if heard.place in {"GAP", "RESTART"}:
            normaliser.gap(turn)
        _take(normaliser, turn)

    def _forget_fixtures(self, now: int) -> None:
        """Let the directory forget what is long past, once an hour of the log's time."""
        if not 0 <= now - self._forgot_at < FORGET_EVERY_US:
            self._forgot_at = now
            self._fixtures.directory.forget(now)

    def _learn(self, shard: Shard) -> None:
        """Take in a partition's links once, when this process first works on it."""
        if shard not in self._learned:
            self._fixtures.learn(shard)
            learn_rulings(self._fixtures, shard)
            learn_players(self._fixtures, shard)
            self._learned.add(shard)


def _take(normaliser: Normaliser, turn: Turn) -> None:
    """Take a message, and note what of it was told: nothing at all, some, or all.

    Raises:
        RejectedInput: what of it could not be taken.
    """
    said = turn.speech.said
    try:
        normaliser.take(turn)
    except RejectedInput as error:
        if turn.speech.said > said:
            note_taken(turn)
        else:
            note_refused(turn, error)
        raise
    else:
        note_taken(turn)
    finally:
        count(turn)

"""How complete the feeds are: counted as they speak, published by the clock (`feeds.completeness`, `feeds.skew`).

A stream's tallies are in the partition of its stream. What all providers told of a fixture meets in the partition of
the fixture, where `incidents`, `fixtures` and the cards of `statistics` are heard again.
"""

from typing import Final, NamedTuple

from agents.ingest_agreement import US, report_agreement, take_account
from agents.ingest_keepers import looked_at
from agents.ingest_speech import Speech
from agents.ingest_turn import Turn
from bookstream import topics
from bookstream.delivery.api import Outbox, Record, Shard
from bookstream.partitioner import partition_for
from domain.events.canonical import Fixture, Incident, Statistic
from domain.events.feeds import ClockSkew, ClockTick, FeedCompleteness, Measure
from domain.feeds.completeness import OBJECTIVES, Count, begin, end, messages_of, tick, ticks_of
from domain.feeds.facts import GRACE_US, FixtureFacts, differences, incidents_of, join, learn
from domain.feeds.skew import Skew, skew_between, skew_to_ours
from domain.feeds.stream import ENDED_US, StreamState
from domain.identity.directory import KEEP_US
from domain.identity.ids import DAY_US
from ops import metrics
from tables.ingest import STREAMS, look_later, within
from tables.quality import FACTS, TALLIES, FactsRow, Said, TallyRow, due_reports, report_later

SECOND: Final = 1_000_000
REPORT_US: Final = 60 * SECOND
"""A fixture's completeness is published at most this often,"""
CONFIRM_US: Final = 600 * SECOND
"""and where it meets its objective, and nothing is missing that was not before, this often."""
REPORTS_PER_TICK: Final = 256
REPLAYED_US: Final = DAY_US
"""What is this much older than the clock is replayed: it is judged by its own time, that of its newest word."""
SEPARATOR: Final = "\0"


class _Subject(NamedTuple):
    """What a count is of."""

    fixture_id: str
    measure: Measure
    stream_id: str
    since_at: int


def count(turn: Turn) -> None:
    """Count what a message told of fixtures."""
    at, shard = turn.raw.received_at, turn.shard
    for fixture_id, odds in turn.speech.priced.items():
        key, row, is_new = _tally(turn, fixture_id)
        if tick(row.tally, turn.raw.provider, at, odds.status, in_play=odds.in_play) or is_new:
            _put_tally(shard, key, row, at)
    for fixture_id, status in turn.speech.standing.items():
        key, row, is_new = _tally(turn, fixture_id)
        is_over = status in {"FINISHED", "CANCELLED"} and end(row.tally, at)
        if is_over or is_new:
            _put_tally(shard, key, row, at)


def hear_incident(shard: Shard, incident: Incident) -> None:
    """Take what a provider told of a fixture to what others told. Idempotent, but for cards."""
    row = _facts(shard, incident.fixture_id, incident.received_at)
    is_told = take_account(row, incident)
    if learn(row.facts, incident) or is_told:
        _put_facts(shard, incident.fixture_id, row, incident.received_at)


def hear_figure(shard: Shard, figure: Statistic) -> None:
    """Take a count of cards to what others count. Idempotent."""
    row = _facts(shard, figure.fixture_id, figure.received_at)
    if take_account(row, figure):
        _put_facts(shard, figure.fixture_id, row, figure.received_at)


def hear_fixture(shard: Shard, fixture: Fixture) -> None:
    """Note that a provider carries a fixture, and may be asked for its incidents. Idempotent."""
    row = _facts(shard, fixture.fixture_id, fixture.received_at)
    if join(row.facts, fixture.provider, fixture.received_at) or row.kick_off_at != fixture.kick_off_at:
        row.kick_off_at = fixture.kick_off_at
        row.heard_at = max(row.heard_at, fixture.received_at)
        shard.put(FACTS, fixture.fixture_id, row)


def report(shard: Shard, record: Record, clock: ClockTick, out: Outbox) -> None:
    """Publish what is due: at most `REPORTS_PER_TICK` rows a tick."""
    for due in due_reports(shard, clock.received_at, REPORTS_PER_TICK):
        speech = Speech(out, record, clock)
        speech.cause_id = f"{clock.event_id}.{due.kind}.{due.key.replace(SEPARATOR, '.')}"
        if due.kind == TALLIES.name:
            _report_tally(shard, due.key, clock.received_at, speech)
        else:
            _report_facts(shard, due.key, clock.received_at, speech)


def report_skew(speech: Speech, stream_id: str, stream: StreamState, now: int) -> bool:
    """Publish how far a live stream's clock is from ours, once a minute, and say whether that was done."""
    skew = skew_to_ours(stream.clock)
    if skew is None or now - stream.skew_said_at < REPORT_US:
        return False
    stream.skew_said_at = now
    speech.provider = stream.provider
    _say_skew(speech, US, stream_id, skew)
    return True


def keep_tally(shard: Shard, key: str, now: int) -> bool:
    """Look at a tally, and delete it when its stream is gone or long told nothing of the fixture."""
    row = looked_at(shard, TALLIES, key)
    if row.idle_ticks != row.tally.ticks:
        row.idle_ticks, row.idle_at = row.tally.ticks, now
        shard.put(TALLIES, key, row)
    if now - row.idle_at <= KEEP_US and shard.get(STREAMS, key.partition(SEPARATOR)[0]) is not None:
        return True
    shard.delete(TALLIES, key)
    return False


def _tally(turn: Turn, fixture_id: str) -> tuple[str, TallyRow, bool]:
    key = within(turn.stream_id, fixture_id)
    row = turn.shard.get(TALLIES, key)
    if row is not None:
        return key, row, False
    look_later(turn.shard, TALLIES.name, key, turn.raw.received_at)
    return key, TallyRow(begin(turn.stream.sequence, turn.raw.received_at)), True


def _put_tally(shard: Shard, key: str, row: TallyRow, at: int) -> None:
    if not row.due:
        row.due = True
        report_later(shard, TALLIES.name, key, at + REPORT_US)
    shard.put(TALLIES, key, row)


def _facts(shard: Shard, fixture_id: str, at: int) -> FactsRow:
    row = shard.get(FACTS, fixture_id)
    if row is None:
        row = FactsRow(FixtureFacts())
        shard.put(FACTS, fixture_id, row)
        look_later(shard, FACTS.name, fixture_id, at)
    return row


def _put_facts(shard: Shard, fixture_id: str, row: FactsRow, at: int) -> None:
    row.heard_at = max(row.heard_at, at)
    if not row.due:
        row.due = True
        report_later(shard, FACTS.name, fixture_id, at + REPORT_US)
    shard.put(FACTS, fixture_id, row)


def _report_tally(shard: Shard, key: str, now: int, speech: Speech) -> None:
    row, (stream_id, _, fixture_id) = shard.get(TALLIES, key), key.partition(SEPARATOR)
    stream = shard.get(STREAMS, stream_id)
    if row is None or stream is None:
        return
    heard_at = stream.sequence.received_at
    at = heard_at if stream.recorded else max(heard_at, min(now, heard_at + ENDED_US))
    speech.provider = stream.provider
    counts: dict[Measure, Count] = {
        "MESSAGES": messages_of(row.tally, stream.sequence), "TICKS": ticks_of(row.tally, at),
    }  # fmt: skip
    for measure, counted in counts.items():
        subject = _Subject(fixture_id, measure, stream_id, row.tally.since_at)
        said = _say_count(speech, subject, counted, row.said.get(measure))
        if said is not None:
            row.said[measure] = said
    row.due = not (stream.recorded or row.tally.over) and now - heard_at < ENDED_US
    if row.due:
        report_later(shard, TALLIES.name, key, now + REPORT_US)
    shard.put(TALLIES, key, row)


def _report_facts(shard: Shard, fixture_id: str, now: int, speech: Speech) -> None:
    row = shard.get(FACTS, fixture_id)
    if row is None:
        return
    at = row.heard_at if now - row.heard_at > REPLAYED_US else now
    for provider, since_at in row.facts.joined.items():
        speech.provider = provider
        subject = _Subject(fixture_id, "INCIDENTS", "", since_at)
        said = _say_count(speech, subject, incidents_of(row.facts, provider, at), row.said.get(provider))
        if said is not None:
            row.said[provider] = said
    for one, other, apart in differences(row.facts):
        skew, name = skew_between(apart), f"{one}/{other}"
        if skew is not None and row.skews.get(name) != skew:
            row.skews[name] = skew
            speech.provider = one
            _say_skew(speech, other, fixture_id, skew)
    report_agreement(shard, fixture_id, row, speech)
    row.due = at < row.heard_at + GRACE_US and at == now
    if row.due:
        report_later(shard, FACTS.name, fixture_id, row.heard_at + GRACE_US)
    shard.put(FACTS, fixture_id, row)


def _say_count(speech: Speech, subject: _Subject, counted: Count, said: Said | None) -> Said | None:
    """Publish a count where it says something new; return what is said of it now."""
    measure, before = subject.measure, said or Said(0, 0, 0)
    if (counted.expected, counted.received) == (before.expected, before.received):
        return None
    is_missing_as_before = counted.expected - counted.received == before.expected - before.received
    is_calm = is_missing_as_before and counted.meets(measure)
    if said is not None and is_calm and speech.received_at - said.at < CONFIRM_US:
        return None
    event = FeedCompleteness(
        **speech.head(), fixture_id=subject.fixture_id, measure=measure, stream_id=subject.stream_id,
        since_at=subject.since_at, expected=counted.expected, received=counted.received, share=counted.share,
        objective=OBJECTIVES[measure], met=counted.meets(measure),
    )  # fmt: skip
    key = f"{event.fixture_id}/{event.provider}/{measure}/{event.stream_id}"
    # Where the book prices the fixture, it goes by that.
    partition = partition_for(event.fixture_id.encode(), topics.PARTITIONS)
    speech.say(topics.COMPLETENESS, key, event, partition=partition)
    metrics.FEED_EXPECTED.labels(event.provider, measure).inc(max(0, counted.expected - before.expected))
    metrics.FEED_RECEIVED.labels(event.provider, measure).inc(max(0, counted.received - before.received))
    if not event.met and Count(before.expected, before.received).meets(measure):
        metrics.OBJECTIVES_MISSED.labels(event.provider, measure).inc()
    return Said(counted.expected, counted.received, speech.received_at)


def _say_skew(speech: Speech, against: str, scope_id: str, skew: Skew) -> None:
    event = ClockSkew(
        **speech.head(), against=against, scope_id=scope_id, skew_us=skew.skew_us, spread_us=skew.spread_us,
        samples=skew.samples,
    )  # fmt: skip
    speech.say(topics.SKEW, f"{event.provider}/{against}/{scope_id}", event)
    metrics.CLOCK_SKEW.labels(event.provider, against).set(skew.skew_us / SECOND)

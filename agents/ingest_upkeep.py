"""What time alone causes in ingest: a live stream is silent, a row is long past."""

from typing import Final, TypeVar

from agents.ingest_speech import Speech
from bookstream.delivery.api import Outbox, Record, Rows, Shard
from domain.events.feeds import ClockTick
from domain.feeds.stream import ENDED_US, silence
from domain.identity.directory import KEEP_US
from tables.ingest import ASIDES, BOOKS, EVENTS, LINKS, LISTS, STREAMS, SWEEPS, WATCHES, Sweep, within
from tables.uof import UOF_LINES, UOF_MARKETS, UOF_MATCHES, UOF_PULSES

Row = TypeVar("Row")
SWEEP_EVERY_US: Final = 3_600_000_000
CLOSED_KEPT_US: Final = 86_400_000_000
"""A settled market is kept for a day: a provider may settle it again."""


def keep_watch(shard: Shard, record: Record, tick: ClockTick, out: Outbox) -> None:
    """Say of each live stream that has fallen silent that it is down, once."""
    for stream_id, watch in list(shard.scan(WATCHES)):
        stream = shard.get(STREAMS, stream_id)
        notice = silence(stream, tick.received_at) if stream else None
        if stream is None or tick.received_at - watch.heard_at > ENDED_US:
            shard.delete(WATCHES, stream_id)
        if stream is None or notice is None:
            continue
        shard.put(STREAMS, stream_id, stream)
        speech = Speech(out, record, tick)
        speech.provider = stream.provider
        speech.cause_id = f"{tick.event_id}.{stream_id}"
        speech.say_status(stream_id, notice)


def sweep(shard: Shard, now: int) -> bool:
    """Remove rows of what is long past, once an hour of the log's time; say whether it was done.

    What is past is noted first and removed when it has stayed so for its time. So a replay of old matches keeps its
    rows while it runs, whatever the clock says.
    """
    last = shard.get(SWEEPS, "last")
    if last is not None and 0 <= now - last.at < SWEEP_EVERY_US:
        return False
    shard.put(SWEEPS, "last", Sweep(now))
    _sweep_streams(shard, now)
    _sweep_books(shard, now)
    _sweep_links(shard, now)
    _sweep_lines(shard, now)
    return True


def _sweep_streams(shard: Shard, now: int) -> None:
    for key, stream in list(shard.scan(STREAMS)):
        if stream.idle_sequence != stream.sequence.expected:
            stream.idle_sequence, stream.idle_at = stream.sequence.expected, now
            shard.put(STREAMS, key, stream)
        elif now - stream.idle_at > KEEP_US:
            _forget_stream(shard, key)


def _sweep_books(shard: Shard, now: int) -> None:
    for key, book in list(shard.scan(BOOKS)):
        if book.closed_at and not book.past_at:
            book.past_at = now
            shard.put(BOOKS, key, book)
        elif book.closed_at and now - book.past_at > CLOSED_KEPT_US:
            shard.delete(BOOKS, key)


def _sweep_links(shard: Shard, now: int) -> None:
    for key, link in list(shard.scan(LINKS)):
        if not link.past_at and now - link.fixture.kick_off_at > KEEP_US:
            link.past_at = now
            shard.put(LINKS, key, link)
        elif link.past_at and now - link.past_at > KEEP_US:
            shard.delete(LINKS, key)


def _sweep_lines(shard: Shard, now: int) -> None:
    """Remove lines that were settled, or whose event is not known, or no more."""
    for key, line in list(shard.scan(UOF_LINES)):
        event_id = key.partition("\0")[2].partition("/")[0]
        if line.told_status != "CLOSED" and shard.get(LINKS, f"uof/{event_id}") is not None:
            continue
        if not line.past_at:
            line.past_at = now
            shard.put(UOF_LINES, key, line)
        elif now - line.past_at > CLOSED_KEPT_US:
            shard.delete(UOF_LINES, key)
    for key, _ in list(shard.scan(UOF_MATCHES)):
        if shard.get(LINKS, key.partition("\0")[2]) is None:
            shard.delete(UOF_MATCHES, key)


def _forget_stream(shard: Shard, stream_id: str) -> None:
    shard.delete(STREAMS, stream_id)
    shard.delete(LISTS, stream_id)
    shard.delete(ASIDES, stream_id)
    shard.delete(UOF_PULSES, stream_id)
    _forget(shard, UOF_LINES, stream_id)
    _forget(shard, UOF_MATCHES, stream_id)
    _forget(shard, UOF_MARKETS, stream_id)
    _forget(shard, BOOKS, stream_id)
    _forget(shard, EVENTS, stream_id)


def _forget(shard: Shard, rows: Rows[Row], stream_id: str) -> None:
    for key, _ in list(shard.scan(rows, within(stream_id))):
        shard.delete(rows, key)

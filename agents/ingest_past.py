"""What ingest forgets as time passes: streams that ended, markets that were settled or left, fixtures long past.

Each row is looked at from time to time. What is past is noted first and deleted when it has stayed so for its time: a
replay of old matches keeps its rows while it runs, whatever the clock says.
"""

from typing import Final

from agents.ingest_betsapi_ids import MERGE_KEPT_US
from agents.ingest_keepers import Keeper, kept_for, kept_while_present, looked_at
from agents.ingest_pitch_past import keep_pitch
from agents.ingest_players import KEPT_US as PLAYER_KEPT_US
from agents.ingest_quality import keep_tally
from agents.ingest_speech import Speech
from agents.ingest_uof_past import CLOSED_KEPT_US, forget_uof_stream, keep_uof
from bookstream.delivery.api import Outbox, Record, Shard
from connectors.betfair.ladder import MarketBook
from domain.events.feeds import ClockTick
from domain.feeds.stream import StreamState, say
from domain.identity.directory import KEEP_US
from domain.identity.ids import DAY_US
from tables.betsapi import BETSAPI_MERGES
from tables.fields import UNDECLARED
from tables.ingest import ASIDES, BOOKS, EVENTS, LINKS, LISTS, RULINGS, STREAMS, BookState, due_looks, look_later
from tables.pitch import PITCH_MATCHES, PLAYER_RULINGS, PLAYERS
from tables.quality import FACTS, TALLIES

LOOKS_PER_TICK: Final = 256
FORGOTTEN_KEPT_US: Final = 30 * DAY_US
"""So long it is known of a settled market that it was: what comes late makes its stream no broken one."""
LEFT_KEPT_US: Final = 30 * DAY_US
"""A market that was never settled, and of which nothing was heard for so long, is not subscribed to any more."""


def forget_past(shard: Shard, record: Record, tick: ClockTick, out: Outbox) -> None:
    """Look at the rows whose time has come, and delete what is past: at most `LOOKS_PER_TICK` a tick."""
    now = tick.received_at
    for look in due_looks(shard, now, LOOKS_PER_TICK):
        if look.kind == STREAMS.name:
            is_kept = _keep_stream(shard, look.key, record, tick, out)
        elif look.kind in KEEPERS:
            is_kept = KEEPERS[look.kind](shard, look.key, now)
        else:
            is_kept = keep_uof(shard, look.kind, look.key, now)
        if is_kept:
            look_later(shard, look.kind, look.key, now)


def _keep_stream(shard: Shard, stream_id: str, record: Record, tick: ClockTick, out: Outbox) -> bool:
    """Keep a stream that goes on; of one that does not, say that it ended, so that nobody waits for it.

    Its markets and events find at their own looks that it is gone.
    """
    stream, now = looked_at(shard, STREAMS, stream_id), tick.received_at
    if stream.idle_sequence != stream.sequence.expected:
        stream.idle_sequence, stream.idle_at = stream.sequence.expected, now
        shard.put(STREAMS, stream_id, stream)
    if now - stream.idle_at <= KEEP_US:
        return True
    speech = Speech(out, record, tick)
    speech.provider = stream.provider
    speech.cause_id = f"{tick.event_id}.{stream_id}.ended"
    speech.say_status(stream_id, say(stream, now, "DOWN", "ended", "nothing is known of it any more"))
    shard.delete(STREAMS, stream_id)
    shard.delete(LISTS, stream_id)
    shard.delete(ASIDES, stream_id)
    shard.delete(UNDECLARED, stream_id)
    forget_uof_stream(shard, stream_id)
    return False


def _keep_book(shard: Shard, key: str, now: int) -> bool:
    book, stream_id = looked_at(shard, BOOKS, key), key.partition("\0")[0]
    stream = shard.get(STREAMS, stream_id)
    if book.idle_heard_at != book.heard_at:
        book.idle_heard_at, book.idle_at = book.heard_at, now
    if book.closed_at and not book.past_at:
        book.past_at = now
    is_over = book.forgotten and now - book.past_at > FORGOTTEN_KEPT_US
    if stream is None or is_over or (not book.past_at and now - book.idle_at > LEFT_KEPT_US):
        _mend(shard, stream_id, stream, book)
        shard.delete(BOOKS, key)
        return False
    if book.past_at and not book.forgotten and now - book.past_at > CLOSED_KEPT_US:
        _mend(shard, stream_id, stream, book)
        book = BookState(MarketBook(book.book.market_id), past_at=now, forgotten=True)
    shard.put(BOOKS, key, book)
    return True


def _mend(shard: Shard, stream_id: str, stream: StreamState | None, book: BookState) -> None:
    """Let a stream wait no longer for the image of a market that is forgotten; its next heartbeat says so."""
    if stream is None or book.book.market_id not in stream.broken:
        return
    stream.broken.remove(book.book.market_id)
    if not stream.broken and stream.reason == "gap":
        stream.state, stream.reason = "UP", "connected"
    shard.put(STREAMS, stream_id, stream)


def _keep_event(shard: Shard, key: str, _now: int) -> bool:
    """Keep an event while its fixture is linked, or it is still listed: an answer that changes it links it again."""
    stream_id, _, event_id = key.partition("\0")
    event, stream = shard.get(EVENTS, key), shard.get(STREAMS, stream_id)
    assert event is not None, f"a look at event {key!r}, which is not there"
    if stream is not None:
        listed = shard.get(LISTS, stream_id)
        is_linked = shard.get(LINKS, f"{stream.provider}/{event_id}") is not None
        if is_linked or (listed is not None and event_id in listed.events):
            return True
    shard.delete(EVENTS, key)
    return False


KEEPERS: Final[dict[str, Keeper]] = {
    BOOKS.name: _keep_book,
    LINKS.name: kept_while_present(LINKS, lambda link: link.fixture.kick_off_at),
    RULINGS.name: kept_while_present(RULINGS, lambda ruling: ruling.fixture.kick_off_at),
    EVENTS.name: _keep_event,
    PITCH_MATCHES.name: lambda shard, key, _: keep_pitch(shard, key),
    PLAYERS.name: kept_for(PLAYERS, PLAYER_KEPT_US, lambda link: link.told_at),
    PLAYER_RULINGS.name: kept_for(PLAYER_RULINGS, PLAYER_KEPT_US, lambda ruling: ruling.decided_at),
    TALLIES.name: keep_tally,
    FACTS.name: kept_while_present(FACTS, lambda facts: max(facts.kick_off_at, facts.heard_at)),
    BETSAPI_MERGES.name: kept_for(BETSAPI_MERGES, MERGE_KEPT_US, lambda merge: merge.noted_at),
}
"""Who says of each kind of row whether it is kept; the Unified Odds Feed's rows have their own."""

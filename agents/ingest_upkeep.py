"""What time alone causes in ingest: a live stream is silent, and how far its clock is off is published."""

from agents.ingest_quality import report_skew
from agents.ingest_speech import Speech
from bookstream.delivery.api import Outbox, Record, Shard
from domain.events.feeds import ClockTick
from domain.feeds.stream import ENDED_US, silence
from tables.ingest import STREAMS, WATCHES


def keep_watch(shard: Shard, record: Record, tick: ClockTick, out: Outbox) -> None:
    """Say of each live stream how its clock is, now and then, and once it has fallen silent that it is down."""
    for stream_id, watch in list(shard.scan(WATCHES)):
        stream = shard.get(STREAMS, stream_id)
        notice = silence(stream, tick.received_at) if stream else None
        if stream is None or tick.received_at - watch.heard_at > ENDED_US:
            shard.delete(WATCHES, stream_id)
        if stream is None:
            continue
        speech = Speech(out, record, tick)
        speech.provider = stream.provider
        speech.cause_id = f"{tick.event_id}.{stream_id}"
        if notice is not None:
            speech.say_status(stream_id, notice)
        if report_skew(speech, stream_id, stream, tick.received_at) or notice is not None:
            shard.put(STREAMS, stream_id, stream)

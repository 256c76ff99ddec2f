"""One stream as ingest hears it: what place a message has in it, whether it is late, and what to say of the feed."""

from typing import Final

import msgspec

from domain.events.feeds import FeedState, RawMessage
from domain.feeds.contract import Contract
from domain.feeds.dedupe import RecentContent
from domain.feeds.sequence import Place, StreamSequence, place
from domain.feeds.skew import ClockState, hear_delay
from domain.feeds.watermark import Watermark, observe

SECOND: Final = 1_000_000
HEARTBEAT_US: Final = 10 * SECOND
"""A feed that is well says so at most this often."""
SILENCE_US: Final = {"betfair": 20 * SECOND, "theoddsapi": 180 * SECOND, "uof": 20 * SECOND}
"""After this long without a message a live stream counts as down: four heartbeats, three polls, two pulses."""
SILENCE_ELSE_US: Final = 60 * SECOND
ENDED_US: Final = 3600 * SECOND
"""A stream that was silent for so long has ended; it is no longer watched."""


class Notice(msgspec.Struct, frozen=True):
    """Something to say about a feed."""

    state: FeedState
    reason: str
    detail: str = ""


class StreamState(msgspec.Struct):
    """What is remembered of one stream.

    `broken` names its markets that wait for an image since a gap. `idle_sequence` and `idle_at` are where the stream
    stood when it was last looked at for having ended. `clock` is how its messages' times differ from ours, where it is
    live, and `skew_said_at` when that was last published. `contract` is whether its messages can still be taken.
    """

    provider: str
    recorded: bool
    sequence: StreamSequence = msgspec.field(default_factory=StreamSequence)
    watermark: Watermark = msgspec.field(default_factory=Watermark)
    recent: RecentContent = msgspec.field(default_factory=RecentContent)
    state: FeedState = "UP"
    reason: str = ""
    said_at: int = 0
    broken: list[str] = msgspec.field(default_factory=list)
    idle_sequence: int = -1
    idle_at: int = 0
    clock: ClockState = msgspec.field(default_factory=ClockState)
    skew_said_at: int = 0
    contract: Contract = msgspec.field(default_factory=Contract)


class Heard(msgspec.Struct, frozen=True):
    """A message's place in its stream, whether it is late, and what to say."""

    place: Place
    late: bool
    notices: tuple[Notice, ...]


def hear(state: StreamState, raw: RawMessage, allowed_lateness_us: int) -> Heard:
    """Take a message into its stream. Idempotent: a duplicate changes nothing and says nothing."""
    is_first = state.sequence.received_at == 0
    placed = place(state.sequence, raw.stream_sequence, raw.received_at)
    if placed.place == "DUPLICATE":
        return Heard("DUPLICATE", late=False, notices=())
    if not state.recorded:
        hear_delay(state.clock, raw.occurred_at, raw.received_at)
    late = observe(state.watermark, raw.occurred_at, raw.received_at, allowed_lateness_us) or placed.place == "LATE"
    notices = []
    if is_first or placed.place == "RESTART" or state.reason in {"silent", "ended"}:
        notices.append(say(state, raw.received_at, "UP", "connected"))
    if placed.place == "GAP":
        detail = f"{placed.missing} messages are missing before {raw.stream_sequence}"
        notices.append(say(state, raw.received_at, "DELAYED", "gap", detail))
    if not notices and raw.received_at - state.said_at >= HEARTBEAT_US:
        notices.append(say(state, raw.received_at, state.state, "heartbeat" if state.state == "UP" else state.reason))
    return Heard(placed.place, late=late, notices=tuple(notices))


def say(state: StreamState, at: int, feed: FeedState, reason: str, detail: str = "") -> Notice:
    """Note what is said of a stream and when."""
    state.state, state.reason, state.said_at = feed, reason, at
    return Notice(feed, reason, detail)


def silence(state: StreamState, now: int) -> Notice | None:
    """Say that a live stream has fallen silent, once. What is recorded may be quiet for hours."""
    quiet = now - state.sequence.received_at
    if state.recorded or state.state == "DOWN" or quiet < SILENCE_US.get(state.provider, SILENCE_ELSE_US):
        return None
    return say(state, now, "DOWN", "silent", f"nothing was heard for {quiet // SECOND} s")

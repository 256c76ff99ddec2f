"""One message's turn: the rows it may change, what it may say, and the stream it belongs to."""

from dataclasses import dataclass

from agents.ingest_speech import Speech
from bookstream.delivery.api import Shard
from domain.events.feeds import FeedState, RawMessage
from domain.feeds.stream import Heard, StreamState, say


@dataclass(frozen=True, slots=True)
class Turn:
    """A raw message being normalised."""

    shard: Shard
    speech: Speech
    raw: RawMessage
    stream: StreamState
    heard: Heard

    @property
    def stream_id(self) -> str:
        """Return the id of the message's stream."""
        return self.raw.stream_id

    def say_status(self, state: FeedState, reason: str, detail: str = "") -> None:
        """Say how the feed is now, to every partition."""
        self.speech.say_status(self.stream_id, say(self.stream, self.raw.received_at, state, reason, detail))

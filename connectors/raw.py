"""One ordered stream of a provider: its messages numbered, hashed and named."""

import hashlib
import time

from domain.events.feeds import FeedState, FeedStatus, RawMessage


def wall_clock() -> int:
    """Return the time now, microseconds UTC: when live messages were received."""
    return time.time_ns() // 1000


def content_hash(payload: bytes) -> str:
    """Return the SHA-256 of a provider's bytes, in hex."""
    return hashlib.sha256(payload).hexdigest()


def raw_event_id(provider: str, stream_id: str, stream_sequence: int, payload_hash: str) -> str:
    """Name a message by where it stands and what it says: the same bytes at the same place have the same id."""
    return _digest(f"{provider}|{stream_id}|{stream_sequence}|{payload_hash}")


def recorded_stream_id(name: str, first_payload: bytes) -> str:
    """Name the stream of a file: by its name and how it begins, wherever it lies and however it is compressed."""
    stem = name.removesuffix(".gz").removesuffix(".bz2")
    return f"{stem}#{content_hash(first_payload)[:12]}"


class RawStream:
    """Makes a stream's messages, in order. Simulated feeds use it too."""

    def __init__(
        self,
        *,
        provider: str,
        endpoint: str,
        stream_id: str,
        content_type: str = "application/json",
        recorded: bool = False,
        next_sequence: int = 0,
    ) -> None:
        self.provider = provider
        self.endpoint = endpoint
        self.stream_id = stream_id
        self.content_type = content_type
        self.recorded = recorded
        self.next_sequence = next_sequence
        self._statuses = 0

    def message(
        self,
        payload: bytes,
        *,
        received_at: int,
        occurred_at: int | None = None,
        provider_sequence: str | None = None,
        endpoint: str | None = None,
        restores: bool | None = None,
    ) -> RawMessage:
        """Make the next message; it occurred when received and came from the stream's endpoint, unless told."""
        sequence, payload_hash = self.next_sequence, content_hash(payload)
        self.next_sequence += 1
        return RawMessage(
            event_id=raw_event_id(self.provider, self.stream_id, sequence, payload_hash),
            occurred_at=received_at if occurred_at is None else occurred_at,
            received_at=received_at,
            provider=self.provider,
            provider_sequence=provider_sequence,
            endpoint=endpoint or self.endpoint,
            stream_id=self.stream_id,
            stream_sequence=sequence,
            content_hash=payload_hash,
            content_type=self.content_type,
            recorded=self.recorded,
            payload=payload,
            restores=restores,
        )

    def status(self, state: FeedState, reason: str, *, at: int, detail: str = "") -> FeedStatus:
        """Say how the stream is; `reason` is a code of FeedStatus."""
        self._statuses += 1
        name = f"{self.provider}|{self.stream_id}|{self.next_sequence}|{self._statuses}|{state}|{reason}|{at}"
        return FeedStatus(
            event_id=_digest(name),
            occurred_at=at,
            received_at=at,
            provider=self.provider,
            stream_id=self.stream_id,
            state=state,
            reason=reason,
            detail=detail,
        )


def _digest(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=16).hexdigest()

"""What every event carries, whatever it says."""

import msgspec


class Source(msgspec.Struct, frozen=True):
    """The record that caused an event."""

    topic: str
    partition: int
    offset: int


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """The head of every event."""

    event_id: str
    occurred_at: int
    received_at: int
    provider: str
    provider_sequence: str | None = None
    source: Source | None = None


def child_id(event_id: str, n: int) -> str:
    """Derive the id of the n-th event that an event caused: same cause, same id."""
    return f"{event_id}.{n}"

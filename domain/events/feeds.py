"""Feeds in: a provider's bytes with their provenance, the state of a feed, and the clock."""

from typing import Literal

from domain.events.head import Event

FeedState = Literal["UP", "DELAYED", "DOWN"]


class RawMessage(Event, frozen=True, kw_only=True):
    """A provider's message, its bytes untouched (`feeds.<provider>.raw`, keyed by stream_id).

    `stream_id` names one ordered stream of the provider (a connection, a polled endpoint or a file);
    `stream_sequence` counts its messages from 0 without gaps, so that a lost message shows.
    """

    endpoint: str
    stream_id: str
    stream_sequence: int
    content_hash: str
    content_type: str
    recorded: bool
    payload: bytes


class FeedStatus(Event, frozen=True, kw_only=True):
    """A provider's feed as ingest sees it (`feeds.status`, one record to every partition).

    `stream_id` is the stream concerned; `reason` is a code: connected, heartbeat, silent, gap, latency, refused, ended.
    """

    stream_id: str
    state: FeedState
    reason: str
    detail: str = ""


class ClockTick(Event, frozen=True, kw_only=True):
    """Time itself, in the log, so that timeouts replay (`clock.ticks`, one record to every partition)."""

"""Feeds in: a provider's bytes with their provenance, the state of a feed, and the clock."""

from typing import Literal

import msgspec

from domain.events.head import Event

FeedState = Literal["UP", "DELAYED", "DOWN"]
Measure = Literal["MESSAGES", "TICKS", "INCIDENTS"]
Standing = Literal["UP", "DEGRADED", "DOWN"]
Compared = Literal["SCORE", "CARDS", "CLOSING_ODDS"]


class RawMessage(Event, frozen=True, kw_only=True):
    """A provider's message, its bytes untouched (`feeds.<provider>.raw`, keyed by stream_id).

    `stream_id` names one ordered stream of the provider (a connection, a polled endpoint or a file);
    `stream_sequence` counts its messages from 0 without gaps, so that a lost message shows. `restores` is what the
    connector, which asks for recoveries, says of a message that ends one: whether nothing is missing any more.
    """

    endpoint: str
    stream_id: str
    stream_sequence: int
    content_hash: str
    content_type: str
    recorded: bool
    payload: bytes
    restores: bool | None = None


class FeedStatus(Event, frozen=True, kw_only=True):
    """A provider's feed as ingest sees it (`feeds.status`, one record to every partition).

    `stream_id` is the stream concerned; `reason` is a code: connected, heartbeat, silent, gap, latency, refused, ended,
    contract, new_fields.
    """

    stream_id: str
    state: FeedState
    reason: str
    detail: str = ""


class FeedCompleteness(Event, frozen=True, kw_only=True):
    """What a provider told of a fixture against what it should have (`feeds.completeness`, compacted).

    MESSAGES counts the messages of a stream since it first told of the fixture, TICKS its odds at the provider's
    cadence, INCIDENTS what other providers told too; for these `stream_id` is empty.
    """

    fixture_id: str
    measure: Measure
    stream_id: str
    since_at: int
    expected: int
    received: int
    share: float
    objective: float
    met: bool


class ClockSkew(Event, frozen=True, kw_only=True):
    """How far a provider's clock is ahead of another (`feeds.skew`, compacted).

    `against` is the other provider, or bookstream for our own clock; `scope_id` is the fixture whose incidents, or the
    stream whose messages, were compared.
    """

    against: str
    scope_id: str
    skew_us: int
    spread_us: int
    samples: int


class ProviderFigure(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider says of one thing that is compared: a count, or a chance from 0 to 1.

    `name` is home_score, away_score, a count of cards as in `statistics`, or a selection's id.
    """

    provider: str
    name: str
    value: float


class ProviderDifference(Event, frozen=True, kw_only=True):
    """What providers say of one fixture that differs (`feeds.differences`, compacted, in the fixture's partition).

    SCORE and CARDS are compared of those who said that it is over, CLOSING_ODDS as chances without their margin.
    `apart` is the farthest that two are of each other in one of `figures`; it `differs` above `tolerance`, and says so
    no more once they agree.
    """

    fixture_id: str
    measure: Compared
    differs: bool
    apart: float
    tolerance: float
    figures: tuple[ProviderFigure, ...]


class ProviderCoverage(Event, frozen=True, kw_only=True):
    """How far a provider counts in one fixture (`feeds.coverage`, compacted, in the fixture's partition).

    Decided by how complete it is: `measure` is the worst, `expected` and `received` what lately was of it. `reason` is
    a code: alive, incomplete. A provider of which nothing was said is UP.
    """

    fixture_id: str
    state: Standing
    reason: str
    since_at: int
    measure: Measure
    expected: int
    received: int
    share: float
    objective: float


class ProviderEvidence(Event, frozen=True, kw_only=True):
    """What one partition of the book saw of a provider (`feeds.evidence`, compacted, all to the partition that judges).

    `open_markets` of a sample of the provider's markets were open; `judged` of these had a quorum of other providers,
    to which `contrary` of them were contrary.
    """

    partition: int
    newest_at: int
    stale_after_us: int
    open_markets: int
    judged: int
    contrary: int


class ProviderStatus(Event, frozen=True, kw_only=True):
    """A provider's state, decided by one writer (`feeds.providers`, compacted, one record to every partition).

    `reason` is a code: alive, silent, stale, contrary. The rest is the evidence that it was decided by.
    """

    state: Standing
    reason: str
    since_at: int
    streams: int
    streams_down: int
    quiet_us: int
    stale_after_us: int
    judged: int
    contrary: int


class ClockTick(Event, frozen=True, kw_only=True):
    """Time itself, in the log, so that timeouts replay (`clock.ticks`, one record to every partition)."""

"""The producers of the Unified Odds Feed as they stand: each state, what is missing, and what was asked for.

Times are microseconds UTC: `at` is this side's clock, a producer's own timestamps are its clock, kept apart.
"""

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from domain.feeds.uof_quota import MINUTE_US, Quota, forget_future

SECOND_US: Final = 1_000_000

Status = Literal["NOT_STARTED", "STARTED", "COMPLETED", "DELAYED", "ERROR"]
"""NOT_STARTED: never whole. STARTED: a recovery runs. COMPLETED: up. DELAYED: whole, but heard late. ERROR: a hole."""

Reason = Literal[
    "AliveIntervalViolation", "ProcessingQueueDelayViolation", "ConnectionDown", "Other", "FirstRecoveryCompleted",
    "ProcessingQueueDelayStabilized", "ReturnedFromInactivity",
]  # fmt: skip


BOUNDS: Final = {
    "inactivity_us": (10 * SECOND_US, 180 * SECOND_US),
    "longest_us": (600 * SECOND_US, 3600 * SECOND_US),
    "between_us": (20 * SECOND_US, 180 * SECOND_US),
}


class Timeouts(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of the state machine. Bounds and defaults: the provider's SDK. ValueError: one is out of bounds.

    `overlap_us` is how far before what is whole a recovery begins: producers' messages may pass their pulses.
    `first_alive_us` is how long a producer that was never up may be silent before its recovery is asked for anyway;
    `idle_us` how long a recovery may bring nothing.
    """

    inactivity_us: int = 20 * SECOND_US
    longest_us: int = 1200 * SECOND_US
    between_us: int = 30 * SECOND_US
    first_alive_us: int = 60 * SECOND_US
    idle_us: int = 300 * SECOND_US
    overlap_us: int = 10 * SECOND_US

    def __post_init__(self) -> None:
        for name, (least, most) in BOUNDS.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name}: {getattr(self, name)} is not within {least} and {most}")


class Recovery(msgspec.Struct):
    """A recovery that runs: of everything after `after`, or of all (None).

    When it was interrupted, messages are missing again from `broken_from` on, by the producer's clock.
    """

    request_id: int
    after: int | None
    asked_at: int
    heard_at: int
    complete: list[str] = msgspec.field(default_factory=list)
    interrupted: bool = False
    broken_from: int | None = None


class Session(msgspec.Struct):
    """One queue of a producer's messages: when its pulse was last heard, and what it said."""

    heard_at: int = 0
    alive_at: int = 0
    behind_us: int = 0


class Producer(msgspec.Struct):
    """One producer.

    `good_at` is the producer's time up to which nothing is missing, None before the first recovery is complete.
    `window_us` is how far back it can recover. `events_asked` is what of which event was asked for lately, and when.
    """

    id: int
    window_us: int
    started_at: int
    status: Status = "NOT_STARTED"
    reason: Reason = "Other"
    good_at: int | None = None
    was_up: bool = False
    asked_at: int | None = None
    recovery: Recovery | None = None
    events_asked: dict[tuple[str, str], int] = msgspec.field(default_factory=dict)
    sessions: dict[str, Session] = msgspec.field(default_factory=dict)

    @property
    def is_up(self) -> bool:
        """Say whether bets may be taken on its prices."""
        return self.status == "COMPLETED"


class Feed(msgspec.Struct):
    """All producers of a subscription, and the requests that count against its quotas."""

    producers: dict[int, Producer]
    sessions: tuple[str, ...]
    timeouts: Timeouts = msgspec.field(default_factory=Timeouts)
    quota: Quota = msgspec.field(default_factory=Quota)
    connected: bool = False
    next_request: int = 1


class Standing(msgspec.Struct):
    """What another process needs to go on: by producer what is whole and when it was asked for; and the quotas."""

    good_at: dict[int, int] = msgspec.field(default_factory=dict)
    asked_at: dict[int, int] = msgspec.field(default_factory=dict)
    quota: Quota = msgspec.field(default_factory=Quota)
    next_request: int = 1


def open_feed(
    windows: dict[int, int], sessions: Iterable[str], at: int, standing: Standing | None = None,
    timeouts: Timeouts | None = None,
) -> Feed:  # fmt: skip
    """Make the state of a subscription to producers with their recovery windows in minutes.

    `standing` is where an earlier process stood: it goes on from there, within what is left of the quotas. Requests are
    numbered from the time on, so that no answer to another process is taken for one of this: not even to one that was
    killed before it could keep where it stood. Numbers never fall, and the quotas keep them behind the time.
    """
    known = standing or Standing()
    producers = {
        each: Producer(
            each, minutes * MINUTE_US, at, good_at=known.good_at.get(each), asked_at=known.asked_at.get(each)
        )
        for each, minutes in windows.items()
    }
    feed = Feed(producers, tuple(sessions), timeouts or Timeouts(), known.quota)
    feed.next_request = max(known.next_request, at // SECOND_US)
    settle_clock(feed, at)
    return feed


def standing_of(feed: Feed) -> Standing:
    """Return what is to be kept, so that another process goes on."""
    producers = feed.producers.values()
    return Standing(
        good_at={each.id: each.good_at for each in producers if each.good_at is not None},
        asked_at={each.id: each.asked_at for each in producers if each.asked_at is not None},
        quota=feed.quota,
        next_request=feed.next_request,
    )


def settle_clock(feed: Feed, at: int) -> None:
    """Take it that this side's clock may have been put back: what it calls the future happened at the latest now."""
    forget_future(feed.quota, at)
    for producer in feed.producers.values():
        if producer.asked_at is not None:
            producer.asked_at = min(producer.asked_at, at)

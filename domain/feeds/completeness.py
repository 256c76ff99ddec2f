"""How complete a provider is on a fixture: what it should have told against what it did, and the objectives for both.

Three measures. MESSAGES: the numbers of the stream that tells of the fixture, while it does. TICKS: odds at the cadence
that the provider keeps, in intervals that each tick begins; while no market is open none is expected. INCIDENTS: what
anyone told of the fixture and nobody took back (domain/feeds/facts.py).
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from domain.events.canonical import MarketStatus
from domain.events.feeds import Measure
from domain.feeds.sequence import StreamSequence

SECOND: Final = 1_000_000

OBJECTIVES: Final[Mapping[Measure, float]] = {"MESSAGES": 0.999, "TICKS": 0.95, "INCIDENTS": 0.98}
"""The share of what is expected that must have been received."""


class Cadence(msgspec.Struct, frozen=True):
    """At least one tick of a fixture comes within this time, before its start and in play (microseconds).

    None promises nothing: no tick is missing then, however long none comes.
    """

    before_us: int | None = None
    in_play_us: int | None = None


CADENCES: Final[Mapping[str, Cadence]] = {
    "betfair": Cadence(None, 60 * SECOND),
    "theoddsapi": Cadence(600 * SECOND, 90 * SECOND),
    "uof": Cadence(600 * SECOND, 60 * SECOND),
}
"""An exchange's markets move when somebody trades: in play in 99 of 100 minutes, before that hours may pass.

An aggregator confirms what stands once in five minutes, and in play at each poll.
"""
CADENCE_ELSE: Final = Cadence()
UNPROMISED_US: Final = 600 * SECOND
"""What comes without a promise counts once in this time."""


class Count(msgspec.Struct, frozen=True):
    """What was expected, and what of it was received."""

    expected: int
    received: int

    @property
    def share(self) -> float:
        """Return the part that was received, from 0 to 1; of nothing expected nothing is missing."""
        return self.received / self.expected if self.expected else 1.0

    def meets(self, measure: Measure) -> bool:
        """Say whether this is enough for the measure's objective."""
        return self.share >= OBJECTIVES[measure]


class Tally(msgspec.Struct):
    """What one stream told of one fixture.

    `since_at` is when it first did; `received` and `lost` are the stream's own counts of then. `ticks` intervals had
    one, `missed` had none; the newest tick stands for its interval, until `until`. While nothing is `awaited`, no
    interval counts as missed.
    """

    since_at: int
    received: int
    lost: int
    ticks: int = 0
    missed: int = 0
    until: int = 0
    cadence_us: int = 0
    awaited: bool = False
    over: bool = False


def begin(sequence: StreamSequence, at: int) -> Tally:
    """Begin to count with the message that first tells of a fixture; that message is the first one counted."""
    return Tally(at, sequence.received - 1, sequence.lost)


def tick(tally: Tally, provider: str, at: int, status: MarketStatus, *, in_play: bool) -> bool:
    """Take a tick into a tally and say whether that changed it. Idempotent within an interval.

    A closed market is waited for no more, until another one of the fixture speaks. A shorter cadence begins at once.
    """
    if tally.over:
        return False
    cadence = CADENCES.get(provider, CADENCE_ELSE)
    promised = cadence.in_play_us if in_play else cadence.before_us
    awaited = status != "CLOSED" and promised is not None
    cadence_us = promised or UNPROMISED_US
    if tally.ticks and at < tally.until and cadence_us >= tally.cadence_us:
        changed = tally.awaited != awaited
        tally.awaited = awaited
        return changed
    if tally.awaited:
        tally.missed += _passed(tally, at)
    tally.ticks += 1
    tally.cadence_us = cadence_us
    tally.until = at + tally.cadence_us
    tally.awaited = awaited
    return True


def end(tally: Tally, at: int) -> bool:
    """Expect no more ticks of a fixture that is over, and say whether that is new."""
    if tally.over:
        return False
    if tally.awaited:
        tally.missed += _passed(tally, at)
    tally.awaited, tally.over = False, True
    return True


def ticks_of(tally: Tally, at: int) -> Count:
    """Count the ticks until now: an interval that has passed without one is missing already."""
    missed = tally.missed + (_passed(tally, at) if tally.awaited else 0)
    return Count(tally.ticks + missed, tally.ticks)


def messages_of(tally: Tally, sequence: StreamSequence) -> Count:
    """Count the stream's messages since it first told of the fixture; what was lost may still come, late."""
    received = max(0, sequence.received - tally.received)
    return Count(received + max(0, sequence.lost - tally.lost), received)


def _passed(tally: Tally, at: int) -> int:
    return max(0, at - tally.until) // tally.cadence_us if tally.cadence_us else 0

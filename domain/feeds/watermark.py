"""Event time of one stream: how far it has come, and which events are too old to act upon."""

from typing import Final

import msgspec

SECOND: Final = 1_000_000
MOST_AHEAD_US: Final = 5 * SECOND
"""A provider's clock may be ahead of ours by this much; what lies beyond does not move the watermark."""


class Watermark(msgspec.Struct):
    """The newest event time that a stream has reached, in microseconds, and how many of its events were late."""

    at: int = 0
    late: int = 0


def observe(state: Watermark, occurred_at: int, received_at: int, allowed_lateness_us: int) -> bool:
    """Move the watermark on and say whether an event is late: older than it by more than is allowed.

    A timestamp in the future counts as `received_at` plus five seconds at most, so that one wrong clock does not make
    everything after it late.
    """
    if occurred_at < state.at - allowed_lateness_us:
        state.late += 1
        return True
    state.at = max(state.at, min(occurred_at, received_at + MOST_AHEAD_US))
    return False

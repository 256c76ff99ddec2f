"""How far a provider's clock is from ours, and from another provider's.

Against ours: a message takes some time to arrive, so the smallest of many delays comes nearest to what the clocks
themselves differ by (the minimum filter of clock synchronisation, RFC 5905, section 10). Its error is the least delay
of the way, never less than nothing. Against another provider's: the median of how far their times of the same incident
are apart, which holds what each took to notice it as well.
"""

from collections.abc import Sequence
from statistics import median
from typing import Final

import msgspec

SECOND: Final = 1_000_000
WINDOW_US: Final = 60 * SECOND
WINDOWS_KEPT: Final = 10
MOST_APART_US: Final = 3600 * SECOND
"""What is further apart is a wrong time, not a wrong clock: it says nothing about either."""


class DelayWindow(msgspec.Struct, frozen=True, array_like=True):
    """The smallest and the largest delay of the messages of a minute, and how many they were."""

    began_at: int
    least_us: int
    most_us: int
    messages: int


class ClockState(msgspec.Struct):
    """A stream's newest minutes, the oldest first."""

    windows: list[DelayWindow] = msgspec.field(default_factory=list)


class Skew(msgspec.Struct, frozen=True):
    """By how much a provider's clock is ahead of another (behind where negative), and how sure that is.

    `spread_us` is what the sampled values differ by: between the smallest and the largest of the minutes' least
    delays, or the median absolute deviation of incidents.
    """

    skew_us: int
    spread_us: int
    samples: int


def hear_delay(state: ClockState, occurred_at: int, received_at: int) -> None:
    """Take in how long after its own time a message came; negative where the provider's clock is ahead."""
    delay = received_at - occurred_at
    if abs(delay) > MOST_APART_US:
        return
    last = state.windows[-1] if state.windows else None
    if last is None or received_at - last.began_at >= WINDOW_US:
        state.windows.append(DelayWindow(received_at, delay, delay, 1))
        del state.windows[:-WINDOWS_KEPT]
        return
    state.windows[-1] = DelayWindow(
        last.began_at, min(last.least_us, delay), max(last.most_us, delay), last.messages + 1
    )


def skew_to_ours(state: ClockState) -> Skew | None:
    """Estimate how far a stream's clock is ahead of ours, from the least delay of its newest minutes."""
    if not state.windows:
        return None
    least = [window.least_us for window in state.windows]
    return Skew(-min(least), max(least) - min(least), sum(window.messages for window in state.windows))


def skew_between(apart_us: Sequence[int]) -> Skew | None:
    """Estimate how far one provider's clock is ahead of another's, from their times of the same incidents."""
    near = [each for each in apart_us if abs(each) <= MOST_APART_US]
    if not near:
        return None
    middle = median(near)
    return Skew(round(middle), round(median(abs(each - middle) for each in near)), len(near))

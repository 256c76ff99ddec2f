"""How many recoveries may be asked for: sliding windows by how far back a recovery goes."""

from typing import Final, Literal

import msgspec

MINUTE_US: Final = 60_000_000
HOUR_US: Final = 60 * MINUTE_US
DAY_US: Final = 24 * HOUR_US

Reach = Literal["RECENT", "DAY", "LONG", "EVENT"]
"""Of a recovery: less than half an hour back, less than a day, further or from the beginning; or of one event."""

WINDOWS: Final[dict[Reach, tuple[tuple[int, int], ...]]] = {
    "RECENT": ((20, 10 * MINUTE_US), (60, HOUR_US)),
    "DAY": ((4, 10 * MINUTE_US), (10, HOUR_US)),
    "LONG": ((2, 30 * MINUTE_US), (4, 2 * HOUR_US)),
    "EVENT": ((100, 10 * MINUTE_US), (300, HOUR_US)),
}
"""At most so many requests in any window of so many microseconds. Source: UOF recovery limits."""


SKEW_US: Final = MINUTE_US
"""The provider judges by its own clock, and requests take time to arrive: near a bound the stricter quota counts."""


class Quota(msgspec.Struct):
    """The times of the requests that still count, by reach, in order; until `held_until` nothing may be asked for."""

    asked_at: dict[str, list[int]] = msgspec.field(default_factory=dict)
    held_until: int = 0


def reach_of(after: int | None, at: int) -> Reach:
    """Return how far back a recovery goes; from the beginning counts as furthest."""
    if after is None or at - after + SKEW_US >= DAY_US:
        return "LONG"
    return "DAY" if at - after + SKEW_US >= 30 * MINUTE_US else "RECENT"


def allowed_at(quota: Quota, reach: Reach, at: int) -> int:
    """Return from when on a request of this reach is within every window: `at` if it is now."""
    asked = quota.asked_at.get(reach, [])
    return max(
        [
            at,
            quota.held_until,
            *(asked[-limit] + window + SKEW_US for limit, window in WINDOWS[reach] if len(asked) >= limit),
        ]
    )


def spend(quota: Quota, reach: Reach, at: int) -> None:
    """Count a request, also one that is refused; what no window reaches any more is forgotten."""
    longest = max(window for _, window in WINDOWS[reach])
    kept = [each for each in quota.asked_at.get(reach, []) if each + longest + SKEW_US > at]
    quota.asked_at[reach] = [*kept, at]


def hold(quota: Quota, until: int) -> None:
    """Ask for nothing before a time: the provider said so."""
    quota.held_until = max(quota.held_until, until)


def forget_future(quota: Quota, at: int) -> None:
    """Take requests of a clock that was ahead as made now, and what it held as over in an hour."""
    quota.held_until = min(quota.held_until, at + HOUR_US)
    for reach, asked in quota.asked_at.items():
        quota.asked_at[reach] = [min(each, at) for each in asked]

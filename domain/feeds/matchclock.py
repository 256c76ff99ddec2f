"""The match clock: when something happened that a provider tells by period and minute only.

A regular half has 45 minutes, its break 15; a half of extra time has 15 minutes, the breaks before and within it five
and two (Laws of the Game, law 7). With the usual stoppage time the periods begin, in minutes after the kick-off, at
0, 60, 115, 135 and 155. So a replayed match takes as long as a match takes, to within its stoppage time. A minute is
the number of whole minutes that have elapsed, as a clock shows it: 0 until 0:59, 45 when the second half begins.
"""

import re
from typing import Final

from domain.errors import ContractViolation

SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
PERIOD_STARTS_US: Final = {1: 0, 2: 60 * MINUTE_US, 3: 115 * MINUTE_US, 4: 135 * MINUTE_US, 5: 155 * MINUTE_US}
"""First half, second half, the two halves of extra time, penalty shoot-out: when each begins after the kick-off."""
PERIOD_MINUTES: Final = {1: 0, 2: 45, 3: 90, 4: 105, 5: 120}
"""What the clock shows when a period begins."""
SHOOT_OUT: Final = 5

_STATED: Final = re.compile(r"([0-9]{1,3})(?:\+([0-9]{1,2}))?")
_ELAPSED: Final = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,6}))?")


def elapsed_us(text: str) -> int:
    """Read the time since a period began, "00:46:42.770", as microseconds.

    Raises:
        ContractViolation: the text is no such time.
    """
    match = _ELAPSED.fullmatch(text)
    if match is None:
        raise ContractViolation(f"not a time within a period: {text[:40]!r}")
    hours, minutes, seconds, fraction = match.groups()
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return whole * SECOND_US + int((fraction or "0").ljust(6, "0"))


def since_kick_off_us(period: int, within_us: int) -> int:
    """Return how long after the kick-off it is, `within_us` after a period began.

    Raises:
        ContractViolation: a match has no such period.
    """
    begins = PERIOD_STARTS_US.get(period)
    if begins is None:
        raise ContractViolation(f"a match has no period {period}")
    return begins + within_us


def stated_minute(text: str) -> tuple[int, int, int]:
    """Read a goal's minute as reports state it, "1" to "90+7": (period, whole minutes elapsed, microseconds within).

    The first minute is the one that begins with the kick-off, so "64" is 63 and some seconds. Minutes from 91 on are
    of extra time.

    Raises:
        ContractViolation: no report states such a minute.
    """
    match = _STATED.fullmatch(text)
    minute, added = (int(match[1]), int(match[2] or 0)) if match else (0, 0)
    if not 1 <= minute <= 120:
        raise ContractViolation(f"no minute of a match: {text[:20]!r}")
    period = max(period for period, shown in PERIOD_MINUTES.items() if shown < minute)
    elapsed = minute + added - 1
    return period, elapsed, (elapsed - PERIOD_MINUTES[period]) * MINUTE_US

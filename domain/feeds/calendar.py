"""Days and clocks as European providers keep them, without any zone database: pure functions of a date."""

from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
HOUR_US: Final = 3_600_000_000
DAY_US: Final = 86_400_000_000
_SUNDAY: Final = 6


def micros(moment: datetime) -> int:
    """Return a time as microseconds UTC, exactly; a time without a zone is UTC."""
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def uk_micros(local: datetime) -> int:
    """Return a time by the clocks of the United Kingdom as microseconds UTC.

    Summer time is from 01:00 UTC of the last Sunday of March to that of October (since 1996: the Summer Time Order
    2002). The hour that comes twice in October is the first of the two.
    """
    begins = _last_sunday(local.year, 3) + timedelta(hours=2)
    ends = _last_sunday(local.year, 10) + timedelta(hours=2)
    in_summer = begins <= local < ends
    return micros(local) - (HOUR_US if in_summer else 0)


def _last_sunday(year: int, month: int) -> datetime:
    last = datetime(year, month, 31)  # noqa: DTZ001 - a day of the local calendar
    return last - timedelta(days=(last.weekday() - _SUNDAY) % 7)

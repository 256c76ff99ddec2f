"""The quota: what the provider's headers say is left, and how to make it last until it is reset. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Quota:
    """Credits as the last answer told them; None where it told nothing."""

    remaining: int | None = None
    used: int | None = None
    last: int | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Quota":
        """Read x-requests-remaining, x-requests-used and x-requests-last."""
        return cls(
            _count(headers.get("x-requests-remaining")),
            _count(headers.get("x-requests-used")),
            _count(headers.get("x-requests-last")),
        )


@dataclass(frozen=True, slots=True)
class Demand:
    """One endpoint: how often it is wanted, and what one request costs."""

    every_s: float
    cost: int


def stretch(demands: Iterable[Demand], remaining: int | None, seconds_left: float) -> float:
    """Return by how much to lengthen all intervals so that what remains lasts; at least 1, infinite when nothing does.

    Credits wanted until the reset are the sum of cost × time left / interval.
    """
    if remaining is None:
        return 1.0
    wanted = sum(each.cost * seconds_left / each.every_s for each in demands)
    if wanted <= 0:
        return 1.0
    if remaining <= 0:
        return float("inf")
    return max(1.0, wanted / remaining)


def next_reset(at: int, day: int) -> int:
    """Return when the quota is next reset: midnight UTC of a day of the month (1 to 28). Times in microseconds."""
    moment = datetime.fromtimestamp(at / SECOND, UTC)
    reset = moment.replace(day=day, hour=0, minute=0, second=0, microsecond=0)
    if reset <= moment:
        year, month = (moment.year + 1, 1) if moment.month == 12 else (moment.year, moment.month + 1)
        reset = reset.replace(year=year, month=month)
    return int(reset.timestamp()) * SECOND


def retry_after_s(value: str | None, at: int, default_s: float) -> float:
    """Read a Retry-After header, seconds or a date (RFC 9110, 10.2.3); what cannot be read is the default."""
    if value is None:
        return default_s
    seconds = _count(value)
    if seconds is not None:
        return float(min(seconds, 86_400))
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return default_s
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(moment.timestamp() - at / SECOND, 0.0), 86_400.0)


def _count(value: str | None) -> int | None:
    """Read a header's count; some are written with decimals."""
    try:
        return None if value is None else max(int(float(value)), 0)
    except (ValueError, OverflowError):
        return None

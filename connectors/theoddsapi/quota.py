"""The quota: what the provider's headers say is left, and how to make it last until it is reset. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from connectors.resilience.web import count_of

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
            count_of(headers.get("x-requests-remaining")),
            count_of(headers.get("x-requests-used")),
            count_of(headers.get("x-requests-last")),
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

"""The quota: what the provider's headers say is left, and when it is reset. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.resilience.quota import Quota
from connectors.resilience.web import SECOND, count_of


def quota_of(headers: Mapping[str, str]) -> Quota:
    """Read x-requests-remaining, x-requests-used and x-requests-last."""
    return Quota(
        count_of(headers.get("x-requests-remaining")),
        count_of(headers.get("x-requests-used")),
        count_of(headers.get("x-requests-last")),
    )


def next_reset(at: int, day: int) -> int:
    """Return when the quota is next reset: midnight UTC of a day of the month (1 to 28). Times in microseconds."""
    moment = datetime.fromtimestamp(at / SECOND, UTC)
    reset = moment.replace(day=day, hour=0, minute=0, second=0, microsecond=0)
    if reset <= moment:
        year, month = (moment.year + 1, 1) if moment.month == 12 else (moment.year, moment.month + 1)
        reset = reset.replace(year=year, month=month)
    return int(reset.timestamp()) * SECOND

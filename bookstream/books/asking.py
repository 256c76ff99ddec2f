"""How the books are asked for: periods of time and names, as SQL has them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import msgspec

from domain.errors import Misconfigured
from sinks.clickhouse.client import Answer

Ask = Callable[[str], Answer]
"""Answers one read-only query of history."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LAST = datetime(2200, 1, 1, tzinfo=UTC)


class Period(msgspec.Struct, frozen=True):
    """From an instant on and before another, in microseconds."""

    from_at: int
    until_at: int

    @property
    def since(self) -> str:
        """Return the beginning as an SQL expression."""
        return _instant(self.from_at)

    @property
    def until(self) -> str:
        """Return the end as an SQL expression."""
        return _instant(self.until_at)

    @property
    def text(self) -> str:
        """Say it, for people; an open end is not said."""
        since = "" if self.from_at == 0 else f"from {_said(self.from_at)} "
        return since + ("" if self.until_at == _micros(LAST) else f"until {_said(self.until_at)}")


def day(text: str | None, today: date) -> tuple[date, Period]:
    """Return a day of UTC by its ISO date, today where there is none.

    Raises:
        Misconfigured: it is no date.
    """
    try:
        found = date.fromisoformat(text) if text is not None else today
        began = datetime(found.year, found.month, found.day, tzinfo=UTC)
        return found, Period(_micros(began), _micros(began + timedelta(days=1)))
    except (ValueError, OverflowError):
        raise Misconfigured(f"{text!r} is no date: write it as 2026-11-21") from None


def period(since: str | None, until: str | None) -> Period:
    """Return a period by its ends, each a date or an instant, of UTC unless it says otherwise; open where None.

    Raises:
        Misconfigured: an end is no time, or the period is empty.
    """
    made = Period(_end(since, EPOCH), _end(until, LAST))
    if made.from_at >= made.until_at:
        raise Misconfigured(f"nothing lies between {since or 'the beginning'} and {until or 'the end'}")
    return made


def quoted(text: str) -> str:
    """Return a text as an SQL literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _end(text: str | None, otherwise: datetime) -> int:
    if text is None:
        return _micros(otherwise)
    try:
        at = datetime.fromisoformat(text)
        at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        in_range = EPOCH <= at <= LAST
    except (ValueError, OverflowError):
        in_range = False
    if not in_range:
        raise Misconfigured(f"{text!r} is no time: write a date as 2026-11-21, or an instant as 2026-11-21T18:00")
    return _micros(at)


def _micros(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def _instant(at: int) -> str:
    return f"fromUnixTimestamp64Micro({at}, 'UTC')"


def _said(at: int) -> str:
    return (EPOCH + at * MICROSECOND).strftime("%Y-%m-%d %H:%M:%S")

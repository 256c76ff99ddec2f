"""What a web server says of how often it may be asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from domain.errors import Misconfigured, Unavailable

SECOND: Final = 1_000_000


class Throttled(Unavailable):
    """Too many requests at once; `after_s` says when to come again."""

    code = "throttled"

    def __init__(self, message: str, after_s: float) -> None:
        super().__init__(message)
        self.after_s = after_s


class Untrusted(Misconfigured):
    """The other side shows a certificate that is not trusted: nothing was said to it.

    From the beginning that is a person's to put right; on a feed that once ran it is the provider's, and is waited for.
    """

    code = "untrusted"


@contextmanager
def waiting_for_trust(*, has_run: bool) -> Iterator[None]:
    """Make a certificate that is not trusted something that passes, on a feed that has run.

    Raises:
        Unavailable: in place of `Untrusted`, if the feed has run.
    """
    try:
        yield
    except Untrusted as error:
        if not has_run:
            raise
        raise Unavailable(str(error)) from error


def retry_after_s(value: str | None, at: int, default_s: float) -> float:
    """Read a Retry-After header, seconds or a date (RFC 9110, 10.2.3); what cannot be read is the default."""
    if value is None:
        return default_s
    seconds = count_of(value)
    if seconds is not None:
        return float(min(seconds, 86_400))
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return default_s
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(moment.timestamp() - at / SECOND, 0.0), 86_400.0)


def count_of(value: str | None) -> int | None:
    """Read a header's count; some are written with decimals."""
    try:
        return None if value is None else max(int(float(value)), 0)
    except (ValueError, OverflowError):
        return None

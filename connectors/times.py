"""Times as providers write them."""

from datetime import UTC, datetime

from domain.errors import ContractViolation

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros_of(text: str) -> int:
    """Read an ISO 8601 time as microseconds UTC; a time without a zone is UTC.

    Raises:
        ContractViolation: the text is no time.
    """
    try:
        moment = datetime.fromisoformat(text)
        since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH
    except (ValueError, OverflowError) as error:
        raise ContractViolation(f"not an ISO 8601 time: {text[:40]!r}") from error
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds

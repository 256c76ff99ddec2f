"""How a ClickHouse failure is told apart: away, or at fault."""

import re

from clickhouse_connect.driver.exceptions import ClickHouseError

from domain.errors import BookstreamError, Misconfigured, MustStop, Unavailable


class HistoryUnavailable(Unavailable):
    """ClickHouse does not answer; the same call may succeed later."""

    code = "history_unavailable"


class HistoryLocked(Misconfigured):
    """Another process holds the embedded database of this data directory."""

    code = "history_locked"


class QueryFailed(BookstreamError):
    """ClickHouse answered that it will not do what was asked."""

    code = "query_failed"


# The server's codes for a passing state of its own: too many queries, timeouts, too many parts, memory, read-only.
PASSING = frozenset({159, 202, 209, 210, 241, 242, 252, 279, 425, 999})


_WHERE = re.compile(r"host='([^']+)', port=(\d+)")
_WHY = re.compile(r"\[Errno -?\d+\] ([\w ]+)")


def translate(error: Exception) -> BookstreamError:
    """Turn a driver's exception into ours: passing states and broken connections are HistoryUnavailable."""
    text = str(error).split("\n", maxsplit=1)[0][:500]
    if "EmbeddedServer" in text or "lock file" in text:
        return HistoryLocked(
            "another process holds the embedded history: history workers beside each other need BOOKSTREAM_CLICKHOUSE"
        )
    if isinstance(error, ClickHouseError) and (code := _server_code(text)) is not None and code not in PASSING:
        return QueryFailed(f"ClickHouse refused: {text}")
    if not isinstance(error, ClickHouseError | OSError):
        return MustStop(f"the ClickHouse client failed: {type(error).__name__}: {text}")
    return HistoryUnavailable(_away(text))


def _away(text: str) -> str:
    """Say in one sentence what the HTTP client says in many words."""
    where, why = _WHERE.search(text), _WHY.search(text)
    at = f" at {where[1]}:{where[2]}" if where else ""
    return f"ClickHouse{at} does not answer: {why[1] if why else text}"


def _server_code(text: str) -> int | None:
    marker = "Code: " if "Code: " in text else "code: "
    _, found, tail = text.partition(marker)
    digits = tail.split(".", maxsplit=1)[0].split(",", maxsplit=1)[0].strip()
    return int(digits) if found and digits.isdigit() else None

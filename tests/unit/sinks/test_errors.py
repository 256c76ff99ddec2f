"""What the drivers of ClickHouse raise, as one sentence of the right branch."""

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from domain.errors import BookstreamError, MustStop
from sinks.clickhouse.errors import HistoryLocked, HistoryUnavailable, QueryFailed, translate

REFUSED = (
    "Error HTTPConnectionPool(host='ch', port=8123): Max retries exceeded with url: /?query_id=1 (Caused by "
    "NewConnectionError(\"HTTPConnection(host='ch', port=8123): Failed to establish a new connection: [Errno 111] "
    'Connection refused")) executing HTTP request attempt 1 (http://ch:8123)'
)


@pytest.mark.parametrize(
    ("raised", "kind", "said"),
    [
        (OperationalError(REFUSED), HistoryUnavailable, "ClickHouse at ch:8123 does not answer: Connection refused"),
        (OperationalError("a time-out\nand more"), HistoryUnavailable, "ClickHouse does not answer: a time-out"),
        (
            DatabaseError("Code: 241. DB::Exception: memory"),
            HistoryUnavailable,
            "ClickHouse does not answer: Code: 241.",
        ),
        (DatabaseError("Code: 47. DB::Exception: no x"), QueryFailed, "ClickHouse refused: Code: 47."),
        (RuntimeError("Error initializing EmbeddedServer: ."), HistoryLocked, "another process holds the embedded"),
        (TypeError("x"), MustStop, "the ClickHouse client failed: TypeError: x"),
    ],
)
def test_a_drivers_error_is_told_by_what_happens_next(raised: Exception, kind: type, said: str) -> None:
    error = translate(raised)
    assert type(error) is kind
    assert isinstance(error, BookstreamError)
    assert str(error).startswith(said)

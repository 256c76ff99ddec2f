"""Questions to history, wherever it is: a server, the embedded engine, or the worker that holds it."""

from bookstream.settings import Settings
from sinks.clickhouse import loopback
from sinks.clickhouse.client import EMBEDDED, Answer, ClickHouse, embedded_dsn


def history_dsn(settings: Settings) -> str:
    """Return the address of history."""
    return settings.clickhouse or embedded_dsn(settings.data_dir)


def require_server(settings: Settings) -> None:
    """Check that a server answers, where one is set; the embedded engine is its worker's own.

    Raises:
        Misconfigured: the address is none.
        HistoryUnavailable: it does not answer.
    """
    if settings.clickhouse and not settings.clickhouse.startswith(EMBEDDED):
        ClickHouse(settings.clickhouse).close()


def ask(settings: Settings, sql: str) -> Answer:
    """Answer one read-only query.

    Raises:
        QueryFailed: the query is at fault.
        HistoryUnavailable: ClickHouse is away.
        HistoryLocked: another process holds the embedded engine and does not answer.
    """
    dsn = history_dsn(settings)
    if dsn.startswith(EMBEDDED):
        answer = loopback.ask(settings.data_dir, sql)
        if answer is not None:
            return answer
    database = ClickHouse(dsn)
    try:
        return database.ask(sql, read_only=True)
    finally:
        database.close()

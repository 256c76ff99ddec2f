"""One way to talk to ClickHouse, embedded or on a server: connect, migrate, insert, ask."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import clickhouse_connect

from domain.errors import Misconfigured
from sinks.clickhouse.errors import QueryFailed, translate

for _name in ("clickhouse_connect", "urllib3"):
    # They also log what they raise, and an error is told once.
    logging.getLogger(_name).setLevel(logging.CRITICAL)

EMBEDDED = "chdb://"
INSERT_SETTINGS = {
    "input_format_null_as_default": 1,
    "input_format_avro_null_as_default": 1,
    "input_format_skip_unknown_fields": 1,
    # A value of an older version lacks the columns that came later: they get their defaults.
    "input_format_avro_allow_missing_fields": 1,
    # One INSERT must become one part, so that it lands whole or not at all.
    "async_insert": 0,
    "max_insert_block_size": 10_000_000,
    "min_insert_block_size_rows": 10_000_000,
    "min_insert_block_size_bytes": 4 << 30,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a query: column names and rows."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


def embedded_dsn(data_dir: Path) -> str:
    """Return the address of the embedded database of a data directory."""
    return f"{EMBEDDED}/{(data_dir / 'history').absolute()}"


class ClickHouse:
    """A connection. Every failure is one of `sinks.clickhouse.errors`; no method retries."""

    def __init__(self, dsn: str) -> None:
        if not dsn.startswith((EMBEDDED, "clickhouse://", "clickhouses://", "http://", "https://")):
            raise Misconfigured(f"BOOKSTREAM_CLICKHOUSE must begin with clickhouse:// or {EMBEDDED}, not {dsn[:40]!r}")
        self.embedded = dsn.startswith(EMBEDDED)
        if self.embedded:
            Path(dsn.removeprefix(EMBEDDED)).mkdir(parents=True, exist_ok=True)
        try:
            self._client = clickhouse_connect.get_client(dsn=dsn)
        except Exception as error:
            raise translate(error) from error

    def ask(self, sql: str, parameters: dict[str, Any] | None = None, *, read_only: bool = False) -> Answer:
        """Run a query and return its rows.

        A server enforces `read_only` itself. The embedded engine would keep the setting for its whole session, so there
        the statement is looked at.
        """
        if read_only and self.embedded:
            _require_question(sql)
        settings = {"readonly": 2} if read_only and not self.embedded else None
        try:
            result = self._client.query(sql, parameters=parameters, settings=settings)
        except Exception as error:
            raise translate(error) from error
        return Answer(tuple(result.column_names), result.result_rows)

    def do(self, sql: str) -> None:
        """Run a statement that returns nothing."""
        try:
            self._client.command(sql)
        except Exception as error:
            raise translate(error) from error

    def insert_file(self, table: str, columns: Sequence[str], file: bytes, token: str) -> None:
        """Insert an Avro container file, whole or not at all; `token` lets a replicated server drop a repeat."""
        settings = {**INSERT_SETTINGS, "insert_deduplication_token": token}
        try:
            self._client.raw_insert(table, column_names=columns, insert_block=file, settings=settings, fmt="Avro")
        except Exception as error:
            raise translate(error) from error

    def insert_rows(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows by value."""
        try:
            self._client.insert(table, rows, column_names=columns)
        except Exception as error:
            raise translate(error) from error

    def columns(self, table: str) -> tuple[str, ...]:
        """Return a table's column names."""
        return tuple(row[0] for row in self.ask(f"DESCRIBE TABLE {table}").rows)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


QUESTION = re.compile(r"\s*(SELECT|WITH|SHOW|DESCRIBE|DESC|EXPLAIN|EXISTS)\b", re.IGNORECASE)
WRITES = re.compile(r"\bINTO\s+OUTFILE\b|\bINSERT\s+INTO\b", re.IGNORECASE)


def _require_question(sql: str) -> None:
    """Refuse whatever is not one question.

    Raises:
        QueryFailed: the statement would change something.
    """
    text = re.sub(r"'(?:[^'\\]|\\.)*'", "''", sql).rstrip().rstrip(";")
    if not QUESTION.match(text) or WRITES.search(text) or ";" in text:
        raise QueryFailed("history is read-only here: ask one SELECT, SHOW, DESCRIBE, EXISTS or EXPLAIN")


def migrate(database: ClickHouse) -> list[str]:
    """Apply the migrations that are not applied yet, in order, and return their names; safe to repeat.

    ClickHouse has no transactional DDL: each statement is recorded by itself, so a crash in the middle is gone on from.
    """
    database.do(
        "CREATE TABLE IF NOT EXISTS schema_migrations (name String, statement UInt16, applied_at DateTime64(3, 'UTC') "
        "DEFAULT now64(3)) ENGINE = ReplacingMergeTree ORDER BY (name, statement)"
    )
    done = {(str(row[0]), int(row[1])) for row in database.ask("SELECT name, statement FROM schema_migrations").rows}
    applied = []
    for name, text in _migrations():
        for number, statement in enumerate(_statements(text)):
            if (name, number) in done:
                continue
            _create(database, statement)
            database.insert_rows("schema_migrations", ("name", "statement"), [(name, number)])
            applied.append(f"{name}:{number}")
    return applied


def _create(database: ClickHouse, statement: str) -> None:
    # A crash between a statement and its record leaves the object: creating it again must not fail.
    for kind in ("TABLE", "VIEW"):
        statement = statement.replace(f"CREATE {kind} ", f"CREATE {kind} IF NOT EXISTS ", 1)
    database.do(statement)


def _migrations() -> list[tuple[str, str]]:
    folder = resources.files("sinks.clickhouse").joinpath("migrations")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return [(f.name, f.read_text()) for f in files]


def _statements(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
    return [part.strip() for part in "\n".join(lines).split(";") if part.strip()]

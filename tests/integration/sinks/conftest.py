"""One embedded engine for the test process: it cannot be opened twice, nor at two places."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sinks.clickhouse.client import ClickHouse, migrate


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    path: Path = tmp_path_factory.mktemp("history")
    database = ClickHouse(f"chdb:///{path}")
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def database(engine: ClickHouse) -> ClickHouse:
    for (table,) in engine.ask(
        "SELECT name FROM system.tables WHERE database = 'default' AND engine LIKE '%MergeTree'"
    ).rows:
        if table != "schema_migrations":
            engine.do(f"TRUNCATE TABLE {table}")
    return engine

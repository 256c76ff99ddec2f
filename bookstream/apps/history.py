"""The history context: every public topic into ClickHouse."""

from bookstream import codecs
from bookstream.apps.composing import compose_sink, prepared
from bookstream.history import history_dsn
from bookstream.topics import PUBLIC
from sinks.clickhouse.worker import HistoryContext


def _context() -> HistoryContext:
    given = prepared("history")
    return HistoryContext(
        {topic.name: topic.partitions for topic in PUBLIC},
        dsn=history_dsn(given),
        data_dir=given.data_dir,
        contracts=codecs,
        batch_rows=given.sink_batch_rows,
        batch_seconds=given.sink_batch_seconds,
    )


app = compose_sink("history", _context)

"""The history context: every public topic into ClickHouse."""

from bookstream import codecs
from bookstream.apps.composing import compose_sink, prepared
from bookstream.history import history_dsn
from bookstream.topics import PUBLIC
from sinks.clickhouse.worker import HistoryContext

_settings = prepared("history")

app = compose_sink(
    HistoryContext(
        {topic.name: topic.partitions for topic in PUBLIC},
        dsn=history_dsn(_settings),
        data_dir=_settings.data_dir,
        contracts=codecs,
        batch_rows=_settings.sink_batch_rows,
        batch_seconds=_settings.sink_batch_seconds,
    )
)

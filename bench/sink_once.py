"""One turn of the sink's bench, in a process of its own, since the embedded engine is one to a process.

python -m bench.sink_once --bootstrap HOST:PORT --rows N --data-dir DIR --result FILE (sink | bare)

`sink`: from Kafka by the history sink into ClickHouse, timed from the first fetch until everything is durable. `bare`:
the same rows, fetched, decoded and laid out in columns beforehand, inserted in batches of the same size.
"""

import argparse
import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import clickhouse_connect
import msgspec
from confluent_kafka import Message

from bench.bare import bare_consumer, fetched
from bookstream import codecs
from bookstream.delivery.api import Record
from bookstream.topics import ODDS
from domain.errors import BookstreamError
from domain.events.canonical import MarketOdds
from sinks.clickhouse.client import ClickHouse, embedded_dsn, migrate
from sinks.clickhouse.history import HistorySink
from sinks.clickhouse.tables import table_of

BATCH_ROWS = 20_000
"""As the worker's settings have it (BOOKSTREAM_SINK_BATCH_ROWS)."""

TABLE = table_of(ODDS.name).name


def batches(bootstrap: str, rows: int) -> Iterator[Sequence[Record]]:
    """Fetch so many ticks, in batches of one partition each."""
    consumer = bare_consumer(bootstrap, [ODDS.name])
    taken = 0
    while taken < rows:
        found: dict[int, list[Record]] = defaultdict(list)
        for message in fetched(consumer):
            if message.error() is None:
                record = _record(message)
                found[record.partition].append(record)
        for records in found.values():
            taken += len(records)
            yield records
    consumer.close()


def _record(message: Message) -> Record:
    return Record(
        ODDS.name, message.partition() or 0, message.offset() or 0, message.timestamp()[1],
        message.key(), message.value(),
    )  # fmt: skip


async def by_sink(database: ClickHouse, bootstrap: str, rows: int) -> float:
    """Take the ticks through the sink; return the seconds."""
    sink = HistorySink(database, codecs, batch_rows=BATCH_ROWS, batch_seconds=1.0)
    await sink.assigned([(ODDS.name, partition) for partition in range(ODDS.partitions)])
    running = asyncio.create_task(sink.run())
    began = time.perf_counter()
    adding = []
    source = batches(bootstrap, rows)
    while (batch := await asyncio.to_thread(next, source, None)) is not None:
        adding.append(asyncio.create_task(sink.add(ODDS.name, batch)))
        await asyncio.sleep(0)
    await sink.flush()
    await asyncio.gather(*adding)
    took = time.perf_counter() - began
    running.cancel()
    return took


def by_columns(dsn: str, bootstrap: str, rows: int) -> float:
    """Insert prebuilt columns; return the seconds of inserting alone."""
    records = [record for batch in batches(bootstrap, rows) for record in batch]
    laid_out = [_columns(records[at : at + BATCH_ROWS]) for at in range(0, len(records), BATCH_ROWS)]
    client = clickhouse_connect.get_client(dsn=dsn)
    began = time.perf_counter()
    for names, columns in laid_out:
        client.insert(TABLE, columns, column_names=names, column_oriented=True)
    took = time.perf_counter() - began
    client.close()
    return took


def _columns(records: Sequence[Record]) -> tuple[list[str], list[list[Any]]]:
    events = [msgspec.to_builtins(codecs.decode(MarketOdds, record.value or b"")) for record in records]
    names = list(events[0])
    columns = [[event[name] for event in events] for name in names]
    places = [
        [record.partition for record in records],
        [record.offset for record in records],
        [record.timestamp_ms for record in records],
    ]
    return ["_partition", "_offset", "_timestamp", *names], places + columns


class Turn(msgspec.Struct, frozen=True):
    """Rows a second, and a digest of all that is in the table: both ways must leave the same."""

    rate: float
    digest: int


def main() -> None:
    """Run one turn and write what came out."""
    parser = argparse.ArgumentParser(prog="python -m bench.sink_once")
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--result", type=Path, required=True)
    parser.add_argument("way", choices=("sink", "bare"))
    chosen = parser.parse_args()
    dsn = embedded_dsn(chosen.data_dir)
    database = ClickHouse(dsn)
    migrate(database)
    if chosen.way == "sink":
        took = asyncio.run(by_sink(database, chosen.bootstrap, chosen.rows))
    else:
        took = by_columns(dsn, chosen.bootstrap, chosen.rows)
    sql = (
        f"SELECT count(), countDistinct(_partition, _offset), groupBitXor(cityHash64(toString(tuple(*)))) FROM {TABLE}"  # noqa: S608 - a constant
    )
    count, distinct, digest = map(int, database.ask(sql).rows[0])
    if (count, distinct) != (chosen.rows, chosen.rows):
        raise BookstreamError(f"history has {count} rows, {distinct} of them distinct, not {chosen.rows}")
    chosen.result.write_bytes(msgspec.json.encode(Turn(chosen.rows / took, digest)))


if __name__ == "__main__":
    main()

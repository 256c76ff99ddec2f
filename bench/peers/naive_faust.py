"""Faust as its documentation shows it, doing the book's job: an agent, a table, one event at a time.

BENCH_KAFKA=HOST:PORT BENCH_GROUP=NAME BENCH_DIR=DIR faust -A bench.peers.naive_faust worker -l info
"""

import os
from collections.abc import Iterator

import faust

from agents.book import book_context
from bench.load import fixtures, values
from bookstream.delivery.api import Batch, Record
from bookstream.delivery.outbox import UnitOutbox
from bookstream.delivery.shard import RowShard
from bookstream.topics import FIXTURES, ODDS, PARTITIONS, QUOTES

app = faust.App(
    os.environ["BENCH_GROUP"],
    broker=f"kafka://{os.environ['BENCH_KAFKA']}",
    datadir=os.environ["BENCH_DIR"],
    store="rocksdb://",
    topic_partitions=PARTITIONS,
    consumer_auto_offset_reset="earliest",
    web_enabled=False,
)
ticks = app.topic(ODDS.name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
said = app.topic(QUOTES.name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
rows = app.Table("rows", default=dict, partitions=PARTITIONS)
handlers = book_context().handlers


class FixtureStore:
    """The rows of one fixture, which are one value of the table."""

    def __init__(self, found: dict[str, str]) -> None:
        self.found = found

    def get(self, key: bytes) -> bytes | None:
        """Return a row."""
        value = self.found.get(key.decode())
        return None if value is None else bytes.fromhex(value)

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Iterate over the rows that begin so."""
        start = prefix.decode()
        return ((key.encode(), bytes.fromhex(row)) for key, row in self.found.items() if key.startswith(start))


@app.agent(ticks)
async def book(stream: faust.StreamT[bytes]) -> None:
    """Price each tick."""
    async for event in stream.events():
        message, fixture_id = event.message, (event.message.key or b"").decode()
        found = dict(rows[fixture_id])
        shard, out = RowShard(message.partition, FixtureStore(found)), UnitOutbox(message.partition, PARTITIONS)
        if not found:
            known = next(values(fixtures([fixture_id]), 1))
            told = Record(FIXTURES.name, message.partition, 0, 0, known.key, known.value)
            handlers[FIXTURES.name](shard, Batch(FIXTURES.name, message.partition, [told]), out)
        record = Record(ODDS.name, message.partition, message.offset, 0, message.key, message.value)
        handlers[ODDS.name](shard, Batch(ODDS.name, message.partition, [record]), out)
        for key, row in shard.changes():
            if row is None:
                found.pop(key.decode(), None)
            else:
                found[key.decode()] = row.hex()
        rows[fixture_id] = found
        for sent in out.sent:
            await said.send(key=sent.key, value=sent.value, partition=sent.partition)

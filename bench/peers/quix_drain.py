# /// script
# requires-python = ">=3.11,<3.14"
# dependencies = ["quixstreams==3.28.0", "fastavro>=1.12", "msgspec>=0.20", "rapidfuzz>=3.14", "aiokafka==0.14.0",
#   "prometheus-client>=0.23"]
# ///
"""Quix Streams doing the book's job: the same handlers, decoders and rows, on Quix's own state.

uv run --script bench/peers/quix_drain.py --bootstrap HOST:PORT --group NAME --state-dir DIR

In an environment of its own: its pins exclude the project's. The project's rules come by PYTHONPATH. Each event's rows
are read from Quix's state and written to it, as Quix means it; its checkpoints are as often as it does by default.
"""

import argparse
from collections.abc import Iterator

from quixstreams import Application, State, message_context

from agents.book import book_context
from bench.load import fixtures, values
from bookstream.delivery.api import Batch, Record
from bookstream.delivery.outbox import UnitOutbox
from bookstream.delivery.shard import RowShard
from bookstream.topics import FIXTURES, ODDS, PARTITIONS, QUOTES


class StateStore:
    """Quix's state of one key as the store of a shard."""

    def __init__(self, state: State) -> None:
        self._state = state

    def get(self, key: bytes) -> bytes | None:
        """Return a value."""
        value: bytes | None = self._state.get_bytes(key.decode())
        return value

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Refuse: Quix's state cannot be scanned, and ticks need no scan."""
        raise NotImplementedError(f"a scan of {prefix!r}")


def job() -> object:
    """Return the function that Quix calls with each tick."""
    handlers = book_context().handlers
    known: set[bytes] = set()

    def quotes(value: bytes, key: bytes, _timestamp: int, _headers: object, state: State) -> list[bytes]:
        context = message_context()
        record = Record(ODDS.name, context.partition, context.offset, 0, key, value)
        shard = RowShard(context.partition, StateStore(state))
        out = UnitOutbox(context.partition, PARTITIONS)
        if key not in known:
            # The fixture itself, which the others read from its own topic: once for each of a few hundred keys.
            known.add(key)
            event = next(values(fixtures([key.decode()]), 1))
            told = Record(FIXTURES.name, context.partition, 0, 0, key, event.value)
            handlers[FIXTURES.name](shard, Batch(FIXTURES.name, context.partition, [told]), out)
        handlers[ODDS.name](shard, Batch(ODDS.name, context.partition, [record]), out)
        for name, row in shard.changes():
            if row is None:
                state.delete(name.decode())
            else:
                state.set_bytes(name.decode(), row)
        return [sent.value for sent in out.sent if sent.topic == QUOTES.name and sent.value is not None]

    return quotes


def main() -> None:
    """Take ticks until it is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--group", required=True)
    parser.add_argument("--state-dir", required=True)
    chosen = parser.parse_args()
    app = Application(
        broker_address=chosen.bootstrap, consumer_group=chosen.group, auto_offset_reset="earliest",
        state_dir=chosen.state_dir, loglevel="WARNING", producer_extra_config={"enable.idempotence": True},
    )  # fmt: skip
    ticks = app.topic(ODDS.name, key_deserializer="bytes", value_deserializer="bytes")
    said = app.topic(QUOTES.name, key_serializer="bytes", value_serializer="bytes")
    frame = app.dataframe(ticks).apply(job(), stateful=True, expand=True, metadata=True)
    frame.to_topic(said)
    app.run()


if __name__ == "__main__":
    main()

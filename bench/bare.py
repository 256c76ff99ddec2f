"""The bare loop: confluent-kafka, the book's own handlers, and dicts; nothing is durable but the quotes.

python -m bench.bare --bootstrap HOST:PORT --count N [--each-event]
"""

import argparse
import gc
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence

from confluent_kafka import Consumer, Message, Producer, TopicPartition

from agents.book import UNIT_RECORDS, book_context
from bench.each_event import each_event_context
from bookstream.delivery.api import Batch, Context, Record
from bookstream.delivery.memory import MemoryShard
from bookstream.delivery.outbox import UnitOutbox
from bookstream.delivery.unit import slices
from bookstream.topics import FIXTURES, ODDS, PARTITIONS

POLL_RECORDS = 4000


class BareBook:
    """The book on dicts of objects: no changelog, no commit, no recovery."""

    def __init__(self, context: Context, producer: Producer) -> None:
        self._context = context
        self._producer = producer
        self._shards = [MemoryShard(partition) for partition in range(PARTITIONS)]
        self.quotes = 0

    def take(self, messages: Sequence[Message]) -> int:
        """Handle what was fetched and produce what follows; return how many records it was."""
        by_place: dict[tuple[str, int], list[Record]] = defaultdict(list)
        for message in messages:
            if message.error() is None:
                record = _record(message)
                by_place[record.topic, record.partition].append(record)
        for (topic, partition), records in by_place.items():
            for unit in slices(records, UNIT_RECORDS):
                self._unit(topic, partition, unit)
        return sum(len(records) for records in by_place.values())

    def _unit(self, topic: str, partition: int, records: Sequence[Record]) -> None:
        shard, out = self._shards[partition], UnitOutbox(partition, PARTITIONS)
        self._context.handlers[topic](shard, Batch(topic, partition, records), out)
        # The rows stay objects in the shard's dict; nothing is encoded, nothing is stored.
        shard.settled()
        for sent in out.sent:
            self._producer.produce(sent.topic, sent.value, sent.key, sent.partition)
        self._producer.poll(0)
        self.quotes += len(out.sent)


def _record(message: Message) -> Record:
    return Record(
        message.topic() or "", message.partition() or 0, message.offset() or 0, message.timestamp()[1],
        message.key(), message.value(),
    )  # fmt: skip


def bare_consumer(bootstrap: str, topics: Iterable[str]) -> Consumer:
    """Return a consumer that is assigned everything and commits nothing."""
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "bare", "enable.auto.commit": False, "log_level": 0,
         "auto.offset.reset": "earliest", "fetch.wait.max.ms": 10}
    )  # fmt: skip
    consumer.assign([TopicPartition(topic, number, 0) for topic in topics for number in range(PARTITIONS)])
    return consumer


def fetched(consumer: Consumer) -> list[Message]:
    """Return what is there, as soon as anything is; nothing after a second."""
    first = consumer.poll(1.0)
    return [] if first is None else [first, *consumer.consume(POLL_RECORDS, timeout=0)]


def bare_producer(bootstrap: str) -> Producer:
    """Return a producer with the acknowledgements that the system asks for."""
    return Producer(
        {"bootstrap.servers": bootstrap, "acks": "all", "enable.idempotence": True, "linger.ms": 0, "log_level": 0,
         "queue.buffering.max.messages": 500_000}
    )  # fmt: skip


def main() -> None:
    """Take so many ticks and end; 0 runs until it is ended."""
    parser = argparse.ArgumentParser(prog="python -m bench.bare")
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--each-event", action="store_true")
    chosen = parser.parse_args()
    context = book_context()
    producer = bare_producer(chosen.bootstrap)
    book = BareBook(each_event_context(context) if chosen.each_event else context, producer)
    fixtures = bare_consumer(chosen.bootstrap, [FIXTURES.name])
    while book.take(fetched(fixtures)):
        pass
    fixtures.close()
    # As the worker of the book sets them.
    sys.setswitchinterval(0.0005)
    gc.set_threshold(50_000, 20, 50)
    gc.freeze()
    ticks = bare_consumer(chosen.bootstrap, [ODDS.name])
    print("ready", flush=True)
    taken = 0
    while taken < chosen.count or not chosen.count:
        taken += book.take(fetched(ticks))
    producer.flush(30)
    ticks.close()


if __name__ == "__main__":
    main()

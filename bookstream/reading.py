"""Read topics from their beginning to their end as it is now: for proofs, questions and pictures, never for agents."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from bookstream.clients import client
from bookstream.codecs import decode
from bookstream.delivery.api import Record
from domain.errors import Misconfigured, Unavailable
from domain.events.head import Event

E = TypeVar("E", bound=Event)

TIMEOUT_SECONDS = 10.0
NO_LEADER_YET = frozenset(
    {KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE, KafkaError.UNKNOWN_TOPIC_OR_PART}
)


def consumer(bootstrap: str, security: dict[str, str] | None = None, *, waits_ms: int = 500) -> Consumer:
    """Build a consumer that belongs to no group and commits nothing.

    `waits_ms` is how long the broker may hold back the answer to a fetch at the end of a partition.

    Raises:
        Misconfigured: a setting of `security` is not librdkafka's.
    """
    config = {
        "group.id": "bookstream-reader",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "earliest",
        "fetch.wait.max.ms": waits_ms,
    }
    return client(Consumer, bootstrap, security, config)


def watermarks(reader: Consumer, topics: Sequence[str]) -> dict[tuple[str, int], tuple[int, int]]:
    """Return the first and the next offset of every partition of the topics.

    Raises:
        Unavailable: the broker does not answer.
        Misconfigured: a topic does not exist.
    """
    try:
        known = reader.list_topics(timeout=TIMEOUT_SECONDS).topics
        missing = [topic for topic in topics if topic not in known]
        if missing:
            raise Misconfigured(f"no topic {', '.join(missing)}: run `bookstream topics apply`")
        return {
            (topic, partition): _offsets(reader, TopicPartition(topic, partition))
            for topic in topics
            for partition in known[topic].partitions
        }
    except KafkaException as error:
        raise Unavailable(f"the Kafka broker does not answer: {error.args[0].str()}") from error


def _offsets(reader: Consumer, place: TopicPartition) -> tuple[int, int]:
    """Ask for a partition's offsets; one whose topic was just made, or whose broker just began, has no leader yet."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while True:
        try:
            return reader.get_watermark_offsets(place, timeout=TIMEOUT_SECONDS)
        except KafkaException as error:
            if error.args[0].code() not in NO_LEADER_YET or time.monotonic() > deadline:
                raise
        time.sleep(0.1)


def read(bootstrap: str, topics: Sequence[str], security: dict[str, str] | None = None) -> Iterator[Record]:
    """Yield every record of the topics from the first to the last there is now; offset order in each partition."""
    reader = consumer(bootstrap, security)
    try:
        yield from _records(reader, watermarks(reader, topics))
    finally:
        reader.close()


class PartitionReader:
    """Reads partitions one after another, each from its first record to the last there is then, by one consumer.

    Use it as a context, and read a partition to its end before the next.
    """

    def __init__(self, bootstrap: str, security: dict[str, str] | None = None) -> None:
        # What was asked of the last partition's end is waited for before anything is asked of the next.
        self._consumer = consumer(bootstrap, security, waits_ms=10)

    def __enter__(self) -> "PartitionReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def __call__(self, topic: str, partition: int) -> Iterator[Record]:
        """Yield the records of a partition in offset order.

        Raises:
            Unavailable: the broker does not answer.
        """
        try:
            ends = {(topic, partition): _offsets(self._consumer, TopicPartition(topic, partition))}
        except KafkaException as error:
            raise Unavailable(f"the Kafka broker does not answer: {error.args[0].str()}") from error
        return _records(self._consumer, ends)


def _records(reader: Consumer, offsets: dict[tuple[str, int], tuple[int, int]]) -> Iterator[Record]:
    """Yield what lies between the offsets of each place."""
    ends = {place: high for place, (low, high) in offsets.items() if high > low}
    if ends:
        reader.assign([TopicPartition(topic, partition, 0) for topic, partition in ends])
    while ends:
        for message in reader.consume(5000, timeout=0.01):
            place = str(message.topic()), int(message.partition() or 0)
            error = message.error()
            if error is not None:
                if error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - librdkafka's public constant
                    raise Unavailable(f"reading {place[0]}: {error.str()}")
                # Compaction may have removed the last offsets: the end of the partition ends it too.
                ends.pop(place, None)
                continue
            if place not in ends:
                continue
            if (message.offset() or 0) >= ends[place] - 1:
                del ends[place]
            yield as_record(message)


def as_record(message: Any) -> Record:  # noqa: ANN401 - the stubs of confluent_kafka say less than its documentation
    """Return a message that is no error as a record."""
    return Record(
        message.topic(),
        message.partition(),
        message.offset(),
        message.timestamp()[1],
        message.key(),
        message.value(),
        tuple(message.headers() or ()),
    )


def events(
    bootstrap: str, topic: str, kind: type[E], security: dict[str, str] | None = None
) -> Iterator[tuple[Record, E]]:
    """Yield every record of a topic with its event."""
    for record in read(bootstrap, [topic], security):
        if record.value is not None:
            yield record, decode(kind, record.value)


def first(records: Iterator[Record], wanted: Callable[[Record], bool]) -> Record | None:
    """Return the first record that is wanted; None when there is none."""
    return next((record for record in records if wanted(record)), None)

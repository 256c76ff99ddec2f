"""What other ingest workers publish of fixtures, into this worker's directory: all there is before its first unit.

Every worker follows the compacted topics `fixtures` and `participants` from their beginning, in no group. Until a
worker has read to their ends it takes no input, so a restarted one knows what is known; after that a thread follows,
and what it reads enters the directory in the thread that runs the handlers, at the start of a unit.
"""

import logging
import threading
import time
from dataclasses import replace
from queue import Empty, Full, Queue
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from bookstream.codecs import decode
from bookstream.delivery.api import Batch, Context, Handler, Outbox, Shard
from bookstream.reading import consumer, watermarks
from bookstream.topics import FIXTURES, PARTICIPANTS
from domain.errors import MustStop, RejectedInput, Unavailable
from domain.events.canonical import Fixture, Participant
from domain.identity.directory import FixtureDirectory

KINDS: Final[dict[str, type[Fixture] | type[Participant]]] = {FIXTURES.name: Fixture, PARTICIPANTS.name: Participant}
MOST_WAITING: Final = 20_000
"""Events that wait for a unit; beyond them the thread waits, since a worker without partitions runs no units."""
READ_SECONDS: Final = 60.0
POLL_SECONDS: Final = 0.2

log = logging.getLogger(__name__)


class DirectoryReader:
    """Feeds a directory from the topics that all ingest workers publish to.

    A broker that goes away while it follows is waited for; meanwhile the worker knows what it knew.
    """

    def __init__(self, bootstrap: str, directory: FixtureDirectory, security: dict[str, str] | None = None) -> None:
        self.directory = directory
        self._bootstrap = bootstrap
        self._security = security
        self._waiting: Queue[Fixture | Participant] = Queue(MOST_WAITING)
        self._stopped = threading.Event()
        self._failure: Exception | None = None
        self._thread: threading.Thread | None = None

    def start(self, *, seconds: float = READ_SECONDS) -> None:
        """Read to the present ends into the directory, in this thread, and go on in another. Idempotent.

        Raises:
            Unavailable: the broker does not answer, or did not give everything in time.
            Misconfigured: a topic does not exist.
        """
        if self._thread is not None:
            return
        client = consumer(self._bootstrap, self._security)
        try:
            self._read_to_end(client, seconds)
        except BaseException:
            client.close()
            raise
        self._thread = threading.Thread(target=self._follow, args=(client,), name="directory-reader", daemon=True)
        self._thread.start()

    def drain(self) -> int:
        """Take what was read since the last time into the directory, and return how much that was.

        Only for the thread that runs the handlers.

        Raises:
            MustStop: the topics are not read any more.
        """
        if self._failure is not None:
            raise MustStop(f"{' and '.join(KINDS)} are not read any more: {self._failure}") from self._failure
        taken = 0
        while True:
            try:
                self.directory.feed(self._waiting.get_nowait())
            except Empty:
                return taken
            taken += 1

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _read_to_end(self, client: Consumer, seconds: float) -> None:
        places = watermarks(client, tuple(KINDS))
        left = {place for place, (low, high) in places.items() if high > low}
        client.assign([TopicPartition(topic, partition, low) for (topic, partition), (low, _) in places.items()])
        deadline = time.monotonic() + seconds
        while left:
            if time.monotonic() > deadline:
                raise Unavailable(f"{' and '.join(KINDS)} could not be read to their ends in {seconds:g} s")
            for message in client.consume(2000, timeout=POLL_SECONDS):
                error = message.error()
                if error is None:
                    event = _event(message)
                    if event is not None:
                        self.directory.feed(event)
                elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - librdkafka's public constant
                    left.discard((str(message.topic()), int(message.partition() or 0)))
                elif error.fatal():
                    raise Unavailable(f"reading the known fixtures: {error.str()}")

    def _follow(self, client: Consumer) -> None:
        try:
            while not self._stopped.is_set():
                for message in client.consume(500, timeout=POLL_SECONDS):
                    self._hear(message)
        except Exception as error:  # noqa: BLE001 - told to the handlers' thread, which stops the process
            self._failure = error
        finally:
            client.close()

    def _hear(self, message: Any) -> None:  # noqa: ANN401 - the stubs of confluent_kafka say less than its documentation
        error = message.error()
        if error is not None:
            if error.fatal():
                raise KafkaException(error)
            return  # the end for now, or a broker that is away: librdkafka connects again by itself
        event = _event(message)
        while event is not None and not self._stopped.is_set():
            try:
                self._waiting.put(event, timeout=POLL_SECONDS)
            except Full:
                continue
            return


def fed(context: Context, reader: DirectoryReader) -> Context:
    """Return the context with handlers that first take in what other workers have published."""

    def feeding(handler: Handler) -> Handler:
        def handle(shard: Shard, batch: Batch, out: Outbox) -> None:
            reader.drain()
            handler(shard, batch, out)

        return handle

    return replace(context, handlers={topic: feeding(handler) for topic, handler in context.handlers.items()})


def _event(message: Any) -> Fixture | Participant | None:  # noqa: ANN401
    """Decode a record; one that was deleted, or that this version cannot read, adds nothing to the directory."""
    value = message.value()
    if value is None:
        return None
    try:
        return decode(KINDS[message.topic()], value)
    except RejectedInput as error:
        log.warning("%s/%s at offset %s: %s", message.topic(), message.partition(), message.offset(), error)
        return None

"""Send events to their topics from outside of the agents: connectors, customers, traders, tests."""

from collections.abc import Iterable

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from bookstream.clients import client
from bookstream.codecs import encode
from bookstream.topics import BY_NAME, LARGEST_BYTES, PARTITIONS
from domain.errors import Unavailable
from domain.events.head import Event
from domain.events.trace import Headers

FLUSH_SECONDS = 30.0


class Outlet:
    """An idempotent producer of events; a failed delivery raises at the next call, never passes in silence.

    Making one raises Misconfigured where a setting of `security` is not librdkafka's.
    """

    def __init__(self, bootstrap: str, security: dict[str, str] | None = None, *, linger_ms: float = 2) -> None:
        config = {
            "enable.idempotence": True,
            "acks": "all",
            "partitioner": "murmur2_random",
            "linger.ms": linger_ms,
            "message.max.bytes": LARGEST_BYTES,
            "delivery.timeout.ms": 30_000,
        }
        self._producer = client(Producer, bootstrap, security, config)
        self._failure: KafkaError | None = None
        self.sent = 0

    def send(self, topic: str, event: Event, headers: Headers = ()) -> None:
        """Send an event under the key that its topic declares, to every partition where the topic is a broadcast."""
        declared = BY_NAME[topic]
        key = str(getattr(event, declared.key)).encode()
        value = encode(event)
        partitions: Iterable[int] = range(PARTITIONS) if declared.broadcast else (-1,)
        for partition in partitions:
            self._produce(topic, key, value, partition, headers)

    def flush(self) -> None:
        """Wait until everything sent is acknowledged.

        Raises:
            Unavailable: the broker refused a record or did not answer in time.
        """
        left = self._producer.flush(FLUSH_SECONDS)
        self._raise_failure()
        if left:
            raise Unavailable(f"the Kafka broker acknowledged all but {left} records in {FLUSH_SECONDS:.0f} s")

    def _produce(self, topic: str, key: bytes, value: bytes, partition: int, headers: Headers) -> None:
        self._raise_failure()
        while True:
            try:
                self._producer.produce(topic, value, key, partition, headers=list(headers), on_delivery=self._delivered)
            except BufferError:
                # The local queue is full: wait for acknowledgements, and so slow the sender down.
                self._producer.poll(0.1)
            except KafkaException as error:
                raise Unavailable(f"sending to {topic}: {error.args[0].str()}") from error
            else:
                self._producer.poll(0)
                self.sent += 1
                return

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            self._failure = error

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise Unavailable(f"the Kafka broker refused a record: {self._failure.str()}")

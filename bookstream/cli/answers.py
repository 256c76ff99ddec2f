"""Wait for the house's answers to a customer: on the customer's partition of their topics, from now on."""

import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaError, TopicPartition

from bookstream.codecs import decode, encode
from bookstream.delivery.api import Record
from bookstream.partitioner import partition_for
from bookstream.proof.letters import header
from bookstream.reading import as_record, consumer, watermarks
from bookstream.topics import BET_DECISIONS, DEAD_LETTERS, PARTITIONS
from domain.errors import Misconfigured, Unavailable
from domain.events.betting import BetDecision, BetRequest, bet_key

TOPICS = (BET_DECISIONS.name, DEAD_LETTERS.name)
"""Both have a customer's answers in the partition of the customer's id."""


class Answers:
    """Listens from when it is entered: what is asked after that has its answer here, also when it was asked before."""

    def __init__(
        self, bootstrap: str, customer_id: str, security: dict[str, str], topics: Sequence[str] = TOPICS
    ) -> None:
        self._client = consumer(bootstrap, security)
        self._topics = topics
        self._partition = partition_for(customer_id.encode(), PARTITIONS)

    def __enter__(self) -> Self:
        """Begin to listen.

        Raises:
            Unavailable: the broker does not answer.
            Misconfigured: there is no such topic.
        """
        try:
            ends = watermarks(self._client, self._topics)
            places = [(topic, self._partition) for topic in self._topics]
            self._client.assign([TopicPartition(*place, ends[place][1]) for place in places])
        except BaseException:
            self._client.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Listen no more."""
        self._client.close()

    def wait(self, request: BetRequest, seconds: float) -> BetDecision:
        """Return the decision on a bet of this customer.

        Raises:
            Misconfigured: the bet became a dead letter; the text says why.
            Unavailable: no answer came in time.
        """
        bet_id = request.bet_id
        key, sent = bet_key(request.customer_id, bet_id).encode(), encode(request)
        for record in self.records(seconds):
            if record.topic == DEAD_LETTERS.name and record.value == sent:
                raise Misconfigured(f"the bet was not taken: {header(record, 'exception.message')}")
            if record.topic == BET_DECISIONS.name and record.key == key and record.value is not None:
                return decode(BetDecision, record.value)
        raise Unavailable(f"bet {bet_id} was sent, but no decision came within {seconds:g} s: are the workers running?")

    def records(self, seconds: float) -> Iterator[Record]:
        """Yield what is said to the customer, and to others of the partition, for so long.

        Raises:
            Unavailable: the broker does not answer.
        """
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            message = self._client.poll(left)
            if message is None:
                continue
            error = message.error()
            if error is not None and error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - a public constant
                raise Unavailable(f"waiting for an answer: {error.str()}")
            if error is None:
                yield as_record(message)

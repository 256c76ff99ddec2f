"""Wait for the house's answer to a bet: its customer's partition of the decisions, from where it ended before."""

import time
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaError, TopicPartition

from bookstream.codecs import decode
from bookstream.partitioner import partition_for
from bookstream.reading import consumer, watermarks
from bookstream.topics import BET_DECISIONS, PARTITIONS
from domain.errors import Unavailable
from domain.events.betting import BetDecision, bet_key


class Answers:
    """Listens from when it is entered: what is asked after that has its answer here, also when it was asked before."""

    def __init__(self, bootstrap: str, customer_id: str, security: dict[str, str]) -> None:
        self._client = consumer(bootstrap, security)
        self._partition = partition_for(customer_id.encode(), PARTITIONS)
        self._customer_id = customer_id

    def __enter__(self) -> Self:
        """Begin to listen.

        Raises:
            Unavailable: the broker does not answer.
            Misconfigured: there is no such topic.
        """
        try:
            _, end = watermarks(self._client, [BET_DECISIONS.name])[BET_DECISIONS.name, self._partition]
            self._client.assign([TopicPartition(BET_DECISIONS.name, self._partition, end)])
        except BaseException:
            self._client.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Listen no more."""
        self._client.close()

    def wait(self, bet_id: str, seconds: float) -> BetDecision:
        """Return the decision on a bet of this customer.

        Raises:
            Unavailable: none came in time.
        """
        key, deadline = bet_key(self._customer_id, bet_id).encode(), time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            message = self._client.poll(left)
            if message is None:
                continue
            error = message.error()
            if error is not None and error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - a public constant
                raise Unavailable(f"waiting for the decision: {error.str()}")
            value = None if error else message.value()
            if value is not None and message.key() == key:
                return decode(BetDecision, value)
        raise Unavailable(f"bet {bet_id} was sent, but no decision came within {seconds:g} s: are the workers running?")

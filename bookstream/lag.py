"""How far the workers are behind: what was appended to their inputs, less what they committed."""

import time

from confluent_kafka import KafkaException, TopicPartition

from bookstream.proof.tables import INPUTS
from bookstream.reading import TIMEOUT_SECONDS, consumer, watermarks
from domain.errors import Unavailable

Lag = dict[tuple[str, str, int], int]
"""Records that are not handled yet, by context, topic and partition; places where nothing waits are left out."""

GROUPS = {state.removesuffix("-state-changelog"): topics for state, topics in INPUTS.items()}


def lag(bootstrap: str, security: dict[str, str] | None = None) -> Lag:
    """Return what the stateful contexts have not handled.

    Raises:
        Unavailable: the broker does not answer.
    """
    behind: Lag = {}
    for context, topics in GROUPS.items():
        client = consumer(bootstrap, {**(security or {}), "group.id": f"bookstream-{context}"})
        try:
            ends = {
                place: end for place, end in watermarks(client, [t.name for t in topics]).items() if end[1] > end[0]
            }
            committed = client.committed([TopicPartition(*place) for place in ends], timeout=TIMEOUT_SECONDS)
        except KafkaException as error:
            raise Unavailable(f"the Kafka broker does not answer: {error.args[0].str()}") from error
        finally:
            client.close()
        for each in committed:
            low, high = ends[each.topic, each.partition]
            if waiting := high - max(each.offset, low):
                behind[context, each.topic, each.partition] = waiting
    return behind


def wait_until_handled(bootstrap: str, *, timeout_seconds: float) -> Lag:
    """Wait until nothing waits for a worker, and return what still does when the time is over."""
    deadline = time.monotonic() + timeout_seconds
    while True:
        try:
            behind = lag(bootstrap)
        except Unavailable:
            if time.monotonic() > deadline:
                raise
        else:
            if not behind or time.monotonic() > deadline:
                return behind
        time.sleep(0.5)

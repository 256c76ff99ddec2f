"""Where a provider's stream stands, kept in a file: so that another process goes on there, without gap or repetition.

The file is written after what it says is acknowledged. A process that was killed in between left messages in the topic
that the file does not know of; `recovered` finds them, since a sequence number must never be given twice.
"""

from pathlib import Path
from typing import Final

import msgspec
from confluent_kafka import KafkaException, TopicPartition

from bookstream.codecs import decode
from bookstream.partitioner import partition_for
from bookstream.reading import TIMEOUT_SECONDS, consumer, watermarks
from bookstream.topics import FEED_STATUS, PARTITIONS, raw_topic
from connectors.contract import Position
from domain.errors import Misconfigured, Unavailable
from domain.events.feeds import RawMessage

MARGIN_MS: Final = 60_000
"""Clocks of this machine and of the one before it may differ by so much."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A position, what was subscribed to, and when it was so (`saved_at`, microseconds UTC).

    A position belongs to its subscription: the provider goes on only with what was asked for.
    """

    subscription: str
    stream_id: str
    next_sequence: int
    tokens: tuple[str, ...]
    saved_at: int

    @property
    def position(self) -> Position:
        """Return the connector's part of it."""
        return Position(self.stream_id, self.next_sequence, self.tokens)


def save(path: Path, place: Place) -> None:
    """Write a place, whole or not at all.

    Raises:
        Unavailable: the disk is full, or does not take it; the place before stays.
    """
    partial = path.with_suffix(".partial")
    try:
        partial.write_bytes(msgspec.json.encode(place))
        partial.replace(path)
    except OSError as error:
        raise Unavailable(f"the feed's place cannot be kept in {path}: {error.strerror}") from error


def load(path: Path) -> Place | None:
    """Read the place that was last saved; None when there is none.

    Raises:
        Misconfigured: the file is none of ours.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Place)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Misconfigured(f"{path} does not tell where the feed stands: {error}; remove it to begin anew") from error


def place_to_go_on_from(
    bootstrap: str, provider: str, saved: Place | None, subscription: str, security: dict[str, str] | None = None
) -> Position | None:
    """Return where a feed goes on; None begins a new stream: nothing was saved, or of another subscription.

    Raises:
        Unavailable: the broker does not answer.
        Misconfigured: the feed's topic does not exist.
    """
    if saved is None or saved.subscription != subscription:
        check(bootstrap, provider, security)
        return None
    return recovered(bootstrap, provider, saved, security)


def check(bootstrap: str, provider: str, security: dict[str, str] | None = None) -> None:
    """Check that the broker answers and has the feed's topics; raises like `recovered`."""
    client = consumer(bootstrap, security)
    try:
        watermarks(client, [raw_topic(provider), FEED_STATUS.name])
    finally:
        client.close()


def recovered(bootstrap: str, provider: str, place: Place, security: dict[str, str] | None = None) -> Position:
    """Return the place after the last message of the stream that is in its topic; at least the saved one.

    The provider's sequence of a message is its last token, where it has tokens.

    Raises:
        Unavailable: the broker does not answer.
        Misconfigured: there is no such topic.
    """
    position = place.position
    topic, partition = raw_topic(provider), partition_for(place.stream_id.encode(), PARTITIONS)
    client = consumer(bootstrap, security)
    try:
        _, end = watermarks(client, [topic])[topic, partition]
        since = TopicPartition(topic, partition, max(place.saved_at // 1000 - MARGIN_MS, 0))
        (start,) = client.offsets_for_times([since], timeout=TIMEOUT_SECONDS)
        offset = start.offset if start.offset >= 0 else end
        client.assign([TopicPartition(topic, partition, offset)])
        while offset < end:
            message = client.poll(TIMEOUT_SECONDS)
            if message is None:
                raise Unavailable(f"{topic}/{partition} could not be read to its end")
            if message.error() is not None:
                break  # the end, though its last offsets hold no record
            offset = (message.offset() or 0) + 1
            if message.key() == place.stream_id.encode() and message.value() is not None:
                position = _after(position, decode(RawMessage, message.value() or b""))
    except KafkaException as error:
        raise Unavailable(f"the Kafka broker does not answer: {error.args[0].str()}") from error
    finally:
        client.close()
    return position


def _after(position: Position, message: RawMessage) -> Position:
    if message.stream_sequence < position.next_sequence:
        return position
    tokens = position.tokens
    if tokens and message.provider_sequence:
        tokens = (*tokens[:-1], message.provider_sequence)
    return Position(position.stream_id, message.stream_sequence + 1, tokens)

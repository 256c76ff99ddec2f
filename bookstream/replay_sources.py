"""What a replay reads: recorded files of any providers, and raw topics of another cluster, as messages."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

import connectors
from bookstream.codecs import decode
from bookstream.delivery.api import Record
from bookstream.reading import PartitionReader, consumer, watermarks
from bookstream.replaying import in_order, merged
from bookstream.topics import PARTITIONS, PROVIDERS, raw_topic
from domain.errors import Misconfigured, RejectedInput
from domain.events.feeds import RawMessage

KAFKA: Final = "kafka://"


class Recording(NamedTuple):
    """A recorded file of a provider."""

    provider: str
    path: Path


class RawTopic(NamedTuple):
    """A provider's raw topic at a Kafka address."""

    address: str
    topic: str


ReplaySource = Recording | RawTopic


def parse(words: Sequence[str]) -> list[ReplaySource]:
    """Read sources as people write them: PROVIDER FILE…, PROVIDER:FILE, kafka://HOST:PORT/TOPIC.

    A provider by itself is that of the plain files after it.

    Raises:
        Misconfigured: a word is none of these, a file is not there, or nothing is named.
    """
    found: list[ReplaySource] = []
    provider = ""
    for word in words:
        prefix, _, rest = word.partition(":")
        if word.startswith(KAFKA):
            found.append(_raw_topic(word))
        elif word in connectors.PROVIDERS and not Path(word).is_file():
            provider = word
        elif rest and prefix in connectors.PROVIDERS:
            found.append(Recording(prefix, _file(rest)))
        elif provider:
            found.append(Recording(provider, _file(word)))
        else:
            connectors.by_name(prefix)
            raise Misconfigured(f"{word!r} names a file of no provider: write PROVIDER FILE… or PROVIDER:FILE")
    if not found:
        raise Misconfigured("nothing is named to replay")
    return found


def messages(source: ReplaySource, damages: list[str], lateness_us: int) -> Iterator[RawMessage]:
    """Yield a source's messages in event time, and note what of it cannot be read.

    A file that is damaged ends there. In a topic one record is left out, and the next one is read.

    Raises:
        Unavailable, Misconfigured: the broker does not answer, or has no such topic.
    """
    if isinstance(source, Recording):
        yield from _readable(connectors.by_name(source.provider).recorded(source.path), damages)
        return
    with ExitStack() as stack:
        reader = consumer(source.address)
        stack.callback(reader.close)
        watermarks(reader, [source.topic])
        partitions = []
        for partition in range(PARTITIONS):
            read = stack.enter_context(PartitionReader(source.address))
            decoded = _decoded(read(source.topic, partition), damages)
            partitions.append(in_order(decoded, lateness_us))
        yield from merged(partitions)


def _raw_topic(word: str) -> RawTopic:
    address, _, topic = word.removeprefix(KAFKA).partition("/")
    known = [raw_topic(provider) for provider in PROVIDERS]
    if not address or topic not in known:
        raise Misconfigured(f"{word!r} is no kafka://HOST:PORT/TOPIC with a topic of {', '.join(known)}")
    return RawTopic(address, topic)


def _file(name: str) -> Path:
    path = Path(name)
    if not path.is_file():
        raise Misconfigured(f"{name!r} does not exist, or is no file")
    return path


def _decoded(records: Iterable[Record], damages: list[str]) -> Iterator[RawMessage]:
    for record in records:
        try:
            yield decode(RawMessage, record.value or b"")
        except RejectedInput as damage:
            damages.append(f"{record.topic}/{record.partition} at offset {record.offset}: {damage}")


def _readable(found: Iterable[RawMessage], damages: list[str]) -> Iterator[RawMessage]:
    """Yield a recording's messages as far as it can be read, and note why no further."""
    try:
        yield from found
    except RejectedInput as damage:
        damages.append(f"{damage}; what comes before was replayed")

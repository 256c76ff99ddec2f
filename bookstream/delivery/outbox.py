"""A unit's outputs: collected by the handler, stored with its rows, then sent."""

from typing import NamedTuple

import msgspec

from bookstream.delivery.api import Headers
from bookstream.partitioner import partition_for

Place = tuple[str, int]
"""A topic and a partition of it."""


class Sent(NamedTuple):
    """One output with its place decided."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class UnitOutbox:
    """Collects a unit's outputs in the order in which they were sent.

    Args:
        partition: the shard's; outputs without key and partition go there, which is as good as any.
        partitions: how many every output topic has.
    """

    def __init__(self, partition: int, partitions: int) -> None:
        self._partition = partition
        self._partitions = partitions
        self.sent: list[Sent] = []

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        *,
        partition: int | None = None,
        headers: Headers = (),
    ) -> None:
        """Collect a record."""
        if partition is None:
            partition = self._partition if key is None else partition_for(key, self._partitions)
        self.sent.append(Sent(topic, partition, key, value, headers))


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[tuple[str, int, bytes | None, bytes | None, list[tuple[str, bytes]]]])


def pack(outputs: list[Sent]) -> bytes:
    """Encode outputs as the value of the outbox row."""
    return _encoder.encode(outputs)


def unpack(value: bytes) -> list[Sent]:
    """Decode the outbox row: byte for byte what was packed."""
    return [Sent(*fields) for fields in _decoder.decode(value)]

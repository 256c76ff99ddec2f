"""Which partition a key belongs to: Java's murmur2, as from every other client."""

from functools import lru_cache

from aiokafka.partitioner import murmur2


@lru_cache(maxsize=100_000)
def partition_for(key: bytes, partitions: int) -> int:
    """Return the partition of a key among `partitions`, as Kafka's Java clients and librdkafka's murmur2 choose it."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)

"""Partitions are those of Kafka's Java client, whose own test vectors these are."""

import pytest
from aiokafka.partitioner import murmur2

from bookstream.partitioner import partition_for


@pytest.mark.parametrize(
    ("key", "hashed"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_keys_hash_as_in_java(key: bytes, hashed: int) -> None:
    """UtilsTest.testMurmur2 of apache/kafka."""
    assert murmur2(key) & 0xFFFFFFFF == hashed & 0xFFFFFFFF
    assert partition_for(key, 8) == (hashed & 0x7FFFFFFF) % 8


def test_keys_spread_over_all_partitions() -> None:
    counts = [0] * 8
    for number in range(8_000):
        counts[partition_for(f"fx-{number:016x}".encode(), 8)] += 1
    assert min(counts) > 850

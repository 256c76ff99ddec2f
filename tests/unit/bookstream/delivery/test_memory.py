"""The drivers in memory keep the same contract."""

import msgspec

from bookstream.delivery.api import Batch, Context, Outbox, Rows, Shard
from bookstream.delivery.memory import MemoryLog
from bookstream.partitioner import partition_for


class Count(msgspec.Struct):
    """A row."""

    seen: int = 0


COUNTS = Rows("count", Count)


def count(shard: Shard, batch: Batch, out: Outbox) -> None:
    for record in batch.records:
        key = (record.key or b"").decode()
        row = shard.get(COUNTS, key) or Count()
        row.seen += 1
        shard.put(COUNTS, key, row)
        out.send("counted", record.key, b"%d" % row.seen, headers=record.headers)


def double(shard: Shard, batch: Batch, out: Outbox) -> None:
    for record in batch.records:
        out.send("doubled", record.key, b"%d" % (2 * int(record.value or b"0")), partition=shard.partition)


COUNTING = Context("counting", 4, {"in": count}, "counting-state", [COUNTS])
DOUBLING = Context("doubling", 4, {"counted": double}, "doubling-state", [])


def test_contexts_run_until_nothing_is_left_to_do() -> None:
    log = MemoryLog([COUNTING, DOUBLING], partitions=4, batch_records=2)
    for number in range(10):
        log.send("in", b"k%d" % (number % 3), b"", headers=[("number", b"%d" % number)])
    assert log.run() > 5
    assert log.run() == 0
    assert sorted(record.value or b"" for record in log.records("doubled")) == sorted(
        b"%d" % (2 * seen) for seen in (1, 2, 3, 4, 1, 2, 3, 1, 2, 3)
    )
    for record in log.records("counted"):
        assert record.partition == partition_for(record.key or b"", 4)
    headers = [dict(record.headers)["number"] for record in log.records("counted") if record.key == b"k0"]
    assert headers == [b"0", b"3", b"6", b"9"], "offset order in a partition"


def test_rows_of_a_shard_can_be_read_after_a_run() -> None:
    log = MemoryLog([COUNTING], partitions=4)
    for _ in range(3):
        log.send("in", b"k", b"", partition=2)
        log.run()
    assert log.shard("counting", 2).reopened().get(COUNTS, "k") == Count(3)

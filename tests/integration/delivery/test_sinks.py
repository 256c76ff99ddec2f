"""A context that writes elsewhere: offsets follow what is durable there."""

import random
import time
from collections.abc import Callable
from typing import Any

import pytest

from bookstream.partitioner import partition_for

pytestmark = [pytest.mark.broker, pytest.mark.slow]

Jobs = Callable[..., Any]


def test_a_sink_that_is_killed_has_every_record_once(jobs: Jobs) -> None:
    job = jobs()
    instants = random.Random(11)
    worker = job.sink()
    for _ in range(3):
        job.put([1] * 3_000)
        time.sleep(instants.uniform(1.5, 3.0))
        worker.kill()
        worker = job.sink()
    job.drained()
    assert worker.ready().stop() == 0, worker.text[-2000:]
    values = [line.split(" ")[3] for line in (job.directory / "durable").read_text(encoding="utf-8").splitlines()]
    assert sorted(values) == sorted(f"{name}:{amount}" for name, (_, amount) in job.amounts.items())


def test_nothing_is_committed_past_a_batch_that_is_not_durable(jobs: Jobs) -> None:
    job = jobs()
    worker = job.sink(SINK_HOLD="held")
    job.put([1] * 40)
    job.drained()
    job.send("held:1", key="k0")
    time.sleep(0.5)
    job.put([1] * 40)
    held = partition_for(b"k0", job.partitions)
    others = sum(partition_for(key.encode(), job.partitions) != held for key, _ in job.amounts.values()) // 2
    job.until(lambda: job.committed() == 40 + others, "the other partitions go on")
    time.sleep(0.6)
    assert job.committed() == 40 + others, "the partition of the held batch stays where it is"
    worker.kill()
    job.sink()
    job.until(lambda: job.committed() == 81, "after a restart without the hold")

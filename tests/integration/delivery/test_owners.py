"""Several workers, paused workers, dead brokers: one writer for each shard at any time."""

import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.errors import MustStop
from ops.broker import Broker

pytestmark = [pytest.mark.broker, pytest.mark.slow]

Jobs = Callable[..., Any]


def test_a_worker_paused_past_its_session_is_fenced(jobs: Jobs) -> None:
    """The zombie wakes with units in hand: the broker refuses its rows, and nothing of them appears."""
    job = jobs()
    job.put([random.Random(3).randrange(100) for _ in range(40_000)])
    zombie = job.worker(JOB_UNIT="20").ready()
    job.until(lambda: job.size("out") > 1_000, "the first units are done")
    zombie.signal(signal.SIGSTOP)
    job.worker("w2").ready()
    job.until(lambda: job.size("out") > 39_000, "the second worker has taken over")
    zombie.signal(signal.SIGCONT)
    assert zombie.ended() == MustStop.exit_code
    assert "ProducerFenced" in zombie.text
    job.put([1] * 500)
    job.drained()
    job.check()


def test_partitions_move_between_workers_that_join_die_and_come_back(jobs: Jobs) -> None:
    job = jobs()
    amounts = random.Random(5)

    def more() -> None:
        job.put([amounts.randrange(100) for _ in range(4_000)])

    more()
    first = job.worker("w1").ready()
    more()
    second = job.worker("w2").ready()
    more()
    time.sleep(0.5)
    first.kill()
    more()
    job.until(lambda: job.committed() == 16_000, "the second worker has everything")
    more()
    first = job.worker("w1").ready()
    more()
    second.kill()
    job.drained()
    assert first.stop() == 0
    job.check()


def test_a_broker_that_is_killed_and_started_again_loses_nothing(jobs: Jobs, tmp_path: Path) -> None:
    with Broker(tmp_path / "kafka", ephemeral=True) as broker:
        job = jobs("-own", bootstrap=broker.bootstrap)
        worker = job.worker().ready()
        job.put([1] * 3_000)
        broker.kill()
        time.sleep(0.5)
        broker.start()
        job.put([1] * 3_000)
        job.until(lambda: job.committed() == len(job.amounts) or not job.alive, "drained", 90)
        if worker.process.poll() is not None:
            # Its watchdog may end it, when aiokafka does not find the coordinator again.
            assert worker.process.poll() == MustStop.exit_code
            job.worker().ready()
        job.drained()
        job.check()
        job.end()

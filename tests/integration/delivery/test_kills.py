"""SIGKILL at any instant: nothing lost, nothing counted twice, every output byte for byte what it was."""

import random
import shutil
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from bookstream.delivery.turns import FIRST_RECORDS

pytestmark = [pytest.mark.broker, pytest.mark.slow]

Jobs = Callable[..., Any]
DIED = 9
UNIT = 3 * FIRST_RECORDS
"""Units are made of whole turns."""


class Load:
    """Inputs on both topics at a steady rate, from a thread."""

    def __init__(self, job: Any, inputs: int, per_second: int) -> None:
        self._job, self._inputs, self._per_second = job, inputs, per_second
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def _run(self) -> None:
        amounts, step = random.Random(1), self._per_second // 20
        for start in range(0, self._inputs, step):
            self._job.put([amounts.randrange(100) for _ in range(step)], topic=("in", "more")[start // step % 2])
            time.sleep(1 / 20)


def test_a_worker_killed_at_random_instants_loses_and_repeats_nothing(jobs: Jobs) -> None:
    job = jobs()
    instants = random.Random(7)
    worker = job.worker()
    with Load(job, 30_000, 3_000):
        for kill in range(5):
            time.sleep(instants.uniform(0.8, 3.5))
            worker.kill()
            if kill == 2:
                shutil.rmtree(job.directory / "w1")
            worker = job.worker()
    job.drained()
    assert worker.ready().stop() == 0, worker.text[-2000:]
    job.check()


def test_outputs_of_a_unit_killed_after_its_rows_are_sent_by_the_next_owner(jobs: Jobs) -> None:
    job = jobs("", 1)
    job.put([1] * 3 * UNIT)
    worker = job.worker(JOB_FAULT="rows:2", JOB_UNIT=str(UNIT))
    assert worker.ended() == DIED
    assert job.size("out") == UNIT
    assert job.committed() in {0, UNIT}, "never what is not done"

    # The second owner publishes those as its first act, and dies in the same place of the last unit.
    worker = job.worker(JOB_FAULT="rows:2", JOB_UNIT=str(UNIT))
    assert worker.ended() == DIED
    assert job.size("out") == 2 * UNIT

    job.worker("elsewhere").ready()
    job.drained()
    assert job.check() == 0


def test_outputs_of_a_unit_killed_before_its_commit_are_repeated_byte_for_byte(jobs: Jobs) -> None:
    job = jobs("", 1)
    job.put([1] * 3 * UNIT)
    worker = job.worker(JOB_FAULT="outputs:2", JOB_UNIT=str(UNIT))
    assert worker.ended() == DIED
    assert job.size("out") == 2 * UNIT
    job.worker().ready()
    job.drained()
    assert job.check() == UNIT, "exactly the last unit's outputs appear twice"


def test_a_worker_without_its_directory_recovers_from_the_changelog(jobs: Jobs) -> None:
    job = jobs()
    job.put([1] * 5_000, keys=1_000)
    worker = job.worker().ready()
    job.drained()
    assert worker.stop() == 0
    shutil.rmtree(job.directory / "w1")
    job.put([1] * 1_000, keys=1_000)
    job.worker().ready()
    job.drained()
    job.check()

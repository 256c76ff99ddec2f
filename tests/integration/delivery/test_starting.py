"""A worker that cannot work says why in one sentence, and ends with an exit code."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.errors import Misconfigured, MustStop, Unavailable

pytestmark = [pytest.mark.broker]

Jobs = Callable[..., Any]


def test_a_second_worker_on_the_same_directory_is_refused(jobs: Jobs) -> None:
    job = jobs()
    first = job.worker().ready()
    second = job.worker()
    assert second.ended() == Misconfigured.exit_code
    assert f"another worker (process {first.process.pid}) runs on" in second.text
    assert "Traceback" not in second.text
    job.put([1] * 100)
    job.drained()
    assert first.stop() == 0


def test_a_missing_or_misshapen_topic_is_named(jobs: Jobs) -> None:
    missing, misshapen = jobs("-missing"), jobs("-misshapen")
    named = missing.worker(JOB_NAME=f"{missing.name}-other")
    counted = misshapen.worker("other", JOB_PARTITIONS="3")
    assert (named.ended(), counted.ended()) == (Misconfigured.exit_code,) * 2
    assert f"no topic {missing.name}-other.in: run `bookstream topics apply`" in named.text
    assert "has 4 partitions, not 3" in counted.text


def test_an_absent_broker_is_named(jobs: Jobs) -> None:
    worker = jobs().worker(JOB_KAFKA="127.0.0.1:9")
    assert worker.ended() == Unavailable.exit_code
    assert "the Kafka broker at 127.0.0.1:9 does not answer" in worker.text


def test_a_directory_that_cannot_be_written_is_named(jobs: Jobs, tmp_path: Path) -> None:
    (tmp_path / "w9").write_text("a file where a directory should be", encoding="utf-8")
    worker = jobs().worker(JOB_DIR=str(tmp_path / "w9" / "inside"))
    assert worker.ended() == Misconfigured.exit_code
    assert f"the worker's directory {tmp_path}/w9/inside cannot be written: Not a directory" in worker.text


def test_an_input_that_causes_more_than_a_batch_holds_stops_the_worker(jobs: Jobs) -> None:
    """The unit is halved until one input is left; nothing of it is durable."""
    job = jobs("", 1)
    job.put([1] * 7 + [99])
    worker = job.worker(JOB_FAULT="huge")
    assert worker.ended() == MustStop.exit_code
    assert "the rows and outputs of this one input do not fit one record batch" in worker.text
    job.worker().ready()
    job.drained()
    job.check()


def test_sigterm_under_load_ends_the_running_units_and_commits_them(jobs: Jobs) -> None:
    job = jobs()
    job.put([1] * 20_000)
    worker = job.worker(JOB_UNIT="50").ready()
    job.until(lambda: job.size("out") > 500, "some units are done")
    worker.signal(signal.SIGTERM)
    assert worker.ended(20) == 0, worker.text[-2000:]
    assert "Traceback" not in worker.text
    job.worker().ready()
    job.drained()
    job.check()

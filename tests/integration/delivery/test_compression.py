"""Whatever codec another producer compresses with, a worker reads it."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.broker

Jobs = Callable[..., Any]

CODECS = ("gzip", "snappy", "lz4", "zstd")


def test_a_worker_reads_every_codec_of_kafka(jobs: Jobs) -> None:
    job = jobs()
    for codec in CODECS:
        job.put([1] * 500, codec=codec)
    worker = job.worker().ready()
    job.drained()
    job.check()
    assert worker.stop() == 0, worker.text[-2000:]

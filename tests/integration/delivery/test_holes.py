"""Each hole of stock Faust, shown open, and closed here under the same fault."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from domain.errors import MustStop

pytestmark = [pytest.mark.broker]

DIED = 9
Jobs = Callable[..., Any]


def test_offsets_are_committed_before_the_changelog_has_their_rows(jobs: Jobs) -> None:
    """Stock: the flush before a commit gives up after 100 ms, so a kill right after it loses what was counted."""
    stock, ours = jobs("-stock", 1), jobs("-ours", 1)
    for job in (stock, ours):
        job.put([1] * 200)
    lost = stock.stock("commit")
    kept = ours.worker(JOB_FAULT="commit:1", JOB_SLOW="0.3", JOB_UNIT="40")
    assert (lost.ended(), kept.ended()) == (DIED, DIED)

    rows = sum(1 for _ in stock.records("sums-changelog"))
    assert rows < stock.committed(stock.name), "the hole: counted and committed, but in no changelog"

    assert 0 < ours.committed() <= ours.size("out")
    ours.put([1] * 50)
    ours.worker("elsewhere").ready()
    ours.drained()
    ours.check()


def test_a_failed_send_is_committed_all_the_same(jobs: Jobs) -> None:
    """Stock: what the broker refuses is only logged."""
    stock, ours = jobs("-stock", 1), jobs("-ours", 1)
    for job in (stock, ours):
        job.put([1] * 20 + [13] + [1] * 20)
    losing = stock.stock("fat").ready()
    stopping = ours.worker(JOB_FAULT="fat", JOB_UNIT="10")
    assert stopping.ended() == MustStop.exit_code
    assert "MessageSizeTooLarge" in stopping.text
    assert ours.committed() <= 20
    assert ours.size("narrow") == 0

    stock.until(lambda: stock.committed(stock.name) > 20, "stock commits past the event that was being handled")
    assert stock.size("narrow") == 0, "the hole: committed, and the output is nowhere"
    assert losing.process.poll() is None

    ours.widen("narrow")
    ours.worker().ready()
    ours.drained()
    assert ours.size("narrow") == 1
    ours.check()


def test_an_exception_loses_its_event(jobs: Jobs) -> None:
    """Stock: the event that a bug fails on is acknowledged, and its input is gone when the bug is mended."""
    stock, ours = jobs("-stock", 1), jobs("-ours", 1)
    for job in (stock, ours):
        job.put([1] * 20 + [13] + [1] * 20)
    stock.stock("handler").ready()
    stopping = ours.worker(JOB_FAULT="handler")
    assert stopping.ended() == MustStop.exit_code
    assert "a bug in the rules" in stopping.text
    assert ours.committed() <= 20
    assert ours.size("out") <= 20

    stock.until(lambda: stock.committed(stock.name) > 20, "stock commits past the event that was being handled")
    answered = {record.value.split(b",")[0] for record in stock.records("out")}
    assert b"i20" not in answered, "the hole: committed, and never answered"

    ours.worker().ready()
    ours.drained()
    ours.check()


def test_one_unacknowledged_event_is_committed_past(jobs: Jobs) -> None:
    """Stock: commits stop at a gap of two, not at a gap of one. Ours: tests/unit/bookstream/delivery/test_lanes.py."""
    stock = jobs("-stock", 1)
    stock.put([1] * 5)
    stock.stock("order").ready()
    stock.until(lambda: stock.committed(stock.name) == 5, "the first five are committed")
    stock.send("held:1")
    stock.put([1] * 10)
    stock.until(lambda: stock.committed(stock.name) > 5, "stock commits past the held event")
    assert stock.committed(stock.name) == 16, "the hole: the sixth was never acknowledged"


def goes_on_past(stock: Any, offset: int) -> None:
    """Start stock Faust again until it commits past an offset: after a kill it sometimes stands still for good."""
    for _ in range(4):
        worker = stock.stock("").ready()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if stock.committed(stock.name) > offset:
                return
            time.sleep(0.1)
        worker.kill()
    pytest.fail("stock Faust commits nothing more")


def test_a_kill_leaves_the_local_store_ahead_of_the_changelog(jobs: Jobs) -> None:
    """Stock: the row is in RocksDB before anything is sent, so after a kill the event counts as done."""
    stock, ours = jobs("-stock", 1), jobs("-ours", 1)
    for job in (stock, ours):
        job.put([1] * 20 + [13] + [1] * 20, keys=100)
    first, ourfirst = stock.stock("rows"), ours.worker(JOB_FAULT="rows:2", JOB_UNIT="15")
    assert (first.ended(), ourfirst.ended()) == (DIED, DIED)
    assert ours.size("out") == 15, "rows are durable, their outputs are not sent"

    ours.worker().ready()
    goes_on_past(stock, 20)
    answered = {record.value.split(b",")[0] for record in stock.records("out")}
    assert b"i20" not in answered, "the hole: the row was skipped, its output never sent"

    ours.drained()
    ours.check()

"""memory: a long backlog through the book's worker: its resident memory at each tenth, against the first."""

from pathlib import Path

from bench.drain import FIXTURE_COUNT, GROUP, OTHER_INPUTS, OTHER_OUTPUTS
from bench.figures import Bound, Figure, compare
from bench.harness import Stage
from bench.load import fixture_ids, fixtures, ticks, values
from bookstream.topics import BOOK_STATE, FIXTURES, ODDS, QUOTES
from ops.process import Process

GROWTH = 1.25
"""The most that the largest may be of the first."""


def run(stage: Stage, *, rounds: int = 1, ticks_count: int = 1_000_000) -> list[Figure]:
    """Drain the backlog so many times and return what the worker's memory grew by."""
    ids = fixture_ids(FIXTURE_COUNT)
    first, largest = [], []
    for _ in range(rounds):
        stage.renew(
            [FIXTURES.name, ODDS.name, *OTHER_INPUTS, *OTHER_OUTPUTS, QUOTES.name, BOOK_STATE.name], [GROUP]
        )  # fmt: skip
        stage.forget("book")
        stage.fill(FIXTURES.name, values(fixtures(ids), len(ids)))
        stage.say(f"writing {ticks_count:,} ticks")
        stage.fill(ODDS.name, values(ticks(ids), ticks_count))
        process = stage.worker("book")
        sizes = [_resident_at(stage, process, ticks_count * tenth // 10) for tenth in range(1, 11)]
        process.stop()
        stage.say(", ".join(f"{tenth * 10} %: {size:.0f} MB" for tenth, size in enumerate(sizes, 1)))
        first.append(sizes[0])
        largest.append(max(sizes))
    bound = Bound(target=GROWTH, direction="at most")
    return [compare(f"memory of {ticks_count:,} ticks, largest", largest, "at 10 %", first, "MB", bound=bound)]


def _resident_at(stage: Stage, process: Process, count: int) -> float:
    stage.wait_committed(GROUP, ODDS.name, count, process)
    size = resident_mb(process.pid)
    stage.say(f"{count:,} ticks: {size:.0f} MB")
    return size


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process.

    Raises:
        OSError: there is no such process, or this is not Linux.
    """
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise OSError(f"process {pid} has no resident memory: it has ended")

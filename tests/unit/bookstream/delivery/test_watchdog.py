"""Why a worker must end."""

import time
from types import SimpleNamespace
from typing import Any

import pytest

from bookstream.delivery.watchdog import COMMIT_SECONDS, CRASHED_SECONDS, LOOP_SECONDS, UNIT_SECONDS, Watchdog


def watchdog(*, uncommitted: float = 0, working: float = 0, crashed: bool = False) -> Watchdog:
    app: Any = SimpleNamespace(
        crashed=crashed, crash_reason=ValueError("a reason"), conf=SimpleNamespace(id="bookstream-test")
    )
    runtime: Any = SimpleNamespace(
        progress=SimpleNamespace(uncommitted_seconds=lambda: uncommitted), working_seconds=lambda: working
    )
    return Watchdog(app, runtime, lambda: None)


def test_a_worker_that_works_goes_on() -> None:
    assert watchdog(uncommitted=COMMIT_SECONDS, working=UNIT_SECONDS).reason(time.monotonic()) is None


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({"uncommitted": COMMIT_SECONDS + 1}, "no commit got through for 31 s"),
        ({"working": UNIT_SECONDS + 1}, "a unit is not durable after 60 s"),
    ],
)
def test_a_worker_that_waits_for_ever_must_end(state: dict[str, float], reason: str) -> None:
    assert watchdog(**state).reason(time.monotonic()) == reason  # type: ignore[arg-type]


def test_an_event_loop_that_stands_still_is_seen() -> None:
    assert watchdog().reason(time.monotonic() + LOOP_SECONDS + 1) == "the event loop has stood still for 60 s"


def test_a_crash_of_faust_has_some_seconds_to_end_by_itself() -> None:
    dog = watchdog(crashed=True)
    now = time.monotonic()
    assert dog.reason(now) is None
    assert dog.reason(now + CRASHED_SECONDS / 2) is None
    assert dog.reason(now + CRASHED_SECONDS + 1) == "Faust crashed and did not end: ValueError('a reason')"

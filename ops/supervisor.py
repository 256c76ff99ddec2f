"""Keep named workers running on one data directory: start, watch, restart with back-off, stop.

A worker that stops because going on would be wrong (`MustStop`) is meant to be started again; one that fails at once,
again and again, or that says that a person must change something (exit code 2), is not.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from domain.errors import Misconfigured
from ops.directory import Held, held_by
from ops.errors import CrashLoop, ServerDied
from ops.process import Process, birth, end, is_alive, tail

LARGEST_LOG_BYTES = 16 * 1024 * 1024
_WHAT = "bookstream"


@dataclass(frozen=True, slots=True)
class Policy:
    """When and how often a worker is started again; times in seconds."""

    first_wait: float = 0.5
    longest_wait: float = 15.0
    failures: int = 5  # in a row, each within `healthy_after` of its start: then it is a crash loop
    healthy_after: float = 20.0

    def wait(self, failures: int) -> float:
        """Give the pause before the next start, after this many failures in a row."""
        return min(self.first_wait * 2.0 ** (failures - 1), self.longest_wait)


@dataclass(slots=True)
class Child:
    """One named worker, through all its lives."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    log: Path
    finite: bool  # it is expected to end by itself, with exit code 0
    ready: Callable[[], bool]
    process: Process
    started: float
    restarts: int = 0
    failures: int = 0
    start_at: float | None = None  # while it waits for its next life
    stopped: bool = field(default=False)  # it ended as asked, or it is finite and done

    @property
    def pid(self) -> int:
        """Give the process id of its present, or last, life."""
        return self.process.pid


class Supervisor:
    """The one supervisor of a data directory; a context manager that stops all that it started.

    Args:
        data_dir: held as long as the supervisor or any of its workers lives; their logs are in its `logs`.
        leashed: workers die with this process, even if that is killed.
        policy: when workers are started again.

    Raises:
        AlreadyRunning: another supervisor, or a worker that outlived it, holds the directory.
        DiskFull: the directory has no room.
    """

    def __init__(self, data_dir: Path, *, leashed: bool = True, policy: Policy | None = None) -> None:
        self.data_dir = data_dir.absolute()
        self.children: dict[str, Child] = {}
        self._leashed = leashed
        self._policy = policy or Policy()
        self._turn = threading.RLock()
        self._held = Held(self.data_dir, _WHAT)
        self._write_note()

    def spawn(
        self,
        name: str,
        argv: Sequence[str],
        env: Mapping[str, str] | None = None,
        *,
        finite: bool = False,
        ready: Callable[[], bool] | None = None,
    ) -> Child:
        """Start a worker; `env` adds to this process's own. Does not wait: see `wait_ready`."""
        with self._turn:
            if name in self.children and not self.children[name].stopped:
                raise Misconfigured(f"a worker named {name} already runs")
            variables = {**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})}
            log = self.data_dir / "logs" / f"{name}.log"
            child = Child(
                name,
                tuple(argv),
                variables,
                log,
                finite,
                ready or (lambda: True),
                process=self._launch(name, argv, variables, log),
                started=time.monotonic(),
            )
            self.children[name] = child
            self._write_note()
            return child

    def wait_ready(self, timeout: float = 60.0) -> None:
        """Wait until each worker's `ready` says so; restarts those that fail meanwhile.

        Raises:
            CrashLoop: a worker fails again and again.
            ServerDied: a worker is not ready after `timeout` seconds; with the tail of its log.
        """
        deadline = time.monotonic() + timeout
        waiting = [child for child in self.children.values() if not child.stopped]
        while waiting:
            self.tick()
            waiting = [c for c in waiting if not c.stopped and not (c.start_at is None and c.ready())]
            if waiting and time.monotonic() > deadline:
                late = waiting[0]
                raise ServerDied(f"{late.name} was not ready within {timeout:.0f} s; its log ends:\n{tail(late.log)}")
            time.sleep(0.05)

    def watch(self, until: Callable[[], bool] | None = None, *, pause: float = 0.1) -> None:
        """Keep the workers running until `until` says so, or all that are finite are done.

        Raises:
            CrashLoop: a worker fails again and again, or says that a person must change something.
        """
        while not (until is not None and until()):
            self.tick()
            if all(child.stopped for child in self.children.values()):
                return
            time.sleep(pause)

    def tick(self) -> None:
        """Look at each worker once, and start again what is due."""
        with self._turn:
            for child in self.children.values():
                self._look_at(child)

    def kill(self, name: str) -> None:
        """End a worker with SIGKILL, as a crash would; it is started again at the next look, and not blamed."""
        with self._turn:
            child = self.children[name]
            child.process.kill()
            if not child.stopped:
                child.start_at = time.monotonic()

    def stop(self, name: str, patience: float = 15.0) -> None:
        """Stop a worker cleanly, for good."""
        with self._turn:
            child = self.children[name]
            child.stopped = True
            child.process.stop(patience)
            self._write_note()

    def stop_all(self, patience: float = 15.0) -> None:
        """Stop all workers cleanly, at the same time, and let the directory go."""
        with self._turn:
            for child in self.children.values():
                child.stopped = True
                child.process.terminate()
            deadline = time.monotonic() + patience
            for child in self.children.values():
                child.process.stop(max(0.0, deadline - time.monotonic()))
            self._held.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_all()

    def _look_at(self, child: Child) -> None:
        if child.stopped:
            return
        if child.start_at is None and child.process.exit_code is not None:
            self._plan(child)
        if child.start_at is not None and time.monotonic() >= child.start_at:
            child.process = self._launch(child.name, child.argv, child.env, child.log)
            child.started, child.start_at = time.monotonic(), None
            child.restarts += 1
            self._write_note()

    def _plan(self, child: Child) -> None:
        """Decide what follows the end of a worker that nobody asked to end."""
        code = child.process.exit_code
        if child.finite and code == 0:
            child.stopped = True
            return
        now = time.monotonic()
        child.failures = 1 if now - child.started > self._policy.healthy_after else child.failures + 1
        if code == Misconfigured.exit_code:
            raise self._give_up(child, "needs a changed setting or command")
        if child.failures >= self._policy.failures:
            raise self._give_up(child, f"failed {child.failures} times in a row")
        child.start_at = now + self._policy.wait(child.failures)

    def _give_up(self, child: Child, why: str) -> CrashLoop:
        child.stopped = True
        return CrashLoop(f"{child.name} {why}; its last end: {child.process.death()}")

    def _launch(self, name: str, argv: Sequence[str], env: Mapping[str, str], log: Path) -> Process:
        if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        return Process(name, argv, log, env=env, leashed=self._leashed, keep_open=(self._held.descriptor,))

    def _write_note(self) -> None:
        living = [c.pid for c in self.children.values() if not c.stopped]
        own = os.getpid()
        self._held.write(pid=own, born=birth(own), workers=[[pid, birth(pid)] for pid in living])


def running(data_dir: Path) -> dict[str, Any] | None:
    """Tell {pid, born, workers} of the supervisor on the directory; None if neither it nor a worker of it lives."""
    return held_by(data_dir, _WHAT)


def stop(data_dir: Path, patience: float = 20.0) -> bool:
    """Stop the supervisor on the directory and its workers, whoever started them; False if none runs.

    The supervisor is asked first (SIGTERM), for it stops its workers cleanly; what is left after `patience` seconds is
    ended one by one.
    """
    note = running(data_dir)
    if not note:
        return False
    pid, born = int(note["pid"]), note.get("born")
    if is_alive(pid) and (born is None or birth(pid) == born):
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + patience
        while is_alive(pid) and time.monotonic() < deadline:
            time.sleep(0.05)
    for worker, worker_born in (running(data_dir) or {}).get("workers", []):
        end(worker, born=worker_born)
    return True


@contextmanager
def until_asked() -> Iterator[threading.Event]:
    """Give an event that SIGINT or SIGTERM sets while the block runs; for `Supervisor.watch(event.is_set)`."""
    asked = threading.Event()
    former = {number: signal.signal(number, lambda *_: asked.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)

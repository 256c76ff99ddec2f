"""One server or worker as a child process: its own process group, its log file, and a clean end.

A child normally outlives its parent (`up` returns, the broker stays). A leashed child dies with it.
"""

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ops.errors import DiskFull, ServerDied

LEASH = Path(__file__).with_name("leash.py")
TAIL_LINES = 12
_FULL = ("No space left on device", "Disk quota exceeded")
# Linux ends a leashed child when the *thread* that started it ends, so all are started by this one.
_STARTER = ThreadPoolExecutor(1, "starter")


def tail(log: Path, lines: int = TAIL_LINES) -> str:
    """Give the last lines of a log; nothing if there is none."""
    try:
        with log.open(encoding="utf-8", errors="replace") as file:
            return "".join(deque(file, lines)).rstrip()
    except OSError:
        return ""


def is_alive(pid: int) -> bool:
    """Tell whether a process with this id runs; one that only waits to be reaped does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError, IndexError):
        about = Path(f"/proc/{pid}")
        is_zombie = (about / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] == "Z"
        # The first thread may end before the others do; they still hold files and locks.
        return not is_zombie or len(list((about / "task").iterdir())) > 1
    return True


def birth(pid: int) -> int | None:
    """Tell when a process was born, in the kernel's own count: with its id, that names it for good; None if unknown."""
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[19])
    return None


def end(pid: int, *, born: int | None = None, patience: float = 15.0) -> None:
    """End a process that another command started, with its group: SIGTERM, then SIGKILL after `patience` seconds.

    Where `born` is given, a later process that got the same id is left alone.
    """
    for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 5.0)):
        if not is_alive(pid) or (born is not None and birth(pid) != born):
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, number)
        deadline = time.monotonic() + seconds
        while is_alive(pid) and time.monotonic() < deadline:
            time.sleep(0.05)


class Process:
    """A started child; `name` is what errors call it."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        leashed: bool = False,
        keep_open: tuple[int, ...] = (),
    ) -> None:
        self.name = name
        self.log = log
        if leashed:
            argv = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), *argv]
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._popen = _STARTER.submit(
                subprocess.Popen,
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if env is None else dict(env),
                cwd=cwd,
                start_new_session=True,
                pass_fds=keep_open,
            ).result()
        if leashed:
            atexit.register(self.kill)

    @property
    def pid(self) -> int:
        """Give the process id, which is also its group's."""
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """Give the exit code, negative for a signal; None while it runs."""
        return self._popen.poll()

    def kill(self) -> None:
        """End it at once with SIGKILL, as a crash would, and reap it; harmless when it has ended."""
        self._signal(signal.SIGKILL)
        self._popen.wait()
        atexit.unregister(self.kill)

    def terminate(self) -> None:
        """Ask it to end with SIGTERM, and do not wait."""
        self._signal(signal.SIGTERM)

    def stop(self, patience: float = 15.0) -> None:
        """Ask it to end with SIGTERM; after `patience` seconds, end it with SIGKILL."""
        self.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(patience)
        self.kill()

    def wait_until(self, ready: Callable[[], bool], timeout: float, *, pause: float = 0.05) -> None:
        """Wait until `ready` says so.

        Raises:
            ServerDied: it ended first, or `timeout` seconds passed; with the tail of its log.
            DiskFull: it ended, and its log says that the disk is full.
        """
        deadline = time.monotonic() + timeout
        while not ready():
            if self.exit_code is not None:
                raise self.death()
            if time.monotonic() > deadline:
                raise ServerDied(f"{self.name} was not ready within {timeout:.0f} s; its log ends:\n{tail(self.log)}")
            time.sleep(pause)

    def death(self) -> ServerDied | DiskFull:
        """Make the error that tells how it ended."""
        end = tail(self.log)
        if any(sign in end for sign in _FULL):
            return DiskFull(f"{self.name} stopped: no space left on the disk of {self.log.parent}")
        code = self.exit_code
        how = f"was ended by signal {-code}" if code is not None and code < 0 else f"ended with exit code {code}"
        return ServerDied(f"{self.name} {how}; its log ({self.log}) ends:\n{end}")

    def _signal(self, number: int) -> None:
        if self._popen.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._popen.pid, number)

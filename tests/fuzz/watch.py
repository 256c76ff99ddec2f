"""Bounds on one input: processor time, memory, and a record of which input it was, should the process die of it."""

import faulthandler
import mmap
import resource
import signal
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Final

from connectors.files import MAX_MESSAGE_BYTES

STUCK_SECONDS: Final = 3600.0
"""After which the process ends itself, where no signal gets through."""
ARMED_EVERY: Final = 200
MOST_BYTES: Final = 3 * MAX_MESSAGE_BYTES
MOST_BYTES_EACH: Final = 100
"""An input may take so much memory, and so many bytes for each of its own; a file's answer is joined from pieces."""
ADDRESS_SPACE: Final = 4 * 1024**3
SUSPICIOUS_KB: Final = 4 * 1024
LARGE: Final = 20_000
LOOKED_AT_TOGETHER: Final = 64
"""A look at the process costs as much as a small input: they are looked at by themselves only when they are large."""
INPUT_BYTES: Final = 32 * 1024 * 1024


class Overtime(BaseException):
    """An input took too long; no `except Exception` may hide it."""


class TooMuch(MemoryError):
    """An input took too much memory."""

    def __init__(self, payload: bytes, peak: int) -> None:
        super().__init__(f"{len(payload)} bytes took {peak} bytes")
        self.payload = payload


class Watch:
    """Runs inputs within bounds, and says of each what it took.

    Args:
        in_progress: a file that holds the input at hand, and stays when the process dies of it.
        limited: bound the memory of the whole process, for good.
    """

    def __init__(self, in_progress: Path, *, limited: bool) -> None:
        self._path = in_progress
        with in_progress.open("wb+") as file:
            file.truncate(INPUT_BYTES + 8)
            self._map = mmap.mmap(file.fileno(), INPUT_BYTES + 8)
        self._before = signal.signal(signal.SIGPROF, _overtime)
        if limited:
            resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, resource.RLIM_INFINITY))
        self._mark = _most_kb()
        self._inputs = 0
        self._recent: list[tuple[bytes, Callable[[], object]]] = []
        self.seconds = 0.0
        self.peak = 0

    def run(self, payload: bytes, work: Callable[[], object], *, measured: bool = False, most: float = 1.0) -> None:
        """Do the work that an input is; `seconds` and, where it is measured, `peak` say what it took.

        The memory is measured when told, and when the process has grown: then the work is done a second time.

        Args:
            payload: the input.
            work: what is done with it.
            measured: measure the memory, too.
            most: seconds of processor time that it may take, so that a busy machine is no hang.

        Raises:
            Overtime: it took more processor time than that.
            TooMuch: it, or one of those before it, took more memory than any input may.
        """
        shown = payload[:INPUT_BYTES]
        self._map[: len(shown) + 8] = len(shown).to_bytes(8) + shown
        self.peak = 0
        if self._inputs % ARMED_EVERY == 0:
            with suppress(RuntimeError):  # close to the bound on memory no thread starts: the next time, then
                faulthandler.dump_traceback_later(STUCK_SECONDS, exit=True)
        self._inputs += 1
        limit = _Limit(most)
        try:
            with limit:
                work()
        finally:
            self.seconds = limit.seconds
            self._recent.append((payload, work))
            if measured:
                self._measure(payload, work)
            elif len(payload) > LARGE or len(self._recent) >= LOOKED_AT_TOGETHER:
                self._look()

    def close(self) -> None:
        """End the watch: no input was the death of this process."""
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGPROF, self._before)
        self._map.close()
        self._path.unlink()

    def _look(self) -> None:
        """Where the process has grown, do again what was done since the last look, to see by which input."""
        if _most_kb() > self._mark + SUSPICIOUS_KB:
            most = 0
            for payload, work in self._recent:
                self._measure(payload, work)
                most = max(most, self.peak)
            self.peak = most
            self._mark = _most_kb()
        self._recent.clear()

    def _measure(self, payload: bytes, work: Callable[[], object]) -> None:
        tracemalloc.start()
        try:
            with suppress(Exception), _Limit(STUCK_SECONDS):  # what it raises, it raised before
                work()
        finally:
            self.peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        if self.peak > MOST_BYTES + MOST_BYTES_EACH * len(payload):
            raise TooMuch(payload, self.peak)


class _Limit:
    """Ends what takes more processor time than it may; `seconds` is what it took, as finely as the kernel's timer."""

    def __init__(self, most: float) -> None:
        self._most = most
        self.seconds = 0.0

    def __enter__(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, self._most)

    def __exit__(self, *_: object) -> None:
        left, _again = signal.setitimer(signal.ITIMER_PROF, 0)
        self.seconds = self._most - left


def in_progress(path: Path) -> bytes:
    """Return the input that a process was at when it died."""
    data = path.read_bytes()
    return data[8 : 8 + int.from_bytes(data[:8])]


def _most_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _overtime(_number: int, _frame: FrameType | None) -> None:
    raise Overtime

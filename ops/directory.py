"""A data directory held by one server at a time, and the note of who holds it.

The lock is the kernel's and is inherited by the server process itself: it ends with the server, however that ends, and
outlives the command that started it.
"""

import fcntl
import json
import os
import shutil
from pathlib import Path
from typing import Any

from ops.errors import AlreadyRunning, DiskFull

LEAST_FREE_BYTES = 64 * 1024 * 1024


class Held:
    """The exclusive hold of `what` on a directory; `descriptor` is to be passed on to the server."""

    def __init__(self, directory: Path, what: str) -> None:
        self.directory = directory
        self._note = directory / f"{what}.json"
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self.descriptor = os.open(directory / f"{what}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise DiskFull(f"{directory} cannot be used for the {what}: {error.strerror}") from error
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self.descriptor)
            note = self.read()
            by = f" (pid {note['pid']})" if "pid" in note else ""
            raise AlreadyRunning(f"a {what} already runs on {directory}{by}") from error
        try:
            require_room(directory)
        except DiskFull:
            self.release()
            raise

    def read(self) -> dict[str, Any]:
        """Read the note of the last holder; empty if there is none."""
        return read_note(self._note)

    def write(self, **facts: Any) -> None:  # noqa: ANN401  # a note holds any JSON
        """Leave a note for others, replacing the last one at once."""
        part = self._note.with_suffix(".part")
        part.write_text(json.dumps(facts), encoding="utf-8")
        part.replace(self._note)

    def release(self) -> None:
        """Drop this process's part of the hold; the server keeps its own."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def require_room(directory: Path) -> None:
    """Make a directory, and check that its disk has room.

    Raises:
        DiskFull: it has not, or the directory cannot be made.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(directory).free
    except OSError as error:
        raise DiskFull(f"the directory {directory} cannot be used: {error.strerror}") from error
    if free < LEAST_FREE_BYTES:
        raise DiskFull(f"only {free // 1_000_000} MB are free on the disk of {directory}")


def read_note(path: Path) -> dict[str, Any]:
    """Read a holder's note; empty if it is missing or torn."""
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


def held_by(directory: Path, what: str) -> dict[str, Any] | None:
    """Read the note of the server that holds the directory now; None if none does."""
    lock = directory / f"{what}.lock"
    if not lock.exists():
        return None
    with lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return read_note(directory / f"{what}.json")
    return None

"""The program as its users run it: subprocesses on a data directory of their own, and nothing left behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ops import broker, supervisor

SECONDS = 290


class Program:
    """Runs `bookstream` on one data directory.

    Args:
        data_dir: becomes BOOKSTREAM_DATA_DIR.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.variables = {"BOOKSTREAM_DATA_DIR": str(data_dir)}
        self._running: list[subprocess.Popen[str]] = []

    def run(self, *arguments: str, exit_code: int = 0) -> dict[str, Any]:
        """Run a command with --json, hold its exit code, and return the last line of its standard output."""
        variables = {name: value for name, value in os.environ.items() if not name.startswith("BOOKSTREAM_")}
        process = subprocess.Popen(
            [sys.executable, "-m", "bookstream.cli", *arguments, "--json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**variables, **self.variables},
        )
        self._running.append(process)
        output, told = process.communicate(timeout=SECONDS)
        assert process.returncode == exit_code, (
            f"{arguments} ended with {process.returncode}\n{output[-4000:]}\n{told[-4000:]}"
        )
        answer: dict[str, Any] = json.loads(output.splitlines()[-1])
        return answer

    def end(self) -> None:
        """End whatever still runs, each by its process id."""
        for process in self._running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
        for directory in (self.data_dir, self.data_dir / "demo", self.data_dir / "drill"):
            if directory.exists():
                supervisor.stop(directory)
                broker.stop(directory / "kafka")


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """Give the program on a fresh data directory."""
    given = Program(tmp_path / "data")
    given.data_dir.mkdir()
    try:
        yield given
    finally:
        given.end()


@pytest.fixture
def bookstream(program: Program) -> Callable[..., dict[str, Any]]:
    """Give the command line: arguments in, the JSON answer out."""
    return program.run


@pytest.fixture
def living(program: Program) -> Callable[[], bool]:
    """Give whether anything still runs on the data directory or on that of its demo or drill."""

    def any_lives() -> bool:
        directories = (program.data_dir, program.data_dir / "demo", program.data_dir / "drill")
        return any(supervisor.running(each) or broker.running(each / "kafka") for each in directories if each.exists())

    return any_lives

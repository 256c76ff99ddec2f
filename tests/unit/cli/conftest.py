"""The command line in this process: its exit code, what it prints and what it says of errors."""

import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bookstream.cli import output
from bookstream.cli.main import main
from bookstream.settings import settings


class Ran(msgspec.Struct):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Read the last line, as programs do."""
        return json.loads(self.out.splitlines()[-1])

    @property
    def sentence(self) -> str:
        """Return what was said of an error, on one line."""
        return " ".join(self.err.split())


Run = Callable[..., Ran]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """Give a data directory of its own, and no other settings; what the test sets is read anew."""
    for name in [name for name in os.environ if name.startswith("BOOKSTREAM_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOOKSTREAM_DATA_DIR", str(tmp_path / "data"))
    for each in (output.console, output.errors):
        monkeypatch.setattr(each, "width", 200)  # it read the width of the terminal when it was made
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


@pytest.fixture
def run(environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command."""

    def run(*argv: str) -> Ran:
        environment.setattr(sys, "argv", ["bookstream", *argv])
        settings.cache_clear()
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        return Ran(int(ended.value.code or 0), shown.out, shown.err)

    return run


@pytest.fixture
def nobody(environment: pytest.MonkeyPatch) -> str:
    """Give the address of a broker that is not there, and little patience."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    environment.setenv("BOOKSTREAM_KAFKA", address)
    environment.setattr("bookstream.reading.TIMEOUT_SECONDS", 0.3)
    return address

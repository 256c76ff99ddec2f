"""The end of a process that must not go on: one sentence, the right exit code, and nothing that would acknowledge."""

import errno
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from bookstream.delivery.start import hold_directory
from domain.errors import Misconfigured, MustStop, Unavailable

PROGRAM = """
import atexit
from bookstream.delivery.stopping import stop_now
from domain.errors import *
atexit.register(print, "shut down")
try:
    try:
        raise {error}
    except BaseException as error:
        stop_now("odds/3", error)
finally:
    print("finally")
"""


@pytest.mark.parametrize(
    ("error", "code", "traceback"),
    [
        ("ValueError('a bug')", MustStop.exit_code, True),
        ("MustStop('a bug')", MustStop.exit_code, True),
        ("ContractViolation('a bug')", MustStop.exit_code, True),
        ("Misconfigured('a bug')", Misconfigured.exit_code, False),
        ("Unavailable('a bug')", Unavailable.exit_code, False),
    ],
)
def test_the_process_ends_at_once_with_the_errors_exit_code(error: str, code: int, *, traceback: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(error=error)],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[4],
    )  # fmt: skip
    assert done.returncode == code
    assert done.stderr.startswith("bookstream: stopped: odds/3: a bug\n")
    assert ("Traceback" in done.stderr) is traceback
    assert done.stdout == ""


def test_a_directory_has_one_worker_at_a_time(tmp_path: Path) -> None:
    held = hold_directory(tmp_path / "w")
    with pytest.raises(Misconfigured, match=r"another worker \(process \d+\) runs on .*; give this one its own"):
        hold_directory(tmp_path / "w")
    held.close()
    hold_directory(tmp_path / "w").close()


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(Misconfigured, match="cannot be written: Not a directory"):
        hold_directory(tmp_path / "file" / "w")


def test_a_full_disk_keeps_nobody_from_holding_a_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("bookstream.delivery.start.os.write", full)
    with hold_directory(tmp_path), pytest.raises(Misconfigured, match="another worker"):
        hold_directory(tmp_path)

"""Child processes: they start, tell how they ended, and end when told."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.directory import Held, held_by
from ops.errors import AlreadyRunning, DiskFull, PortTaken, ServerDied
from ops.ports import free_ports, holder, is_free, require_free
from ops.process import Process, end, is_alive, tail

STUBBORN = (
    "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)
SLEEPER = "import time; print('up', flush=True); time.sleep(60)"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "child.log"


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.fixture
def sleeper(log: Path) -> Iterator[Process]:
    child = Process("the sleeper", python(SLEEPER), log)
    yield child
    child.kill()


def has_said(child: Process, word: str) -> None:
    child.wait_until(lambda: word in tail(child.log), 10)


def test_what_a_child_prints_is_in_its_log(sleeper: Process) -> None:
    has_said(sleeper, "up")
    assert sleeper.exit_code is None
    assert is_alive(sleeper.pid)


def test_a_stopped_child_is_gone(sleeper: Process) -> None:
    has_said(sleeper, "up")
    sleeper.stop()
    assert sleeper.exit_code == -signal.SIGTERM
    assert not is_alive(sleeper.pid)


def test_a_child_deaf_to_sigterm_is_killed(log: Path) -> None:
    child = Process("the deaf", python(STUBBORN), log)
    has_said(child, "deaf")
    child.stop(patience=0.2)
    assert child.exit_code == -signal.SIGKILL


def test_a_child_ends_together_with_its_own_children(log: Path) -> None:
    child = Process("the parent", ["sh", "-c", "sleep 60 & echo $! && wait"], log)
    child.wait_until(lambda: tail(log).isdecimal(), 10)
    grandchild = int(tail(log))
    assert is_alive(grandchild)
    child.kill()
    deadline = time.monotonic() + 5
    while is_alive(grandchild) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(grandchild)


def test_a_process_of_another_command_is_ended_by_its_id(sleeper: Process) -> None:
    has_said(sleeper, "up")
    end(sleeper.pid)
    assert sleeper.exit_code == -signal.SIGTERM


def test_waiting_for_a_child_that_ends_gives_its_code_and_last_lines(log: Path) -> None:
    child = Process("the worker", python("print('why it failed'); raise SystemExit(7)"), log)
    with pytest.raises(ServerDied, match=r"(?s)the worker ended with exit code 7; its log .*why it failed"):
        child.wait_until(lambda: False, 10)


def test_waiting_for_a_child_that_a_signal_ended_names_the_signal(sleeper: Process) -> None:
    os.kill(sleeper.pid, signal.SIGKILL)
    with pytest.raises(ServerDied, match="the sleeper was ended by signal 9"):
        sleeper.wait_until(lambda: False, 10)


def test_waiting_for_a_child_that_never_gets_ready_ends(sleeper: Process) -> None:
    with pytest.raises(ServerDied, match="the sleeper was not ready within 0 s"):
        sleeper.wait_until(lambda: False, 0.1)


def test_a_child_that_found_the_disk_full_says_so(log: Path) -> None:
    child = Process("the writer", python("raise OSError(28, 'No space left on device')"), log)
    with pytest.raises(DiskFull, match="the writer stopped: no space left"):
        child.wait_until(lambda: False, 10)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child's life to its parent's")
def test_a_leashed_child_dies_with_its_killed_parent(tmp_path: Path, log: Path) -> None:
    code = textwrap.dedent(
        f"""
        import time
        from pathlib import Path
        from ops.process import Process
        child = Process("child", ["sleep", "60"], Path({str(log)!r}), leashed=True)
        print(child.pid, flush=True)
        time.sleep(60)
        """
    )
    with subprocess.Popen(python(code), stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.kill()
    deadline = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(pid)


def test_the_tail_of_an_absent_log_is_empty(tmp_path: Path) -> None:
    assert tail(tmp_path / "absent.log") == ""


def test_the_tail_of_a_log_is_its_last_lines(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(b"1\n2\n\xff\n4\n")
    assert tail(tmp_path / "a.log", 2) == "\ufffd\n4"


def test_a_directory_is_held_by_one(tmp_path: Path) -> None:
    held = Held(tmp_path / "data", "broker")
    held.write(pid=4711)
    assert held_by(tmp_path / "data", "broker") == {"pid": 4711}
    with pytest.raises(AlreadyRunning, match=r"a broker already runs on .*data \(pid 4711\)"):
        Held(tmp_path / "data", "broker")
    held.release()
    assert held_by(tmp_path / "data", "broker") is None
    Held(tmp_path / "data", "broker").release()


def test_a_hold_passed_to_a_child_lasts_as_long_as_the_child(tmp_path: Path, log: Path) -> None:
    held = Held(tmp_path, "broker")
    child = Process("the child", python(SLEEPER), log, keep_open=(held.descriptor,))
    held.release()
    with pytest.raises(AlreadyRunning):
        Held(tmp_path, "broker")
    child.kill()
    Held(tmp_path, "broker").release()


def test_a_torn_note_reads_as_none(tmp_path: Path) -> None:
    (tmp_path / "broker.json").write_text('{"pid": 47', encoding="utf-8")
    held = Held(tmp_path, "broker")
    assert held.read() == {}
    held.release()


def test_a_full_disk_is_told_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.directory.LEAST_FREE_BYTES", 1 << 62)
    with pytest.raises(DiskFull, match=r"only \d+ MB are free"):
        Held(tmp_path, "broker")
    assert held_by(tmp_path, "broker") is None


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(DiskFull, match="cannot be used for the broker"):
        Held(tmp_path / "file" / "below", "broker")


def test_a_taken_port_names_its_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
        with pytest.raises(PortTaken, match=f"port {port}, wanted for the broker, is taken"):
            require_free(port, "the broker")
        if sys.platform == "linux":
            assert f"(pid {os.getpid()})" in (holder(port) or "")
    require_free(port, "the broker")


def test_free_ports_are_distinct() -> None:
    assert len(set(free_ports(5))) == 5

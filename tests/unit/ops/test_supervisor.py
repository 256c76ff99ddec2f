"""The supervisor of the workers: what it starts again, what it gives up on, and what it leaves behind."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from domain.errors import Misconfigured
from ops import supervisor as supervisors
from ops.errors import AlreadyRunning, CrashLoop, ServerDied
from ops.process import is_alive
from ops.supervisor import Policy, Supervisor

QUICK = Policy(first_wait=0.01, longest_wait=0.04, failures=3, healthy_after=5.0)
SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    with Supervisor(tmp_path, policy=QUICK) as started:
        yield started


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def within(seconds: float, happened: Callable[[], bool], each: Callable[[], None] = lambda: None) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        each()
        if happened():
            return True
        time.sleep(0.01)
    return happened()


def test_a_worker_gets_its_own_log_and_the_added_environment(supervisor: Supervisor, tmp_path: Path) -> None:
    child = supervisor.spawn("greeter", python("import os; print(os.environ['WORD'])"), {"WORD": "hi"}, finite=True)
    supervisor.watch()
    assert child.log == tmp_path / "logs" / "greeter.log"
    assert child.log.read_text(encoding="utf-8") == "hi\n"
    assert (child.stopped, child.restarts) == (True, 0)


def test_a_worker_that_fails_is_started_again(supervisor: Supervisor, tmp_path: Path) -> None:
    # It fails on its first life, then lives.
    code = (
        f"import pathlib, time; p = pathlib.Path({str(tmp_path / 'seen')!r}); s = p.exists(); p.touch(); s or exit(4)"
    )
    child = supervisor.spawn("worker", python(f"{code}; time.sleep(60)"))
    assert within(10, lambda: child.restarts == 1, supervisor.tick)
    time.sleep(0.2)
    supervisor.tick()
    assert (child.restarts, child.failures, child.process.exit_code) == (1, 1, None)


def test_a_worker_that_ends_well_without_being_asked_is_started_again(supervisor: Supervisor) -> None:
    child = supervisor.spawn("worker", python("pass"))
    assert within(10, lambda: child.restarts == 1, supervisor.tick)


def test_a_worker_that_keeps_failing_is_given_up_with_the_end_of_its_log(supervisor: Supervisor) -> None:
    child = supervisor.spawn("worker", python("print('the reason'); exit(4)"))
    with pytest.raises(CrashLoop, match=r"(?s)worker failed 3 times in a row; .* exit code 4; .*the reason"):
        supervisor.watch()
    assert child.restarts == 2


def test_a_worker_that_needs_a_person_is_given_up_at_once(supervisor: Supervisor) -> None:
    child = supervisor.spawn("worker", python("print('unknown setting X'); exit(2)"))
    with pytest.raises(CrashLoop, match=r"(?s)worker needs a changed setting or command.*unknown setting X"):
        supervisor.watch()
    assert child.restarts == 0


def test_waits_double_up_to_the_longest() -> None:
    policy = Policy(first_wait=0.5, longest_wait=15.0)
    assert [policy.wait(failures) for failures in range(1, 8)] == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0]


def test_failures_far_apart_are_no_crash_loop(tmp_path: Path) -> None:
    forgiving = Policy(first_wait=0.01, longest_wait=0.01, failures=2, healthy_after=0.0)
    with Supervisor(tmp_path, policy=forgiving) as supervisor:
        child = supervisor.spawn("worker", python("exit(4)"))
        assert within(10, lambda: child.restarts == 4, supervisor.tick)


def test_a_worker_killed_in_a_drill_is_back_at_the_next_look_and_not_blamed(supervisor: Supervisor) -> None:
    child = supervisor.spawn("worker", SLEEPER)
    for life in range(1, 5):
        before = child.pid
        supervisor.kill("worker")
        assert not is_alive(before)
        supervisor.tick()
        assert child.pid != before
        assert (child.restarts, child.failures) == (life, 0)


def test_a_stopped_worker_stays_stopped(supervisor: Supervisor) -> None:
    child = supervisor.spawn("worker", SLEEPER)
    supervisor.stop("worker")
    supervisor.tick()
    assert (child.restarts, is_alive(child.pid)) == (0, False)
    assert supervisor.spawn("worker", SLEEPER).pid != child.pid


def test_two_workers_of_one_name_are_refused(supervisor: Supervisor) -> None:
    supervisor.spawn("worker", SLEEPER)
    with pytest.raises(Misconfigured, match="a worker named worker already runs"):
        supervisor.spawn("worker", SLEEPER)


def test_workers_are_ready_when_each_says_so(supervisor: Supervisor) -> None:
    children = [
        supervisor.spawn(name, SLEEPER, ready=lambda name=name: says_up(supervisor, name))  # type: ignore[misc]
        for name in ("one", "two")
    ]
    supervisor.wait_ready(10)
    assert all("up" in child.log.read_text(encoding="utf-8") for child in children)


def says_up(supervisor: Supervisor, name: str) -> bool:
    return "up" in supervisor.children[name].log.read_text(encoding="utf-8")


def test_a_worker_that_never_gets_ready_is_named(supervisor: Supervisor) -> None:
    supervisor.spawn("slow", SLEEPER, ready=lambda: False)
    with pytest.raises(ServerDied, match="slow was not ready within 0 s"):
        supervisor.wait_ready(0.2)


def test_a_worker_that_fails_before_it_is_ready_is_given_up(supervisor: Supervisor) -> None:
    supervisor.spawn("worker", python("exit(1)"), ready=lambda: False)
    with pytest.raises(CrashLoop):
        supervisor.wait_ready(10)


def test_all_workers_are_gone_after_the_block(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        pids = [supervisor.spawn(name, SLEEPER).pid for name in ("one", "two")]
        assert all(is_alive(pid) for pid in pids)
        assert supervisors.running(tmp_path) is not None
    assert not any(is_alive(pid) for pid in pids)
    assert supervisors.running(tmp_path) is None


def test_a_second_supervisor_on_the_same_directory_is_refused(supervisor: Supervisor, tmp_path: Path) -> None:
    with pytest.raises(AlreadyRunning, match=rf"a bookstream already runs on .* \(pid {os.getpid()}\)"):
        Supervisor(tmp_path)


def test_a_log_that_grew_large_is_set_aside_at_the_next_start(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisors, "LARGEST_LOG_BYTES", 3)
    for word in ("first", "second"):
        child = supervisor.spawn("worker", python(f"print({word!r})"), finite=True)
        supervisor.watch()
    assert child.log.read_text(encoding="utf-8") == "second\n"
    assert child.log.with_suffix(".log.1").read_text(encoding="utf-8") == "first\n"


COMMAND = """
import sys
from pathlib import Path
from ops.supervisor import Supervisor, until_asked
with until_asked() as asked, Supervisor(Path(sys.argv[1]), leashed=sys.argv[2] == "leashed") as supervisor:
    print(supervisor.spawn("worker", ["sleep", "60"]).pid, flush=True)
    supervisor.watch(asked.is_set)
"""


def command(data_dir: Path, leash: str) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", textwrap.dedent(COMMAND), str(data_dir), leash]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)


def test_another_command_stops_the_supervisor_and_its_workers(tmp_path: Path) -> None:
    with command(tmp_path, "leashed") as other:
        assert other.stdout is not None
        worker = int(other.stdout.readline())
        # It is this test's child: someone must reap it, or it would seem to live on.
        assert supervisors.stop(tmp_path)
        assert other.wait(10) == 0
    assert not is_alive(worker)
    assert not supervisors.stop(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child's life to its parent's")
def test_leashed_workers_die_with_a_killed_supervisor(tmp_path: Path) -> None:
    with command(tmp_path, "leashed") as other:
        assert other.stdout is not None
        worker = int(other.stdout.readline())
        other.send_signal(signal.SIGKILL)
        other.wait(10)
    assert within(5, lambda: not is_alive(worker))
    Supervisor(tmp_path).stop_all()


def test_workers_that_outlive_their_supervisor_hold_the_directory_until_they_are_stopped(tmp_path: Path) -> None:
    with command(tmp_path, "free") as other:
        assert other.stdout is not None
        worker = int(other.stdout.readline())
        other.send_signal(signal.SIGKILL)
        other.wait(10)
    assert is_alive(worker)
    with pytest.raises(AlreadyRunning):
        Supervisor(tmp_path)
    assert supervisors.stop(tmp_path)
    assert within(5, lambda: not is_alive(worker))
    Supervisor(tmp_path).stop_all()

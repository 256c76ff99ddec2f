"""`bookstream up` and `bookstream down`: the whole system on this machine."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Annotated

import typer

from bookstream.cli.output import JsonOption, console, print_json
from bookstream.clock import run_clock
from bookstream.local import LocalStack, contexts_of
from bookstream.outlet import Outlet
from bookstream.settings import settings
from bookstream.stack import read_stack
from domain.errors import MustStop
from ops import broker, supervisor
from ops.directory import require_room
from ops.progress import shown
from ops.supervisor import until_asked

START_SECONDS = 180.0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("up")(up)
    app.command("down")(down)


def up(
    *,
    foreground: Annotated[bool, typer.Option("--foreground", help="stay, and stop everything at Ctrl-C")] = False,
    clock: Annotated[bool, typer.Option("--clock/--no-clock", help="write the wall's clock into the log")] = True,
    json: JsonOption = False,
) -> None:
    """Start a local broker (unless BOOKSTREAM_KAFKA is set), the topics, and one worker of each context.

    Returns when all of it is ready; `bookstream down` stops it. Use --no-clock to replay recordings: they bring their
    own time. Exit code 2: something already runs on the data directory, or a port is taken.

    Example: bookstream up && bookstream bet --help
    """
    if foreground:
        _stay(clock=clock)
        return
    argv = [sys.executable, "-m", "bookstream.cli", "up", "--foreground", "--clock" if clock else "--no-clock"]
    data_dir = settings().data_dir
    # On a full disk the child could not even say so.
    require_room(data_dir)
    log = data_dir / "up.log"
    ready = data_dir / "up.ready"
    ready.unlink(missing_ok=True)
    with log.open("wb") as output:
        child = subprocess.Popen(  # noqa: S603 - this very program
            argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, env=os.environ
        )
    _wait(child, ready, log)
    stack = read_stack(data_dir)
    bootstrap = stack.bootstrap if stack else settings().kafka
    workers = contexts_of(settings())
    if json:
        print_json({"bootstrap": bootstrap, "data_dir": str(data_dir), "workers": list(workers), "pid": child.pid})
    else:
        console.print(f"up: Kafka at [bold]{bootstrap}[/], workers {', '.join(workers)}, logs in {data_dir / 'logs'}")


def down(*, json: JsonOption = False) -> None:
    """Stop what `up` started on this data directory; stopping nothing is no error.

    Example: bookstream down
    """
    data_dir = settings().data_dir
    workers = supervisor.stop(data_dir)
    kafka = broker.stop(data_dir / "kafka")
    (data_dir / "stack.json").unlink(missing_ok=True)
    if json:
        print_json({"stopped": workers or kafka})
    else:
        console.print("down" if workers or kafka else "nothing was running")


def _wait(child: subprocess.Popen[bytes], ready: "os.PathLike[str]", log: "os.PathLike[str]") -> None:
    deadline = time.monotonic() + START_SECONDS
    with console.status("starting the broker and the workers"):
        while not os.path.exists(ready):  # noqa: PTH110
            if child.poll() is not None:
                with open(log, encoding="utf-8") as text:  # noqa: PTH123
                    sys.stderr.write(text.read())
                raise typer.Exit(child.returncode)
            if time.monotonic() > deadline:
                child.terminate()
                raise MustStop(f"not ready after {START_SECONDS:.0f} s: see {log}")
            time.sleep(0.1)


def _stay(*, clock: bool) -> None:
    given = settings()
    with (
        until_asked() as asked,
        shown() as progress,
        LocalStack(given, leashed=True, progress=progress, contexts=contexts_of(given)) as stack,
    ):
        outlet = Outlet(stack.bootstrap, given.kafka_security)
        with _ticking(outlet, asked) if clock else contextlib.nullcontext():
            (given.data_dir / "up.ready").touch()
            console.print(f"up: Kafka at {stack.bootstrap}")
            stack.supervisor.watch(lambda: asked.is_set() or not stack.broker_lives())
            stack.require_broker()
        (given.data_dir / "up.ready").unlink(missing_ok=True)


@contextlib.contextmanager
def _ticking(outlet: Outlet, asked: threading.Event) -> Iterator[None]:
    thread = threading.Thread(target=run_clock, args=(outlet, asked.is_set), daemon=True)
    thread.start()
    try:
        yield
    finally:
        asked.set()
        thread.join(timeout=5)

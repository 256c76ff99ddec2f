"""Progress of long work, told as (what, done, total), and one way to show it: a bar on the terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

# What is being done, how much of it is done, and how much there is; bytes for downloads, else steps.
Progress = Callable[[str, int, int], None]


@contextmanager
def shown(console: Console | None = None) -> Iterator[Progress]:
    """Show progress as bars on stderr while the block runs; nothing where stderr is no terminal."""
    console = console or Console(stderr=True)
    tasks: dict[str, TaskID] = {}
    lock = Lock()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=console, disable=not console.is_terminal) as bars:

        def report(what: str, done: int, total: int) -> None:
            with lock:
                if what not in tasks:
                    tasks[what] = bars.add_task(what, total=total)
                bars.update(tasks[what], completed=done, total=total)

        yield report

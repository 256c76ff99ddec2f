"""`bookstream replay`: recorded feeds through the running system."""

import time
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

import connectors
from bookstream.cli.cluster import cluster
from bookstream.cli.output import JsonOption, console, errors, print_json
from bookstream.counting import TopicCounts
from bookstream.lag import Lag, lag
from bookstream.outlet import Outlet
from bookstream.proof.verify import wait_until_quiet
from bookstream.replaying import Item, Pace, merged, play, with_clock
from bookstream.topics import CLOCK, DEAD_LETTERS, FIXTURES, ODDS, QUOTES
from domain.errors import Misconfigured, RejectedInput, Unavailable
from domain.events.feeds import RawMessage

TAIL_SECONDS = 30
DONE_SECONDS = 600.0
LISTEN_SECONDS = 0.6
"""The wall's clock ticks four times a second."""


class Speed(StrEnum):
    """How fast event time runs against the wall's."""

    REAL = "1"
    SIXTY = "60"
    MAX = "max"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("replay")(replay)


def replay(
    provider: Annotated[str, typer.Argument(help=", ".join(connectors.PROVIDERS))],
    paths: Annotated[
        list[Path], typer.Argument(help="recorded files: plain, .gz or .bz2", exists=True, dir_okay=False)
    ],
    speed: Annotated[Speed, typer.Option(help="times real time")] = Speed.MAX,
    *,
    json: JsonOption = False,
) -> None:
    """Replay recorded files of one provider through the running system, merged in event time.

    Needs `bookstream up --no-clock` (or BOOKSTREAM_KAFKA and workers). A recording that is cut or damaged is replayed
    up to there. Exit code 1: that, or a message ended in the dead letters; 2: no recording of this provider; 3: no
    broker, or no workers.

    Example: bookstream replay betfair 1.145405534.bz2 --speed max
    """
    source = connectors.by_name(provider)
    address, security = cluster()
    topics = TopicCounts(address, security)
    _require_no_clock(topics)
    before = topics.now()
    outlet = Outlet(address, security)
    damages: list[str] = []
    items = with_clock(merged(_readable(source.recorded(path), damages) for path in paths), tail_seconds=TAIL_SECONDS)
    pace = Pace(None if speed is Speed.MAX else float(speed.value))
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("replaying")
        told = 0

        def tell(item: Item) -> None:
            nonlocal told
            told += 1
            if told % 500 == 0:
                progress.update(task, description=f"replaying {told:,} messages, at {item.received_at // 1_000_000}")

        messages = play(items, outlet, pace, on_item=tell)
        progress.update(task, description=f"{messages:,} messages sent; waiting until the workers are done")
        wait_until_quiet(topics.now, quiet_seconds=2, timeout_seconds=DONE_SECONDS)
        _require_handled(lag(address, security))
    after = topics.now()
    events = sum(after[t] - before[t] for t in (ODDS.name, FIXTURES.name, "incidents", "statistics", "participants"))
    figures = {
        "messages": messages,
        "events": events,
        "dead_letters": after[DEAD_LETTERS.name] - before[DEAD_LETTERS.name],
        "quotes": after[QUOTES.name] - before[QUOTES.name],
        "fixtures": after[FIXTURES.name] - before[FIXTURES.name],
    }
    if json:
        print_json({**figures, "damages": damages})
    else:
        console.print("  ".join(f"{name.replace('_', ' ')} [bold]{value:,}[/]" for name, value in figures.items()))
    for damage in damages:
        errors.print(f"[bold red]bookstream:[/] {escape(damage)}; what comes before was replayed", soft_wrap=True)
    if figures["dead_letters"] or damages:
        raise typer.Exit(1)


def _require_no_clock(topics: TopicCounts) -> None:
    """Refuse a log that has a clock: beside it recorded prices are long stale.

    Raises:
        Misconfigured: ticks come.
    """
    ticks = topics.now([CLOCK.name])
    time.sleep(LISTEN_SECONDS)
    if topics.now([CLOCK.name]) != ticks:
        raise Misconfigured("a clock ticks in this log, and recordings bring their own: use `bookstream up --no-clock`")


def _require_handled(behind: Lag) -> None:
    """Refuse to show figures of what is not handled.

    Raises:
        Unavailable: workers have not taken what was sent.
    """
    if behind:
        contexts = " and ".join(sorted({context for context, _, _ in behind}))
        records = sum(behind.values())
        raise Unavailable(f"all was sent, but {records:,} records wait for {contexts}: are the workers running?")


def _readable(messages: Iterable[RawMessage], damages: list[str]) -> Iterator[RawMessage]:
    """Yield a recording's messages as far as it can be read, and note why no further."""
    try:
        yield from messages
    except RejectedInput as damage:
        damages.append(str(damage))

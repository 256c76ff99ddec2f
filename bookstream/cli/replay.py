"""`bookstream replay`: recorded feeds through the running system."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

import connectors
from bookstream.cli.output import JsonOption, console, errors, print_json
from bookstream.counting import TopicCounts
from bookstream.outlet import Outlet
from bookstream.proof.verify import wait_until_quiet
from bookstream.replaying import Item, Pace, merged, play, with_clock
from bookstream.settings import settings
from bookstream.stack import bootstrap
from bookstream.topics import DEAD_LETTERS, FIXTURES, ODDS, QUOTES

TAIL_SECONDS = 30


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

    Needs `bookstream up` (or BOOKSTREAM_KAFKA and workers). Exit code 1 when a message ended in the dead letters.

    Example: bookstream replay betfair 1.145405534.bz2 --speed max
    """
    source, address = connectors.by_name(provider), bootstrap(settings())
    topics = TopicCounts(address, settings().kafka_security)
    before = topics.now()
    outlet = Outlet(address, settings().kafka_security)
    items = with_clock(merged(source.recorded(path) for path in paths), tail_seconds=TAIL_SECONDS)
    pace = Pace(None if speed is Speed.MAX else float(speed.value))
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task("replaying")
        told = 0

        def tell(item: Item) -> None:
            nonlocal told
            told += 1
            if told % 500 == 0:
                progress.update(task, description=f"replaying {told:,} messages, at {item.received_at // 1_000_000}")

        messages = play(items, outlet, pace, on_item=tell)
        progress.update(task, description=f"{messages:,} messages sent; waiting until the workers are done")
        wait_until_quiet(topics.now, quiet_seconds=2, timeout_seconds=600)
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
        print_json(figures)
    else:
        console.print("  ".join(f"{name.replace('_', ' ')} [bold]{value:,}[/]" for name, value in figures.items()))
    if figures["dead_letters"]:
        raise typer.Exit(1)

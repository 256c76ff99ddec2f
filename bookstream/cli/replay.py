"""`bookstream replay`: recorded feeds through the running system."""

import time
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bookstream.cli.cluster import cluster
from bookstream.cli.output import JsonOption, console, errors, print_json
from bookstream.counting import TopicCounts
from bookstream.lag import Lag, lag
from bookstream.outlet import Outlet
from bookstream.proof.verify import wait_until_quiet
from bookstream.replay_sources import RawTopic, parse
from bookstream.replay_sources import messages as messages_of
from bookstream.replaying import SECOND, Item, Pace, between, merged, play, with_clock
from bookstream.topics import CLOCK, DEAD_LETTERS, FIXTURES, ODDS, QUOTES
from domain.errors import Misconfigured, Unavailable

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
    sources: Annotated[
        list[str], typer.Argument(help="PROVIDER FILE…, PROVIDER:FILE (plain, .gz, .bz2) or kafka://HOST:PORT/TOPIC")
    ],
    speed: Annotated[Speed, typer.Option(help="times real time")] = Speed.MAX,
    *,
    from_: Annotated[str, typer.Option("--from", help="leave out what is before this time, ISO 8601, UTC")] = "",
    to: Annotated[str, typer.Option(help="leave out this time and what is after it")] = "",
    lateness: Annotated[int, typer.Option(help="seconds by which a topic's messages may be out of order", min=0)] = 60,
    json: JsonOption = False,
) -> None:
    """Replay recorded files and other clusters' raw topics through the running system, merged in event time.

    Needs `bookstream up --no-clock` (or BOOKSTREAM_KAFKA and workers). The same input is sent in the same order, in
    whatever order its files are named and its messages had arrived within --lateness. With --from a stream begins in
    its middle: a gap, after which an exchange's markets wait for their next image. A recording that is cut or damaged
    is replayed up to there. Exit code 1: that, or a message ended in the dead letters; 2: no recording of this
    provider; 3: no broker, or no workers.

    Example: bookstream replay betfair:1.145405534.bz2 theoddsapi:odds.json --from 2017-04-30T16:00 --speed 60
    """
    chosen = parse(sources)
    start_at, end_at = event_time(from_), event_time(to)
    address, security = cluster()
    if any(isinstance(each, RawTopic) and each.address == address for each in chosen):
        raise Misconfigured("a raw topic is replayed into another cluster: in its own every message is a duplicate")
    topics = TopicCounts(address, security)
    _require_no_clock(topics)
    before = topics.now()
    outlet = Outlet(address, security)
    damages: list[str] = []
    feeds = [messages_of(each, damages, lateness * SECOND) for each in chosen]
    items = with_clock(between(merged(feeds), start_at, end_at), tail_seconds=TAIL_SECONDS)
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
        errors.print(f"[bold red]bookstream:[/] {escape(damage)}", soft_wrap=True)
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


def event_time(text: str) -> int | None:
    """Return a time in microseconds, None for no text; without an offset it is UTC.

    Raises:
        Misconfigured: it is no time.
    """
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Misconfigured(f"{text!r} is no time such as 2017-04-30T16:00") from None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return round(at.timestamp() * SECOND)

"""`bookstream drill`: kill every part at random under load, then prove. `bookstream bench`: the performance claims."""

import shutil
from importlib import import_module
from typing import Annotated

import typer

from bookstream.cli.output import JsonOption, console, errors, print_json, table
from bookstream.demo import rules_file
from bookstream.drill import Drill, Plan, Report
from bookstream.local import LocalStack
from bookstream.settings import settings
from ops.progress import shown

SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("drill")(drill)
    app.command("bench")(bench)


def drill(  # noqa: PLR0917 - the command line's options
    ticks: Annotated[int, typer.Option(help="provider's messages, about", min=1)] = 100_000,
    bets: Annotated[int, typer.Option(min=1)] = 20_000,
    worker_kills: Annotated[int, typer.Option(min=0)] = 30,
    broker_kills: Annotated[int, typer.Option(min=0)] = 5,
    sink_kills: Annotated[int, typer.Option(min=0)] = 5,
    seconds: Annotated[float, typer.Option(help="how long the load lasts", min=1)] = 240.0,
    seed: Annotated[int, typer.Option(help="whom to kill, and when")] = 1,
    *,
    json: JsonOption = False,
) -> None:
    """Kill workers, broker and sink with SIGKILL at random under load; prove that nothing was lost or doubled.

    State goes to <data dir>/drill and is made anew. Exit code 1 when anything was lost, doubled or differs.

    Example: bookstream drill --ticks 10000 --bets 1000 --worker-kills 3 --broker-kills 1 --sink-kills 1 --seconds 40
    """
    given = settings().model_copy(update={"data_dir": settings().data_dir / "drill", "kafka": None})
    shutil.rmtree(given.data_dir, ignore_errors=True)
    plan = Plan(
        ticks=ticks, bets=bets, worker_kills=worker_kills, broker_kills=broker_kills, sink_kills=sink_kills,
        seconds=seconds, seed=seed,
    )  # fmt: skip
    with shown() as progress:
        stack = LocalStack(given, leashed=True, progress=progress, env={"BOOKSTREAM_RULES": str(rules_file())}).start()
    try:
        with errors.status("drilling") as status:
            report = Drill(given, stack, plan).run(lambda text: status.update(f"drilling: {text}"))
    finally:
        stack.stop()
    _show(report, json=json)
    if report.lost or report.doubled or report.findings.differences:
        raise typer.Exit(1)


def _show(report: Report, *, json: bool) -> None:
    differences = report.findings.differences
    figures = {
        "kills": dict(report.kills),
        "messages": report.messages,
        "bets": report.bets,
        "lost": report.lost,
        "doubled": report.doubled,
        "differences": len(differences),
        "recover_seconds_p99": round(report.recover_seconds_p99, 2),
    }
    if json:
        print_json(figures)
        return
    table("The drill", ("figure", "value"), [(name.replace("_", " "), str(value)) for name, value in figures.items()])
    for difference in differences[:SHOWN]:
        console.print(f"[red]{difference.rule}[/] {difference.subject}: {difference.found}", highlight=False)


def bench(
    name: Annotated[str, typer.Argument(help="of one bench, or `list`")] = "list",
    rounds: Annotated[int | None, typer.Option(help="how often each candidate takes its turn", min=1)] = None,
    ticks: Annotated[int | None, typer.Option(help="the size of the load, where the bench has one", min=1)] = None,
    *,
    json: JsonOption = False,
) -> None:
    """Measure one of the performance claims: ratios of candidates that take turns in one run, on a broker of its own.

    The last line of the JSON form is the bench's principal figure, with all of them under `figures`.

    Example: bookstream bench drain --rounds 3
    """
    # Benches stand above the command line and use all of it: they are loaded when one is asked for.
    command = import_module("bench.command")
    if name == "list":
        command.show_list(json=json)
    else:
        command.measure(name, rounds=rounds, ticks=ticks, json=json)

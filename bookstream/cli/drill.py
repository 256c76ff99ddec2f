"""`bookstream drill`: kill every part at random under load, then prove."""

import shutil
import sys
from typing import Annotated

import typer
from rich.markup import escape

from bookstream.cli.output import JsonOption, console, print_json, show_differences, table
from bookstream.drill import Drill, Plan, Report, rules_file
from bookstream.local import LocalStack
from bookstream.settings import settings
from ops.progress import shown

SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("drill")(drill)


def drill(  # noqa: PLR0917 - the command line's options
    ticks: Annotated[
        int, typer.Option(help="provider's messages: whole matches with at least so many", min=1)
    ] = 100_000,
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

    Bets are settled meanwhile, rolled back and settled otherwise. State goes to <data dir>/drill and is made anew.
    Progress is on standard error. Exit code 1 when anything was lost, doubled or differs, or a bet was not settled.

    Example: bookstream drill --ticks 10000 --bets 1000 --worker-kills 3 --broker-kills 1 --sink-kills 1 --seconds 40
    """
    given = settings().local(settings().data_dir / "drill", rules_file())
    shutil.rmtree(given.data_dir, ignore_errors=True)
    plan = Plan(
        ticks=ticks, bets=bets, worker_kills=worker_kills, broker_kills=broker_kills, sink_kills=sink_kills,
        seconds=seconds, seed=seed,
    )  # fmt: skip
    with shown() as progress:
        stack = LocalStack(given, leashed=True, progress=progress).start()
    try:
        report = Drill(given, stack, plan).run(_tell)
    finally:
        stack.stop()
    if json:
        print_json(_as_json(report))
    else:
        _show(report)
    if report.lost or report.doubled or report.findings.differences or report.books.problems():
        raise typer.Exit(1)


def _tell(step: str) -> None:
    sys.stderr.write(f"{step}\n")
    sys.stderr.flush()


def _as_json(report: Report) -> dict[str, object]:
    differences = report.findings.differences
    return {
        "kills": report.kills.total(),
        "killed": dict(report.kills),
        "messages": report.messages,
        "bets": report.bets,
        "decided": dict(report.decided.most_common()),
        "desk": report.desk,
        "settlement": {**report.books.as_json(), "problems": report.books.problems()},
        "lost": report.lost,
        "doubled": report.doubled,
        "repeated": report.repeated,
        "checks": report.findings.checked.total(),
        "differences": len(differences),
        "shown": [{"rule": d.rule, "subject": d.subject, "found": d.found} for d in differences[:SHOWN]],
        "recover_seconds_p99": round(report.recover_seconds_p99, 2),
    }


def _show(report: Report) -> None:
    differences = report.findings.differences
    away = [(f"{who} kills", f"{count}, away {max(report.away_seconds[who]):.1f} s at most")
            for who, count in sorted(report.kills.items())]  # fmt: skip
    figures = [
        ("messages", f"{report.messages:,}"),
        ("bets", f"{report.bets:,}"),
        *away,
        ("recover seconds p99", f"{report.recover_seconds_p99:.1f}"),
        ("checks", f"{report.findings.checked.total():,}"),
        ("published again, byte for byte", f"{report.repeated:,}"),
        ("words of the desk", f"{report.desk:,}"),
        ("bets settled", f"{report.books.bets['CONFIRMED']:,} of {report.books.bets.total():,}"),
        ("bets settled otherwise", f"{report.books.corrected:,}, {report.books.settled_again:,} times"),
        ("the ledger's sum", f"{report.books.sum_minor:,}"),
        ("lost", f"{report.lost:,}"),
        ("doubled", f"{report.doubled:,}"),
        ("differences", f"{len(differences):,}"),
    ]
    table("The drill", ("figure", "value"), figures)
    table("\nBets by decision", ("decision", "bets"), report.decided.most_common())
    show_differences(differences, SHOWN)
    for problem in report.books.problems():
        console.print(f"[red]{escape(problem)}[/]", highlight=False)

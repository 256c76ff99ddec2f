"""`bookstream drill-feeds`: let providers misbehave, and see that every live connector recovers by itself."""

import asyncio
import dataclasses
import time
from collections.abc import Sequence
from typing import Annotated

import typer

from bookstream.cli.output import JsonOption, console, print_json, table
from bookstream.faults.drill import CONNECTORS, drill, runs
from bookstream.faults.outcome import COLUMNS, Outcome
from bookstream.faults.waits import SHORT, Waits
from domain.errors import Misconfigured


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("drill-feeds")(drill_feeds)


def drill_feeds(
    connectors: Annotated[list[str] | None, typer.Argument(help=f"of {', '.join(CONNECTORS)}; all without any")] = None,
    fault: Annotated[list[str] | None, typer.Option(help="only this fault; may be given again")] = None,
    *,
    short: Annotated[bool, typer.Option("--short", help="wait shortly, not as in production")] = False,
    json: JsonOption = False,
) -> None:
    """Try every live connector over sockets against local servers that misbehave in every way.

    Seconds are from the last of a fault until the feed was up and up to date, by the feed's clock: days of silence, a
    month's quota and what the Unified Odds Feed takes pass faster. Avoidable is a lost tick that the provider would
    have said again. Exit code 1 when a connector did not recover, lost a tick avoidably, or used more than its quota.

    Example: bookstream drill-feeds betfair --fault half-open
    """
    chosen = runs(_known(connectors or CONNECTORS), fault or (), SHORT if short else Waits())
    if not chosen:
        raise Misconfigured(f"no connector chosen has the fault {', '.join(fault or ())}")
    began = time.monotonic()
    outcomes = asyncio.run(drill(chosen))
    _show(outcomes, time.monotonic() - began, json=json)
    if not all(each.passed for each in outcomes):
        raise typer.Exit(1)


def _known(names: Sequence[str]) -> Sequence[str]:
    unknown = [each for each in names if each not in CONNECTORS]
    if unknown:
        raise Misconfigured(f"no live connector is called {unknown[0]}: there are {', '.join(CONNECTORS)}")
    return names


def _show(outcomes: Sequence[Outcome], seconds: float, *, json: bool) -> None:
    failed = sum(not each.passed for each in outcomes)
    if json:
        rows = [dataclasses.asdict(each) | {"passed": each.passed} for each in outcomes]
        print_json({"failed": failed, "seconds": round(seconds, 1), "outcomes": rows})
        return
    table("The drill of the feeds", COLUMNS, [each.row() for each in outcomes])
    console.print(f"{len(outcomes)} faults, {failed} failed, in {seconds:.0f} s", highlight=False)

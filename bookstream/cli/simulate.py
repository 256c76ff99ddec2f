"""`bookstream simulate`: the whole system in memory, many times over, each time with other bad luck."""

import time
from typing import Annotated, Any

import typer
from rich.markup import escape

from bookstream.cli.output import JsonOption, console, errors, print_json, table
from bookstream.simulation.campaign import Found, Tally, campaign, replay, run_seed, shrunk
from bookstream.simulation.plan import STEPS
from domain.errors import Misconfigured

SHRUNK = 3
"""Of how many failing seeds the least failing run is looked for."""
SECOND = 1_000_000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate")(simulate)


def simulate(
    *,
    seeds: Annotated[int, typer.Option(help="how many runs", min=1)] = 10_000,
    first: Annotated[int, typer.Option(help="the seed of the first run", min=0)] = 0,
    seed: Annotated[int | None, typer.Option(help="one run, of this seed", min=0)] = None,
    steps: Annotated[int, typer.Option(help="what happens in a run: acts and faults", min=1)] = STEPS,
    only: Annotated[str, typer.Option(help="with --seed: only these steps, as 0,3,17")] = "",
    jobs: Annotated[int, typer.Option(help="processors", min=1)] = 2,
    trace: Annotated[bool, typer.Option("--trace", help="with --seed: say what happens")] = False,
    json: JsonOption = False,
) -> None:
    """Run the agents on a log in memory: providers, customers and faults drawn from a seed, money watched all the time.

    After each unit of work the ledger, the accounts, the bets and the house's exposure must agree; at the end of a run
    the topics and tables must be what `verify` proves. A run that breaks a rule is shrunk to the least that does, and
    the command is printed that shows it. Exit code 1: a rule was broken.

    Example: bookstream simulate --seeds 1000
    """
    began = time.monotonic()
    if seed is not None:
        say = (lambda line: errors.print(escape(line), highlight=False, soft_wrap=True)) if trace else None
        found = run_seed(seed, steps, _numbers(only), say)
        outcome = found.outcome
        tally = Tally(1, outcome.events, outcome.units, outcome.faults, outcome.simulated_us,
                      [found] if outcome.violated else [])  # fmt: skip
    else:
        tally = Tally()
        with errors.status("simulating") as status:
            for part in campaign(first, seeds, steps=steps, jobs=jobs):
                tally.add(part)
                status.update(f"simulating: {tally.seeds:,} of {seeds:,} seeds, {len(tally.found)} violations")
    seconds = time.monotonic() - began
    told = [_told(each, shrinking=not only and n < SHRUNK) for n, each in enumerate(tally.found)]
    _show(tally, told, seconds, json=json)
    if tally.found:
        raise typer.Exit(1)


def _numbers(only: str) -> tuple[int, ...]:
    try:
        return tuple(int(each) for each in only.split(",") if each)
    except ValueError as error:
        raise Misconfigured(f"--only {only}: steps are numbers with commas between them") from error


def _told(found: Found, *, shrinking: bool) -> dict[str, Any]:
    outcome = found.outcome
    told = {
        "seed": found.seed, "step": outcome.step, "rule": outcome.rule, "subject": outcome.subject,
        "found": outcome.found, "replay": found.replay,
    }  # fmt: skip
    if shrinking:
        least, kept = shrunk(found)
        told |= {"shrunk": replay(found.seed, found.steps, kept), "shrunk_steps": len(kept), "least": least.found}
    return told


def _show(tally: Tally, told: list[dict[str, Any]], seconds: float, *, json: bool) -> None:
    figures = {
        "seeds": tally.seeds, "events": tally.events, "units": tally.units, "faults": tally.faults,
        "violations": len(tally.found), "seconds": round(seconds, 1),
        "times_real_time": round(tally.simulated_us / SECOND / seconds),
    }  # fmt: skip
    for each in told:
        what = escape(f"{each['rule']}: {each['subject']}: {each['found']}")
        errors.print(f"[red]seed {each['seed']} at step {each['step']}[/]: {what}", highlight=False, soft_wrap=True)
        errors.print(f"  {each.get('shrunk', each['replay'])}", highlight=False, soft_wrap=True)
    if json:
        print_json({**figures, "found": told})
        return
    table("Simulated", list(figures), [list(figures.values())])
    console.print("[green]no violation[/]" if not told else f"[red]{len(told):,} violations[/]")

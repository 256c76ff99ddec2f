"""`bookstream bench`: the performance claims, measured."""

from importlib import import_module
from typing import Annotated

import typer

from bookstream.cli.output import JsonOption


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bench")(bench)


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

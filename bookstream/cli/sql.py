"""`bookstream sql`: a question to history."""

from typing import Annotated

import typer

from bookstream import history
from bookstream.cli.output import JsonOption, console, print_json, table
from bookstream.settings import settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sql")(sql)


def sql(
    query: Annotated[str, typer.Argument(help='for instance "SELECT * FROM bet_acceptance"')],
    *,
    json: JsonOption = False,
) -> None:
    """Ask history, read-only, wherever it is: a server, the embedded engine, or the worker that holds it.

    Example: bookstream sql "SELECT selection, count() FROM price_history GROUP BY selection"
    """
    answer = history.ask(settings(), query)
    if json:
        print_json({"columns": list(answer.columns), "rows": [list(row) for row in answer.rows]})
    else:
        table("", answer.columns, answer.rows)
        console.print(f"[dim]{len(answer.rows)} rows[/]")

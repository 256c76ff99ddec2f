"""What people read and what programs read: tables and pictures, or one JSON object on the last line."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from domain.audit.difference import Difference
from domain.errors import BookstreamError

# Providers' ids have colons; none of them is a picture.
console = Console(emoji=False)
errors = Console(stderr=True, emoji=False)

JsonOption = Annotated[bool, typer.Option("--json", help="print one JSON object as the last line, for programs")]


def fail(error: BookstreamError) -> None:
    """Print an error as its one sentence."""
    errors.print(f"[bold red]bookstream:[/] {escape(str(error))}", highlight=False, soft_wrap=True)


def print_json(value: object) -> None:
    """Print one JSON object on one line of standard output."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS, default=str).decode())


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table; a column whose cells are numbers is aligned to the right. Brackets in cells are no markup."""
    cells = [list(row) for row in rows]
    picture = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=None, pad_edge=False)
    for index, name in enumerate(columns):
        numeric = all(isinstance(row[index], int | float) for row in cells)
        picture.add_column(name, justify="right" if numeric and cells else "left", overflow="fold")
    for row in cells:
        picture.add_row(*(f"{cell:,}" if isinstance(cell, int) else escape(str(cell)) for cell in row))
    console.print(picture)


def show_differences(differences: Sequence[Difference], most: int = 20) -> None:
    """Print the first of what a proof found."""
    for found in differences[:most]:
        console.print(f"[red]{escape(found.rule)}[/] {escape(f'{found.subject}: {found.found}')}", highlight=False)
    if len(differences) > most:
        console.print(f"[dim]and {len(differences) - most:,} more[/]")

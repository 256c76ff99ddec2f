"""`bookstream provider`: who the providers are, and the skeleton of a new one."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from bookstream.cli.output import JsonOption, console, print_json, table
from bookstream.feed_sources import LIVE
from bookstream.scaffold.provider import write_provider
from bookstream.topics import raw_topic
from connectors import PROVIDERS
from domain.errors import Misconfigured

app = typer.Typer(help="List the providers, and write the skeleton of a new one.", no_args_is_help=True)


@app.command("list")
def list_providers(*, json: JsonOption = False) -> None:
    """List the providers whose feeds are read, live or from recorded files.

    Example: bookstream provider list
    """
    rows = [(name, "live, recorded" if name in LIVE else "recorded", raw_topic(name)) for name in sorted(PROVIDERS)]
    names = ("provider", "read", "topic")
    if json:
        print_json({"providers": [dict(zip(names, row, strict=True)) for row in rows]})
    else:
        table("Providers", names, rows)


@app.command("new")
def new_provider(
    name: Annotated[str, typer.Argument(help="one word of small letters and digits")],
    *,
    title: Annotated[str, typer.Option(help="as people write it; unset: the name")] = "",
    root: Annotated[Path, typer.Option(help="the checkout to write into")] = Path(),
    json: JsonOption = False,
) -> None:
    """Write a bookmaker's connector, words, sample and tests into a checkout, and name it where providers are named.

    What is written passes `make check` and its own tests; docs/providers.md says what to change. Exit code 2: the name
    is none or is taken, or this is no checkout; nothing is written then.

    Example: bookstream provider new acme --title "Acme Bet"
    """
    written = write_provider(root, name, title or name.capitalize())
    shown = [*(str(path.relative_to(root)) for path in written), *_documents(root)]
    if json:
        print_json({"provider": name, "written": shown})
        return
    for path in shown:
        console.print(path)
    console.print(f"next: uv run pytest tests/unit/connectors/test_{name}.py, then docs/providers.md")


def _documents(root: Path) -> list[str]:
    """Write the documents that name topics anew, by the changed checkout's own code; return their paths."""
    argv = [sys.executable, "-m", "bookstream.contracts", "docs"]
    done = subprocess.run(argv, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode:
        raise Misconfigured(f"the contracts' documents could not be written: {done.stderr.strip()}")
    return [line.removesuffix(" written") for line in done.stdout.splitlines()]

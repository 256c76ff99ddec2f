"""`bookstream topics`: the topics that the code declares, on the broker."""

import typer

from bookstream import topic_admin
from bookstream.cli.output import JsonOption, console, print_json, table
from bookstream.settings import settings
from bookstream.stack import bootstrap
from bookstream.topics import ALL

app = typer.Typer(help="List, apply and check the topics that the code declares.", no_args_is_help=True)


@app.command("list")
def list_topics(*, json: JsonOption = False) -> None:
    """List the declared topics.

    Example: bookstream topics list
    """
    names = ("topic", "record", "key", "partitions", "keeps", "reaches")
    rows = [
        (t.name, t.record or "bytes", t.key, t.partitions, t.keep, "every partition" if t.broadcast else "by key")
        for t in ALL
    ]
    if json:
        print_json({"topics": [dict(zip(names, row, strict=True)) for row in rows]})
    else:
        table("Topics", names, rows)


@app.command("apply")
def apply_topics(*, json: JsonOption = False) -> None:
    """Create the topics that are missing and report those that differ; nothing is ever deleted.

    Exit code 1 when a topic that exists differs from its declaration.

    Example: BOOKSTREAM_KAFKA=localhost:9092 bookstream topics apply
    """
    report = topic_admin.apply(bootstrap(settings()), settings())
    _show(report.created, report.drift, json=json)


@app.command("check")
def check_topics(*, json: JsonOption = False) -> None:
    """Report missing topics and those that differ; change nothing. Exit code 1 when there are any.

    Example: bookstream topics check --json
    """
    _show([], topic_admin.drift(bootstrap(settings()), settings()), json=json)


def _show(created: list[str], drift: list[topic_admin.Drift], *, json: bool) -> None:
    if json:
        print_json({"created": created, "drift": [vars_of(each) for each in drift]})
    else:
        console.print(f"{len(created)} created, {len(drift)} differ")
        if drift:
            columns = ("topic", "setting", "declared", "found")
            table("Drift", columns, [(d.topic, d.setting, d.declared, d.found) for d in drift])
    if drift:
        raise typer.Exit(1)


def vars_of(drift: topic_admin.Drift) -> dict[str, str]:
    """Return a drift as a JSON object."""
    return {"topic": drift.topic, "setting": drift.setting, "declared": drift.declared, "found": drift.found}

"""`bookstream verify` and `bookstream explain`."""

from collections import Counter
from typing import Annotated

import typer
from rich.tree import Tree

from bookstream import history
from bookstream.cli.output import JsonOption, console, errors, print_json, table
from bookstream.proof.explain import Explanation, explain_id
from bookstream.proof.verify import Verifier
from bookstream.settings import settings
from bookstream.stack import bootstrap

SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("verify")(verify)
    app.command("explain")(explain)


def verify(
    *,
    without_history: Annotated[bool, typer.Option("--without-history", help="do not compare with ClickHouse")] = False,
    json: JsonOption = False,
) -> None:
    """Recompute decisions, exposure and ledger from the topics; compare with the tables and with history.

    Run it when nothing is in flight. Exit code 1 on any difference.

    Example: bookstream verify --json
    """
    ask = None if without_history else lambda sql: history.ask(settings(), sql)
    with errors.status("verifying") as status:
        verifier = Verifier(bootstrap(settings()), ask, settings().kafka_security)
        findings = verifier.run(lambda step: status.update(f"verifying {step}"))
    differences = findings.differences
    if json:
        shown = [{"rule": d.rule, "subject": d.subject, "found": d.found} for d in differences]
        print_json({"ok": not differences, "checked": dict(findings.checked), "differences": shown})
    else:
        by_rule = Counter(difference.rule for difference in differences)
        rows = [(rule, checked, by_rule[rule]) for rule, checked in sorted(findings.checked.items())]
        table("Verified", ("rule", "checked", "differences"), rows)
        for difference in differences[:SHOWN]:
            console.print(f"[red]{difference.rule}[/] {difference.subject}: {difference.found}", highlight=False)
        total = sum(findings.checked.values())
        verdict = "[green]clean[/]" if not differences else f"[red]{len(differences):,} differences[/]"
        console.print(f"{verdict}: {total:,} checks of {len(findings.checked)} rules")
    if differences:
        raise typer.Exit(1)


def explain(
    id: Annotated[str, typer.Argument(help="a bet id, leg id, quote event id, market id, or any event id")],  # noqa: A002
    *,
    json: JsonOption = False,
) -> None:
    """Show the chain from a bet or a quote back to the provider's bytes.

    Exit code 1 when nothing is known under this id.

    Example: bookstream explain 4f0c7a52-demo-17
    """
    with errors.status(f"looking for {id}"):
        found = explain_id(bootstrap(settings()), id, settings().kafka_security)
    if json:
        print_json(found.as_json() if found else {"id": id, "found": False})
    elif found:
        console.print(_tree(found))
    if not found:
        errors.print(f"nothing is known under {id}")
        raise typer.Exit(1)


def _tree(explanation: Explanation, tree: Tree | None = None) -> Tree:
    label = f"[bold]{explanation.kind}[/] {explanation.title}\n[dim]{explanation.place}[/]"
    branch = tree.add(label) if tree is not None else Tree(label)
    for name, value in explanation.figures.items():
        branch.add(f"[dim]{name}[/] {value}")
    for cause in explanation.causes:
        _tree(cause, branch)
    return branch

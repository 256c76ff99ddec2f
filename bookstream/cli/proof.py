"""`bookstream verify` and `bookstream explain`."""

from collections import Counter
from typing import Annotated

import typer
from rich.markup import escape
from rich.tree import Tree

from bookstream import history
from bookstream.cli.cluster import cluster
from bookstream.cli.output import JsonOption, console, errors, print_json, show_differences, table
from bookstream.money.signing import trusted_by
from bookstream.proof.explain import explain_id
from bookstream.proof.explanation import Explanation
from bookstream.proof.verify import Verifier
from bookstream.rules import account_rules
from bookstream.settings import settings

NAMED = "the id of a bet (or CUSTOMER/BET), a leg, a market (or MARKET@VERSION), a transfer, or any event"


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

    Run it when nothing is in flight, with the BOOKSTREAM_RULES of the workers. What would be held against records
    that their topic no longer keeps is counted as unknown. Exit code 1: any difference; 3: no broker or no history.

    Example: bookstream verify --json
    """
    ask = None if without_history else lambda sql: history.ask(settings(), sql)
    with errors.status("verifying") as status:
        address, security = cluster()
        verifier = Verifier(address, ask, account_rules(settings()), security, trusted_by(settings()))
        findings = verifier.run(lambda step: status.update(f"verifying {step}"))
    differences = findings.differences
    if json:
        shown = [{"rule": d.rule, "subject": d.subject, "found": d.found} for d in differences]
        counts = {"checked": dict(findings.checked), "unknown": dict(findings.unknown)}
        print_json({"ok": not differences, **counts, "differences": shown})
    else:
        by_rule = Counter(difference.rule for difference in differences)
        rules = sorted(findings.checked.keys() | findings.unknown.keys())
        rows = [(rule, findings.checked[rule], findings.unknown[rule], by_rule[rule]) for rule in rules]
        table("Verified", ("rule", "checked", "unknown", "differences"), rows)
        show_differences(differences)
        total = sum(findings.checked.values())
        verdict = "[green]clean[/]" if not differences else f"[red]{len(differences):,} differences[/]"
        console.print(f"{verdict}: {total:,} checks of {len(findings.checked)} rules")
    if differences:
        raise typer.Exit(1)


def explain(
    id: Annotated[str, typer.Argument(help=NAMED)],  # noqa: A002 - what it is called on the command line
    *,
    json: JsonOption = False,
) -> None:
    """Show the chain from a bet, its settlement or a quote back to the provider's bytes.

    Exit code 1: nothing is known under this id; 2: several customers have a bet of this id; 3: no broker.

    Example: bookstream explain 4f0c7a52-demo-17
    """
    with errors.status(f"looking for {escape(id)}"):
        address, security = cluster()
        found = explain_id(address, id, security)
    if json:
        print_json(found.as_json() if found else {"id": id, "found": False})
    elif found:
        console.print(_tree(found))
    if not found:
        errors.print(f"nothing is known under {escape(id)}", highlight=False)
        raise typer.Exit(1)


def _tree(explanation: Explanation, tree: Tree | None = None) -> Tree:
    label = f"[bold]{escape(explanation.kind)}[/] {escape(explanation.title)}\n[dim]{escape(explanation.place)}[/]"
    branch = tree.add(label) if tree is not None else Tree(label)
    for name, value in explanation.figures.items():
        branch.add(f"[dim]{escape(name)}[/] {escape(value)}")
    for cause in explanation.causes:
        _tree(cause, branch)
    return branch

"""`bookstream demo`: a real match through the whole system, and the proof that what came out is right."""

import shutil
import time
from typing import Annotated

import typer
from rich.markup import escape

from bookstream.cli.output import JsonOption, console, print_json, show_differences, table
from bookstream.demo import rules_file
from bookstream.demo.books import Books
from bookstream.demo.run import Demo, Outcome
from bookstream.local import LocalStack
from bookstream.settings import settings
from ops.progress import shown

SPEED = 100.0

LOOK_FURTHER = """
Look further, with [bold]export BOOKSTREAM_DATA_DIR={} BOOKSTREAM_RULES={}[/]:
  bookstream sql "SELECT * FROM price_ohlc LIMIT 20"   history, with nothing running
  bookstream up --no-clock                             the same system again, on the same data
  bookstream explain demo-000042                       one bet, back to the provider's bytes
  bookstream settle --list                             markets that wait for a person's word
  bookstream verify                                    the proof once more"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    speed: Annotated[float, typer.Option(help="times real time; 0 is as fast as possible", min=0)] = SPEED,
    *,
    json: JsonOption = False,
) -> None:
    """Replay a real match through Kafka, the workers and ClickHouse; bet on it; prove the result.

    Needs no key, no network beyond the package registries, and no other terminal. State goes to <data dir>/demo and is
    made anew each time. Customers pay in, bet, and are paid; the exchange closes one market with a wrong winner first,
    and what was paid is corrected. Exit code 0 only when `verify` is clean, the match came out as it really ended, and
    the house's books balance.

    Example: bookstream demo --json
    """
    given = settings().local(settings().data_dir / "demo", rules_file())
    shutil.rmtree(given.data_dir, ignore_errors=True)
    env = {"BOOKSTREAM_SINK_BATCH_SECONDS": "0.5"}
    began = time.monotonic()
    with shown() as progress:
        stack = LocalStack(given, leashed=True, progress=progress, env=env).start()
    try:
        outcome = Demo(
            given, stack, speed=speed or None, screen=console if console.is_terminal and not json else None
        ).run()
    finally:
        stack.stop()
    if json:
        print_json(_as_json(outcome, time.monotonic() - began))
    else:
        _show(outcome, time.monotonic() - began)
        console.print(LOOK_FURTHER.format(given.data_dir, given.rules))
    if outcome.findings.differences or outcome.problems:
        raise typer.Exit(1)


def _as_json(outcome: Outcome, seconds: float) -> dict[str, object]:
    findings = outcome.findings
    return {
        "topics": outcome.topics,
        "bets": {**outcome.bets, "refused": outcome.refused, "profit_if": outcome.profit},
        "settlement": outcome.books.as_json(),
        "sql": [{"question": q, "columns": list(a.columns), "rows": [list(r) for r in a.rows]} for q, a in outcome.sql],
        "verify": {
            "ok": not findings.differences and not outcome.problems,
            "checked": dict(findings.checked),
            "differences": [{"rule": d.rule, "subject": d.subject, "found": d.found} for d in findings.differences],
            "problems": outcome.problems,
        },
        "seconds": round(seconds, 1),
    }


def _show_books(books: Books) -> None:
    counts = [("  " + status.lower().replace("_", " "), f"{count:,}") for status, count in sorted(books.bets.items())]
    money = [
        ("paid in by customers", books.paid_in_minor), ("in customers' accounts", books.customers_minor),
        ("stakes of open bets", books.open_stakes_minor), ("the house's profit", books.profit_minor),
        ("all accounts together", books.sum_minor),
    ]  # fmt: skip
    if books.other_minor:
        money.insert(-1, ("elsewhere", books.other_minor))
    bets = [
        ("staked", f"{books.staked_minor / 100:,.2f}"), ("paid out", f"{books.returned_minor / 100:,.2f}"),
        ("bets", f"{books.bets.total():,}"), *counts,
        ("  settled otherwise, after the exchange's correction", f"{books.corrected:,}"),
    ]  # fmt: skip
    table("\nThe house's books", ("", ""), [*((name, f"{amount / 100:,.2f}") for name, amount in money), *bets])


def _show(outcome: Outcome, seconds: float) -> None:
    table("What landed", ("topic", "records"), outcome.topics.items())
    bets = [(name.lower(), count) for name, count in outcome.bets.items()]
    reasons = [(f"  {code.lower().replace('_', ' ')}", count) for code, count in outcome.refused.items()]
    table("\nBets by decision", ("decision", "bets"), bets + reasons)
    rows = [
        (market, "   ".join(f"{selection} {amount:+,.2f}" for selection, amount in by_selection.items()))
        for market, by_selection in outcome.profit.items()
    ]
    table("\nWhat the house wins or loses, by outcome", ("market", "profit if it wins"), rows)
    _show_books(outcome.books)
    for question, answer in outcome.sql:
        table(f"\n{question}", answer.columns, answer.rows)
    total = sum(outcome.findings.checked.values())
    show_differences(outcome.findings.differences)
    for problem in outcome.problems:
        console.print(f"[red]{escape(problem)}[/]", highlight=False)
    clean = not outcome.findings.differences and not outcome.problems
    verdict = "[bold green]clean[/]" if clean else "[bold red]not clean[/]"
    rules = len(outcome.findings.checked)
    console.print(f"\nverify: {verdict}: {total:,} checks of {rules} rules, in {seconds:.0f} s in all")

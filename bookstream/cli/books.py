"""`bookstream books`: customers' statements, and the end-of-day report of the house."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec
import typer
from rich.markup import escape

from bookstream import history
from bookstream.books.asking import Period, day, period
from bookstream.books.day import day_books
from bookstream.books.statement import Bet, Statement, statement
from bookstream.cli.cluster import cluster
from bookstream.cli.output import JsonOption, console, errors, print_json, table
from bookstream.reading import PartitionReader
from bookstream.settings import settings
from domain.audit.day import DayReport, DayRow, end_of_day
from domain.errors import ContractViolation, Misconfigured
from domain.money.ids import plain_id
from sinks.clickhouse.client import Answer

SHOWN = 20

app = typer.Typer(help="Customers' statements and the house's books.", no_args_is_help=True)


@app.command("statement")
def show_statement(
    customer: Annotated[str, typer.Argument(help="the customer's id")],
    since: Annotated[str | None, typer.Option("--from", help="a date or an instant of UTC; else the beginning")] = None,
    until: Annotated[str | None, typer.Option("--until", help="the end, which is not in it; else now")] = None,
    *,
    json: JsonOption = False,
) -> None:
    """Show a customer's account entry by entry, the open bets, and what settled bets returned.

    Exit code 1: nothing is known of the customer; 2: the question is none; 3: no history.

    Example: bookstream books statement alice --from 2026-11-01 --until 2026-12-01
    """
    try:
        plain_id("customer_id", customer)
    except ContractViolation as violation:
        raise Misconfigured(str(violation)) from violation
    asked = period(since, until)
    found = statement(_ask, customer, asked)
    if json:
        print_json(_statement_json(found) if found is not None else {"customer_id": customer, "found": False})
    elif found is not None:
        _show_statement(found, asked)
    if found is None:
        errors.print(f"nothing is known of customer {escape(customer)} {asked.text}".rstrip(), highlight=False)
        raise typer.Exit(1)


@app.command("day")
def show_day(
    date: Annotated[str | None, typer.Argument(help="a day of UTC, for instance 2026-11-21; else today")] = None,
    *,
    without_log: Annotated[bool, typer.Option("--without-log", help="do not read ledger.entries itself")] = False,
    json: JsonOption = False,
) -> None:
    """Tie a day's ledger, bets and accounts together to zero, for each customer and in total.

    The balances are by the ledger's entries, what lies between them by transfers, decisions and settlements, and
    history's entries are held against the topic's. Run it when nothing of the day is in flight. Exit code 1: any
    difference; 2: no such day; 3: no history or no broker.

    Example: bookstream books day 2026-11-21
    """
    which, asked = day(date, datetime.now(UTC).date())
    with errors.status(f"tying the books of {which}"), ExitStack() as open_until:
        reader = None if without_log else open_until.enter_context(PartitionReader(*cluster()))
        report = end_of_day(day_books(_ask, asked, reader))
    if json:
        print_json({"day": which.isoformat(), "currency": settings().currency, **_day_json(report)})
    else:
        _show_day(which.isoformat(), report)
    if report.differences:
        raise typer.Exit(1)


def _ask(sql: str) -> Answer:
    return history.ask(settings(), sql)


def _money(minor: int) -> str:
    return f"{Decimal(minor) / 100:,.2f}"


def _at(micros: int) -> str:
    return datetime.fromtimestamp(micros // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _statement_json(found: Statement) -> dict[str, Any]:
    return {**msgspec.to_builtins(found), "found": True, "open_stakes_minor": found.open_stakes_minor}


def _show_statement(found: Statement, asked: Period) -> None:
    console.print(f"[bold]{escape(found.customer_id)}[/] {asked.text}, {escape(found.currency)}", highlight=False)
    lines: list[Sequence[Any]] = [("", "opening balance", "", "", _money(found.opening_minor))]
    lines += [
        (_at(line.at), line.kind, line.reference, _money(line.amount_minor), _money(line.balance_minor))
        for line in found.entries
    ]
    lines.append(("", "closing balance", "", "", _money(found.closing_minor)))
    table("Account", ("at", "entry", "for", "amount", "balance"), lines)
    bet = ("bet", "taken at", "on", "stake", "odds")
    table("Open bets", (*bet, "may return"), [(*_taken(b), _money(b.may_return_minor)) for b in found.open_bets])
    table("Settled bets", (*bet, "returned", "made", "settled at", "is"), [_settled(b) for b in found.settled_bets])
    console.print(f"made of settled bets: {_money(found.made_minor)}; staked on open ones: "
                  f"{_money(found.open_stakes_minor)}", highlight=False)  # fmt: skip


def _taken(bet: Bet) -> tuple[str, ...]:
    odds = f"{Decimal(bet.odds) / 1000:.3f}"
    return bet.bet_id, _at(bet.accepted_at), "\n".join(bet.selections), _money(bet.stake_minor), odds


def _settled(bet: Bet) -> tuple[str, ...]:
    made = _money(bet.returned_minor - bet.stake_minor)
    return *_taken(bet), _money(bet.returned_minor), made, _at(bet.changed_at), bet.status


def _row_json(row: DayRow) -> dict[str, Any]:
    return {**msgspec.to_builtins(row), "difference_minor": row.closing_minor - row.due_minor}


def _day_json(report: DayReport) -> dict[str, Any]:
    return {
        "ok": not report.differences,
        "total": _row_json(report.total),
        "customers": [_row_json(row) for row in report.customers],
        "checked": report.checked,
        "unknown": report.unknown,
        "differences": [{**msgspec.to_builtins(each), "size_minor": each.size_minor} for each in report.differences],
    }


def _show_day(which: str, report: DayReport) -> None:
    columns = ("customer", "opening", "deposits", "withdrawals", "charges", "stakes", "returns", "closing", "off by",
               "open stakes", "house's win")  # fmt: skip
    shown = [*report.customers[:SHOWN], report.total]
    table(f"Books of {which}, {settings().currency}", columns, [_day_row(row) for row in shown])
    if len(report.customers) > SHOWN:
        console.print(f"[dim]the first {SHOWN} of {len(report.customers):,} customers; --json has all[/]")
    if report.differences:
        rows = [
            (each.rule, each.subject, _money(each.expected_minor), _money(each.found_minor), _money(each.size_minor))
            for each in report.differences[:SHOWN]
        ]
        table("Differences", ("rule", "of", "expected", "found", "off by"), rows)
        if len(report.differences) > SHOWN:
            console.print(f"[dim]and {len(report.differences) - SHOWN:,} more[/]")
    unknown = "".join(f", {count:,} unknown of {rule}" for rule, count in report.unknown.items())
    verdict = f"[red]{len(report.differences):,} differences[/]" if report.differences else "[green]balanced[/]"
    console.print(f"{verdict}: {sum(report.checked.values()):,} figures tied by {len(report.checked)} rules{unknown}")


def _day_row(row: DayRow) -> tuple[str, ...]:
    figures = (row.opening_minor, row.deposits_minor, row.withdrawals_minor, row.charges_minor, row.stakes_minor,
               row.returns_minor, row.closing_minor, row.closing_minor - row.due_minor, row.open_stakes_minor,
               row.win_minor)  # fmt: skip
    return row.customer_id or "all", *map(_money, figures)

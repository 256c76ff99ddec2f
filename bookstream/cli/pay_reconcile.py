"""`bookstream pay reconcile`: the provider's statement of a day against the ledger, every difference with its class."""

import asyncio
import datetime as dt
import time
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from bookstream.cli.cluster import cluster
from bookstream.cli.output import JsonOption, console, print_json, table
from bookstream.codecs import decode
from bookstream.outlet import Outlet
from bookstream.paying import provider
from bookstream.reading import read
from bookstream.settings import settings
from bookstream.topics import LEDGER, PAYMENT_ANSWERS
from connectors.payments.contract import PaymentProvider
from domain.errors import Misconfigured
from domain.events.betting import LedgerEntry
from domain.events.payments import PaymentAnswer
from domain.money.payment_answers import answer_by_itself
from domain.money.payment_entries import entry_lines
from domain.money.reconcile import Difference, Finding, PaymentLine, Reconciliation, reconcile

DAY = dt.timedelta(days=1)
DAY_US = 86_400 * 1_000_000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("reconcile")(reconcile_day)


def reconcile_day(
    day: Annotated[str, typer.Argument(help="UTC, such as 2026-05-31; unset: today")] = "",
    *,
    ask_after: Annotated[
        bool, typer.Option("--ask-after", help="ask the provider what became of what the ledger lacks")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Hold the payment provider's statement of a day against the ledger's entries.

    What is younger than an hour may be on its way. Exit code 1: there is a difference that is not on its way; 2: no
    provider is set; 3: no broker, or the provider does not answer.

    Example: bookstream pay reconcile 2026-05-31
    """
    date = _date(day)
    client = provider(settings())
    address, security = cluster()
    entries = entry_lines(
        decode(LedgerEntry, record.value)
        for record in read(address, [LEDGER.name], security)
        if record.value is not None
    )
    lines, answers = asyncio.run(_ask(client, date, entries, ask_after=ask_after))
    found = _of_day(lines, entries, date)
    if answers:
        outlet = Outlet(address, security)
        for answer in answers:
            outlet.send(PAYMENT_ANSWERS.name, answer)
        outlet.flush()
    _show(found, date, len(answers), json=json)
    if not found.is_clean:
        raise typer.Exit(1)


async def _ask(
    client: PaymentProvider, date: dt.date, entries: list[PaymentLine], *, ask_after: bool
) -> tuple[list[PaymentLine], list[PaymentAnswer]]:
    """Return the statement of the day and of those beside it, and what the provider says of what is missing."""
    async with client:
        lines = [line for day in (date - DAY, date, date + DAY) for line in await client.statement(day)]
        answers = []
        for key in _missing(_of_day(lines, entries, date).findings) if ask_after else ():
            said = await client.query(key)
            now = time.time_ns() // 1000
            answer = answer_by_itself(f"reconciled-{now}", said, now, "QUERY")
            answers += [answer] if answer is not None else []
    return lines, answers


def _missing(findings: Iterable[Finding]) -> list[str]:
    """Return the keys of what the provider did and the ledger does not know."""
    keys = [each.line.key for each in findings if each.line and Difference.MISSING_IN_LEDGER in each.differences]
    return sorted(set(keys))


def _of_day(lines: list[PaymentLine], entries: list[PaymentLine], date: dt.date) -> Reconciliation:
    since = int(dt.datetime.combine(date, dt.time(), dt.UTC).timestamp()) * 1_000_000
    return reconcile(lines, entries, at=time.time_ns() // 1000, since=since, until=since + DAY_US)


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text) if text else dt.datetime.now(dt.UTC).date()
    except ValueError as error:
        raise Misconfigured(f"{text!r} is no day such as 2026-05-31") from error


def _show(found: Reconciliation, date: dt.date, asked_after: int, *, json: bool) -> None:
    rows = [_row(each) for each in found.findings]
    if json:
        print_json({
            "day": date.isoformat(), "ok": found.is_clean, "matched": found.matched, "asked_after": asked_after,
            "provider_minor": found.provider_minor, "ledger_minor": found.ledger_minor,
            "unexplained_minor": found.unexplained_minor, "differences": rows,
        })  # fmt: skip
        return
    if rows:
        table(f"Differences of {date}", tuple(rows[0]), [tuple(row.values()) for row in rows])
    for currency in sorted(found.unexplained_minor):
        provided, booked = found.provider_minor.get(currency, 0), found.ledger_minor.get(currency, 0)
        console.print(
            f"{currency}: provider {provided / 100:,.2f}, ledger {booked / 100:,.2f},"
            f" unexplained {found.unexplained_minor[currency] / 100:,.2f}", highlight=False,
        )  # fmt: skip
    if asked_after:
        console.print(f"asked after {asked_after:,} payments; run this again when they are taken")
    verdict = "[green]clean[/]" if found.is_clean else "[red]differs[/]"
    console.print(f"{verdict}: {found.matched:,} payments of {date} are the same on both sides")


def _row(finding: Finding) -> dict[str, Any]:
    either = finding.line or finding.entry
    assert either is not None
    return {
        "class": " ".join(finding.differences), "key": either.key, "movement": either.movement.value,
        "provider_minor": finding.line.money_minor if finding.line else 0,
        "ledger_minor": finding.entry.money_minor if finding.entry else 0, "currency": either.currency,
    }  # fmt: skip

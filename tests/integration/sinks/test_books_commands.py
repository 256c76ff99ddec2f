"""`bookstream books` on the real engine: statements whose every cent is known, and days that tie to zero or do not."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from bookstream import history, topics
from bookstream.books.asking import Period
from bookstream.books.day import day_books
from bookstream.cli import books, output
from bookstream.cli.main import app
from bookstream.delivery.api import Record
from domain.audit.day import DayReport, end_of_day
from domain.events.betting import WalletTransfer
from domain.events.feeds import ClockTick
from domain.money.payment_terms import Outcome
from sinks.clickhouse.client import Answer, ClickHouse
from tests.integration.sinks.books_story import CORRECTED_AT, keep, told, win
from tests.unit.agents.payment_story import PaymentStory
from tests.unit.bookstream.proof.story import START, Story

DAY, NEXT = "2026-09-21", "2026-09-22"
runner = CliRunner()


@pytest.fixture
def story(monkeypatch: pytest.MonkeyPatch, database: ClickHouse) -> Story:
    """Tell the story; the command line asks the engine, and reads the topics that are in memory."""

    class Reader:
        def __init__(self, *_: object) -> None: ...

        def __enter__(self) -> "Reader":
            return self

        def __exit__(self, *_: object) -> None: ...

        def __call__(self, topic: str, partition: int) -> Iterator[Record]:
            return made.partition(topic, partition)

    def ask(_: object, sql: str) -> Answer:
        return database.ask(sql, read_only=True)

    made = told()
    monkeypatch.setattr(history, "ask", ask)
    monkeypatch.setattr(books, "PartitionReader", Reader)
    monkeypatch.setattr(books, "cluster", lambda: ("", {}))
    for each in (output.console, output.errors):
        monkeypatch.setattr(each, "width", 300)
    return made


def run(*argv: str, code: int = 0) -> Any:
    ran: Result = runner.invoke(app, ["books", *argv, "--json"])
    assert ran.exit_code == code, (ran.output, ran.exception)
    return orjson.loads(ran.stdout.splitlines()[-1])


def off(found: Any) -> list[tuple[str, str, int]]:
    return [(each["rule"], each["subject"], each["size_minor"]) for each in found["differences"]]


def returns(story: Story) -> int:
    """Return what ten pounds at the odds of the first match's home team come to."""
    return story.leg(story.markets()[0]).odds


async def test_the_day_ties_to_zero_for_each_customer_and_in_total(database: ClickHouse, story: Story) -> None:
    await keep(database, story)
    found, won = run("day", DAY), returns(story)
    assert (found["ok"], found["differences"], found["unknown"]) == (True, [], {})
    figures = {"opening": 0, "deposits": 20_000, "withdrawals": 0, "charges": 0, "stakes": 4000, "returns": won,
               "closing": 16_000 + won, "open_stakes": 2000, "win": 2000 - won, "difference": 0}  # fmt: skip
    assert found["total"] == {f"{name}_minor": minor for name, minor in figures.items()} | {"customer_id": ""}
    assert [(row["customer_id"], row["closing_minor"]) for row in found["customers"]] == [
        ("ann", 8000 + won), ("ben", 8000)
    ]  # fmt: skip
    assert found["checked"]["stakes by bet"] == 4
    assert found["checked"]["history has the ledger's entries"] > 5


async def test_a_correction_belongs_to_its_day_and_the_next_day_opens_with_what_the_last_closed(
    database: ClickHouse, story: Story
) -> None:
    won, lost = returns(story), story.leg(story.markets()[0], "away").odds
    win(story, story.markets()[0], "away", CORRECTED_AT)
    await keep(database, story)
    first, second = run("day", DAY), run("day", NEXT)
    assert first["ok"]
    assert second["ok"]
    assert second["total"]["opening_minor"] == first["total"]["closing_minor"] == 16_000 + won
    # ann's return is taken back, ben's is paid, and his double is lost by its first leg.
    assert second["total"]["returns_minor"] == lost - won
    assert second["total"]["win_minor"] == 1000 - (lost - won)
    assert second["total"]["open_stakes_minor"] == 1000
    assert run("day", "2026-09-20")["customers"] == []


async def test_an_entry_that_history_lost_is_found_with_its_size(database: ClickHouse, story: Story) -> None:
    await keep(database, story)
    database.do("DELETE FROM ledger_entries WHERE entry_id = 'ann/won.settle.v1'")
    found, won = off(run("day", DAY, code=1)), returns(story)
    assert ("returns by bet", "ann/won", -won) in found
    assert ("open stakes by bet", "ann/won", 1000) in found
    assert ("closing balance", "ann", -won) in found
    assert ("closing balance", "all customers", -won) in found
    assert ("house's profit", "all customers", won - 1000) in found
    assert ("account as published", "ann", won) in found
    assert ("history has the ledger's entries", "customer:ann:cash", -won) in found


async def test_a_settlement_that_says_one_cent_more_is_found(database: ClickHouse, story: Story) -> None:
    await keep(database, story)
    columns = database.columns("bet_settlements")
    changed = ", ".join("returned_minor + 1" if name == "returned_minor" else name for name in columns)
    database.do("CREATE TABLE one_more AS bet_settlements")
    database.do(f"INSERT INTO one_more SELECT {changed} FROM bet_settlements WHERE bet_id = 'won'")  # noqa: S608
    database.do("DELETE FROM bet_settlements WHERE bet_id = 'won'")
    database.do("INSERT INTO bet_settlements SELECT * FROM one_more")
    database.do("DROP TABLE one_more")
    assert off(run("day", DAY, code=1)) == [
        ("returns by bet", "ann/won", -1), ("closing balance", "ann", -1), ("house's profit", "ann", 1),
        ("closing balance", "all customers", -1), ("house's profit", "all customers", 1),
    ]  # fmt: skip


async def test_a_stake_that_was_booked_twice_is_found(database: ClickHouse, story: Story) -> None:
    await keep(database, story)
    columns = database.columns("ledger_entries")
    again = ", ".join({"entry_id": "'ann/open.again'", "_offset": "_offset + 1000"}.get(name, name) for name in columns)
    database.do(f"INSERT INTO ledger_entries SELECT {again} FROM ledger_entries WHERE entry_id = 'ann/open.stake'")  # noqa: S608
    found = off(run("day", DAY, code=1))
    assert ("stakes by bet", "ann/open", 1000) in found
    assert ("account as published", "ann", 1000) in found
    assert ("open stakes", "all customers", 1000) in found


async def test_a_transfer_that_broke_its_contract_asked_for_nothing(database: ClickHouse, story: Story) -> None:
    story.transfer("ann", 0, "nothing")
    story.log.run()
    assert len(story.log.records(topics.DEAD_LETTERS.name)) == 1
    await keep(database, story)
    assert run("day", DAY)["ok"]


async def test_a_transfer_that_nobody_booked_is_found_on_the_day_on_which_it_came(
    database: ClickHouse, story: Story
) -> None:
    story.send(
        topics.TRANSFERS,
        WalletTransfer(
            event_id="x", occurred_at=START, received_at=START, provider="cashier", transfer_id="lost",
            customer_id="ann", currency="GBP", amount_minor=700, reason="test",
        ),
    )  # fmt: skip
    await keep(database, story)
    assert ("transfers and payments", "ann/lost", -700) in off(run("day", DAY, code=1))
    assert run("day", NEXT)["ok"]


async def test_a_transfer_belongs_to_the_day_on_which_it_was_booked(database: ClickHouse, story: Story) -> None:
    midnight = START + (24 * 3600 - START // 1_000_000 % 86_400) * 1_000_000
    story.send(
        topics.CLOCK,
        ClockTick(event_id="tick", occurred_at=midnight + 1, received_at=midnight + 1, provider="clock"),
    )
    story.log.run()
    story.transfer("ann", 5, "late")
    story.log.run()
    await keep(database, story)
    assert run("day", DAY)["total"]["deposits_minor"] == 20_000
    assert run("day", NEXT)["total"]["deposits_minor"] == 5


async def test_payments_tie_whether_they_are_paid_declined_or_come_back(database: ClickHouse, story: Story) -> None:
    paying = PaymentStory()
    paying.pay("DEPOSIT", "in", 10_000)
    paying.cashier()
    paying.outcomes.extend((Outcome.DONE, Outcome.DECLINED, Outcome.DONE))
    for payment_id in ("paid", "declined", "back"):
        paying.pay("WITHDRAWAL", payment_id, 2_000)
    paying.cashier()
    paying.clock(24 * 3600)
    paying.book.finish("ann/back/payout", Outcome.RETURNED, paying.now)
    paying.webhook("ann/back/payout")
    await keep(database, paying)
    first, second = run("day", DAY, "--without-log"), run("day", NEXT, "--without-log")
    moved = [(day["total"]["deposits_minor"], day["total"]["withdrawals_minor"]) for day in (first, second)]
    assert moved == [(10_000, 4_000), (2_000, 0)]
    assert second["total"]["closing_minor"] == 8_000
    database.do("DELETE FROM payments WHERE payment_id = 'paid' AND status = 'PAID'")
    assert off(run("day", DAY, "--without-log", code=1)) == [
        ("transfers and payments", "ann/payment paid", -2_000), ("closing balance", "ann", -2_000),
        ("closing balance", "all customers", -2_000),
    ]  # fmt: skip


async def test_versions_that_are_not_in_the_order_of_time_at_the_end_are_unknown(
    database: ClickHouse, story: Story
) -> None:
    await keep(database, story)
    (last,) = database.ask(
        "SELECT max(toUnixTimestamp64Micro(occurred_at)) FROM accounts WHERE customer_id='ann'"
    ).rows[0]
    earlier = {"version": "version - 1", "_offset": "_offset + 1000", "occurred_at": "occurred_at + 1"}
    columns = ", ".join(earlier.get(name, name) for name in database.columns("accounts"))
    newest = "customer_id = 'ann' AND version = (SELECT max(version) FROM accounts WHERE customer_id = 'ann')"
    database.do(f"INSERT INTO accounts SELECT {columns} FROM accounts WHERE {newest}")  # noqa: S608
    report: DayReport = end_of_day(day_books(database.ask, Period(0, last + 1)))
    assert report.unknown == {"account as published": 1}
    assert report.differences == ()


async def test_people_see_the_day_and_its_differences(database: ClickHouse, story: Story) -> None:
    await keep(database, story)
    shown = runner.invoke(app, ["books", "day", DAY])
    assert shown.exit_code == 0
    assert "balanced: " in shown.stdout
    assert "200.00" in shown.stdout
    database.do("DELETE FROM ledger_entries WHERE entry_id = 'ben/lost.stake'")
    shown = runner.invoke(app, ["books", "day", DAY, "--without-log"])
    assert shown.exit_code == 1
    assert "stakes by bet" in shown.stdout
    assert "-10.00" in shown.stdout
    assert "history has" not in shown.stdout


async def test_a_statement_shows_the_account_the_open_bets_and_what_settled_ones_returned(
    database: ClickHouse, story: Story
) -> None:
    await keep(database, story)
    found, won = run("statement", "ann"), returns(story)
    assert (found["opening_minor"], found["closing_minor"], found["made_minor"]) == (0, 8000 + won, won - 1000)
    assert [(line["kind"], line["amount_minor"]) for line in found["entries"] if line["amount_minor"]] == [
        ("TRANSFER", 10_000), ("STAKE", -1000), ("STAKE", -1000), ("SETTLE", won)
    ]  # fmt: skip
    (open_bet,), (settled,) = found["open_bets"], found["settled_bets"]
    assert (open_bet["bet_id"], open_bet["status"], found["open_stakes_minor"]) == ("open", "OPEN", 1000)
    assert open_bet["selections"] == [f"{story.markets()[1]}:draw"]
    assert (settled["bet_id"], settled["returned_minor"], settled["status"]) == ("won", won, "CONFIRMED")
    shown = runner.invoke(app, ["books", "statement", "ann"])
    assert f"{won / 100:.2f}" in shown.stdout


async def test_a_statement_of_a_period_begins_with_what_was_there_and_ends_before_what_came_later(
    database: ClickHouse, story: Story
) -> None:
    win(story, story.markets()[0], "away", CORRECTED_AT)
    await keep(database, story)
    won = returns(story)
    first, second = run("statement", "ann", "--until", NEXT), run("statement", "ann", "--from", NEXT)
    assert (first["closing_minor"], first["made_minor"]) == (8000 + won, won - 1000)
    assert first["settled_bets"][0]["returned_minor"] == won
    assert (second["opening_minor"], second["closing_minor"], second["made_minor"]) == (8000 + won, 8000, -won)
    assert second["settled_bets"][0]["returned_minor"] == 0
    noon = run("statement", "ann", "--until", f"{DAY}T14:30")
    assert ([bet["bet_id"] for bet in noon["open_bets"]], noon["settled_bets"]) == (["open", "won"], [])
    assert run("statement", "ann", "--until", "2026-01-01", code=1) == {"customer_id": "ann", "found": False}


@pytest.mark.parametrize("customer", ["nobody", "' OR 1 = 1 --", "a\\", "ann' --"])
async def test_nothing_is_known_of_a_stranger_whatever_the_name(
    database: ClickHouse, story: Story, customer: str
) -> None:
    await keep(database, story)
    assert run("statement", customer, code=1) == {"customer_id": customer, "found": False}

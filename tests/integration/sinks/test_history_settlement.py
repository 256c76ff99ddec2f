"""Settlements in history: results that are there and results that are not, in lists and by themselves."""

import asyncio
from typing import Any

from bookstream import codecs
from bookstream.delivery.api import Record
from domain.events.head import Event
from domain.events.settlement import BetSettlement, LegSettlement, SettledLeg
from domain.settlement.result import HALF_WIN
from domain.settlement.telling import selection_result
from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.history import HistorySink

AT = 1_700_000_000_000_000
HEAD: dict[str, Any] = {"occurred_at": AT, "received_at": AT, "provider": "bookstream"}
NONE = selection_result("home", None)
WON = selection_result("home", HALF_WIN, known_at=1_700_000_000_000_000)


async def put(database: ClickHouse, topic: str, *events: Event) -> None:
    sink = HistorySink(database, codecs, batch_rows=1000, batch_seconds=0.05)
    await sink.assigned([(topic, 0)])
    records = [Record(topic, 0, n, 0, b"k", codecs.encode(each)) for n, each in enumerate(events)]
    await asyncio.gather(sink.add(topic, records), sink.flush())


def leg(version: int) -> LegSettlement:
    return LegSettlement(
        **HEAD, event_id=f"l{version}", leg_id="ann/b1/0", bet_id="b1", customer_id="ann", fixture_id="fx-1",
        market_id="fx-1/MATCH_ODDS/FT", selection_id="home", version=version,
        status="CONFIRMED" if version % 2 else "OPEN", result=WON if version % 2 else NONE, code="",
    )  # fmt: skip


async def test_a_leg_s_result_arrives_and_so_does_that_there_is_none(database: ClickHouse) -> None:
    await put(database, "bets.leg-results", leg(1), leg(2))
    rows = database.ask(
        "SELECT status, result.win, result.void_numerator, result.void_denominator "
        "FROM leg_settlements ORDER BY version"
    ).rows
    assert [tuple(row)[:2] for row in rows] == [("CONFIRMED", 1), ("OPEN", -1)]
    assert tuple(rows[0])[2:] == (1, 2)


async def test_a_bet_s_legs_arrive_in_order_with_and_without_results(database: ClickHouse) -> None:
    bet = BetSettlement(
        **HEAD, event_id="b1", bet_id="b1", customer_id="ann", version=2, status="PARTLY", currency="GBP",
        stake_minor=1000, returned_minor=0,
        legs=(
            SettledLeg(leg_id="ann/b1/0", version=1, status="CONFIRMED", result=WON, code=""),
            SettledLeg(leg_id="ann/b1/1", version=0, status="OPEN", result=NONE, code=""),
        ),
    )  # fmt: skip
    await put(database, "bets.settlements", bet)
    (row,) = database.ask("SELECT legs.status, legs.result.win, legs.result.known_at FROM bet_settlements").rows
    assert row[0] == ["CONFIRMED", "OPEN"]
    assert row[1] == [1, -1]
    assert row[2][0] is not None

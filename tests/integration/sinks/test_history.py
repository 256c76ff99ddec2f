"""The sink on the real embedded engine: once in effect, nothing lost, what breaks its contract set aside."""

import asyncio
from typing import Any

import pytest

from bookstream import codecs
from bookstream.delivery.api import Record
from bookstream.topics import PUBLIC
from domain.events.betting import WalletTransfer
from domain.events.canonical import MarketOdds, SelectionOdds
from domain.events.head import Event, Source
from ops.metrics import REGISTRY
from sinks.clickhouse.client import ClickHouse, migrate
from sinks.clickhouse.errors import HistoryUnavailable, QueryFailed
from sinks.clickhouse.history import HistorySink
from sinks.clickhouse.tables import table_of


def transfer(number: int) -> WalletTransfer:
    return WalletTransfer(
        event_id=f"t{number}", occurred_at=1_537_728_300_000_000 + number, received_at=1_537_728_300_000_000,
        provider="web", transfer_id=f"t{number}", customer_id=f"c{number % 7}", currency="GBP", amount_minor=number,
        reason="deposit",
    )  # fmt: skip


def odds(number: int) -> MarketOdds:
    return MarketOdds(
        event_id=f"o{number}", occurred_at=1_537_728_300_000_000 + number, received_at=1_537_728_300_000_001 + number,
        provider="betfair", source=Source("feeds.betfair.raw", 1, number) if number % 2 else None, fixture_id="fx-1",
        market_id="fx-1/MATCH_ODDS/FT", market_type="MATCH_ODDS", period="FT", line_milli=None, bookmaker="betfair",
        status="OPEN", in_play=True, bet_delay_s=5, late=False,
        selections=tuple(
            SelectionOdds(selection_id=side, name=side.title(), back_odds=price + number % 3, back_size_minor=5000)
            for side, price in (("home", 2000), ("draw", 3500), ("away", 4000))
        ),
    )  # fmt: skip


def record(topic: str, event: Event | bytes, offset: int, partition: int = 0) -> Record:
    value = event if isinstance(event, bytes) else codecs.encode(event)
    return Record(topic, partition, offset, 1_700_000_000_000 + offset, b"key", value, (("why", b"because"),))


def sink(database: Any) -> HistorySink:
    return HistorySink(database, codecs, batch_rows=1000, batch_seconds=0.05)


async def put(into: HistorySink, topic: str, records: list[Record]) -> None:
    await into.assigned([(topic, record.partition) for record in records])
    await asyncio.gather(into.add(topic, records), into.flush())


def count(database: ClickHouse, table: str, what: str = "count()") -> Any:
    return database.ask(f"SELECT {what} FROM {table}").rows[0][0]  # noqa: S608 - names are the tests' own


async def test_every_field_of_a_record_arrives_as_it_was_written(database: ClickHouse) -> None:
    await put(sink(database), "odds", [record("odds", odds(n), n) for n in range(10)])
    row = database.ask(
        "SELECT event_id, toUnixTimestamp64Micro(occurred_at), source.offset, line_milli, in_play, bet_delay_s, "
        "selections.back_odds, selections.lay_odds, _partition, _offset FROM odds WHERE event_id = 'o3'"
    ).rows[0]
    assert tuple(row) == ("o3", 1_537_728_300_000_003, 3, None, True, 5, [2000, 3500, 4000], [None] * 3, 0, 3)


async def test_records_that_come_again_after_a_restart_are_not_inserted_twice(database: ClickHouse) -> None:
    records = [record("wallet.transfers", transfer(n), n) for n in range(50)]
    rows = ("bookstream_sink_rows_total", {"table": "wallet_transfers"})
    before = REGISTRY.get_sample_value(*rows) or 0
    await put(sink(database), "wallet.transfers", records[:30])
    await put(sink(database), "wallet.transfers", records[10:])
    assert count(database, "wallet_transfers") == 50
    assert (REGISTRY.get_sample_value(*rows) or 0) - before == 50
    assert count(database, "wallet_transfers", "uniqExact(_offset)") == 50


async def test_a_table_into_which_nothing_came_shows_as_zero_and_not_as_unknown(database: ClickHouse) -> None:
    await sink(database).assigned([("statistics", 0)])
    assert REGISTRY.get_sample_value("bookstream_sink_rows_total", {"table": "statistics"}) == 0


async def test_the_offsets_of_one_partition_do_not_hide_those_of_another(database: ClickHouse) -> None:
    first = [record("wallet.transfers", transfer(n), n, partition=0) for n in range(20)]
    second = [record("wallet.transfers", transfer(100 + n), n, partition=1) for n in range(5)]
    await put(sink(database), "wallet.transfers", first)
    await put(sink(database), "wallet.transfers", second)
    assert count(database, "wallet_transfers") == 25


async def test_an_insert_that_landed_before_its_connection_broke_is_not_repeated(database: ClickHouse) -> None:
    class Breaking:
        """Breaks once, after the insert has landed, as a connection may."""

        broken = False

        def __getattr__(self, name: str) -> Any:
            return getattr(database, name)

        def insert_file(self, *args: Any) -> None:
            database.insert_file(*args)
            if not self.broken:
                self.broken = True
                raise HistoryUnavailable("the connection broke")

    breaking = Breaking()
    await put(sink(breaking), "wallet.transfers", [record("wallet.transfers", transfer(n), n) for n in range(40)])
    assert breaking.broken
    assert count(database, "wallet_transfers") == 40


async def test_nothing_is_lost_while_clickhouse_is_away(database: ClickHouse) -> None:
    class Away:
        """Refuses three times."""

        refusals = 3

        def __getattr__(self, name: str) -> Any:
            if self.refusals:
                self.refusals -= 1
                raise HistoryUnavailable("away")
            return getattr(database, name)

    away = Away()
    await put(sink(away), "wallet.transfers", [record("wallet.transfers", transfer(n), n) for n in range(10)])
    assert away.refusals == 0
    assert count(database, "wallet_transfers") == 10


SOUND = codecs.encode(transfer(1))
BROKEN = [b"", b"\x00\x00", b"garbage", b"\x00\x00\x00\xff\xff-", SOUND[:-3], SOUND + b"x"]


@pytest.mark.parametrize("broken", BROKEN)
async def test_what_breaks_its_contract_is_set_aside_with_its_bytes_and_the_rest_arrives(
    database: ClickHouse, broken: bytes
) -> None:
    sound = [record("wallet.transfers", transfer(n), n) for n in range(10)]
    records = [
        *sound[:5],
        record("wallet.transfers", broken, 5),
        *(record("wallet.transfers", transfer(n), n + 1) for n in range(5, 10)),
    ]
    await put(sink(database), "wallet.transfers", records)
    arrived = count(database, "wallet_transfers")
    aside = database.ask("SELECT _topic, _offset, length(value), reason != '' FROM undecodable").rows
    # A tail behind a sound body does no harm to others; everything else is set aside.
    assert (arrived, [tuple(row) for row in aside]) in (
        (10, [("wallet.transfers", 5, len(broken), True)]), (11, []),
    )  # fmt: skip


async def test_dead_letters_keep_their_bytes_and_headers(database: ClickHouse) -> None:
    await put(sink(database), "dead-letters", [record("dead-letters", b"\xff\xfe{", 0)])
    row = database.ask("SELECT hex(value), headers['why'] FROM dead_letters").rows[0]
    assert tuple(row) == ("FFFE7B", "because")


async def test_batches_are_inserted_by_time_when_they_do_not_fill(database: ClickHouse) -> None:
    running = sink(database)
    task = asyncio.create_task(running.run())
    await asyncio.wait_for(running.add("wallet.transfers", [record("wallet.transfers", transfer(1), 0)]), timeout=10)
    task.cancel()
    assert count(database, "wallet_transfers") == 1


def test_every_public_topic_has_a_table_and_the_token_has_no_column(database: ClickHouse) -> None:
    tables = {table_of(topic.name).name for topic in PUBLIC}
    assert all(database.columns(table) for table in tables)
    assert "token" not in database.columns("bet_requests")


def test_migrations_are_applied_once(database: ClickHouse) -> None:
    assert migrate(database) == []


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE odds",
        "SELECT 1; DROP TABLE odds",
        "SELECT 1 INTO OUTFILE 'x'",
        "INSERT INTO odds SELECT 1",
        "",
        "SET x=1",
    ],
)
def test_a_question_cannot_change_anything(database: ClickHouse, statement: str) -> None:
    with pytest.raises(QueryFailed, match="read-only"):
        database.ask(statement, read_only=True)


@pytest.mark.parametrize("question", ["SELECT ';DROP'", "with 1 as x select x", "SHOW TABLES", "DESCRIBE odds;"])
def test_a_question_is_answered(database: ClickHouse, question: str) -> None:
    assert database.ask(question, read_only=True).rows


async def test_views_answer_the_analysts_first_questions(database: ClickHouse) -> None:
    await put(sink(database), "odds", [record("odds", odds(n), n) for n in range(30)])
    overround = database.ask("SELECT bookmaker, ticks, round(median, 4) FROM overround_by_market").rows
    assert [tuple(row) for row in overround] == [("betfair", 30, round(1000 / 2001 + 1000 / 3501 + 1000 / 4001, 4))]
    for view in (
        "price_history",
        "price_ohlc",
        "provider_to_quote",
        "bet_acceptance",
        "liability_over_time",
        "closing_line_value",
    ):
        assert count(database, view) == 0

"""The load of the benches: the same each time, spread evenly, and readable by its ids."""

from itertools import islice

import pytest

from agents.book import book_context
from bench.each_event import each_event_context
from bench.load import KICK_OFF, START, Value, fixture_ids, fixtures, ticks, values
from bench.probe import event_id
from bookstream.codecs import decode, encode
from bookstream.delivery.api import Batch, Context, Record
from bookstream.delivery.memory import MemoryOutbox, MemoryShard
from bookstream.partitioner import partition_for
from bookstream.topics import FIXTURES, ODDS, PARTITIONS, QUOTES
from domain.events.canonical import MarketOdds
from domain.events.trading import Quote


def test_fixtures_are_spread_evenly_over_the_partitions() -> None:
    found = [partition_for(name.encode(), PARTITIONS) for name in fixture_ids(200)]
    assert {partition: found.count(partition) for partition in range(PARTITIONS)} == dict.fromkeys(
        range(PARTITIONS), 25
    )


def test_the_load_is_the_same_each_time() -> None:
    ids = fixture_ids(16)
    assert list(values(ticks(ids), 300)) == list(values(ticks(ids), 300))
    assert list(values(ticks(ids), 300)) != list(values(ticks(ids, seed=2), 300))


def test_ticks_come_in_the_logs_time_before_the_kick_off() -> None:
    at = [tick.received_at for tick in islice(ticks(fixture_ids(8), gap_us=500), 100)]
    assert at == [START + 500 * number for number in range(1, 101)]
    assert at[-1] < KICK_OFF


def test_the_books_of_the_load_are_sound() -> None:
    for tick in islice(ticks(fixture_ids(8)), 2000):
        backs = [1000 / each.back_odds for each in tick.selections if each.back_odds]
        lays = [1000 / each.lay_odds for each in tick.selections if each.lay_odds]
        assert len(backs) == 3
        assert 1.0 < sum(backs) < 1.07
        assert not lays or 0.97 < sum(lays) < 1.0


@pytest.mark.parametrize("name", ["a", "b" * 63, "c" * 64, "d" * 300])
def test_an_id_is_read_without_reading_the_rest(name: str) -> None:
    tick = next(ticks(fixture_ids(8)))
    value = encode(MarketOdds(**{field: getattr(tick, field) for field in tick.__struct_fields__} | {"event_id": name}))
    assert event_id(value) == name


def _quotes(context: Context, load: list[Value], known: list[Value], size: int) -> list[Quote]:
    shard = MemoryShard(0)
    sent: list[Quote] = []
    for topic, taken in ((FIXTURES.name, known), (ODDS.name, load)):
        records = [Record(topic, 0, offset, 0, each.key, each.value) for offset, each in enumerate(taken)]
        for at in range(0, len(records), size):
            out = MemoryOutbox(0)
            context.handlers[topic](shard, Batch(topic, 0, records[at : at + size]), out)
            shard.settle()
            sent += [decode(Quote, each.value or b"") for each in out.sent if each.topic == QUOTES.name]
    return sent


def test_each_event_by_itself_says_in_large_units_what_the_book_says_in_units_of_one() -> None:
    ids = [name for name in fixture_ids(16) if partition_for(name.encode(), PARTITIONS) == 0]
    known, load = list(values(fixtures(ids), len(ids))), list(values(ticks(ids), 120))
    one_by_one = _quotes(book_context(), load, known, 1)
    by_itself = _quotes(each_event_context(book_context()), load, known, 64)
    assert by_itself == one_by_one
    assert len(one_by_one) > 60
    assert len(_quotes(book_context(), load, known, 64)) < len(one_by_one) / 4

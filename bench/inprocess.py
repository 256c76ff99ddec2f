"""inprocess: from a tick's arrival in the book's handler to its quote's bytes, against reading and writing alone."""

import gc
import time
from collections.abc import Sequence

from agents.book import book_context
from bench.figures import Bound, Figure, compare, quantile
from bench.load import Value, fixture_ids, fixtures, ticks, values
from bookstream.codecs import decode, encode
from bookstream.delivery.api import Batch, Record
from bookstream.delivery.memory import MemoryShard
from bookstream.delivery.outbox import UnitOutbox
from bookstream.topics import FIXTURES, ODDS, PARTITIONS, QUOTES
from domain.events.canonical import MarketOdds
from domain.events.trading import Quote

GC_THRESHOLDS = (50_000, 20, 50)
"""As the worker sets them (bookstream/delivery/app.py), which also freezes what was made until it takes input."""

FIXTURE_COUNT = 200
WARM_UP = 2_000

Took = tuple[float, float]
"""Microseconds by the wall's clock, and of this thread's processor time, which other programs do not disturb."""


class Book:
    """The book's handlers on rows in memory, one tick a unit."""

    def __init__(self, known: Sequence[Value]) -> None:
        self._handlers = book_context().handlers
        self._shards = [MemoryShard(partition) for partition in range(PARTITIONS)]
        self.quote: bytes = b""
        for value in known:
            self._handle(FIXTURES.name, value, 0)

    def took_us(self, value: Value, offset: int) -> Took:
        """Handle a tick; return the microseconds from its arrival to the quote's bytes."""
        return self._handle(ODDS.name, value, offset)

    def _handle(self, topic: str, value: Value, offset: int) -> Took:
        shard, out = self._shards[value.partition], UnitOutbox(value.partition, PARTITIONS)
        batch = Batch(topic, value.partition, [Record(topic, value.partition, offset, 0, value.key, value.value)])
        cpu, wall = time.thread_time_ns(), time.perf_counter_ns()
        self._handlers[topic](shard, batch, out)
        took = (time.perf_counter_ns() - wall) / 1000, (time.thread_time_ns() - cpu) / 1000
        # The unit's end, which the worker does after the quote is made: rows are encoded and stored.
        shard.settle()
        for sent in out.sent:
            if sent.topic == QUOTES.name and sent.value is not None:
                self.quote = sent.value
        return took


def floor_us(value: Value, quote: Quote) -> Took:
    """Read a tick and write a quote; return the microseconds."""
    cpu, wall = time.thread_time_ns(), time.perf_counter_ns()
    decode(MarketOdds, value.value)
    encode(quote)
    return (time.perf_counter_ns() - wall) / 1000, (time.thread_time_ns() - cpu) / 1000


def run(*, rounds: int, ticks_count: int = 120_000) -> list[Figure]:
    """Handle all ticks in so many slices, each followed by the floor on the same ticks."""
    ids = fixture_ids(FIXTURE_COUNT)
    load = list(values(ticks(ids), ticks_count + WARM_UP))
    book = Book(list(values(fixtures(ids), len(ids))))
    for offset, value in enumerate(load[:WARM_UP]):
        book.took_us(value, offset)
    thresholds = gc.get_threshold()
    gc.set_threshold(*GC_THRESHOLDS)
    gc.freeze()
    try:
        return _figures(*_measured(book, load[WARM_UP:], rounds))
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)


def _measured(book: Book, load: Sequence[Value], rounds: int) -> tuple[list[list[Took]], list[list[Took]]]:
    own, floor = [], []
    size = len(load) // rounds
    for number in range(rounds):
        part = load[number * size : (number + 1) * size]
        own.append([book.took_us(value, WARM_UP + number * size + at) for at, value in enumerate(part)])
        quote = decode(Quote, book.quote)
        floor.append([floor_us(value, quote) for value in part])
    return own, floor


def _figures(own: list[list[Took]], floor: list[list[Took]]) -> list[Figure]:
    found = []
    for label, share in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)):
        measured, others = _quantiles(own, share, 0), _quantiles(floor, share, 0)
        found.append(compare(f"tick to quote, {label}", measured, "decode and encode alone", others, "µs"))
    for index, clock in enumerate(("", " of processor time")):
        slowest = _quantiles(own, 0.999, index)
        for limit in (1000.0, 100.0):
            bound = Bound(target=1.0, direction="at most")
            against = [limit] * len(slowest)
            found.append(
                compare(f"tick to quote, p99.9{clock}", slowest, f"{limit:.0f} µs", against, "µs", bound=bound)
            )
    return found


def _quantiles(rounds: list[list[Took]], share: float, clock: int) -> list[float]:
    return [quantile([took[clock] for took in each], share) for each in rounds]

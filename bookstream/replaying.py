"""Replay: feeds of any providers, merged in event time, at a chosen speed, with the clock of the log.

What is guaranteed: the same messages are sent in the same order, whatever the order of the files and however they had
arrived, as long as none had arrived later than the allowed lateness after one of a later time; and what ingest says of
a partition's messages in one order is the same byte for byte. Which of two providers names a fixture first, where they
speak of it at the same time in different partitions, is the workers' race; in one process it is not.
"""

import heapq
import time
from collections.abc import Callable, Iterable, Iterator

from bookstream.outlet import Outlet
from bookstream.topics import CLOCK, raw_topic
from domain.events.feeds import ClockTick, RawMessage

SECOND = 1_000_000
CLOCK_EVERY = SECOND
Feed = Iterable[RawMessage]
Item = RawMessage | ClockTick


def clock_tick(at: int) -> ClockTick:
    """Make the tick of a time; the same time gives the same tick."""
    return ClockTick(event_id=f"clock-{at}", occurred_at=at, received_at=at, provider="clock")


def place_in_time(message: RawMessage) -> tuple[int, str, str, int, str]:
    """Return where a message stands in a replay: by its time, and then by what it is, never by how it came."""
    return message.received_at, message.provider, message.stream_id, message.stream_sequence, message.event_id


def merged(feeds: Iterable[Feed]) -> Iterator[RawMessage]:
    """Merge feeds by the time of their messages; ties by provider and stream, so that a replay repeats itself."""
    return heapq.merge(*feeds, key=place_in_time)


def in_order(messages: Feed, lateness_us: int) -> Iterator[RawMessage]:
    """Yield messages in event time, however they arrived within the allowed lateness.

    A message waits until one has arrived that is more than `lateness_us` younger. What arrives later than that is
    yielded when it comes, out of order, and ingest says that it is late. In memory is what one lateness holds.
    """
    # The number keeps messages from being compared: two in one place are the same event, told twice.
    waiting: list[tuple[tuple[int, str, str, int, str], int, RawMessage]] = []
    newest = 0
    for number, message in enumerate(messages):
        newest = max(newest, message.received_at)
        heapq.heappush(waiting, (place_in_time(message), number, message))
        while waiting[0][0][0] < newest - lateness_us:
            yield heapq.heappop(waiting)[2]
    while waiting:
        yield heapq.heappop(waiting)[2]


def between(messages: Feed, start_at: int | None, end_at: int | None) -> Iterator[RawMessage]:
    """Yield the messages from a time, itself included, to a time, itself not; None leaves a side open."""
    for message in messages:
        if end_at is not None and message.received_at >= end_at:
            return
        if start_at is None or message.received_at >= start_at:
            yield message


def with_clock(messages: Iterable[RawMessage], *, tail_seconds: int = 0) -> Iterator[Item]:
    """Put clock ticks before the messages, and `tail_seconds` of them, a second apart, at the end.

    While messages come there is a tick for every second; where nothing was recorded the steps double, so that what
    waits still times out in order, and a silent month is a few ticks.
    """
    now: int | None = None
    for message in messages:
        second = message.received_at - message.received_at % CLOCK_EVERY
        if now is None:
            now = second
            yield clock_tick(now)
        step = CLOCK_EVERY
        while now < second:
            now = min(now + step, second)
            step *= 2
            yield clock_tick(now)
        yield message
    if now is not None:
        for number in range(1, tail_seconds + 1):
            yield clock_tick(now + number * CLOCK_EVERY)


class Pace:
    """Event time against the wall's: at `speed` times real time, or as fast as possible (None).

    A pause of more than `longest_pause_seconds` of event time, in which nothing was recorded, is not waited for.
    """

    def __init__(self, speed: float | None, *, longest_pause_seconds: int | None = None) -> None:
        self.speed = speed
        self._longest_pause = (longest_pause_seconds or 0) * SECOND
        self.now = 0
        self._origin: tuple[int, float] | None = None

    def wait(self, at: int) -> None:
        """Sleep until an event's time has come."""
        if self.speed is not None:
            paused = bool(self._longest_pause) and at - self.now > self._longest_pause
            if self._origin is None or paused:
                self._origin = (at, time.monotonic())
            start, began = self._origin
            ahead = began + (at - start) / SECOND / self.speed - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
        self.now = max(self.now, at)


def play(items: Iterable[Item], outlet: Outlet, pace: Pace, *, on_item: Callable[[Item], None] | None = None) -> int:
    """Publish items at their pace and return how many provider's messages there were; all are acknowledged."""
    messages = 0
    for item in items:
        pace.wait(item.received_at)
        if isinstance(item, RawMessage):
            outlet.send(raw_topic(item.provider), item)
            messages += 1
        else:
            outlet.send(CLOCK.name, item)
        if on_item is not None:
            on_item(item)
    outlet.flush()
    return messages

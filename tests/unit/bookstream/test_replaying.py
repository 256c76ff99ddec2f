"""Replay: feeds merged in event time, the log's clock between them, at a pace."""

import time

from bookstream.replaying import SECOND, Pace, clock_tick, merged, with_clock
from domain.events.feeds import ClockTick, RawMessage


def message(at_seconds: float, stream: str = "s") -> RawMessage:
    at = int(at_seconds * SECOND)
    return RawMessage(
        event_id=f"{stream}-{at}", occurred_at=at, received_at=at, provider="betfair", endpoint="file",
        stream_id=stream, stream_sequence=0,
        content_hash="", content_type="application/json", recorded=True, payload=b"{}",
    )  # fmt: skip


def test_feeds_are_merged_by_time_and_ties_keep_the_order_of_the_feeds() -> None:
    first, second = [message(1, "a"), message(5, "a")], [message(1, "b"), message(3, "b")]
    assert [m.stream_id for m in merged([first, second])] == ["a", "b", "b", "a"]


def test_a_tick_of_the_clock_stands_before_the_first_message_of_each_second() -> None:
    items = list(with_clock([message(10.2), message(10.7), message(12.5)]))
    assert [item.received_at / SECOND for item in items] == [10, 10.2, 10.7, 11, 12, 12.5]
    assert [type(item) for item in items] == [ClockTick, RawMessage, RawMessage, ClockTick, ClockTick, RawMessage]


def test_the_clocks_steps_double_while_nothing_is_heard() -> None:
    ticks = [i.received_at // SECOND for i in with_clock([message(0), message(86_400.5)]) if isinstance(i, ClockTick)]
    assert ticks[:6] == [0, 1, 3, 7, 15, 31]
    assert ticks[-1] == 86_400
    assert len(ticks) < 20


def test_a_tail_of_ticks_lets_the_last_timeouts_pass() -> None:
    assert [i.received_at // SECOND for i in with_clock([message(10)], tail_seconds=3)] == [10, 10, 11, 12, 13]


def test_the_same_time_makes_the_same_tick() -> None:
    assert clock_tick(7) == clock_tick(7)


def test_a_pace_waits_for_event_time_and_does_not_wait_through_a_pause() -> None:
    pace = Pace(100, longest_pause_seconds=60)
    began = time.monotonic()
    for at in (0, 10, 10_000, 10_010):
        pace.wait(at * SECOND)
    assert 0.19 < time.monotonic() - began < 5
    assert pace.now == 10_010 * SECOND


def test_full_speed_never_waits() -> None:
    pace = Pace(None)
    began = time.monotonic()
    pace.wait(0)
    pace.wait(10**15)
    assert time.monotonic() - began < 1

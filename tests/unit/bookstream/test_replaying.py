"""Replay: feeds merged in event time, the log's clock between them, at a pace."""

import time

from bookstream.replaying import SECOND, Pace, between, clock_tick, in_order, merged, with_clock
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


def test_messages_are_put_in_order_within_the_lateness_and_no_further() -> None:
    arrived = [message(at) for at in (3, 1, 2, 5, 4, 20, 6)]
    found = [m.received_at // SECOND for m in in_order(arrived, 2 * SECOND)]
    assert found == [1, 2, 3, 4, 5, 6, 20]
    late = [message(1), message(20), message(5), message(30)]
    assert [m.received_at // SECOND for m in in_order(late, 2 * SECOND)] == [1, 5, 20, 30]
    assert [m.received_at // SECOND for m in in_order([message(20), message(30), message(5)], 2 * SECOND)] == [
        20,
        5,
        30,
    ]


def test_ties_are_put_in_order_by_what_the_messages_are() -> None:
    arrived = [message(1, "b"), message(1, "a"), message(1, "a")]
    assert [m.stream_id for m in in_order(arrived, SECOND)] == ["a", "a", "b"]
    assert [m.stream_id for m in merged([[message(1, "b")], [message(1, "a")]])] == ["a", "b"]


def test_a_replay_is_cut_from_a_time_to_a_time() -> None:
    times = range(1, 6)
    found = [m.received_at // SECOND for m in between(map(message, times), 2 * SECOND, 4 * SECOND)]
    assert found == [2, 3]
    assert len(list(between(map(message, times), None, None))) == 5

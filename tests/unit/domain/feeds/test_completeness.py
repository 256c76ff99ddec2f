"""What a stream told of a fixture against what it should have: messages by number, ticks by cadence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.feeds.completeness import OBJECTIVES, Count, Tally, begin, end, messages_of, tick, ticks_of
from domain.feeds.sequence import StreamSequence, place

SECOND = 1_000_000
START = 1_776_511_800 * SECOND
PROVIDER = "uof"
EVERY = 60 * SECOND


def told(*seconds: int) -> Tally:
    tally = begin(StreamSequence(received=1), START)
    for second in seconds:
        tick(tally, PROVIDER, START + second * SECOND, "OPEN", in_play=True)
    return tally


@pytest.mark.parametrize(
    ("seconds", "now", "expected", "received"),
    [
        ((0, 60, 120), 120, 3, 3),
        ((0, 61, 125), 125, 3, 3),
        ((0, 1, 2, 59), 59, 1, 1),
        ((0, 180), 180, 4, 2),
        ((0,), 119, 1, 1),
        ((0,), 240, 4, 1),
    ],
)
def test_an_interval_of_the_cadence_without_a_tick_is_missing(
    seconds: tuple[int, ...], now: int, expected: int, received: int
) -> None:
    assert ticks_of(told(*seconds), START + now * SECOND) == Count(expected, received)


def test_before_its_start_a_fixture_is_told_of_less_often() -> None:
    tally = begin(StreamSequence(received=1), START)
    tick(tally, PROVIDER, START, "OPEN", in_play=False)
    assert ticks_of(tally, START + 15 * EVERY) == Count(1, 1)
    assert ticks_of(tally, START + 20 * EVERY) == Count(2, 1)


def test_of_what_no_cadence_promises_nothing_is_missing() -> None:
    for provider, in_play in (("betfair", False), ("somebody", True)):
        tally = begin(StreamSequence(received=1), START)
        tick(tally, provider, START, "OPEN", in_play=in_play)
        tick(tally, provider, START + 500 * EVERY, "OPEN", in_play=in_play)
        assert ticks_of(tally, START + 999 * EVERY) == Count(2, 2)


def test_an_exchange_is_awaited_from_the_start_of_the_match() -> None:
    tally = begin(StreamSequence(received=1), START)
    for before in (500 * EVERY, EVERY):
        tick(tally, "betfair", START - before, "OPEN", in_play=False)
    tick(tally, "betfair", START, "OPEN", in_play=True)
    assert ticks_of(tally, START + 3 * EVERY) == Count(5, 3)


def test_nothing_is_expected_while_no_market_is_open() -> None:
    tally = told(0)
    tick(tally, PROVIDER, START + SECOND, "CLOSED", in_play=True)
    assert ticks_of(tally, START + 100 * EVERY) == Count(1, 1)
    tick(tally, PROVIDER, START + 100 * EVERY, "SUSPENDED", in_play=True)
    assert ticks_of(tally, START + 102 * EVERY) == Count(3, 2)


def test_of_a_fixture_that_is_over_nothing_more_is_expected() -> None:
    tally = told(0)
    assert end(tally, START + 3 * EVERY)
    assert not end(tally, START + 9 * EVERY)
    assert not tick(tally, PROVIDER, START + 9 * EVERY, "OPEN", in_play=True)
    assert ticks_of(tally, START + 99 * EVERY) == Count(3, 1)


def test_messages_count_from_the_one_that_first_told_of_the_fixture() -> None:
    sequence = StreamSequence()
    for number in (0, 3, 4):
        place(sequence, number, START)
    tally = begin(sequence, START)
    for number in (5, 8):
        place(sequence, number, START)
    assert messages_of(tally, sequence) == Count(5, 3)
    place(sequence, 7, START)
    assert messages_of(tally, sequence) == Count(5, 4)


def test_a_stream_that_begins_again_has_lost_nothing_by_it() -> None:
    sequence = StreamSequence()
    place(sequence, 0, START)
    tally = begin(sequence, START)
    place(sequence, 1, START + 1)
    place(sequence, 0, START + 2)
    assert messages_of(tally, sequence) == Count(3, 3)


def test_an_objective_is_a_share_of_what_is_expected() -> None:
    assert Count(0, 0).meets("TICKS")
    assert Count(100, 95).meets("TICKS")
    assert not Count(100, 94).meets("TICKS")
    assert set(OBJECTIVES) == {"MESSAGES", "TICKS", "INCIDENTS"}


@given(numbers=st.lists(st.integers(0, 40), max_size=60))
def test_of_messages_received_and_lost_make_up_all_that_were_sent(numbers: list[int]) -> None:
    sequence = StreamSequence()
    place(sequence, 0, START)
    tally = begin(sequence, START)
    for number in numbers:
        place(sequence, number, START)
    assert messages_of(tally, sequence) == Count(max(numbers, default=0) + 1, len({0, *numbers}))


@given(gaps=st.lists(st.integers(0, 400), max_size=40), now=st.integers(0, 1000))
def test_no_more_ticks_are_received_than_expected_and_more_time_never_completes(gaps: list[int], now: int) -> None:
    at, seconds = 0, [0]
    for gap in gaps:
        at += gap
        seconds.append(at)
    tally = told(*seconds)
    count, later = (ticks_of(tally, START + (at + after) * SECOND) for after in (now, now + 60))
    assert 1 <= count.received <= count.expected
    assert later.received == count.received
    assert later.expected in {count.expected, count.expected + 1}
    assert count.expected <= (at + now) // 60 + 1

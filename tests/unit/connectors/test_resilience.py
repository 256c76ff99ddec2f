"""Back-off, circuit breaker, bounded queue."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.resilience.breaker import CircuitBreaker, Guard, State
from connectors.resilience.limits import Backoff
from connectors.resilience.queue import Depth, buffered
from domain.errors import Misconfigured, Unavailable


def test_the_circuit_opens_after_failures_in_a_row() -> None:
    breaker = CircuitBreaker(threshold=3, cool_down_s=10)
    for _ in range(2):
        breaker.fail(0)
    breaker.succeed()
    for at in (1, 2):
        breaker.fail(at)
    assert breaker.wait_s(2) == 0

    breaker.fail(3)

    assert breaker.state is State.OPEN
    assert breaker.wait_s(5) == 8


def test_after_the_cool_down_one_trial_is_made() -> None:
    breaker = CircuitBreaker(threshold=1, cool_down_s=10)
    breaker.fail(0)

    assert breaker.wait_s(10) == 0
    assert breaker.state is State.HALF_OPEN
    assert breaker.wait_s(10) > 0


def test_a_trial_that_goes_well_closes_the_circuit() -> None:
    breaker = CircuitBreaker(threshold=2, cool_down_s=10, state=State.HALF_OPEN, failures=2, trials=3)

    breaker.succeed()
    breaker.fail(20)

    assert breaker.wait_s(20) == 0


def test_each_failed_trial_doubles_the_cool_down_up_to_its_maximum() -> None:
    breaker = CircuitBreaker(threshold=1, cool_down_s=10, maximum_s=35)
    at, waits = 0.0, []
    for _ in range(5):
        breaker.fail(at)
        waits.append(breaker.wait_s(at))
        at += waits[-1]
        assert breaker.wait_s(at) == 0

    assert waits == [10, 20, 35, 35, 35]


@given(st.lists(st.tuples(st.sampled_from(["fail", "succeed", "release", "wait"]), st.integers(0, 50)), max_size=60))
def test_the_circuit_is_never_shut_for_longer_than_its_maximum(steps: list[tuple[str, int]]) -> None:
    breaker, at = CircuitBreaker(threshold=2, cool_down_s=3, maximum_s=20), 0
    for step, later in steps:
        at += later
        if step == "fail":
            breaker.fail(at)
        elif step == "succeed":
            breaker.succeed()
        elif step == "release":
            breaker.release(at)
        else:
            breaker.wait_s(at)
        assert 0 <= breaker.open_until - at <= 20 or breaker.open_until <= at
        assert (breaker.state is State.CLOSED) or breaker.failures > 0 or breaker.trials > 0


async def test_the_guard_waits_while_the_circuit_is_open_and_counts_only_what_is_unavailable() -> None:
    clock, waits = [0.0], []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        clock[0] += seconds

    guard = Guard(CircuitBreaker(threshold=1, cool_down_s=7), now=lambda: clock[0], sleep=sleep)
    with pytest.raises(Misconfigured):
        async with guard.watch():
            raise Misconfigured("a wrong key is no sign of a provider that is away")
    assert guard.breaker.state is State.CLOSED
    with pytest.raises(Unavailable):
        async with guard.watch():
            raise Unavailable("away")

    async with guard.watch():
        guard.succeed()

    assert waits == [7]
    assert guard.breaker.state is State.CLOSED


async def test_a_trial_that_was_given_up_is_still_owed() -> None:
    guard = Guard(CircuitBreaker(threshold=1, cool_down_s=0.01))
    guard.fail()
    with pytest.raises(asyncio.CancelledError):
        async with guard.watch():
            raise asyncio.CancelledError

    async with asyncio.timeout(1):
        await guard.wait()


async def tries(backoff: Backoff, error: Exception, but: tuple[type[Exception], ...] = ()) -> int:
    made = 0
    try:
        async for attempt in backoff.tries(but=but):
            with attempt:
                made += 1
                raise error
    except type(error):
        return made
    raise AssertionError("the error was lost")


async def test_only_what_is_unavailable_is_tried_again() -> None:
    backoff = Backoff(initial_s=0.001, maximum_s=0.001, jitter_s=0.0, attempts=4)

    assert await tries(backoff, Unavailable("away")) == 4
    assert await tries(backoff, Misconfigured("wrong")) == 1
    assert await tries(backoff, Unavailable("away"), but=(Unavailable,)) == 1


async def test_waits_double_and_stay_below_their_maximum(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("tenacity.asyncio._portable_async_sleep", sleep, raising=True)
    monkeypatch.setattr("asyncio.sleep", sleep)
    await tries(Backoff(initial_s=1, maximum_s=5, jitter_s=0.0, attempts=6), Unavailable("away"))

    assert waits == [1, 2, 4, 5, 5]


async def numbers(end: int, made: list[int], error: Exception | None = None) -> AsyncGenerator[int]:
    for n in range(end):
        made.append(n)
        yield n
    if error is not None:
        raise error


async def test_all_items_come_in_order_through_a_queue_of_any_size() -> None:
    for size in (1, 3, 100):
        assert [n async for n in buffered(numbers(50, []), size)] == list(range(50))


async def test_a_full_queue_stops_its_reader() -> None:
    made: list[int] = []
    depth = Depth()
    async with aclosing(buffered(numbers(10_000, made), 5, depth)) as items:
        async for _ in items:
            await asyncio.sleep(0.01)
            break

    assert len(made) <= 7
    assert depth.highest == 5
    assert depth.waits >= 1


async def test_an_error_comes_after_everything_before_it() -> None:
    seen: list[int] = []

    async def read() -> None:
        async for n in buffered(numbers(5, [], Unavailable("gone")), 2):
            seen.append(n)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(Unavailable, match="gone"):
        await read()

    assert seen == [0, 1, 2, 3, 4]


async def test_the_source_is_closed_with_its_reader() -> None:
    closed = asyncio.Event()

    async def source() -> AsyncGenerator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    async with aclosing(buffered(source(), 2)) as items:
        await anext(items)

    assert closed.is_set()

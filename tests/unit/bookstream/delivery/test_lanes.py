"""Progress, and who works on what: commits are a prefix of what is done, units of a partition are sequential."""

import asyncio
from collections.abc import Sequence
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookstream.delivery import turns
from bookstream.delivery.api import Record
from bookstream.delivery.lanes import MOST_UNDONE_BYTES, Delivered, Lanes, Pool, Progress, places
from bookstream.delivery.outbox import Place
from bookstream.delivery.turns import FIRST_RECORDS, MOST_LANES, TURN_SECONDS

PLACE = ("odds", 0)


def records(first: int, count: int, topic: str = "odds", partition: int = 0) -> list[Record]:
    return [Record(topic, partition, first + n, 0, b"k", b"v") for n in range(count)]


def delivered(progress: Progress, *sizes: int) -> list[Delivered]:
    offset, batches = progress.expected(PLACE) or 0, []
    for size in sizes:
        batches.append(progress.deliver(PLACE, records(offset, size)))
        offset += size
    return batches


def test_nothing_may_be_committed_before_something_is_done() -> None:
    progress = Progress()
    delivered(progress, 3, 3)
    assert progress.committable() == {}
    assert progress.expected(PLACE) == 6


def test_one_undone_batch_of_one_record_holds_back_all_after_it() -> None:
    """The gap of one that stock Faust commits past."""
    progress = Progress()
    first, held, last = delivered(progress, 5, 1, 10)
    progress.finish(first)
    progress.finish(last)
    assert progress.committable() == {PLACE: 5}
    progress.finish(held)
    assert progress.committable() == {PLACE: 16}


@given(st.lists(st.integers(1, 9), min_size=1, max_size=20), st.randoms(use_true_random=False))
def test_what_may_be_committed_is_the_longest_done_prefix(sizes: list[int], order: object) -> None:
    progress = Progress()
    batches = delivered(progress, *sizes)
    shuffled = list(range(len(batches)))
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    for index in shuffled:
        progress.finish(batches[index])
        prefix = next((n for n, batch in enumerate(batches) if not batch.done), len(batches))
        assert progress.committable().get(PLACE, 0) == sum(sizes[:prefix])
        assert progress.undone_bytes == sum(batch.size for batch in batches if not batch.done)


def test_what_was_revoked_is_forgotten() -> None:
    progress = Progress()
    (batch,) = delivered(progress, 2)
    progress.finish(batch)
    progress.forget()
    assert (progress.expected(PLACE), progress.committable(), progress.undone_bytes) == (None, {}, 0)
    assert progress.uncommitted_seconds() == 0


def test_waiting_for_a_commit_is_timed_from_the_first_thing_done_until_all_is_committed() -> None:
    progress = Progress()
    assert progress.uncommitted_seconds() == 0
    for batch in delivered(progress, 1, 1):
        progress.finish(batch)
    assert progress.uncommitted_seconds() > 0
    progress.committed(everything=False)
    assert progress.uncommitted_seconds() > 0
    progress.committed(everything=True)
    assert progress.uncommitted_seconds() == 0


async def test_batches_of_a_partition_are_worked_on_one_after_another_whatever_their_topic() -> None:
    running: list[int] = []
    most: dict[int, int] = {}
    done: list[Delivered] = []

    async def work(place: Place, records: Sequence[Record]) -> float:
        partition = place[1]
        running.append(partition)
        most[partition] = max(most.get(partition, 0), running.count(partition))
        most[-1] = max(most.get(-1, 0), len(running))
        await asyncio.sleep(0.001)
        running.remove(partition)
        return 0.0

    lanes = Lanes(work, done.append)
    given_ = [Delivered((topic, p), records(n, 1), n) for n in range(4) for topic in ("odds", "bets") for p in (0, 1)]
    for batch in given_:
        lanes.give(batch)
    await asyncio.sleep(0.1)
    await lanes.rest()
    assert len(done) == len(given_)
    assert (most[0], most[1], most[-1]) == (1, 1, 2)
    for topic in ("odds", "bets"):
        assert [b for b in done if b.place == (topic, 0)] == [b for b in given_ if b.place == (topic, 0)]


async def test_what_waits_of_one_topic_is_worked_on_together_in_its_order() -> None:
    """The more there is to do, the larger the units."""
    go = asyncio.Event()
    worked: list[tuple[str, list[int]]] = []
    done: list[Delivered] = []

    async def work(place: Place, records: Sequence[Record]) -> float:
        worked.append((place[0], [record.offset for record in records]))
        await go.wait()
        return 0.0

    lanes = Lanes(work, done.append)
    lanes.give(Delivered(PLACE, records(0, 1), 0))
    await asyncio.sleep(0)
    for topic, first in (("odds", 1), ("bets", 5), ("odds", 3), ("bets", 7)):
        lanes.give(Delivered((topic, 0), records(first, 2), first + 1))
    go.set()
    await asyncio.sleep(0.01)
    await lanes.rest()
    assert worked == [("odds", [0]), ("odds", [1, 2, 3, 4]), ("bets", [5, 6, 7, 8])]
    assert [batch.last for batch in done] == [0, 2, 4, 6, 8]


async def test_a_topic_that_floods_takes_turns_with_the_others() -> None:
    go = asyncio.Event()
    worked: list[tuple[str, int]] = []

    async def work(place: Place, records: Sequence[Record]) -> float:
        worked.append((place[0], len(records)))
        await go.wait()
        return 0.0

    lanes = Lanes(work, lambda _: None, 500)
    lanes.give(Delivered(PLACE, records(0, 1), 0))
    await asyncio.sleep(0)
    for n in range(4):
        lanes.give(Delivered(("flood", 0), records(n * 100, 100), n * 100 + 99))
    lanes.give(Delivered(PLACE, records(1, 1), 1))
    lanes.give(Delivered(("bets", 0), records(0, 1), 0))
    go.set()
    await asyncio.sleep(0.01)
    await lanes.rest()
    assert worked == [("odds", 1), ("flood", 100), ("odds", 1), ("bets", 1), *[("flood", 100)] * 3]


async def test_a_flood_that_is_not_fetched_for_long_still_takes_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MIXED_SECONDS", 0.05)
    worked: list[tuple[str, int]] = []

    async def work(place: Place, records: Sequence[Record]) -> float:
        worked.append((place[0], len(records)))
        await asyncio.sleep(0.02)
        return 0.0

    lanes = Lanes(work, lambda _: None, 1000)
    for n in range(20):
        lanes.give(Delivered(("flood", 0), records(n * FIRST_RECORDS, FIRST_RECORDS), (n + 1) * FIRST_RECORDS - 1))
    for n in range(10):
        lanes.give(Delivered(PLACE, records(n, 1), n))
        await asyncio.sleep(0.03)
    await lanes.rest()
    assert ("odds", 1) in worked
    assert {count for topic, count in worked if topic == "flood"} == {FIRST_RECORDS}


async def test_a_lane_with_less_than_a_turn_waits_for_no_other() -> None:
    go = asyncio.Event()
    worked: list[str] = []

    async def work(place: Place, _records: Sequence[Record]) -> float:
        worked.append(place[0])
        if place[0] == "bets":
            await go.wait()
        return 0.0

    lanes = Lanes(work, lambda _: None)
    for p in range(8):
        lanes.give(Delivered(("odds", p), records(0, 1), 0))
        for n in range(FIRST_RECORDS - 1):
            lanes.give(Delivered(("bets", p), records(n, 1), n))
    await asyncio.sleep(0.01)
    assert worked.count("bets") == 8
    go.set()
    await lanes.rest()


async def test_a_turn_is_what_takes_a_few_milliseconds_while_others_are_heard() -> None:
    worked: list[tuple[str, int]] = []
    each = {"dear": TURN_SECONDS / 4, "cheap": TURN_SECONDS / 400, "odds": TURN_SECONDS / 4}

    async def work(place: Place, records: Sequence[Record]) -> float:
        worked.append((place[0], len(records)))
        await asyncio.sleep(0)
        return len(records) * each[place[0]]

    lanes = Lanes(work, lambda _: None, 300)
    for topic in ("dear", "cheap"):
        assert lanes.size(topic) == FIRST_RECORDS
        lanes.give(Delivered((topic, 0), records(0, 1), 0))
        await asyncio.sleep(0.01)
    assert (lanes.size("dear"), lanes.size("cheap")) == (4, 300)
    worked.clear()
    for n in range(20):
        for topic in ("dear", "cheap"):
            lanes.give(Delivered((topic, 0), records(1 + 2 * n, 2), 2 + 2 * n))
    await asyncio.sleep(0.05)
    await lanes.rest()
    assert worked == [("dear", 4), ("cheap", 40), *[("dear", 4)] * 9]


async def test_a_topic_alone_gets_whole_units() -> None:
    go = asyncio.Event()
    worked: list[int] = []

    async def work(place: Place, records: Sequence[Record]) -> float:
        worked.append(len(records))
        await go.wait()
        return 0.0

    lanes = Lanes(work, lambda _: None, 250)
    for n in range(5):
        lanes.give(Delivered(PLACE, records(n * 100, 100), n * 100 + 99))
    go.set()
    await asyncio.sleep(0.01)
    await lanes.rest()
    assert worked == [200, 200, 100]


async def test_a_flood_works_in_few_lanes_at_once_and_every_lane_gets_its_turn() -> None:
    at_work: list[Place] = []
    most: dict[str, int] = {}
    done: list[Delivered] = []

    async def work(place: Place, records: Sequence[Record]) -> float:
        at_work.append(place)
        topics = [topic for topic, _ in at_work]
        most[place[0]] = max(most.get(place[0], 0), topics.count(place[0]))
        await asyncio.sleep(0.001)
        at_work.remove(place)
        return 0.0

    lanes = Lanes(work, done.append, 512)
    lanes.give(Delivered(PLACE, records(0, 1), 0))
    for n in range(6):
        for p in range(8):
            lanes.give(Delivered(("flood", p), records(n * FIRST_RECORDS, FIRST_RECORDS), (n + 1) * FIRST_RECORDS - 1))
    for p in range(8):
        lanes.give(Delivered(("bets", p), records(0, 1), 0))
    await asyncio.sleep(0.3)
    assert len(done) == 1 + 6 * 8 + 8, "nobody waits for ever"
    assert most["flood"] == MOST_LANES
    assert most["bets"] > MOST_LANES, "what is not behind works everywhere"
    turns = [batch.place[1] for batch in done if batch.place[0] == "flood"]
    assert sorted(turns[:8]) == list(range(8)), "lanes take turns, too"
    await lanes.rest()


async def test_what_asked_for_a_turn_before_a_rest_has_none_after_it() -> None:
    go = asyncio.Event()
    done: list[Delivered] = []

    async def work(place: Place, records: Sequence[Record]) -> float:
        await go.wait()
        return 0.0

    def flood(lanes: Lanes) -> None:
        lanes.give(Delivered(PLACE, records(0, 1), 0))
        for p in range(8):
            lanes.give(Delivered(("flood", p), records(0, FIRST_RECORDS), FIRST_RECORDS - 1))

    lanes = Lanes(work, done.append)
    flood(lanes)
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_later(0.01, go.set)
    await lanes.rest()
    done.clear()
    flood(lanes)
    await asyncio.sleep(0.05)
    assert len(done) == 9
    await lanes.rest()


def test_a_topic_is_full_by_what_all_its_partitions_hold_and_no_other_topic_is() -> None:
    progress = Progress(most_topic_bytes=1000)
    held = [progress.deliver(("flood", p), [Record("flood", p, 0, 0, b"k", bytes(100))]) for p in range(4)]
    assert progress.full(("flood", 7))
    assert not progress.full(PLACE)
    for batch in held[:2]:
        progress.finish(batch)
    assert not progress.half_empty(("flood", 3))
    progress.finish(held[2])
    assert progress.half_empty(("flood", 3))


def test_a_place_is_full_by_bytes_and_let_go_when_half_is_done() -> None:
    progress = Progress()
    big = Record(*PLACE, 0, 0, b"k", bytes(MOST_UNDONE_BYTES // 2))
    first = progress.deliver(PLACE, [big])
    assert not progress.full(PLACE)
    progress.deliver(PLACE, [Record(*PLACE, 1, 0, b"k", big.value)])
    assert progress.full(PLACE)
    assert not progress.half_empty(PLACE)
    progress.finish(first)
    assert not progress.full(PLACE)
    many = delivered(progress, *[1] * 1000)
    assert not progress.full(PLACE), "small batches are not counted by their number"
    for batch in many:
        progress.finish(batch)


async def test_rest_lets_the_running_unit_end_and_drops_what_waits() -> None:
    go = asyncio.Event()
    done: list[Delivered] = []

    async def work(place: Place, records: Sequence[Record]) -> float:
        await go.wait()
        return 0.0

    lanes = Lanes(work, done.append)
    first, second = Delivered(PLACE, records(0, 1), 0), Delivered(PLACE, records(1, 1), 1)
    lanes.give(first)
    await asyncio.sleep(0)
    lanes.give(second)
    assert lanes.working_seconds() > 0
    asyncio.get_running_loop().call_later(0.01, go.set)
    await lanes.rest()
    assert done == [first]
    assert lanes.working_seconds() == 0


async def test_an_error_in_a_unit_ends_the_process_and_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[str] = []

    def stop(where: str, error: BaseException) -> None:
        stopped.append(f"{where}: {error}")
        raise EOFError

    monkeypatch.setattr("bookstream.delivery.lanes.stop_now", stop)
    done: list[Delivered] = []

    async def work(place: Place, records: Sequence[Record]) -> NoReturn:
        raise ValueError("a bug")

    for workers in (Lanes(work, done.append), Pool(work, done.append)):
        workers.give(Delivered(PLACE, records(7, 2), 8))
        task = next(iter(workers._tasks.values() if isinstance(workers._tasks, dict) else workers._tasks))
        with pytest.raises(EOFError):
            await task
    assert stopped == ["odds/0 at offset 7: a bug"] * 2
    assert done == []


async def test_a_pool_works_on_all_at_once_and_gives_up_what_is_not_done() -> None:
    started: list[int] = []
    done: list[Delivered] = []

    async def work(place: Place, records: Sequence[Record]) -> None:
        started.append(records[-1].offset)
        if records[-1].offset:
            await asyncio.Event().wait()

    pool = Pool(work, done.append)
    for n in range(3):
        pool.give(Delivered(PLACE, records(n, 1), n))
    await asyncio.sleep(0.001)
    await pool.rest()
    assert (started, [batch.last for batch in done]) == ([0, 1, 2], [0])


def test_places_are_those_of_the_wanted_topics_in_order() -> None:
    assert places([("b", 1), ("a", 0), ("state", 0), ("a", 2)], ["a", "b"]) == [("a", 0), ("a", 2), ("b", 1)]

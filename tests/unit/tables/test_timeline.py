"""The index by time, against a sorted list."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from bookstream.delivery.api import Rows
from bookstream.delivery.memory import MemoryShard
from tables.timeline import BUCKETS, Timeline


class Name(msgspec.Struct, frozen=True):
    """An entry of the index."""

    at: int
    key: str


LINE = Timeline(Rows("line", Name), width_us=10)
OTHER = Timeline(Rows("other", Name), width_us=1000)


def add(shard: MemoryShard, *times: int, line: Timeline[Name] = LINE) -> None:
    for at in times:
        line.add(shard, at, f"n{at}", Name(at, f"n{at}"))


def take(shard: MemoryShard, at: int, most: int = 100) -> list[int]:
    names = LINE.until(shard, at, most)
    for name in names:
        LINE.remove(shard, name.at, name.key)
    return [name.at for name in names]


def used(shard: MemoryShard) -> tuple[int, ...]:
    row = shard.get(BUCKETS, "line")
    assert row is not None
    return row.used


def test_what_is_due_comes_earliest_first_and_what_is_not_stays() -> None:
    shard = MemoryShard()
    add(shard, 31, 5, 12, 19, 20)
    assert take(shard, 19) == [5, 12, 19]
    assert take(shard, 19) == []
    assert take(shard, 31) == [20, 31]


def test_no_more_is_taken_than_asked_and_the_rest_comes_next() -> None:
    shard = MemoryShard()
    add(shard, 1, 2, 3, 44, 45)
    assert take(shard, 50, most=2) == [1, 2]
    assert take(shard, 50, most=2) == [3, 44]
    assert take(shard, 50, most=2) == [45]


def test_a_bucket_is_forgotten_when_it_has_passed_and_not_before() -> None:
    shard = MemoryShard()
    add(shard, 5, 15)
    take(shard, 9)
    assert used(shard) == (0, 1)
    take(shard, 10)
    assert used(shard) == (1,)
    take(shard, 1_000_000)
    assert used(shard) == ()


def test_an_entry_that_comes_after_its_time_is_still_found() -> None:
    shard = MemoryShard()
    take(shard, 100)
    add(shard, 5)
    assert take(shard, 100) == [5]


def test_two_indexes_do_not_see_each_other() -> None:
    shard = MemoryShard()
    add(shard, 5, line=OTHER)
    assert take(shard, 100) == []
    assert len(OTHER.until(shard, 100, 10)) == 1


@given(
    st.lists(
        st.one_of(st.integers(0, 120).map(lambda at: ("add", at)), st.integers(0, 120).map(lambda at: ("take", at)))
    )
)
def test_any_history_of_entries_gives_what_a_sorted_list_gives(steps: list[tuple[str, int]]) -> None:
    shard, model = MemoryShard(), set[int]()
    for what, at in steps:
        if what == "add":
            add(shard, at)
            model.add(at)
        else:
            assert take(shard, at, most=3) == sorted(each for each in model if each <= at)[:3]
            model -= set(sorted(each for each in model if each <= at)[:3])
        shard.settle()
        shard = shard.reopened()

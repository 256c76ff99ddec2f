"""Rows as objects: read through, written once a unit, cached in bounds."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from bookstream.delivery.api import Rows
from bookstream.delivery.memory import MemoryShard, MemoryStore
from bookstream.delivery.shard import RowShard


class Total(msgspec.Struct):
    """A row."""

    amount: int = 0


TOTALS = Rows("total", Total)
OTHERS = Rows("totals", Total)


def end_unit(shard: RowShard, store: MemoryStore) -> list[tuple[bytes, bytes | None]]:
    changes = shard.changes()
    store.apply(changes)
    shard.settled()
    return changes


def test_a_row_is_the_same_object_until_it_is_put_anew() -> None:
    shard = MemoryShard()
    assert shard.get(TOTALS, "a") is None
    row = Total(1)
    shard.put(TOTALS, "a", row)
    assert shard.get(TOTALS, "a") is row
    shard.settle()
    assert shard.get(TOTALS, "a") is row
    assert shard.reopened().get(TOTALS, "a") == row


def test_a_row_changed_often_in_a_unit_is_written_once() -> None:
    store = MemoryStore()
    shard = RowShard(0, store)
    row = Total()
    for amount in range(5):
        row.amount = amount
        shard.put(TOTALS, "a", row)
    assert end_unit(shard, store) == [(b"total\0a", msgspec.msgpack.encode(Total(4)))]
    assert shard.changes() == []


def test_a_row_that_is_only_read_is_not_written() -> None:
    store = MemoryStore()
    shard = RowShard(0, store)
    shard.put(TOTALS, "a", Total(1))
    end_unit(shard, store)
    assert shard.get(TOTALS, "a") == Total(1)
    assert shard.changes() == []


def test_a_deleted_row_is_absent_at_once_and_gone_after_the_unit() -> None:
    shard = MemoryShard()
    shard.put(TOTALS, "a", Total(1))
    shard.settle()
    shard.delete(TOTALS, "a")
    assert shard.get(TOTALS, "a") is None
    assert list(shard.scan(TOTALS)) == []
    shard.settle()
    assert shard.store.data == {}


def test_scan_sees_this_units_changes_in_key_order_and_no_other_kind_of_row() -> None:
    shard = MemoryShard()
    for key in ("m/2", "m/1", "n/1"):
        shard.put(TOTALS, key, Total(1))
    shard.put(OTHERS, "m/0", Total(9))
    shard.settle()
    shard.put(TOTALS, "m/0", Total(2))
    shard.delete(TOTALS, "m/2")
    assert list(shard.scan(TOTALS, "m/")) == [("m/0", Total(2)), ("m/1", Total(1))]


def test_rows_may_change_while_they_are_scanned() -> None:
    shard = MemoryShard()
    for key in "abc":
        shard.put(TOTALS, key, Total(1))
    for key, _ in shard.scan(TOTALS):
        shard.delete(TOTALS, key)
        shard.put(TOTALS, f"z{key}", Total(2))
    assert [key for key, _ in shard.scan(TOTALS)] == ["za", "zb", "zc"]


def test_what_a_unit_changed_is_undone_by_forgetting_it() -> None:
    shard = MemoryShard()
    shard.put(TOTALS, "a", Total(1))
    shard.settle()
    row = shard.get(TOTALS, "a")
    assert row is not None
    row.amount = 99
    shard.put(TOTALS, "a", row)
    shard.put(TOTALS, "b", row)
    shard.forget()
    assert shard.changes() == []
    assert (shard.get(TOTALS, "a"), shard.get(TOTALS, "b")) == (Total(1), None)


def test_the_cache_is_bounded_and_keeps_what_is_in_use() -> None:
    store = MemoryStore()
    shard = RowShard(0, store, cached_rows=100)
    hot = Total(0)
    for number in range(1_000):
        shard.put(TOTALS, str(number), Total(number))
        if number % 10 == 0:
            hot = shard.get(TOTALS, "hot") or hot
            shard.put(TOTALS, "hot", hot)
        end_unit(shard, store)
        assert len(shard._young) + len(shard._old) <= 101
    assert shard.get(TOTALS, "hot") is hot
    assert all(shard.get(TOTALS, str(number)) == Total(number) for number in range(1_000))


def test_a_unit_larger_than_the_cache_keeps_all_that_it_changed() -> None:
    store = MemoryStore()
    shard = RowShard(0, store, cached_rows=10)
    for number in range(50):
        shard.put(TOTALS, str(number), Total(number))
    assert len(end_unit(shard, store)) == 50
    assert shard.get(TOTALS, "0") == Total(0)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["put", "delete", "get", "end", "forget"]), st.sampled_from("abcdef"), st.integers(0, 99)
        )
    )
)
def test_a_shard_is_a_dict_whatever_the_cache_does(steps: list[tuple[str, str, int]]) -> None:
    store = MemoryStore()
    shard = RowShard(0, store, cached_rows=2)
    model: dict[str, int] = {}
    durable: dict[str, int] = {}
    for step, key, amount in steps:
        if step == "put":
            shard.put(TOTALS, key, Total(amount))
            model[key] = amount
        elif step == "delete":
            shard.delete(TOTALS, key)
            model.pop(key, None)
        elif step == "end":
            end_unit(shard, store)
            durable = dict(model)
        elif step == "forget":
            shard.forget()
            model = dict(durable)
        row = shard.get(TOTALS, key)
        assert (row.amount if row else None) == model.get(key)
        assert {key: row.amount for key, row in shard.scan(TOTALS)} == model

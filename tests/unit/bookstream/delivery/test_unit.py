"""The unit on a broker in memory: whatever dies at whichever step, nothing is lost or counted twice."""

from collections.abc import Awaitable, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookstream.delivery.api import Batch, Context, Outbox, Record, Rows, Shard
from bookstream.delivery.memory import MemoryStore
from bookstream.delivery.outbox import Sent
from bookstream.delivery.producer import UNIT_BYTES, Change, FencedProducer, Plan, plan
from bookstream.delivery.unit import INPUT_BYTES, ShardRunner, slices
from domain.errors import MustStop


class Died(BaseException):
    """The process is gone."""


class Sum(msgspec.Struct):
    """A row."""

    inputs: int = 0
    total: int = 0


SUMS = Rows("sum", Sum)


def handle(shard: Shard, batch: Batch, out: Outbox) -> None:
    for record in batch.records:
        row = shard.get(SUMS, "all") or Sum()
        row.inputs += 1
        row.total += int(record.value or b"0")
        shard.put(SUMS, "all", row)
        out.send("out", b"all", b"%s/%d:%d,%d" % (record.topic.encode(), record.offset, row.inputs, row.total))


def inputs(values: Sequence[int], topic: str = "in") -> list[Record]:
    return [Record(topic, 0, offset, 0, b"k", b"%d" % value) for offset, value in enumerate(values)]


class Log:
    """The private changelog and the outputs as the broker has them; `left` steps until the process dies."""

    def __init__(self) -> None:
        self.changelog: list[list[Change]] = []
        self.outputs: list[Sent] = []
        self.left = -1

    @property
    def end(self) -> int:
        return sum(map(len, self.changelog))

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Died


class FakeProducer(FencedProducer):
    """Appends to the log, dying before or after any acknowledgement."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.known: list[Plan] = []

    async def check(self, planned: Plan) -> None:
        self.known.append(planned)

    def append(self, changes: Sequence[Change]) -> Awaitable[int]:
        self.log.step()
        base = self.log.end
        self.log.changelog.append(list(changes))

        async def acknowledged() -> int:
            self.log.step()
            return base

        return acknowledged()

    def build(self, planned: Plan) -> Any:
        return list(planned.items())

    async def send(self, built: Any) -> None:
        for _, groups in built:
            self.log.step()
            for group in groups:
                self.log.outputs.extend(group)
            self.log.step()


class Store(MemoryStore):
    """A local store with its offset; a new one recovers from the changelog, as Faust does."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self.at = -1
        self.recover(log)

    def recover(self, log: Log) -> None:
        missing = [change for unit in log.changelog for change in unit][self.at + 1 :]
        self.write(missing, log.end - 1)

    def offset(self) -> int:
        return self.at

    def write(self, changes: Sequence[Change], offset: int) -> None:
        self.apply(changes)
        self.at = offset


def context(**changes: Any) -> Context:
    given_ = {"name": "job", "partitions": 4, "handlers": {"in": handle, "more": handle}, "private_topic": "state"}
    return Context(**{**given_, "rows": [SUMS], "unit_records": 3, **changes})


async def owner(log: Log, store: Store | None = None, **changes: Any) -> ShardRunner:
    runner = ShardRunner(context(**changes), 0, store or Store(log), FakeProducer(log))
    await runner.resume(log.end)
    return runner


def check(log: Log, expected: dict[str, list[int]]) -> None:
    payloads: dict[bytes, set[bytes]] = {}
    for sent in log.outputs:
        name, _, payload = (sent.value or b"").partition(b":")
        payloads.setdefault(name, set()).add(payload)
    names = {b"%s/%d" % (topic.encode(), n) for topic, values in expected.items() for n in range(len(values))}
    assert payloads.keys() == names
    assert all(len(values) == 1 for values in payloads.values())
    counts = sorted(int(payload.split(b",")[0]) for (payload,) in payloads.values())
    assert counts == list(range(1, len(names) + 1))
    state = msgspec.msgpack.decode(Store(log).data[b"sum\0all"], type=Sum)
    assert (state.inputs, state.total) == (len(names), sum(map(sum, expected.values())))


async def test_rows_cursor_and_outputs_are_one_batch_before_any_output_leaves() -> None:
    log = Log()
    runner = await owner(log)
    log.left = 3  # the first output would be the third step
    with pytest.raises(Died):
        await runner.run("in", inputs([5, 6]))
    (unit,) = log.changelog
    assert [key for key, _ in unit] == [b"sum\0all", b"\0cursor\0in", b"\0outbox"]
    assert log.outputs == []


async def test_input_at_or_below_the_cursor_is_never_handled_again() -> None:
    log = Log()
    await (await owner(log)).run("in", inputs([1, 2, 3]))
    again = await owner(log)
    await again.run("in", inputs([1, 2, 3]))
    await again.run("in", inputs([1, 2, 3, 4]))
    check(log, {"in": [1, 2, 3, 4]})
    assert len(log.changelog) == 2


async def test_an_outbox_of_a_unit_without_outputs_is_written_only_after_one_with() -> None:
    log = Log()

    def quiet(shard: Shard, batch: Batch, out: Outbox) -> None:
        if batch.records[0].value == b"1":
            out.send("out", b"k", b"loud")

    runner = await owner(log, handlers={"in": quiet}, unit_records=1)
    await runner.run("in", inputs([0, 1, 0, 0]))
    assert [b"\0outbox" in dict(unit) for unit in log.changelog] == [False, True, True, False]
    await owner(log, handlers={"in": quiet})
    assert len(log.outputs) == 1, "nothing is sent again: the last outbox was emptied"


async def test_another_writer_is_seen_before_anything_leaves() -> None:
    log = Log()
    first, second = await owner(log), await owner(log)
    await second.run("in", inputs([1]))
    with pytest.raises(MustStop, match="another writer"):
        await first.run("in", inputs([1]))
    assert len(log.outputs) == 1


async def test_a_store_that_is_not_what_the_changelog_says_is_refused() -> None:
    log = Log()
    await (await owner(log)).run("in", inputs([1]))
    behind = Store(log)
    behind.at -= 1
    with pytest.raises(MustStop, match="the store goes up to offset 1, its changelog to 2"):
        await owner(log, behind)


async def test_a_unit_that_does_not_fit_one_batch_is_handled_in_halves() -> None:
    log = Log()
    seen: list[int] = []

    def wide(shard: Shard, batch: Batch, out: Outbox) -> None:
        seen.append(len(batch.records))
        handle(shard, batch, out)
        for record in batch.records:
            out.send("wide", b"k", bytes(UNIT_BYTES // 20), headers=[("of", b"%d" % record.offset)])

    runner = await owner(log, handlers={"in": wide}, unit_records=64)
    await runner.run("in", inputs([1] * 40))
    assert seen == [40, 20, 10, 10, 20, 10, 10]
    wide_sent = [sent for sent in log.outputs if sent.topic == "wide"]
    assert [sent.headers for sent in wide_sent] == [[("of", b"%d" % offset)] for offset in range(40)]
    log.outputs = [sent for sent in log.outputs if sent.topic == "out"]
    check(log, {"in": [1] * 40})


async def test_one_input_that_does_not_fit_stops_the_process() -> None:
    log = Log()

    def huge(shard: Shard, batch: Batch, out: Outbox) -> None:
        for _ in range(30):
            out.send("out", b"k", bytes(UNIT_BYTES // 20))

    runner = await owner(log, handlers={"in": huge})
    with pytest.raises(MustStop, match="in/0 at offset 0: the rows and outputs of this one input do not fit"):
        await runner.run("in", inputs([1, 2]))
    assert log.changelog == []


async def test_an_output_that_no_topic_takes_is_found_before_the_unit_is_durable() -> None:
    log = Log()

    def fat(shard: Shard, batch: Batch, out: Outbox) -> None:
        out.send("out", b"k", bytes(1_048_000))

    with pytest.raises(MustStop, match="does not fit a record of out"):
        await (await owner(log, handlers={"in": fat})).run("in", inputs([1]))
    assert log.changelog == []


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=12),
    st.lists(st.integers(0, 9), max_size=12),
    st.lists(st.tuples(st.integers(1, 12), st.booleans()), max_size=8),
)
async def test_owners_that_die_at_any_step_lose_and_repeat_nothing(
    first: list[int], second: list[int], deaths: list[tuple[int, bool]]
) -> None:
    """An owner dies after so many steps (an append, its ack, an output, its ack); the next may find its directory."""
    log = Log()
    store = Store(log)
    for steps, keeps_directory in [*deaths, (-1, True)]:
        if keeps_directory:
            store.recover(log)
        else:
            store = Store(log)
        log.left = steps
        try:
            runner = await owner(log, store)
            await runner.run("in", inputs(first))
            await runner.run("more", inputs(second, "more"))
        except Died:
            continue
    check(log, {"in": first, "more": second})


@given(st.lists(st.integers(0, INPUT_BYTES), max_size=20), st.integers(1, 5))
def test_slices_are_the_batch_in_order_within_both_bounds(sizes: list[int], most: int) -> None:
    records = [Record("in", 0, offset, 0, None, memory[:size].tobytes()) for offset, size in enumerate(sizes)]
    units = list(slices(records, most))
    assert [record for unit in units for record in unit] == records
    for unit in units:
        assert 1 <= len(unit) <= most
        assert len(unit) == 1 or sum(len(record.value or b"") for record in unit) <= INPUT_BYTES


memory = memoryview(bytes(INPUT_BYTES))


def test_outputs_are_planned_in_order_by_place_and_below_the_size_of_a_batch() -> None:
    outputs = [Sent("a", n % 2, b"k", bytes(300_000), [("n", b"%d" % n)]) for n in range(10)]
    planned = plan(outputs)
    assert list(planned) == [("a", 0), ("a", 1)]
    for (_, partition), groups in planned.items():
        assert [len(group) for group in groups] == [2, 2, 1]
        assert [sent for group in groups for sent in group] == [sent for sent in outputs if sent.partition == partition]

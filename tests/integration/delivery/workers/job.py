"""A worker for the tests: sums amounts by key, answers each input once; and dies where it is told to.

JOB_KAFKA, JOB_DIR, JOB_NAME: broker, own directory, prefix of its topics. JOB_PARTITIONS: of every topic.
JOB_FAULT: a place to die: `rows:N` between the N-th unit's rows and its outputs, `outputs:N` after its outputs and
before its commit, `commit:N` at once after the N-th commit, `handler` by a bug, `fat` by an output that its topic
refuses, `huge` by outputs that no record batch holds.
JOB_SLOW: seconds by which every produce request is held up.
"""

import asyncio
import os
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from bookstream.delivery.api import Batch, Context, Outbox, Rows, Shard
from bookstream.delivery.app import build
from bookstream.delivery.consumer import BatchConsumer, Transport
from bookstream.delivery.outbox import Place
from bookstream.delivery.unit import ShardRunner
from bookstream.delivery.wire import Wire

NAME = os.environ["JOB_NAME"]
FAULT, _, AT = os.environ.get("JOB_FAULT", "").partition(":")
SLOW = float(os.environ.get("JOB_SLOW", "0"))
DIED = 9


class Sum(msgspec.Struct):
    """What one key has come to."""

    inputs: int = 0
    total: int = 0


SUMS = Rows("sum", Sum)


def handle(shard: Shard, batch: Batch, out: Outbox) -> None:
    for record in batch.records:
        key = (record.key or b"").decode()
        name, amount = (record.value or b"").split(b":")
        if FAULT == "handler" and amount == b"13":
            raise RuntimeError("a bug in the rules")
        if FAULT == "fat" and amount == b"13":
            out.send(f"{NAME}.narrow", record.key, b"x" * 5000)
        if FAULT == "huge" and amount == b"99":
            for part in range(20):
                out.send(f"{NAME}.out", record.key, bytes(900_000), headers=[("part", b"%d" % part)])
        row = shard.get(SUMS, key) or Sum()
        row.inputs += 1
        row.total += int(amount)
        shard.put(SUMS, key, row)
        out.send(f"{NAME}.out", record.key, b"%b,%d,%d" % (name, row.inputs, row.total), headers=[("input", name)])


class Countdown:
    """Dies the N-th time that its place is reached."""

    def __init__(self, place: str) -> None:
        self.left = int(AT) if place == FAULT else 0

    def reached(self) -> None:
        self.left -= 1
        if self.left == 0:
            os._exit(DIED)


class FragileRunner(ShardRunner):
    """Dies before or after a unit's outputs."""

    rows, outputs = Countdown("rows"), Countdown("outputs")

    async def _publish(self, built: Any) -> None:
        if built:
            self.rows.reached()
        await super()._publish(built)
        if built:
            self.outputs.reached()


class FragileConsumer(BatchConsumer):
    """Dies after a commit."""

    commits = Countdown("commit")

    async def _commit_offsets(self, *args: Any, **kwargs: Any) -> bool:
        did = await super()._commit_offsets(*args, **kwargs)
        if did:
            self.commits.reached()
        return did


class SlowWire(Wire):
    """Sends late."""

    async def append(self, place: Place, batch: bytes) -> int:
        await asyncio.sleep(SLOW)
        return await super().append(place, batch)


if FAULT or SLOW:
    setattr(import_module("bookstream.delivery.runtime"), "ShardRunner", FragileRunner)  # noqa: B010 - not for mypy's eyes
    setattr(import_module("bookstream.delivery.runtime"), "Wire", SlowWire)  # noqa: B010
    Transport.Consumer = FragileConsumer

app = build(
    Context(
        NAME,
        int(os.environ.get("JOB_PARTITIONS", "4")),
        {f"{NAME}.in": handle, f"{NAME}.more": handle},
        f"{NAME}.state",
        [SUMS],
        unit_records=int(os.environ.get("JOB_UNIT", "256")),
    ),
    os.environ["JOB_KAFKA"],
    Path(os.environ["JOB_DIR"]),
    session_seconds=6.0,
)

"""The same job on Faust as it comes, at least once, with the same faults: what a worker of the tutorial does.

STOCK_KAFKA, STOCK_DIR, STOCK_NAME; STOCK_FAULT: `commit` dies right after the first commit while sends to the
changelog are slow, `rows` dies between a table's row and what follows from it, `handler` raises, `fat` sends what its
topic refuses, `order` acknowledges all but one event.
"""

import asyncio
import os
from typing import Any

import faust
from aiokafka import AIOKafkaProducer
from faust.transport.drivers import aiokafka as driver

NAME = os.environ["STOCK_NAME"]
FAULT = os.environ.get("STOCK_FAULT", "")
DIED = 9

app = faust.App(
    NAME,
    broker=f"aiokafka://{os.environ['STOCK_KAFKA']}",
    store="rocksdb://",
    datadir=os.environ["STOCK_DIR"],
    broker_commit_interval=0.5,
    topic_allow_declare=False,
    topic_disable_leader=True,
    consumer_group_instance_id=NAME,
    web_enabled=False,
    value_serializer="raw",
    key_serializer="raw",
)
source = app.topic(f"{NAME}.in", value_type=bytes, key_type=bytes, partitions=1)
out = app.topic(f"{NAME}.out", value_type=bytes, key_type=bytes, partitions=1)
narrow = app.topic(f"{NAME}.narrow", value_type=bytes, key_type=bytes, partitions=1)
changelog = app.topic(
    f"{NAME}.sums-changelog", key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw",
    partitions=1, compacting=True, internal=True, acks=False, allow_empty=True, maxsize=131_072,
)  # fmt: skip
sums = app.Table("sums", partitions=1, key_type=bytes, value_type=bytes, changelog_topic=changelog)

if FAULT == "commit":
    send, commit = AIOKafkaProducer.send, driver.Consumer._commit_offsets

    async def slow_send(self: Any, topic: str, *args: Any, **kwargs: Any) -> Any:
        if topic.endswith("-changelog"):
            await asyncio.sleep(0.3)
        return await send(self, topic, *args, **kwargs)

    async def commit_and_die(self: Any, offsets: Any, *args: Any, **kwargs: Any) -> bool:
        did: bool = await commit(self, offsets, *args, **kwargs)
        if did:
            os._exit(DIED)
        return did

    AIOKafkaProducer.send = slow_send
    setattr(driver.Consumer, "_commit_offsets", commit_and_die)  # noqa: B010 - a fault, not a method


if FAULT == "order":

    @app.agent(source)
    async def hold_one(stream: Any) -> None:
        async for event in stream.noack().events():
            if not event.value.startswith(b"held"):
                event.ack()

else:

    @app.agent(source)
    async def add(stream: Any) -> None:
        async for event in stream.events():
            name, amount = event.value.split(b":")
            offset = event.message.offset
            done, total = (sums.get(event.key) or b"-1,0").split(b",")
            if int(done) >= offset:
                continue  # what was applied before is skipped: the usual way of counting once
            if FAULT == "handler" and amount == b"13":
                raise RuntimeError("a bug in the rules")
            if FAULT == "fat" and amount == b"13":
                await narrow.send(key=event.key, value=b"x" * 5000)
            total = b"%d" % (int(total) + int(amount))
            sums[event.key] = b"%d,%b" % (offset, total)
            if FAULT == "rows" and amount == b"13":
                os._exit(DIED)
            await out.send(key=event.key, value=name + b"," + total)

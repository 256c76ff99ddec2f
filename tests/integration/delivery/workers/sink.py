"""A sink for the tests: gathers batches, writes them to a file in one go, and skips what the file has.

SINK_KAFKA, SINK_DIR, SINK_NAME, SINK_FILE; SINK_HOLD: a value whose batch never becomes durable.
"""

import asyncio
import os
from pathlib import Path

from bookstream.delivery.api import Batch
from bookstream.delivery.app import build_sink

NAME = os.environ["SINK_NAME"]
FILE = Path(os.environ["SINK_FILE"])
HOLD = os.environ.get("SINK_HOLD", "").encode()
GATHER_SECONDS = 0.2


class FileSink:
    """Durable is what is in the file."""

    name = NAME

    def __init__(self) -> None:
        self.topics = {f"{NAME}.in": 4}
        self._gathered: list[Batch] = []
        self._written = asyncio.Event()
        self._has: dict[tuple[str, int], int] = {}

    async def start(self) -> None:
        self._task = asyncio.create_task(self._write())

    async def assigned(self, partitions: list[tuple[str, int]]) -> None:
        self._gathered.clear()
        await asyncio.to_thread(self._look)

    async def take(self, batch: Batch) -> None:
        if HOLD and any((record.value or b"").startswith(HOLD) for record in batch.records):
            await asyncio.Event().wait()
        self._gathered.append(batch)
        await self._written.wait()

    async def _write(self) -> None:
        while True:
            await asyncio.sleep(GATHER_SECONDS)
            gathered, self._gathered = self._gathered, []
            written, self._written = self._written, asyncio.Event()
            lines = []
            for batch in gathered:
                for record in batch.records:
                    if record.offset > self._has.get((batch.topic, batch.partition), -1):
                        self._has[batch.topic, batch.partition] = record.offset
                        lines.append(
                            f"{batch.topic} {batch.partition} {record.offset} {(record.value or b'').decode()}"
                        )
            await asyncio.to_thread(self._append, "".join(f"{line}\n" for line in lines))
            written.set()

    def _look(self) -> None:
        for line in FILE.read_text(encoding="utf-8").splitlines() if FILE.exists() else []:
            topic, partition, offset, _ = line.split(" ")
            self._has[topic, int(partition)] = int(offset)

    @staticmethod
    def _append(text: str) -> None:
        # One system call, so that a kill leaves all of it or nothing; a real sink has a transaction.
        file = os.open(FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, text.encode())
        os.close(file)


app = build_sink(FileSink(), os.environ["SINK_KAFKA"], Path(os.environ["SINK_DIR"]), session_seconds=6.0)

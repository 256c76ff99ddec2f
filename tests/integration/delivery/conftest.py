"""A job's topics, its workers as processes, and a checker that knows nothing of how they work."""

import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic, ResourceType  # type: ignore[attr-defined]

from bookstream.delivery.api import Record
from bookstream.reading import read, watermarks

ROOT = Path(__file__).parents[3]
WORKERS = Path(__file__).parent / "workers"
PATIENCE = 60.0


def until(condition: Callable[[], object], what: str, patience: float = PATIENCE, pause: float = 0.1) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"not in {patience:.0f} s: {what}"
        time.sleep(pause)


class Worker:
    """One Faust worker in a process of its own."""

    def __init__(self, module: str, directory: Path, env: dict[str, str]) -> None:
        self.log = directory.with_name(f"{directory.name}-{time.monotonic_ns()}.log")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "faust", "-A", f"{module}:app", "worker", "-l", "info", "--without-web"]
        path = os.pathsep.join([str(ROOT), str(WORKERS)])
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=directory.parent, env={**os.environ, "PYTHONPATH": path, **env},
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip

    @property
    def text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def ready(self) -> "Worker":
        until(lambda: "Worker ready" in self.text or self.process.poll() is not None, "the worker is ready")
        assert self.process.poll() is None, self.text[-3000:]
        return self

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def ended(self, patience: float = PATIENCE) -> int:
        return self.process.wait(patience)

    def stop(self) -> int:
        self.signal(signal.SIGTERM)
        return self.ended(20)


class Job:
    """A job's topics and inputs on one broker; `name` prefixes everything of it."""

    def __init__(self, bootstrap: str, name: str, directory: Path, partitions: int = 4) -> None:
        self.bootstrap, self.name, self.directory, self.partitions = bootstrap, name, directory, partitions
        self.group = f"bookstream-{name}"
        self.amounts: dict[str, tuple[str, int]] = {}
        self._workers: list[Worker] = []
        self._admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
        self._producer = self._make_producer("none")
        state = {"cleanup.policy": "compact", "max.message.bytes": str(16 * 1024 * 1024)}
        self.create(
            **{
                "in": {},
                "more": {},
                "out": {},
                "sums-changelog": {"cleanup.policy": "compact"},
                "narrow": {"max.message.bytes": "1000"},
                "state": state,
            }
        )

    until = staticmethod(until)

    def create(self, **topics: dict[str, str]) -> None:
        wanted = [NewTopic(f"{self.name}.{name}", self.partitions, 1, config=config) for name, config in topics.items()]
        for made in self._admin.create_topics(wanted).values():
            made.result()

    def widen(self, topic: str) -> None:
        """Let a topic take large records."""
        entry = ConfigEntry("max.message.bytes", "1000000", incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ResourceType.TOPIC, f"{self.name}.{topic}", incremental_configs=[entry])
        for changed in self._admin.incremental_alter_configs([resource]).values():
            changed.result()

    def put(self, amounts: list[int], *, topic: str = "in", keys: int = 20, codec: str | None = None) -> None:
        """Send inputs, each with a name of its own; with a codec by a producer that compresses so."""
        producer = self._producer if codec is None else self._make_producer(codec)
        for amount in amounts:
            name, key = f"i{len(self.amounts)}", f"k{len(self.amounts) % keys}"
            self.amounts[name] = (key, amount)
            while True:
                try:
                    producer.produce(f"{self.name}.{topic}", f"{name}:{amount}", key)
                    break
                except BufferError:
                    producer.poll(0.1)
        producer.flush()

    def _make_producer(self, codec: str) -> Producer:
        return Producer(
            {
                "bootstrap.servers": self.bootstrap, "partitioner": "murmur2_random", "compression.type": codec,
                "linger.ms": 2, "log_level": 0,
            }
        )  # fmt: skip

    def send(self, value: str, key: str = "k0") -> None:
        """Send one record that is no input of the sums."""
        self._producer.produce(f"{self.name}.in", value, key)
        self._producer.flush()

    def worker(self, directory: str = "w1", **env: str) -> Worker:
        where = self.directory / directory
        known = {"JOB_KAFKA": self.bootstrap, "JOB_DIR": str(where), "JOB_NAME": self.name}
        started = Worker("job", where, {**known, "JOB_PARTITIONS": str(self.partitions), **env})
        self._workers.append(started)
        return started

    def stock(self, fault: str, directory: str = "stock") -> Worker:
        where = self.directory / directory
        env = {"STOCK_KAFKA": self.bootstrap, "STOCK_DIR": str(where), "STOCK_NAME": self.name, "STOCK_FAULT": fault}
        started = Worker("stock", where, env)
        self._workers.append(started)
        return started

    def sink(self, directory: str = "s1", **env: str) -> Worker:
        where = self.directory / directory
        known = {"SINK_KAFKA": self.bootstrap, "SINK_DIR": str(where), "SINK_NAME": self.name}
        started = Worker("sink", where, {**known, "SINK_FILE": str(self.directory / "durable"), **env})
        self._workers.append(started)
        return started

    def committed(self, group: str | None = None, topic: str = "in") -> int:
        """Return how many inputs are committed, all partitions together."""
        client = Consumer({"bootstrap.servers": self.bootstrap, "group.id": group or self.group, "log_level": 0})
        try:
            places = [TopicPartition(f"{self.name}.{topic}", partition) for partition in range(self.partitions)]
            return sum(max(0, place.offset) for place in client.committed(places, timeout=10))
        finally:
            client.close()

    def size(self, topic: str) -> int:
        client = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "size", "log_level": 0})
        try:
            return sum(high for _, high in watermarks(client, [f"{self.name}.{topic}"]).values())
        finally:
            client.close()

    def records(self, topic: str) -> list[Record]:
        return list(read(self.bootstrap, [f"{self.name}.{topic}"]))

    def drained(self, patience: float = PATIENCE) -> None:
        """Wait until every input is committed."""
        until(
            lambda: self.committed() + self.committed(topic="more") == len(self.amounts),
            f"all {len(self.amounts)} inputs of {self.name} are committed",
            patience,
            0.3,
        )

    def check(self) -> int:
        """Recompute everything from the topics; return how many outputs are repeats.

        Every input is answered, and each with one payload however often that was sent; the answers of a key are a
        sequence in which nothing is missing or counted twice.
        """
        payloads: dict[str, set[tuple[Any, ...]]] = defaultdict(set)
        answers = self.records("out")
        for record in answers:
            name = (record.value or b"").split(b",")[0].decode()
            payloads[name].add((record.partition, record.key, record.value, tuple(record.headers)))
        assert payloads.keys() == self.amounts.keys()
        assert [values for values in payloads.values() if len(values) > 1] == []
        sequences: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        for name, ((_, answered_key, value, headers),) in payloads.items():
            _, number, total = value.split(b",")
            key, amount = self.amounts[name]
            assert (answered_key, headers) == (key.encode(), (("input", name.encode()),))
            sequences[key].append((int(number), int(total), amount))
        for key, sequence in sequences.items():
            running = 0
            for place, (number, total, amount) in enumerate(sorted(sequence), 1):
                running += amount
                assert (number, total) == (place, running), f"{key} at {place}"
        return len(answers) - len(payloads)

    @property
    def alive(self) -> bool:
        """Tell whether the worker that was started last is running."""
        return self._workers[-1].process.poll() is None

    def end(self) -> None:
        for worker in self._workers:
            if worker.process.poll() is None:
                worker.signal(signal.SIGCONT)
                worker.kill()


@pytest.fixture
def jobs(bootstrap: str, unique: str, tmp_path: Path) -> Iterator[Callable[..., Job]]:
    """Make jobs on the session's broker, and end what they started."""
    made: list[Job] = []

    def make(suffix: str = "", partitions: int = 4, **elsewhere: str) -> Job:
        made.append(Job(elsewhere.get("bootstrap", bootstrap), f"{unique}{suffix}", tmp_path, partitions))
        return made[-1]

    yield make
    for job in made:
        job.end()

"""The stage of a bench: one broker for all candidates, topics made anew for each turn, processes that end with it."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined] # its stubs forget to export them

from bench.load import Value
from bookstream.delivery.runtime import READY
from bookstream.money.signing import PRIVATE_KEY_FILE, PUBLIC_KEY_FILE, CheckpointSigner
from bookstream.reading import consumer, watermarks
from bookstream.settings import PREFIX
from bookstream.stack import StackFile
from bookstream.tokens import TokenSigner
from bookstream.topics import BY_NAME
from domain.errors import Unavailable
from ops import broker as brokers
from ops.broker import Broker
from ops.process import Process, tail

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS = 600.0
GONE_SECONDS = 30.0

Say = Callable[[str], None]


class Stage:
    """A broker and a directory, both gone at the end; a context manager.

    Args:
        say: told what is going on, for people who wait.
    """

    def __init__(self, say: Say = lambda _: None) -> None:
        self.say = say
        self.directory = Path(tempfile.mkdtemp(prefix="bookstream-bench-"))
        self._broker: Broker | None = None
        self._processes: list[Process] = []
        self._admin: AdminClient
        self.bootstrap = ""

    def __enter__(self) -> Self:
        try:
            self.say("starting a broker")
            self._broker = brokers.start(self.directory / "kafka", ephemeral=True)
            self.bootstrap = self._broker.bootstrap
            self._admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        except BaseException:
            self._clean()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clean()

    def _clean(self) -> None:
        for process in self._processes:
            process.kill()
        if self._broker is not None:
            self._broker.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    # -- topics --------------------------------------------------------------------------------------------------

    def renew(self, topics: Iterable[str], groups: Iterable[str] = ()) -> None:
        """Make topics anew and forget what groups have committed: the next candidate finds nothing.

        Each is as topics.py declares it, but its records bear the time at which the broker appended them.
        """
        topics = list(topics)
        for group in groups:
            self.forget_group(group)
        for future in self._admin.delete_topics(topics, operation_timeout=GONE_SECONDS).values():
            _ignoring(future, "UNKNOWN_TOPIC_OR_PART")
        deadline = time.monotonic() + GONE_SECONDS
        while set(topics) & set(self._admin.list_topics(timeout=10).topics):
            if time.monotonic() > deadline:
                raise Unavailable(f"the broker does not delete {', '.join(topics)}")
            time.sleep(0.05)
        declared = [BY_NAME[topic] for topic in topics]
        for future in self._admin.create_topics(
            [
                NewTopic(
                    topic.name,
                    num_partitions=topic.partitions,
                    replication_factor=1,
                    config={**topic.configs, "message.timestamp.type": "LogAppendTime"},
                )
                for topic in declared
            ]
        ).values():
            future.result(timeout=GONE_SECONDS)

    def forget_group(self, group: str) -> None:
        """Delete a group with what it committed; waits for its last member to be given up."""
        deadline = time.monotonic() + GONE_SECONDS
        while True:
            try:
                return _ignoring(self._admin.delete_consumer_groups([group])[group], "GROUP_ID_NOT_FOUND")
            except KafkaException as error:
                # A broker that has just started knows of no groups yet; a worker's place is kept for its session.
                name = error.args[0].name()
                passing = "COORDINATOR" in name or name == "NON_EMPTY_GROUP"
                if not passing or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def fill(self, topic: str, values: Iterable[Value]) -> int:
        """Append values to their partitions and return how many."""
        producer = Producer(
            {"bootstrap.servers": self.bootstrap, "linger.ms": 20, "acks": "all", "log_level": 0,
             "queue.buffering.max.messages": 500_000}
        )  # fmt: skip
        count = 0
        for count, each in enumerate(values, 1):  # noqa: B007 - counted
            while True:
                try:
                    producer.produce(topic, each.value, each.key, each.partition)
                    break
                except BufferError:
                    producer.poll(0.1)
            producer.poll(0)
        if producer.flush(GONE_SECONDS):
            raise Unavailable("the broker did not take the whole load")
        return count

    def committed(self, group: str, topic: str) -> int:
        """Return how many records of a topic a group has committed."""
        asked = [
            ConsumerGroupTopicPartitions(group, [TopicPartition(topic, n) for n in range(BY_NAME[topic].partitions)])
        ]
        try:
            answer = self._admin.list_consumer_group_offsets(asked)[group].result(timeout=10)
        except KafkaException as error:
            name = error.args[0].name()
            if name == "GROUP_ID_NOT_FOUND" or "COORDINATOR" in name:
                return 0
            raise
        return sum(max(0, place.offset) for place in answer.topic_partitions)

    def wait_committed(self, group: str, topic: str, count: int, process: Process) -> None:
        """Wait until a group has committed so many records of a topic.

        Raises:
            ServerDied: the process has ended.
            Unavailable: it takes too long.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.committed(group, topic) < count:
            if process.exit_code is not None:
                raise process.death()
            if time.monotonic() > deadline:
                raise Unavailable(f"{process.name} took {self.committed(group, topic)} of {count} records")
            time.sleep(0.1)

    def count(self, topic: str) -> int:
        """Return how many records were appended to a topic."""
        client = consumer(self.bootstrap)
        try:
            return sum(high for _, high in watermarks(client, [topic]).values())
        finally:
            client.close()

    def appended(self, topic: str) -> tuple[int, float, float]:
        """Return how many records a topic has, and when the first and the last were appended, in seconds.

        Raises:
            Unavailable: the topic is empty, or the broker does not answer.
        """
        client = consumer(self.bootstrap)
        try:
            ends = {place: high for place, (_, high) in watermarks(client, [topic]).items() if high}
            if not ends:
                raise Unavailable(f"nothing was appended to {topic}")
            times: list[int] = []
            for (name, partition), high in ends.items():
                for offset in (0, high - 1):
                    client.assign([TopicPartition(name, partition, offset)])
                    times.append(_time_of(client))
            return sum(ends.values()), min(times) / 1000, max(times) / 1000
        finally:
            client.close()

    # -- processes -----------------------------------------------------------------------------------------------

    def spawn(self, name: str, argv: Sequence[str], env: dict[str, str] | None = None) -> Process:
        """Start a candidate; it dies with this process."""
        known = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
        log = self.directory / f"{name}.log"
        process = Process(name, argv, log, env={**known, "PYTHONPATH": path, **(env or {})}, leashed=True)
        self._processes.append(process)
        return process

    def python(self, name: str, module: str, *arguments: str) -> Process:
        """Start a candidate that is a Python module of this project."""
        return self.spawn(name, [sys.executable, "-m", module, *arguments])

    def worker(self, context: str, app: str | None = None, env: dict[str, str] | None = None) -> Process:
        """Start a worker of a context on a new directory, as `bookstream up` does, and wait until it takes input."""
        data_dir = self.data_dir(context)
        StackFile(self.bootstrap, os.getpid()).write(data_dir)
        argv = [
            sys.executable, "-m", "faust", "-A", app or f"bookstream.apps.{context}", "worker", "-l", "info",
            "--without-web",
        ]  # fmt: skip
        settings = {f"{PREFIX}KAFKA": self.bootstrap, f"{PREFIX}DATA_DIR": str(data_dir), **(env or {})}
        process = self.spawn(f"worker-{context}", argv, settings)
        ready = data_dir / "workers" / f"{context}-1" / READY
        process.wait_until(ready.exists, 90.0, pause=0.02)
        return process

    def data_dir(self, context: str) -> Path:
        """Return the data directory of a context's worker, made when first asked for."""
        path = self.directory / f"data-{context}"
        path.mkdir(exist_ok=True)
        return path

    def keys(self, tokens: TokenSigner) -> None:
        """Give the accounts' worker the keys that it needs: of its customers' tokens, and a new one for its ledger."""
        path = self.data_dir("accounts")
        tokens.write(path / "tokens.private.jwks.json", path / "tokens.public.jwks.json")
        CheckpointSigner.generate().write(path / PRIVATE_KEY_FILE, path / PUBLIC_KEY_FILE)

    def forget(self, context: str) -> None:
        """Remove a worker's directory: the next one begins with an empty store."""
        shutil.rmtree(self.directory / f"data-{context}", ignore_errors=True)

    def finish(self, process: Process) -> None:
        """Wait until a candidate that ends by itself has.

        Raises:
            ServerDied: it failed.
            Unavailable: it takes too long.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while process.exit_code is None:
            if time.monotonic() > deadline:
                raise Unavailable(f"{process.name} did not end; its log ends:\n{tail(process.log)}")
            time.sleep(0.05)
        if process.exit_code != 0:
            raise process.death()


def _time_of(client: object) -> int:
    deadline = time.monotonic() + GONE_SECONDS
    while time.monotonic() < deadline:
        message = client.poll(1.0)  # type: ignore[attr-defined] # a confluent_kafka.Consumer
        if message is not None and message.error() is None:
            return int(message.timestamp()[1])
    raise Unavailable("the broker does not give a record that it has")


def _ignoring(future: object, name: str) -> None:
    try:
        future.result(timeout=GONE_SECONDS)  # type: ignore[attr-defined] # a concurrent Future
    except KafkaException as error:
        if error.args[0].name() != name:
            raise

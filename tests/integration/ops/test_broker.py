"""The embedded broker as its users meet it: it starts, keeps what it acknowledged, and says what is wrong."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, Message, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from ops import broker as brokers
from ops.broker import Broker
from ops.errors import AlreadyRunning, PortTaken, ServerDied
from ops.process import is_alive

pytestmark = pytest.mark.broker


@pytest.fixture
def own(data_dir: Path) -> Iterator[Broker]:
    """Give a broker that this test may hurt."""
    with Broker(data_dir) as started:
        yield started


def create(bootstrap: str, topic: str) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(10)


def produce(bootstrap: str, topic: str, values: list[bytes], *, compression: str = "none") -> None:
    failures: list[KafkaError] = []

    def note(error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            failures.append(error)

    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all", "compression.type": compression})
    for value in values:
        producer.produce(topic, value, on_delivery=note)
    assert producer.flush(20) == 0
    assert failures == []


def consume(bootstrap: str, topic: str, count: int) -> list[bytes]:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": topic, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    try:
        values: list[bytes] = []
        deadline = time.monotonic() + 20
        while len(values) < count and time.monotonic() < deadline:
            message = consumer.poll(0.5)
            if message is not None and message.error() is None:
                values.append(message.value() or b"")
        return values
    finally:
        consumer.close()


def cluster_id(bootstrap: str) -> str:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    return str(admin.describe_cluster().result(10).cluster_id)


def test_the_shared_broker_creates_no_topic_by_itself(bootstrap: str, unique: str) -> None:
    failures: list[KafkaError | None] = []
    producer = Producer({"bootstrap.servers": bootstrap, "message.timeout.ms": 3000})
    producer.produce(unique, b"x", on_delivery=lambda error, _message: failures.append(error))
    producer.flush(10)
    assert len(failures) == 1
    assert failures[0] is not None
    assert unique not in AdminClient({"bootstrap.servers": bootstrap}).list_topics(timeout=5).topics


def test_the_shared_broker_carries_a_message_of_ten_megabytes(bootstrap: str, unique: str) -> None:
    create(bootstrap, unique)
    producer = Producer({"bootstrap.servers": bootstrap, "message.max.bytes": 16_000_000})
    producer.produce(unique, os.urandom(10_000_000))
    assert producer.flush(20) == 0
    assert [len(value) for value in consume(bootstrap, unique, 1)] == [10_000_000]


def test_the_shared_broker_keeps_what_compression_any_client_chose(bootstrap: str, unique: str) -> None:
    create(bootstrap, unique)
    codecs = ["none", "gzip", "snappy", "lz4", "zstd"]
    for codec in codecs:
        producer = Producer({"bootstrap.servers": bootstrap, "compression.type": codec})
        producer.produce(unique, codec.encode() * 1000)
        assert producer.flush(10) == 0
    assert consume(bootstrap, unique, 5) == [codec.encode() * 1000 for codec in codecs]


def test_the_shared_broker_commits_transactions(bootstrap: str, unique: str) -> None:
    create(bootstrap, unique)
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": unique})
    producer.init_transactions(20)
    for value, finish in ((b"aborted", producer.abort_transaction), (b"committed", producer.commit_transaction)):
        producer.begin_transaction()
        producer.produce(unique, value)
        finish(20)
    assert consume(bootstrap, unique, 1) == [b"committed"]


def kill_9(own: Broker) -> None:
    own.kill()


def stop_cleanly(own: Broker) -> None:
    own.stop()


@pytest.mark.parametrize("end", [kill_9, stop_cleanly])
def test_what_was_acknowledged_survives_the_end_of_the_broker(
    own: Broker, unique: str, end: Callable[[Broker], None]
) -> None:
    create(own.bootstrap, unique)
    values = [b"%d" % number for number in range(500)]
    produce(own.bootstrap, unique, values)
    before, address = cluster_id(own.bootstrap), own.bootstrap
    end(own)
    own.restart()
    assert own.bootstrap == address
    assert cluster_id(own.bootstrap) == before
    assert consume(own.bootstrap, unique, 500) == values


def test_a_cluster_id_may_begin_with_a_hyphen(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brokers, "new_cluster_id", lambda: "-w6QpNmzTdq0xqJ1sXJ2Ew")
    with Broker(data_dir, ephemeral=True) as broker:
        create(broker.bootstrap, "any")


def test_a_second_broker_on_the_same_directory_is_refused(own: Broker) -> None:
    with pytest.raises(AlreadyRunning, match=rf"a broker already runs on .* \(pid {own.pid}\)"):
        brokers.start(own.data_dir)
    assert own.process.exit_code is None


def test_another_command_finds_and_stops_the_broker(own: Broker) -> None:
    note = brokers.running(own.data_dir)
    assert note is not None
    assert (note["pid"], note["bootstrap"]) == (own.pid, own.bootstrap)
    assert brokers.stop(own.data_dir)
    assert own.process.exit_code == 143  # the JVM's answer to SIGTERM, after a clean shutdown
    assert brokers.running(own.data_dir) is None
    assert not brokers.stop(own.data_dir)


def test_a_taken_port_is_named_with_its_holder(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(
            PortTaken, match=rf"port {port}, wanted for the broker, is taken( by .*pid {os.getpid()}\))?"
        ):
            brokers.start(data_dir, port=port)
    assert brokers.running(data_dir) is None


def test_an_ephemeral_broker_leaves_nothing_behind(data_dir: Path) -> None:
    started = brokers.start(data_dir, ephemeral=True)
    pid = started.pid
    started.stop()
    assert not is_alive(pid)
    assert not data_dir.exists()


def test_a_dead_broker_is_reported_with_the_end_of_its_log(own: Broker) -> None:
    own.stop()
    # A directory of another cluster's node: the broker ends while it starts.
    meta = own.data_dir / "topics" / "meta.properties"
    meta.write_text(meta.read_text(encoding="utf-8").replace("node.id=1", "node.id=7"), encoding="utf-8")
    with pytest.raises(ServerDied, match=r"(?s)the broker ended with exit code 1; .*Stored node id 7"):
        own.restart()


def test_a_directory_that_cannot_be_formatted_is_reported_with_the_reason(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "topics").write_text("a file where a directory belongs", encoding="utf-8")
    with pytest.raises(ServerDied, match=r"(?s)could not be formatted.*topics"):
        brokers.start(data_dir)


@contextmanager
def run_module(data_dir: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Run `python -m ops.broker`; give the command and the line that it printed."""
    argv = [sys.executable, "-m", "ops.broker", "--data-dir", str(data_dir), *options]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as command:
        try:
            assert command.stdout is not None
            yield command, json.loads(command.stdout.readline())
        finally:
            command.kill()
            brokers.stop(data_dir)


def test_a_broker_started_on_its_own_tells_its_address_and_stops_when_asked(data_dir: Path) -> None:
    with run_module(data_dir) as (command, note):
        assert cluster_id(note["bootstrap"])
        command.send_signal(signal.SIGTERM)
        assert command.wait(20) == 0
    assert not is_alive(note["pid"])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child's life to its parent's")
def test_an_ephemeral_broker_does_not_outlive_a_killed_parent(data_dir: Path) -> None:
    with run_module(data_dir, "--ephemeral") as (command, note):
        command.kill()
        command.wait(10)
        deadline = time.monotonic() + 10
        while is_alive(note["pid"]) and time.monotonic() < deadline:
            time.sleep(0.05)
    assert not is_alive(note["pid"])


def test_a_lasting_broker_outlives_a_killed_parent(data_dir: Path) -> None:
    with run_module(data_dir) as (command, note):
        command.kill()
        command.wait(10)
        assert cluster_id(note["bootstrap"])
        assert brokers.stop(data_dir)
    assert not is_alive(note["pid"])

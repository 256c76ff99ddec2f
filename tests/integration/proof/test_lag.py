"""How far a context is behind: against the offsets of a real group."""

import threading
import time

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from bookstream import lag as lags
from bookstream.lag import lag, wait_until_handled
from bookstream.topics import Topic

pytestmark = pytest.mark.broker


@pytest.fixture
def inputs(bootstrap: str, unique: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give an input of two partitions, five records in the first, read by a context of the same name."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for done in admin.create_topics([NewTopic(unique, 2, 1)]).values():
        done.result()
    producer = Producer({"bootstrap.servers": bootstrap})
    for number in range(5):
        producer.produce(unique, str(number), partition=0)
    assert producer.flush(10) == 0
    monkeypatch.setattr(lags, "GROUPS", {unique: (Topic(unique, None, "a test's input"),)})
    return unique


def commit(bootstrap: str, name: str, offset: int) -> None:
    """Commit as the context's worker does."""
    client = Consumer({"bootstrap.servers": bootstrap, "group.id": f"bookstream-{name}"})
    client.commit(offsets=[TopicPartition(name, 0, offset)], asynchronous=False)
    client.close()


def test_what_was_never_committed_is_behind_by_all_there_is(bootstrap: str, inputs: str) -> None:
    assert lag(bootstrap) == {(inputs, inputs, 0): 5}


def test_what_was_committed_is_not_behind(bootstrap: str, inputs: str) -> None:
    commit(bootstrap, inputs, 3)
    assert lag(bootstrap) == {(inputs, inputs, 0): 2}
    commit(bootstrap, inputs, 5)
    assert lag(bootstrap) == {}


def test_waiting_ends_when_all_is_handled(bootstrap: str, inputs: str) -> None:
    worker = threading.Timer(0.7, commit, (bootstrap, inputs, 5))
    worker.start()
    assert wait_until_handled(bootstrap, timeout_seconds=20) == {}
    worker.join()


def test_waiting_gives_up_and_says_what_waits(bootstrap: str, inputs: str) -> None:
    began = time.monotonic()
    assert wait_until_handled(bootstrap, timeout_seconds=0.6) == {(inputs, inputs, 0): 5}
    assert time.monotonic() - began >= 0.6

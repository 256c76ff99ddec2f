"""Topics as code, on the real broker."""

import socket
import time
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined] # its stubs forget to export it

from bookstream.settings import Settings
from bookstream.topic_admin import Drift, apply, drift
from bookstream.topics import Topic
from domain.errors import Misconfigured, Unavailable

pytestmark = pytest.mark.broker


@pytest.fixture
def settings(data_dir: Path) -> Settings:
    return Settings(data_dir=data_dir)


@pytest.fixture
def topics(unique: str) -> list[Topic]:
    return [
        Topic(f"{unique}-facts", "MarketOdds", "fixture_id", retention_ms=60_000, partitions=2),
        Topic(f"{unique}-state", "Quote", "market_id", keep="latest", partitions=2),
        Topic(f"{unique}-private", None, "row", keep="latest", private=True, partitions=2),
    ]


def create(bootstrap: str, name: str, partitions: int, config: dict[str, str]) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    new = NewTopic(name, num_partitions=partitions, replication_factor=1, config=config)
    admin.create_topics([new])[name].result(timeout=10)
    while name not in admin.list_topics(timeout=10).topics:
        time.sleep(0.05)


def test_missing_topics_are_reported_then_created_as_declared(
    bootstrap: str, settings: Settings, topics: list[Topic]
) -> None:
    assert drift(bootstrap, settings, topics) == [Drift(t.name, "topic", "present", "missing") for t in topics]
    assert apply(bootstrap, settings, topics).created == [topic.name for topic in topics]
    assert drift(bootstrap, settings, topics) == []


def test_applying_again_changes_nothing(bootstrap: str, settings: Settings, topics: list[Topic]) -> None:
    apply(bootstrap, settings, topics)
    again = apply(bootstrap, settings, topics)
    assert (again.created, again.drift, again.registered) == ([], [], {})


def test_a_topic_that_differs_is_reported_and_left_as_it_is(
    bootstrap: str, settings: Settings, topics: list[Topic]
) -> None:
    facts, state, private = topics
    create(bootstrap, facts.name, 3, {"retention.ms": "5000"})
    create(bootstrap, state.name, 2, {"cleanup.policy": "delete"})
    expected = [
        Drift(facts.name, "partitions", "2", "3"),
        Drift(facts.name, "retention.ms", "60000", "5000"),
        Drift(state.name, "cleanup.policy", "compact", "delete"),
    ]
    report = apply(bootstrap, settings, topics)
    assert report.created == [private.name]
    assert report.drift == expected
    assert drift(bootstrap, settings, topics) == expected


def test_more_replicas_than_brokers_is_refused_with_the_brokers_reason(
    bootstrap: str, data_dir: Path, topics: list[Topic]
) -> None:
    with pytest.raises(Misconfigured, match=r"the Kafka broker refuses: .*[Rr]eplication factor"):
        apply(bootstrap, Settings(data_dir=data_dir, replication=3), topics)


def test_an_absent_broker_is_one_sentence_within_seconds(settings: Settings, topics: list[Topic]) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound, but not listening: no one else can answer there
        address = f"127.0.0.1:{held.getsockname()[1]}"
        for action in (drift, apply):
            began = time.monotonic()
            with pytest.raises(Unavailable, match="the Kafka broker does not answer"):
                action(address, settings, topics)
            assert time.monotonic() - began < 8


def test_a_security_setting_that_kafka_does_not_know_is_named(
    bootstrap: str, data_dir: Path, topics: list[Topic]
) -> None:
    with pytest.raises(Misconfigured, match=r"BOOKSTREAM_KAFKA_SECURITY: .*no\.such\.setting"):
        drift(bootstrap, Settings(data_dir=data_dir, kafka_security={"no.such.setting": "1"}), topics)

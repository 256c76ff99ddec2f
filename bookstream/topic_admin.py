"""Make the broker's topics what the code declares: create what is missing, report what differs, delete nothing.

What differs stays as it is: fewer partitions cannot be, more would move keys to other partitions, and a shorter
retention deletes data. A person decides.
"""

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined] # its stubs forget to export them
    AdminClient,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from bookstream.clients import client
from bookstream.registry import register_all
from bookstream.settings import Settings
from bookstream.topics import ALL, Topic
from domain.errors import Misconfigured, Unavailable

T = TypeVar("T")

ANSWER_SECONDS = 5.0
CREATE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Drift:
    """One setting of one topic on the broker that is not what the code declares; `found` is "missing" for no topic."""

    topic: str
    setting: str
    declared: str
    found: str


@dataclass(frozen=True, slots=True)
class Report:
    """What `apply` did and found: names of topics created, drift of the others, wire id by registered subject."""

    created: list[str]
    drift: list[Drift]
    registered: dict[str, int] = field(default_factory=dict)


def declared_configs(topic: Topic, replication: int) -> dict[str, str]:
    """Return the settings that a topic must have on a cluster that keeps this many replicas of it."""
    return {**topic.configs, "min.insync.replicas": str(max(1, replication - 1))}


def drift(bootstrap: str, settings: Settings, topics: Iterable[Topic] = ALL) -> list[Drift]:
    """Report missing topics and those that differ; change nothing.

    Raises:
        Unavailable: the broker does not answer.
        Misconfigured: it answers, but does not let us in.
    """
    admin = client(AdminClient, bootstrap, settings.kafka_security)
    existing = _existing(admin, topics)
    missing = [Drift(topic.name, "topic", "present", "missing") for topic in topics if topic.name not in existing]
    return missing + _differences(admin, existing, settings.replication)


def apply(bootstrap: str, settings: Settings, topics: Iterable[Topic] = ALL) -> Report:
    """Create the missing topics and register the schemas where a registry is set; report what differs.

    Calling it again, or from two programs at once, does no harm.

    Raises:
        Unavailable: the broker or the registry does not answer.
        Misconfigured: a topic or schema is refused, with the reason.
    """
    topics = list(topics)
    admin = client(AdminClient, bootstrap, settings.kafka_security)
    existing = _existing(admin, topics)
    created = _create(admin, [topic for topic in topics if topic.name not in existing], settings.replication)
    _await_visible(admin, created)
    # What was there before is compared; what was created is as declared.
    found = _differences(admin, existing, settings.replication)
    registered = register_all(settings.registry, topics) if settings.registry else {}
    return Report(created, found, registered)


def _existing(admin: AdminClient, topics: Iterable[Topic]) -> dict[str, tuple[Topic, int]]:
    """Return the topics that the broker has, each with its number of partitions."""
    try:
        known: Mapping[str, Any] = admin.list_topics(timeout=ANSWER_SECONDS).topics
    except KafkaException as error:
        raise Unavailable(f"the Kafka broker does not answer: {_reason(error)}") from error
    return {topic.name: (topic, len(known[topic.name].partitions)) for topic in topics if topic.name in known}


def _create(admin: AdminClient, topics: list[Topic], replication: int) -> list[str]:
    if not topics:
        return []
    new = [
        NewTopic(
            topic.name,
            num_partitions=topic.partitions,
            replication_factor=replication,
            config=declared_configs(topic, replication),
        )
        for topic in topics
    ]
    created = []
    for name, future in admin.create_topics(
        new, operation_timeout=CREATE_SECONDS, request_timeout=CREATE_SECONDS
    ).items():
        try:
            _result(future, f"creating {name}")
            created.append(name)
        except _AlreadyThereError:
            continue
    return created


def _await_visible(admin: AdminClient, created: Iterable[str]) -> None:
    """Wait until the broker tells of what its controller has created: whoever starts next must find it.

    Raises:
        Unavailable: it does not in time.
    """
    missing, until = set(created), time.monotonic() + CREATE_SECONDS
    while missing:
        try:
            missing -= admin.list_topics(timeout=ANSWER_SECONDS).topics.keys()
        except KafkaException as error:
            raise Unavailable(f"the Kafka broker does not answer: {_reason(error)}") from error
        if missing and time.monotonic() > until:
            raise Unavailable(f"the Kafka broker does not tell of the topic {min(missing)}, which it has created")
        if missing:
            time.sleep(0.05)


def _differences(admin: AdminClient, existing: Mapping[str, tuple[Topic, int]], replication: int) -> list[Drift]:
    if not existing:
        return []
    asked = [ConfigResource(ResourceType.TOPIC, name) for name in existing]
    found: list[Drift] = []
    for resource, future in admin.describe_configs(asked, request_timeout=ANSWER_SECONDS).items():
        configs = _result(future, f"reading the settings of {resource.name}")
        topic, partitions = existing[resource.name]
        if partitions != topic.partitions:
            found.append(Drift(topic.name, "partitions", str(topic.partitions), str(partitions)))
        for name, wanted in declared_configs(topic, replication).items():
            value = configs[name].value
            if value != wanted:
                found.append(Drift(topic.name, name, wanted, str(value)))
    return sorted(found, key=lambda each: (each.topic, each.setting))


class _AlreadyThereError(Exception):
    """Another program has created the topic meanwhile."""


def _result(future: "Future[T]", doing: str) -> T:
    try:
        return future.result(timeout=CREATE_SECONDS)
    except TimeoutError as error:
        raise Unavailable(f"{doing}: the Kafka broker does not answer") from error
    except KafkaException as error:
        code = error.args[0].code()
        if code == KafkaError.TOPIC_ALREADY_EXISTS:
            raise _AlreadyThereError from error
        if code in {KafkaError._TIMED_OUT, KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN}:  # noqa: SLF001 - public
            raise Unavailable(f"{doing}: the Kafka broker does not answer") from error
        raise Misconfigured(f"{doing}: the Kafka broker refuses: {_reason(error)}") from error


def _reason(error: KafkaException) -> str:
    text: str = error.args[0].str()
    return text

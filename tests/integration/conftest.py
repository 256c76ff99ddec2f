"""The servers that integration tests share: started once, on the first test that asks, gone with the session."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from ops.broker import Broker
from ops.registry import Registry


class Kafka(Protocol):
    """What a test may know of the broker."""

    @property
    def bootstrap(self) -> str:
        """Give the address for clients."""


class GivenKafka:
    """A broker that someone else started."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """Give a broker: the one at BOOKSTREAM_TEST_KAFKA (host:port), else an ephemeral one for the session."""
    if given := os.environ.get("BOOKSTREAM_TEST_KAFKA"):
        yield GivenKafka(given)
        return
    directory = tmp_path_factory.mktemp("kafka")
    with Broker(directory, ephemeral=True) as started:
        yield started


@pytest.fixture(scope="session")
def registry(broker: Kafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Give a schema registry whose schemas are in the session's broker."""
    directory = tmp_path_factory.mktemp("registry")
    with Registry(broker.bootstrap, directory, topics=f"registry-{uuid.uuid4().hex[:8]}", ephemeral=True) as started:
        yield started


@pytest.fixture
def bootstrap(broker: Kafka) -> str:
    """Give the shared broker's address."""
    return broker.bootstrap


@pytest.fixture
def unique(request: pytest.FixtureRequest) -> str:
    """Give a prefix for topics, groups and transactional ids that no other test has, in this or any other run."""
    name = "".join(c if c.isascii() and c.isalnum() else "-" for c in request.node.name)[:40].strip("-")
    return f"{name}-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Give a new data directory."""
    return tmp_path / "data"

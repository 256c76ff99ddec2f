"""The embedded registry, met through Confluent's own client."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from ops import registry as registries
from ops.errors import AlreadyRunning
from ops.process import is_alive
from ops.registry import Registry

pytest.importorskip("authlib", reason="Confluent's registry client comes with confluent-kafka[schemaregistry]")
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

pytestmark = pytest.mark.broker

ONE = '{"type": "record", "name": "Tick", "fields": [{"name": "price", "type": "int"}]}'
WIDER = '{"type": "record", "name": "Tick", "fields": [{"name": "price", "type": "long"}]}'
BROKEN = '{"type": "record", "name": "Tick", "fields": [{"name": "price", "type": "string"}]}'


@pytest.fixture
def client(registry: Registry) -> Iterator[SchemaRegistryClient]:
    with SchemaRegistryClient({"url": registry.url}) as made:
        yield made


def test_a_schema_is_registered_once_and_found_by_its_id(client: SchemaRegistryClient, unique: str) -> None:
    first = client.register_schema(f"{unique}-value", Schema(ONE, "AVRO"))
    assert client.register_schema(f"{unique}-value", Schema(ONE, "AVRO")) == first
    found = client.get_schema(first)
    assert found.schema_str is not None
    assert "price" in found.schema_str


def test_an_incompatible_schema_is_refused(client: SchemaRegistryClient, unique: str) -> None:
    subject = f"{unique}-value"
    client.set_compatibility(subject, "BACKWARD")
    client.register_schema(subject, Schema(ONE, "AVRO"))
    assert client.test_compatibility(subject, Schema(WIDER, "AVRO"))
    with pytest.raises(SchemaRegistryError, match="409"):
        client.register_schema(subject, Schema(BROKEN, "AVRO"))


def test_schemas_survive_the_registrys_end_for_kafka_keeps_them(bootstrap: str, unique: str, data_dir: Path) -> None:
    with Registry(bootstrap, data_dir, topics=unique) as own:
        with SchemaRegistryClient({"url": own.url}) as client:
            known = client.register_schema("x-value", Schema(ONE, "AVRO"))
        assert f"{unique}-journal" in topics(bootstrap)
        with pytest.raises(AlreadyRunning, match="a registry already runs on"):
            Registry(bootstrap, data_dir, topics=unique).start()
        url, pid = own.url, own.pid
        own.kill()
        own.start()
        assert own.url == url
        with SchemaRegistryClient({"url": own.url}) as client:
            assert client.get_latest_version("x-value").schema_id == known
        note = registries.running(data_dir)
        assert note is not None
        assert note["url"] == url
        assert registries.stop(data_dir)
        assert registries.running(data_dir) is None
    assert not is_alive(pid)


def topics(bootstrap: str) -> set[str]:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    return set(admin.list_topics(timeout=10).topics)

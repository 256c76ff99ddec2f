"""The contracts in a real schema registry, and Confluent's own codecs on both sides of ours."""

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

import schemas
from bookstream import registry as registries
from bookstream.codecs import decode, encode, use_ids, writer_schema
from bookstream.registry import load_ids, register_all, subject, use_registry
from bookstream.settings import Settings
from bookstream.topic_admin import apply
from bookstream.topics import ODDS, PUBLIC, Topic
from domain.errors import ContractViolation, Misconfigured
from domain.events.canonical import MarketOdds, Participant, SelectionOdds
from domain.events.head import Source
from ops.registry import Registry

pytestmark = pytest.mark.broker

TICK = MarketOdds(
    event_id="e-1",
    occurred_at=1_700_000_000_123_456,
    received_at=1_700_000_000_123_457,
    provider="betfair",
    source=Source("feeds.betfair.raw", 3, 7),
    fixture_id="fx-1",
    market_id="fx-1/MATCH_ODDS/FT",
    market_type="MATCH_ODDS",
    period="FT",
    line_milli=None,
    bookmaker="betfair",
    status="OPEN",
    in_play=False,
    bet_delay_s=0,
    late=False,
    selections=(SelectionOdds(selection_id="home", name="Home", back_odds=1_500),),
)
PLAYER = Participant(
    event_id="e-2",
    occurred_at=1,
    received_at=2,
    provider="p",
    participant_id="pt-1",
    kind="PLAYER",
    sport="tennis",
    name="A",
    aliases=(),
    provider_participant_id="7",
)


@pytest.fixture(scope="module")
def registered(registry: Registry) -> dict[str, int]:
    return register_all(registry.url)


@pytest.fixture
def client(registry: Registry) -> Iterator[SchemaRegistryClient]:
    with SchemaRegistryClient({"url": registry.url}) as made:
        yield made


@pytest.fixture
def ids(registry: Registry, registered: dict[str, int]) -> Iterator[dict[str, int]]:
    use_registry(registry.url)
    yield registered
    use_registry(None)


def to_times(schema: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    """Turn integers to the datetimes that Confluent's codecs make of times."""
    times = [field["name"] for field in schema["fields"] if "logicalType" in field["type"]]
    return fields | {name: moment(fields[name]) for name in times}


def moment(micros: int) -> datetime:
    return datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)


def test_every_topic_of_records_has_its_subject(
    registered: dict[str, int], client: SchemaRegistryClient, registry: Registry
) -> None:
    assert set(registered) == {subject(topic) for topic in PUBLIC if topic.record}
    assert set(registered) <= set(client.get_subjects())
    assert client.get_compatibility("odds-value") == "FULL_TRANSITIVE"
    assert json.loads(client.get_schema(registered["odds-value"]).schema_str or "") == schemas.current("MarketOdds")
    assert register_all(registry.url) == registered


def test_the_registrys_ids_are_on_the_wire(ids: dict[str, int]) -> None:
    value = encode(TICK)
    assert value[:5] == b"\0" + ids["odds-value"].to_bytes(4)
    assert decode(MarketOdds, value) == TICK
    assert writer_schema(ids["odds-value"]) == schemas.current("MarketOdds")


def test_every_record_is_read_by_the_registrys_ids(ids: dict[str, int]) -> None:
    for topic in PUBLIC:
        if topic.record:
            assert writer_schema(ids[subject(topic)])["name"] == topic.record


def test_confluents_deserializer_reads_what_this_system_writes(
    ids: dict[str, int], client: SchemaRegistryClient
) -> None:
    read = AvroDeserializer(client)(encode(TICK), SerializationContext(ODDS.name, MessageField.VALUE))
    assert read == to_times(schemas.current("MarketOdds"), msgspec.to_builtins(TICK, builtin_types=(tuple,))) | {
        "selections": [msgspec.to_builtins(TICK.selections[0])]
    }


def test_this_system_reads_what_confluents_serializer_writes(ids: dict[str, int], client: SchemaRegistryClient) -> None:
    schema = schemas.current("MarketOdds")
    write = AvroSerializer(client, json.dumps(schema), conf={"auto.register.schemas": False})
    fields = to_times(schema, msgspec.to_builtins(TICK))
    value = write(fields, SerializationContext(ODDS.name, MessageField.VALUE))
    assert value == encode(TICK)
    assert decode(MarketOdds, value) == TICK


def test_a_newer_programs_values_are_understood_while_it_is_rolled_out(
    ids: dict[str, int], client: SchemaRegistryClient
) -> None:
    newer = copy.deepcopy(schemas.current("Participant"))
    newer["fields"].append({"name": "country", "type": ["null", "string"], "default": None, "doc": "Its country."})
    symbols = next(field for field in newer["fields"] if field["name"] == "kind")["type"]["symbols"]
    symbols.append("JOCKEY")
    client.register_schema("participants-value", Schema(json.dumps(newer), "AVRO"))
    write = AvroSerializer(client, json.dumps(newer), conf={"auto.register.schemas": False})
    fields = {**to_times(newer, msgspec.to_builtins(PLAYER)), "country": "SE"}
    where = SerializationContext("participants", MessageField.VALUE)
    value = write(fields, where)
    assert value is not None
    assert value[:5] != encode(PLAYER)[:5]
    assert decode(Participant, value) == PLAYER
    jockey = write({**fields, "kind": "JOCKEY"}, where)
    assert jockey is not None
    with pytest.raises(ContractViolation, match="UNKNOWN"):
        decode(Participant, jockey)


def test_a_schema_that_is_none_of_ours_breaks_the_contract(
    ids: dict[str, int], client: SchemaRegistryClient, unique: str
) -> None:
    other = '{"type": "record", "name": "MarketOdds", "namespace": "others", "fields": []}'
    number = client.register_schema(f"{unique}-value", Schema(other, "AVRO"))
    for unknown in (number, 2**31 - 1):
        with pytest.raises(ContractViolation, match=f"no released schema has the id {unknown}"):
            decode(MarketOdds, b"\0" + unknown.to_bytes(4))


def test_an_incompatible_schema_is_refused_in_one_sentence(
    registry: Registry, registered: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = copy.deepcopy(schemas.current("MarketOdds"))
    next(field for field in broken["fields"] if field["name"] == "bet_delay_s")["type"] = "string"
    monkeypatch.setattr(schemas, "released", lambda _: {1: schemas.current("MarketOdds"), 2: broken})
    with pytest.raises(
        Misconfigured, match="registering MarketOdds as odds-value: the schema registry refuses"
    ) as told:
        register_all(registry.url, [ODDS])
    assert "\n" not in str(told.value)
    assert "odds-value" in str(told.value)


def test_a_worker_does_not_start_on_a_registry_that_lacks_its_schemas(registry: Registry, unique: str) -> None:
    topic = Topic(unique, "MarketOdds", "fixture_id")
    with pytest.raises(
        Misconfigured, match=f"MarketOdds version 1 is not registered as {unique}-value: run `bookstream topics apply`"
    ):
        load_ids(registry.url, [topic])
    registries.register_all(registry.url, [topic])
    use_ids(load_ids(registry.url, [topic]))
    assert decode(MarketOdds, encode(TICK)) == TICK
    use_ids(None)


def test_applying_topics_registers_their_schemas(
    bootstrap: str, registry: Registry, data_dir: Path, unique: str
) -> None:
    topics = [
        Topic(f"{unique}-odds", "MarketOdds", "fixture_id", partitions=1),
        Topic(f"{unique}-bytes", None, "row", partitions=1),
    ]
    report = apply(bootstrap, Settings(data_dir=data_dir, registry=registry.url), topics)
    assert report.created == [topic.name for topic in topics]
    assert list(report.registered) == [f"{unique}-odds-value"]

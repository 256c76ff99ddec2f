"""docs/asyncapi.yaml: the same contracts for machines (AsyncAPI 3.0, Kafka bindings 0.5.0)."""

import tomllib
from pathlib import Path
from typing import Any

import schemas
from bookstream.contracts.reference import purpose
from bookstream.topics import (
    BET_REQUESTS,
    CASH_OUTS,
    CONTROLS,
    IDENTITY_DECISIONS,
    PAYMENT_REQUESTS,
    PUBLIC,
    TRANSFERS,
    Topic,
)

Json = dict[str, Any]

BINDING = "0.5.0"
AVRO = "application/vnd.apache.avro;version=1.9.0"
COMMANDS = frozenset({
    BET_REQUESTS.name, CASH_OUTS.name, TRANSFERS.name, PAYMENT_REQUESTS.name, CONTROLS.name, IDENTITY_DECISIONS.name,
})  # fmt: skip
"""What others send; everything else is sent by this system."""

ERROR_HEADERS = {
    "__connect.errors.topic": "Topic of the original.",
    "__connect.errors.partition": "Its partition, in decimal digits.",
    "__connect.errors.offset": "Its offset, in decimal digits.",
    "__connect.errors.timestamp": "Its time in milliseconds since 1970-01-01 UTC, in decimal digits.",
    "__connect.errors.code": "The branch of the error: undecodable, contract_violation, unknown_reference, ….",
    "__connect.errors.exception.class.name": "The kind of error.",
    "__connect.errors.exception.message": "Why it could not be taken in, in one sentence.",
    "__connect.errors.stage": "The stage of the stream that refused it.",
}

TRACEPARENT = {
    "type": "string",
    "description": "The trace that the record belongs to, as W3C's Trace Context writes it; may be absent.",
}

HEADER = """\
# Made from bookstream/topics.py and schemas/avro by `python -m bookstream.contracts docs`; a test holds it up to date.
"""


def document() -> Json:
    """Build the document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "bookstream",
            "version": _version(),
            "description": "The trading backend of a sportsbook: canonical feeds, quotes, bets and money on Kafka.",
        },
        "defaultContentType": "application/vnd.apache.avro",
        "servers": {
            "kafka": {
                "host": "{bootstrap}",
                "protocol": "kafka",
                "description": "Any Kafka cluster; without BOOKSTREAM_KAFKA a local broker.",
                "variables": {"bootstrap": {"default": "localhost:9092", "description": "host:port of a broker"}},
            }
        },
        "channels": {topic.name: _channel(topic) for topic in PUBLIC},
        "operations": {_operation_name(topic): _operation(topic) for topic in PUBLIC},
        "components": {"messages": _messages()},
    }


def render() -> str:
    """Write the document as YAML."""
    import yaml  # noqa: PLC0415 - a tool of development

    text: str = yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=110)
    return HEADER + text


def message_name(topic: Topic) -> str:
    """Name the message of a topic: its record, under the key of this topic."""
    if topic.record is None:
        return "DeadLetter"
    return topic.record


def _version() -> str:
    project = tomllib.loads((Path(schemas.__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    version: str = project["project"]["version"]
    return version


def _channel(topic: Topic) -> Json:
    configuration: Json = {
        name: [value] if name == "cleanup.policy" else int(value) for name, value in topic.configs.items()
    }
    name = message_name(topic)
    return {
        "address": topic.name,
        "description": purpose(topic) + (" Each record goes to every partition." if topic.broadcast else ""),
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": configuration,
                "bindingVersion": BINDING,
            }
        },
    }


def _operation_name(topic: Topic) -> str:
    words = topic.name.replace(".", "-").split("-")
    verb = "receive" if topic.name in COMMANDS else "send"
    return verb + "".join(word.capitalize() for word in words)


def _operation(topic: Topic) -> Json:
    channel = f"#/channels/{topic.name}"
    return {
        "action": "receive" if topic.name in COMMANDS else "send",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{message_name(topic)}"}],
    }


def _messages() -> Json:
    return {message_name(topic): _message(topic) for topic in PUBLIC}


def _message(topic: Topic) -> Json:
    binding: Json = {"key": {"type": "string", "description": f"{topic.key}, in UTF-8"}, "bindingVersion": BINDING}
    if topic.record is None:
        headers = {name: {"type": "string", "description": text} for name, text in ERROR_HEADERS.items()}
        return {
            "name": "DeadLetter",
            "title": "A record that could not be taken in, as it came",
            "contentType": "application/octet-stream",
            "headers": {"type": "object", "properties": headers},
            "payload": {"type": "string", "format": "binary"},
            "bindings": {"kafka": binding},
        }
    schema = schemas.current(topic.record)
    binding |= {
        "schemaIdLocation": "payload",
        "schemaIdPayloadEncoding": "confluent",
        "schemaLookupStrategy": "TopicNameStrategy",
    }
    return {
        "name": topic.record,
        "title": purpose(topic),
        "summary": schema["doc"],
        "contentType": "application/vnd.apache.avro",
        "headers": {"type": "object", "properties": {"traceparent": dict(TRACEPARENT)}},
        "payload": {"schemaFormat": AVRO, "schema": {"$ref": f"../schemas/avro/{topic.record}.avsc"}},
        "bindings": {"kafka": binding},
    }

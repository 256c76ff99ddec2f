"""Wire ids from a schema registry: any that speaks Confluent's API.

`bookstream topics apply` registers every released version under `<topic>-value`; a worker registers nothing: when it
starts it looks up the ids of the versions that it knows, all at once. While it runs it asks only for an id that it
meets for the first time: a newer program's.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

import schemas
from bookstream import codecs
from bookstream.contracts.ids import Ids, Release
from bookstream.topics import PUBLIC, Topic
from domain.errors import BookstreamError, Misconfigured, Unavailable

COMPATIBILITY = "FULL_TRANSITIVE"
TIMEOUT_SECONDS = 5
RETRIES = 2


def subject(topic: Topic) -> str:
    """Name the subject of a topic's values (TopicNameStrategy)."""
    return f"{topic.name}-value"


def register_all(url: str, topics: Iterable[Topic] = PUBLIC) -> dict[str, int]:
    """Register every released version of each topic's record, oldest first; return the newest id by subject.

    Calling it again changes nothing.

    Raises:
        Misconfigured: the registry refuses a schema, with its reason.
        Unavailable: it does not answer.
    """
    registered = {}
    with _client(url) as client:
        for topic in _typed(topics):
            name = subject(topic)
            with _asked(f"registering {topic.record} as {name}"):
                client.set_compatibility(name, COMPATIBILITY)
                for schema in schemas.released(topic.record or "").values():
                    registered[name] = client.register_schema(name, _text(schema))
    return registered


def load_ids(url: str, topics: Iterable[Topic] = PUBLIC) -> Ids:
    """Look up the id of every version that this program knows.

    Raises:
        Misconfigured: the version that this program writes is not registered: `bookstream topics apply` registers it.
        Unavailable: the registry does not answer.
    """
    known: dict[int, Release] = {}
    with _client(url) as client:
        for topic in _typed(topics):
            record = topic.record or ""
            versions = schemas.released(record)
            for version, schema in versions.items():
                number = _find(client, subject(topic), schema)
                if number is not None:
                    known.setdefault(number, Release(record, version))
                elif version == max(versions):
                    raise Misconfigured(
                        f"{record} version {version} is not registered as {subject(topic)}:"
                        " run `bookstream topics apply`"
                    )
    return Ids(known, lambda number: _record_of(url, number))


def use_registry(url: str | None) -> None:
    """Write and read by the registry's ids from now on; without one by those that the repository pins.

    Raises:
        Misconfigured, Unavailable: as for `load_ids`.
    """
    codecs.use_ids(load_ids(url) if url else None)


def _typed(topics: Iterable[Topic]) -> Iterator[Topic]:
    return (topic for topic in topics if topic.record is not None)


def _text(schema: dict[str, Any]) -> Schema:
    return Schema(json.dumps(schema, ensure_ascii=False), "AVRO")


def _client(url: str) -> SchemaRegistryClient:
    with _asked("BOOKSTREAM_REGISTRY"):
        return SchemaRegistryClient({"url": url, "timeout": TIMEOUT_SECONDS, "max.retries": RETRIES})


def _find(client: SchemaRegistryClient, name: str, schema: dict[str, Any]) -> int | None:
    with _asked(f"looking up {name}"):
        try:
            found: int | None = client.lookup_schema(name, _text(schema)).schema_id
        except SchemaRegistryError as error:
            if error.http_status_code != 404:
                raise
            return None
        return found


def _record_of(url: str, number: int) -> tuple[str, dict[str, Any]] | None:
    """Ask for the schema behind an id; None when there is none, or when it is not one of ours."""
    with _client(url) as client, _asked(f"looking up the schema {number}"):
        try:
            schema = json.loads(client.get_schema(number).schema_str or "null")
        except SchemaRegistryError as error:
            if error.http_status_code != 404:
                raise
            return None
    if isinstance(schema, dict) and schema.get("type") == "record" and schema.get("namespace") == "bookstream":
        return str(schema["name"]), schema
    return None


@contextmanager
def _asked(doing: str) -> Iterator[None]:
    """Turn what the registry's client raises into what happens next."""
    try:
        yield
    except BookstreamError:
        raise
    except SchemaRegistryError as error:
        if error.http_status_code >= 500 or error.http_status_code == 429:
            raise Unavailable(f"{doing}: the schema registry is in trouble: {_first_line(error)}") from error
        raise Misconfigured(f"{doing}: the schema registry refuses: {_first_line(error)}") from error
    except ValueError as error:
        # Its answer is no JSON, or the address is no URL. The address may hold a password, so it is not repeated.
        raise Misconfigured(f"{doing}: no schema registry's API is at BOOKSTREAM_REGISTRY") from error
    except Exception as error:  # the client lets its HTTP library's errors through, and may change the library
        raise Unavailable(f"{doing}: the schema registry does not answer: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    text = error.error_message if isinstance(error, SchemaRegistryError) else str(error)
    return (text or type(error).__name__).split("\n", maxsplit=1)[0][:300]

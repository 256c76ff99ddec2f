"""docs/contracts.md: every topic, record and field, for those who read the topics."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import schemas
from bookstream.contracts.source import UNKNOWN, Schema, kind_of
from bookstream.topics import DAY_MS, PRIVATE, PUBLIC, Topic

HEAD = ("event_id", "occurred_at", "received_at", "provider", "provider_sequence", "source")

INTRODUCTION = """\
# Contracts

Made from [the topics](../bookstream/topics.py) and [the schemas](../schemas/avro) by
`python -m bookstream.contracts docs`; a test holds this file up to date. The same for machines:
[asyncapi.yaml](asyncapi.yaml).

## What every reader needs to know

- **A value** is byte 0, the schema's id in four bytes (big-endian), and the Avro body: Confluent's wire format, so any
  client with a schema registry reads it. Without a registry the ids are those of [ids.json](../schemas/ids.json), and
  the schema behind an id is `schemas/released/<record>/<version>.avsc`. The subject of a topic is `<topic>-value`.
- **A key** is UTF-8 text. The partition is murmur2 of the key, as in Java's client, except where a topic goes to every
  partition.
- **Headers**: what a traced record leads to carries W3C's `traceparent`: the same trace, and a span whose id is a hash
  of the record's trace and place. Feeds and `bookstream bet` begin traces; a record without one leads to none.
- **Money** is an integer in minor units (`*_minor`) of the record's `currency`, ISO 4217. **Odds** are decimal odds in
  thousandths: 2.5 is 2500. **Lines** are in thousandths: 2.5 goals is 2500. **Probabilities** are in [0, 1].
  **Times** (`*_at`) are microseconds since 1970-01-01 UTC.
- **Delivery** is at least once: the same event has the same `event_id`, however often it is sent.
- **Versions** are compatible in both directions with every version before them (FULL_TRANSITIVE): old readers read new
  values and new readers old ones. An enum's first symbol, `UNKNOWN`, is never written: it is what an older reader
  sees in place of a symbol that was added later. Do not act on it.

## To change a record

1. Change the struct in `domain/events` and the schema in `schemas/avro`: a new field with a default, a new symbol
   behind the others. Nothing else passes the gate; for anything else make a new record and a new topic.
2. `python -m bookstream.contracts release` freezes it as the next version, with an id of its own.
3. `python -m bookstream.contracts docs` writes this file, and `bookstream topics apply` registers the version where
   `BOOKSTREAM_REGISTRY` is set. Only then may a program that writes it start.

**Two versions run side by side** while programs are replaced, and for as long as a topic keeps old values. A value says
by its id which version wrote it; a reader of any version resolves it to its own: a field that the writer did not have
gets its default, one that the reader does not have is passed over, and a symbol that the reader does not have is
`UNKNOWN`. This system refuses to act on `UNKNOWN` and puts the value on `dead-letters`, so replace the readers of a new
symbol before its writers: `incidents` is written at version 2, whose corrections a book of version 1 would refuse.

## When a provider changes its messages

Its bytes are kept as they came, whatever is in them, on `feeds.<provider>.raw`.

- **A field is added**: it is passed over, and counted by provider and path (`bookstream_feed_undeclared_fields_total`,
  from a stream's first messages and every 16th after them). One that appears later than that is said on
  `feeds.status` with the reason `new_fields`, the alert `NewFields` opens a ticket, and the feed stays as it is.
- **A field is renamed or retyped**: where it is needed the message is refused and goes to `dead-letters`, byte for byte
  and with the reason. Three of a stream's newest 32 messages make its feed `DELAYED` with the reason `contract`, and
  the alert `ContractBroken` pages. When none of the newest 32 was refused the feed is `UP` again.
- **To mend it**: declare the field in the provider's parser, and send what was refused again from `dead-letters`
  (`bookstream dead-letters`): a stream's refused messages count as missing, and are taken, as late, when they come.
"""


def render() -> str:
    """Write the reference as Markdown."""
    return "\n".join([INTRODUCTION, *_topics(), *_head(), *_records()]).rstrip() + "\n"


def kept(topic: Topic) -> str:
    """Say in words how long a topic keeps its records."""
    if topic.keep == "latest":
        return "the latest of each key"
    if topic.retention_ms < 0:
        return "for ever"
    days = topic.retention_ms // DAY_MS
    return f"{days} day{'s' if days > 1 else ''}"


def purpose(topic: Topic) -> str:
    """Say in one sentence what a topic is for."""
    if topic.record is None:
        return "What could not be taken in: the original's key, value and headers, and why (`__connect.errors.*`)."
    sentence: str = schemas.current(topic.record)["doc"].split(". ", maxsplit=1)[0]
    # The topic and its key, in parentheses, are said elsewhere.
    return re.sub(r" \(`[^)]*\)", "", sentence).removesuffix(".") + "."


def type_of(schema: Schema) -> str:
    """Name a type for people."""
    if isinstance(schema, list):
        return f"{type_of(schema[1])}, or null"
    kind = kind_of(schema)
    if kind == "array":
        kind = f"array of {type_of(schema['items'])}"
    elif kind == "map":
        kind = f"map of {type_of(schema['values'])}"
    elif kind == "record":
        kind = f"[{schema['name']}](#{schema['name'].lower()})"
    elif kind == "enum":
        kind = " · ".join(f"`{symbol}`" for symbol in schema["symbols"] if symbol != UNKNOWN)
    elif isinstance(schema, dict):
        kind = schema["logicalType"]
    return kind


def nested(schema: Schema) -> Iterator[Schema]:
    """Yield the records and enums within a schema, itself included, outermost first."""
    if isinstance(schema, list):
        for branch in schema:
            yield from nested(branch)
    elif isinstance(schema, dict):
        kind = kind_of(schema)
        if kind in {"record", "enum"}:
            yield schema
        for field in schema.get("fields", ()):
            yield from nested(field["type"])
        for inner in ("items", "values"):
            if inner in schema:
                yield from nested(schema[inner])


def _table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    lines = [columns, ("---",) * len(columns), *rows]
    return [*("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines), ""]


def _topics() -> Iterator[str]:
    yield "## Topics"
    yield ""
    rows = [
        (
            f"`{topic.name}`",
            f"[{topic.record}](#{topic.record.lower()})" if topic.record else "bytes",
            topic.key,
            f"{topic.partitions}, to each" if topic.broadcast else str(topic.partitions),
            kept(topic),
            purpose(topic),
        )
        for topic in PUBLIC
    ]
    yield from _table(("topic", "record", "key", "partitions", "keeps", "what"), rows)
    private = ", ".join(f"`{topic.name}`" for topic in PRIVATE)
    yield f"Private, for the workers that own them and no one else: {private}."
    yield ""


def _head() -> Iterator[str]:
    yield "## The head of every event"
    yield ""
    schema = schemas.current("ClockTick")
    yield from _fields([field for field in schema["fields"] if field["name"] in HEAD])
    source = next(each for each in nested(schema) if each["name"] == "Source")
    yield from _record(source, "###")


def _records() -> Iterator[str]:
    yield "## Records"
    yield ""
    shown = {"Source"}
    for record in dict.fromkeys(topic.record for topic in PUBLIC if topic.record):
        schema = schemas.current(record)
        yield from _record(schema, "###")
        for inner in nested(schema):
            if inner["type"] == "record" and inner["name"] not in {record, *shown}:
                shown.add(inner["name"])
                yield from _record(inner, "####")


def _record(schema: Schema, heading: str) -> Iterator[str]:
    name = schema["name"]
    yield f"{heading} {name}"
    yield ""
    yield schema["doc"]
    yield ""
    if name in schemas.pinned_ids():
        ids = ", ".join(f"version {version} is id {number}" for version, number in schemas.pinned_ids()[name].items())
        topics = ", ".join(f"`{topic.name}`" for topic in PUBLIC if topic.record == name)
        yield f"On {topics}; {ids}."
        yield ""
        yield from _fields([field for field in schema["fields"] if field["name"] not in HEAD])
    else:
        yield from _fields(schema["fields"])


def _fields(fields: list[dict[str, Any]]) -> Iterator[str]:
    if not fields:
        yield "The head says it all."
        yield ""
        return
    rows = []
    for field in fields:
        # The words about UNKNOWN are said once, above.
        symbols = [each["doc"].partition(" UNKNOWN ")[0] for each in nested(field["type"]) if each["type"] == "enum"]
        own = symbols if "record" not in {each["type"] for each in nested(field["type"])} else []
        rows.append((f"`{field['name']}`", type_of(field["type"]), " ".join([field["doc"], *own])))
    yield from _table(("field", "type", "meaning"), rows)

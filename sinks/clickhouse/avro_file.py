"""Avro container files made of records that are already encoded: history needs no decoding in Python.

A Kafka value is the Avro body of its record. Avro encodes a record as its fields one after another, so three more
fields in front of the schema are three more numbers in front of the body; ClickHouse reads the result as a file. Each
record is a block of its own (16 bytes more): a body that is longer or shorter than its schema says cannot shift its
neighbours.
"""

import json
from collections.abc import Iterable
from typing import Any

from bookstream.contracts.encoder import write_long

MAGIC = b"Obj\x01"
SYNC = b"bookstream-block"
assert len(SYNC) == 16

PLACE_FIELDS = (
    {"name": "_partition", "type": "int"},
    {"name": "_offset", "type": "long"},
    {"name": "_timestamp", "type": {"type": "long", "logicalType": "timestamp-millis"}},
)


ONE = write_long(1)


def header(schema: dict[str, Any]) -> bytes:
    """Build the file header for a record schema with the place fields in front."""
    placed = json.dumps({**schema, "fields": [*PLACE_FIELDS, *schema["fields"]]}).encode()
    meta = [(b"avro.schema", placed), (b"avro.codec", b"null")]
    pairs = b"".join(write_long(len(key)) + key + write_long(len(value)) + value for key, value in meta)
    return MAGIC + write_long(len(meta)) + pairs + write_long(0) + SYNC


def block(partition: int, offset: int, timestamp_ms: int, body: bytes) -> bytes:
    """Build the block of one record from its place and its Avro body."""
    record = write_long(partition) + write_long(offset) + write_long(timestamp_ms) + body
    return ONE + write_long(len(record)) + record + SYNC


def container(head: bytes, blocks: Iterable[bytes]) -> bytes:
    """Join a header and its blocks to a file."""
    return head + b"".join(blocks)

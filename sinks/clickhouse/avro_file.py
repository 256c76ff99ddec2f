"""Avro container files made of records that are already encoded: history needs no decoding in Python.

A Kafka value is the Avro body of its record. Avro encodes a record as its fields one after another, so three more
fields in front of the schema are three more numbers in front of the body; ClickHouse reads the result as a file. Each
record is a block of its own (16 bytes more): a body that is longer or shorter than its schema says cannot shift its
neighbours.
"""

import json
from collections.abc import Iterable
from typing import Any

MAGIC = b"Obj\x01"
SYNC = b"bookstream-block"
assert len(SYNC) == 16

PLACE_FIELDS = (
    {"name": "_partition", "type": "int"},
    {"name": "_offset", "type": "long"},
    {"name": "_timestamp", "type": {"type": "long", "logicalType": "timestamp-millis"}},
)


def zigzag(number: int) -> bytes:
    """Encode an Avro int or long (Apache Avro 1.12 specification, binary encoding)."""
    number = (number << 1) ^ (number >> 63)
    encoded = bytearray()
    while number > 0x7F:
        encoded.append((number & 0x7F) | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


ONE = zigzag(1)


def header(schema: dict[str, Any]) -> bytes:
    """Build the file header for a record schema with the place fields in front."""
    placed = json.dumps({**schema, "fields": [*PLACE_FIELDS, *schema["fields"]]}).encode()
    meta = [(b"avro.schema", placed), (b"avro.codec", b"null")]
    pairs = b"".join(zigzag(len(key)) + key + zigzag(len(value)) + value for key, value in meta)
    return MAGIC + zigzag(len(meta)) + pairs + zigzag(0) + SYNC


def block(partition: int, offset: int, timestamp_ms: int, body: bytes) -> bytes:
    """Build the block of one record from its place and its Avro body."""
    record = zigzag(partition) + zigzag(offset) + zigzag(timestamp_ms) + body
    return ONE + zigzag(len(record)) + record + SYNC


def container(head: bytes, blocks: Iterable[bytes]) -> bytes:
    """Join a header and its blocks to a file."""
    return head + b"".join(blocks)

"""The compatibility gate: FULL_TRANSITIVE, so every version reads every other.

A topic is kept for months or for ever, and its readers are others' programs: data of any age must be readable by any
version, and no reader may have to be upgraded before a writer. In practice: a field is added or removed only with a
default, a symbol is added behind the others (readers see UNKNOWN), and nothing else changes.
"""

import json
from typing import Any

from domain.errors import Misconfigured

Schema = dict[str, Any]


def breaks(schema: Schema, released: dict[int, Schema]) -> list[str]:
    """Say where a schema and its released versions cannot read each other, by Apache Avro's own checker.

    Raises:
        Misconfigured: the checker is not installed: it is a tool of development.
    """
    return [
        f"{reader} cannot read what {writer} wrote: {reason}"
        for version, other in released.items()
        for reader, writer, reason in (
            *_unreadable("the new schema", schema, f"version {version}", other),
            *_unreadable(f"version {version}", other, "the new schema", schema),
        )
    ]


def _unreadable(reader: str, reading: Schema, writer: str, writing: Schema) -> list[tuple[str, str, str]]:
    try:
        from avro.compatibility import (  # noqa: PLC0415 - a tool of development
            ReaderWriterCompatibilityChecker,
            SchemaCompatibilityType,
        )
        from avro.schema import parse  # noqa: PLC0415
    except ImportError as error:
        raise Misconfigured("the compatibility gate needs the package `avro`: run `uv sync`") from error
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call] # it has no types
    found = checker.get_compatibility(parse(json.dumps(reading)), parse(json.dumps(writing)))
    if found.compatibility is SchemaCompatibilityType.compatible:
        return []
    where = ", ".join(sorted(found.locations - {"/"})) or "/"
    return [(reader, writer, f"{'; '.join(sorted(found.messages))} at {where}")]

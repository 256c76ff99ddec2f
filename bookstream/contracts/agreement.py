"""Where a struct of domain/events and its schema differ: names, order, types, optionality, defaults, symbols, docs."""

import types
from collections.abc import Iterator
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from bookstream.contracts.ids import RECORDS, STRUCTS
from bookstream.contracts.source import UNKNOWN, Schema, kind_of

SIMPLE = {"string": str, "int": int, "long": int, "double": float, "boolean": bool, "bytes": bytes}
TIME = {"type": "long", "logicalType": "timestamp-micros"}


def differences(schema: Schema) -> list[str]:
    """Say where a record's schema is not its struct, one short sentence for each place."""
    if schema["name"] not in RECORDS:
        return [f"{schema['name']}: no such event"]
    if schema.get("namespace") != "bookstream":
        return [f"{schema['name']}: its namespace is not bookstream"]
    return list(_record(schema))


def _record(schema: Schema) -> Iterator[str]:
    name = schema["name"]
    yield from _documented(schema, name)
    struct = STRUCTS.get(name)
    if struct is None:
        yield f"{name}: no such struct"
        return
    fields = msgspec.structs.fields(struct)
    ours, theirs = [field.name for field in fields], [field["name"] for field in schema["fields"]]
    if ours != theirs:
        yield f"{name}: the struct has {ours}, the schema {theirs}"
        return
    hints = get_type_hints(struct)
    for field, written in zip(fields, schema["fields"], strict=True):
        place = f"{name}.{field.name}"
        yield from _documented(written, place)
        yield from _type(place, hints[field.name], written["type"])
        yield from _default(place, field, written)


def _documented(schema: Schema, place: str) -> Iterator[str]:
    if len(schema.get("doc", "")) < len("Their."):
        yield f"{place}: no doc"


def _default(place: str, field: msgspec.structs.FieldInfo, written: Schema) -> Iterator[str]:
    nothing = msgspec.NODEFAULT
    theirs = written.get("default", nothing)
    ours = list(field.default) if isinstance(field.default, tuple) else field.default  # JSON knows no tuples
    ours = ours.decode("latin-1") if isinstance(ours, bytes) else ours  # as Avro writes bytes in JSON
    if isinstance(written["type"], list) and theirs is not None:
        yield f"{place}: optional, but its default is not null"
    elif ours is not nothing and ours != theirs:
        yield f"{place}: the struct's default is {field.default!r}, the schema's {theirs!r}"


def _type(place: str, hint: Any, schema: Schema) -> Iterator[str]:  # noqa: ANN401 - a type
    origin, args = get_origin(hint), get_args(hint)
    if origin in {types.UnionType, Union}:
        inner = [arg for arg in args if arg is not type(None)]
        if not isinstance(schema, list) or len(schema) != 2 or schema[0] != "null" or len(inner) != 1:
            yield f"{place}: optional, but not a union of null and one type"
        else:
            yield from _type(place, inner[0], schema[1])
        return
    if isinstance(schema, list):
        yield f"{place}: a union, but not optional"
        return
    kind = kind_of(schema)
    if origin is Literal:
        yield from _enum(place, args, schema, kind)
    elif kind == "array" and origin is tuple and args[1:] == (...,):
        yield from _type(place, args[0], schema["items"])
    elif kind == "map" and origin is dict and args[0] is str:
        yield from _type(place, args[1], schema["values"])
    elif kind == "record" and hint is STRUCTS.get(schema["name"]):
        yield from _record(schema)
    elif SIMPLE.get(kind) is not hint:
        yield f"{place}: {hint} in the struct, {kind} in the schema"
    elif place.endswith("_at") != (schema == TIME):
        yield f"{place}: times, and only times, are called *_at and are timestamp-micros"


def _enum(place: str, symbols: tuple[str, ...], schema: Schema, kind: str) -> Iterator[str]:
    if kind != "enum":
        yield f"{place}: a closed set in the struct, {kind} in the schema"
        return
    yield from _documented(schema, schema["name"])
    if schema["symbols"] != [UNKNOWN, *symbols]:
        yield f"{place}: the struct knows {list(symbols)}, the schema {schema['symbols']} (UNKNOWN comes first)"
    if schema.get("default") != UNKNOWN:
        yield f"{place}: its default symbol is not UNKNOWN"

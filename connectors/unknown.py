"""Count what a provider sends that its declared messages do not know: new fields are tolerated, and seen."""

from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from domain.errors import UndecodableInput


def count_unknown(kind: Any, payload: bytes) -> Counter[str]:  # noqa: ANN401 - a union of types has no type of its own
    """Count the undeclared fields of a JSON document by their dotted path.

    Raises:
        UndecodableInput: the bytes are not JSON.
    """
    try:
        document = msgspec.json.decode(payload)
    except (ValueError, RecursionError) as error:
        raise UndecodableInput(f"not JSON: {error}") from error
    return count_undeclared(kind, document)


def count_undeclared(kind: Any, document: object) -> Counter[str]:  # noqa: ANN401
    """Count the undeclared fields of a document of dicts and lists by their dotted path."""
    return Counter(_walk(_info(kind), document, ""))


@cache
def _info(kind: Any) -> inspect.Type:  # noqa: ANN401
    return inspect.type_info(kind)


def _walk(info: inspect.Type, value: object, path: str) -> Iterable[str]:
    if isinstance(info, inspect.UnionType):
        chosen = _choose(info, value)
        if chosen is not None:
            yield from _walk(chosen, value, path)
    elif isinstance(info, inspect.StructType) and isinstance(value, dict):
        known = {field.encode_name: field.type for field in info.fields}
        for name, inner in value.items():
            here = f"{path}.{name}" if path else name
            if name in known:
                yield from _walk(known[name], inner, here)
            elif name != info.tag_field:
                yield here
    elif isinstance(info, inspect.ListType) and isinstance(value, list):
        for inner in value:
            yield from _walk(info.item_type, inner, path)


def _choose(info: inspect.UnionType, value: object) -> inspect.Type | None:
    """Choose the member of a union that a value belongs to; what is no struct or list has no fields to count."""
    for member in info.types:
        if isinstance(member, inspect.StructType) and isinstance(value, dict):
            if member.tag_field is None or value.get(member.tag_field) == member.tag:
                return member
        elif isinstance(member, inspect.ListType) and isinstance(value, list):
            return member
    return None

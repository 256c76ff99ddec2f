"""Hypothesis strategies: documents of each format in a provider's own words, in any shape."""

import json
import re
from collections.abc import Sequence
from typing import Any, Final
from xml.sax.saxutils import quoteattr

from hypothesis import strategies as st

from tests.fuzz.mutations import spots

_KEYS: Final = re.compile(rb'"([^"\\]{1,40})"\s*:')
_NAMES: Final = re.compile(rb"<([\w.-]+)|\s([\w.-]+)=\"")


def documents(good: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Return a strategy of documents in the format of good ones: their keys, names and values, and any others."""
    form = spots(good[0]).form
    values = sorted({good[0][start:end] for start, end in spots(good[0]).scalars})[:200] or [b"1"]
    texts = [value.strip(b'"').decode("utf-8", "replace") for value in values]
    return {"json": _json, "xml": _xml, "csv": _csv}[form](good, texts)


def _scalars(texts: Sequence[str]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.sampled_from(texts), st.text(max_size=12), st.integers(), st.integers(-5, 3000), st.booleans(), st.none(),
        st.floats(), st.datetimes().map(lambda at: f"{at:%Y-%m-%dT%H:%M:%SZ}"), st.decimals().map(str),
    )  # fmt: skip


def _json(good: Sequence[bytes], texts: Sequence[str]) -> st.SearchStrategy[bytes]:
    words = sorted({key.decode("utf-8", "replace") for each in good for key in _KEYS.findall(each)}) or ["id"]
    keys = st.sampled_from(words)
    document: Any = json.loads(good[0])
    shaped = st.recursive(
        _scalars(texts),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=6),
        max_leaves=20,
    )
    if isinstance(document, dict):
        shaped |= st.dictionaries(st.sampled_from(sorted(document)), shaped).map(lambda some: document | some)
    return shaped.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass"))


def _xml(good: Sequence[bytes], texts: Sequence[str]) -> st.SearchStrategy[bytes]:
    found = [pair for each in good for pair in _NAMES.findall(each)]
    tags = sorted({tag.decode() for tag, _ in found if tag})
    names = sorted({name.decode() for _, name in found if name}) or ["id"]
    attributes = st.dictionaries(st.sampled_from(names), _scalars(texts).map(str), max_size=8)
    element = st.recursive(
        st.tuples(st.sampled_from(tags), attributes, st.just([])),
        lambda inner: st.tuples(st.sampled_from(tags), attributes, st.lists(inner, max_size=4)),
        max_leaves=12,
    )
    return element.map(lambda tree: _element(tree).encode("utf-8", "replace"))


def _element(tree: tuple[str, dict[str, str], list[Any]]) -> str:
    tag, attributes, children = tree
    told = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<{tag}{told}>{''.join(map(_element, children))}</{tag}>"


def _csv(good: Sequence[bytes], texts: Sequence[str]) -> st.SearchStrategy[bytes]:
    columns = good[0].split(b"\n", 1)[0].decode("utf-8", "replace").strip().split(",")
    cells = st.lists(_scalars(texts).map(str), min_size=len(columns), max_size=len(columns))
    headers = st.permutations(columns) | st.just(columns) | st.lists(st.sampled_from(columns), max_size=60)
    rows = st.lists(cells, min_size=1, max_size=4)
    table = st.tuples(headers, rows).map(lambda both: [both[0], *both[1]])
    return table.map(lambda lines: "\n".join(",".join(line) for line in lines).encode("utf-8", "replace"))

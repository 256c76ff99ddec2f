"""Spoilt messages: the bytes, the values and the structure of good ones changed, whatever their format."""

import random
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

Mutation = Callable[[random.Random, bytes], bytes]

_SCALARS: Final = {
    "json": re.compile(rb'"(?:[^"\\]|\\.)*+"(?!\s*:)|-?\d[\d.eE+-]*|true|false|null'),
    "xml": re.compile(rb'(?<==")[^"]*(?=")|(?<=>)[^<>]+(?=<)'),
    "csv": re.compile(rb'"[^"]*"|[^,\r\n]+'),
}
_MEMBERS: Final = {
    "json": re.compile(rb'"(?:[^"\\]|\\.)*+"\s*:\s*(?:"(?:[^"\\]|\\.)*+"|[^,"\[\]{}]+),?'),
    "xml": re.compile(rb'\s[\w:.-]+="[^"]*"'),
    "csv": re.compile(rb"[^,\r\n]*,"),
}
_BLOCKS: Final = {
    "json": re.compile(rb"\{[^{}\[\]]*\}|\[[^\[\]]*\]|\{[^{}]*\}"),
    "xml": re.compile(rb"<(\w+)[^<>]*/>|<(\w+)[^<>]*>.*?</\2>", re.DOTALL),
    "csv": re.compile(rb"[^\n]*\n"),
}
_NASTY_WORDS: Final = [
    b"", b"0", b"-1", b"-0", b"1e999", b"-1e999", b"1e-999", b"NaN", b"nan", b"Infinity", b"-inf", b"null", b"true",
    b"9" * 19, b"-9223372036854775809", b"18446744073709551616", b"9" * 400, b"1" * 5000, b"0.1e400", b"1_000", b"0x10",
    "\N{ARABIC-INDIC DIGIT THREE}".encode(), "\N{FULLWIDTH DIGIT TWO}".encode(), "\N{SUPERSCRIPT TWO}".encode(),
    b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\x80", b"\xe2\x80\xae", b"\0", b"\x1f", b"\r\n", b"\\", b"x" * 20_000,
    b"9999-12-31T23:59:59Z", b"0001-01-01T00:00:00+14:00", b"2021-02-30", b"31/12/9999", b"1/1/0000", b"24:60:60",
    b"1970-01-01", b"-1:-1", b"1:2:3", b"999999-0", b"a" * 70 + b"/" * 70, b"sr:match:", b"sr:match:" + b"9" * 30,
    b"1|2||3", b"=|=", b"total=", b"hcp=1e9", b"hcp=" + b"9" * 40, b"+-2.5", b"0,0", b"1/0", b"'", b"%s", b"${x}",
]  # fmt: skip
_NASTY: Final = {
    "json": [
        *(b'"' + word.replace(b"\\", b"\\\\") + b'"' for word in _NASTY_WORDS), *_NASTY_WORDS[1:20],
        b"[]", b"{}", b"[[]]", b"[null]", b'{"":""}', b"0.5", b"1.0", b"1e3", b'"\\ud800"', b'"\\u0000"', b"[1,2,3]",
        b"[" * 600 + b"]" * 600, b"[" * 5000, b'{"a":' * 900 + b"1" + b"}" * 900, b'{"a":1,"a":[2]}', b'["a",{}]',
    ],
    "xml": [
        *_NASTY_WORDS, b"&lt;", b"&amp;", b"&x;", b"&#0;", b"&#x110000;", b"&#55296;", b"<", b"]]>", b"<!-- -->",
        b"<![CDATA[<]]>", b'" id="2', b"<a>" * 40 + b"</a>" * 40, b"<a>" * 3000,
    ],
    "csv": [*_NASTY_WORDS, b'"', b'""', b'"a', b'a"b"', b'","', b'"\n"', b"," * 50, b",", b"\n", b"\r", b'"' * 31],
}  # fmt: skip


class Spots(NamedTuple):
    """Where a message's values, its named values and its blocks are."""

    form: str
    scalars: Sequence[tuple[int, int]]
    members: Sequence[tuple[int, int]]
    blocks: Sequence[tuple[int, int]]


@lru_cache(maxsize=4096)
def spots(payload: bytes) -> Spots:
    """Find what can be changed in a good message."""
    begins = payload.lstrip()[:1]
    form = "xml" if begins == b"<" else "json" if begins in {b"{", b"["} else "csv"
    found = ([each.span() for each in kind[form].finditer(payload)] for kind in (_SCALARS, _MEMBERS, _BLOCKS))
    return Spots(form, *found)


def mutated(rng: random.Random, good: Sequence[bytes]) -> bytes:
    """Spoil one of several good messages: once or twice in its structure, or in its bytes."""
    payload, other = rng.choice(good), rng.choice(good)
    kind = rng.random()
    if kind < 0.7:
        payload = _structure(rng, payload, other)
        # What is where in a message that was changed is not remembered: it never comes again.
        for _ in range(rng.choice((0, 0, 0, 0, 0, 0, 1, 3))):
            payload = _bytes(rng, payload)
        return payload
    if kind < 0.8:
        return payload[: rng.randrange(len(payload) + 1)] + other[rng.randrange(len(other) + 1) :]
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        payload = _bytes(rng, payload)
    return payload


def _structure(rng: random.Random, payload: bytes, other: bytes) -> bytes:
    """Change up to four values, named values or blocks, from the end on so that the places stay right."""
    found, others = spots(payload), spots(other)
    places = []
    for _ in range(rng.choice((1, 1, 1, 2, 2, 4))):
        name = rng.choice(("scalars", "scalars", "scalars", "members", "blocks"))
        if within := getattr(found, name):
            places.append((rng.choice(within), name))
    changed, until = payload, len(payload)
    for (start, end), name in sorted(places, reverse=True):
        if end <= until:
            new = _instead(rng, payload[start:end], name, found, (other, getattr(others, name)))
            changed, until = changed[:start] + new + changed[end:], start
    return changed


def _instead(
    rng: random.Random, old: bytes, name: str, found: Spots, others: tuple[bytes, Sequence[tuple[int, int]]]
) -> bytes:
    kind = rng.random()
    other, spans = others
    if kind < 0.2 and spans:
        start, end = rng.choice(spans)
        taken = other[start:end]
        return old + taken if rng.random() < 0.4 and name != "scalars" else taken
    nasty = rng.choice(_NASTY[found.form])
    if found.form == "json" and name != "members" and rng.random() < 0.9:
        # What stays JSON gets further than what does not.
        times = rng.choice((2, 2, 3, 200))
        return b",".join([old] * times) if name == "blocks" and kind < 0.4 else nasty
    if kind < 0.3:
        return b""
    if kind < 0.4:
        return old * (2 if rng.random() < 0.95 else 300) if name != "scalars" else old[::-1]
    if name == "members" and (mark := {"json": b":", "xml": b"="}.get(found.form)):
        key = old.partition(mark)[0]
        value = b'"' + nasty + b'"' if found.form == "xml" else nasty
        doubled = key + mark + value
        return doubled + (b"," if old.endswith(b",") else b"") + (old if rng.random() < 0.2 else b"")
    return nasty


def _bytes(rng: random.Random, payload: bytes) -> bytes:
    """Change, drop, double or insert bytes at one place, or cut there."""
    at = rng.randrange(len(payload) + 1)
    kind = rng.random()
    if kind < 0.35:
        return payload[:at] + bytes((rng.randrange(256),)) + payload[at + 1 :]
    if kind < 0.5 and payload[at : at + 1]:
        return payload[:at] + bytes((payload[at] ^ 1 << rng.randrange(8),)) + payload[at + 1 :]
    if kind < 0.6:
        return payload[:at]
    if kind < 0.75:
        return payload[:at] + payload[at + rng.choice((1, 2, 3, 10, 100)) :]
    if kind < 0.85:
        return payload[:at] + payload[max(0, at - rng.choice((1, 5, 50))) :]
    return payload[:at] + rng.choice(_NASTY_WORDS) + payload[at:]

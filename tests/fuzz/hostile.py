"""Documents made to exhaust a parser: nesting, expansion, width, length, and files that unpack to far more."""

import bz2
import gzip
import random
import zlib
from collections.abc import Sequence
from typing import Final

BIG: Final = 8_000_000
"""Bytes of a document that is large as it is; a message has at most twice as many."""

_LAUGHS: Final = b"".join(b'<!ENTITY l%d "%s">' % (n + 1, b"&l%d;" % n * 10) for n in range(9))
XML: Final = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">' + _LAUGHS + b"]><odds_change>&l9;</odds_change>",
    b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><alive product="&e;"/>',
    b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><Games/>',
    '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "b">]><alive/>'.encode("utf-16"),
    b'<?xml version="1.0" encoding="utf-7"?><alive/>',
    b'<?xml version="1.0" encoding="UTF-8"?>' + b"<odds_change>" * 400_000,
    b"<a>" * 400_000 + b"</a>" * 400_000,
    b"<Games>" + b"<Game/>" * (BIG // 7) + b"</Games>",
    b"<alive " + b" ".join(b'a%d="1"' % n for n in range(300_000)) + b"/>",
    b'<alive product="' + b"9" * BIG + b'"/>',
    b"<" + b"a" * BIG + b"/>",
    b"<alive" + b" " * BIG,
    b"<!--" + b"-" * BIG,
    b"<alive>" + b"&lt;" * (BIG // 4) + b"</alive>",
    b"<alive " + b" ".join(b'xmlns:n%d="u%d"' % (n, n) for n in range(100_000)) + b"/>",
)
JSON: Final = (
    b"[" * 1_000_000,
    b'{"a":' * 500_000,
    b"[" * 500_000 + b"]" * 500_000,
    b"[" + b"9" * BIG + b"]",
    b"[1e" + b"9" * BIG + b"]",
    b"[0." + b"1" * BIG + b"]",
    b'{"id":' + b"9" * 100_000 + b"}",
    b"[" + b"{}," * (BIG // 3) + b"{}]",
    b"[" + b"[]," * (BIG // 3) + b"[]]",
    b"{" + b",".join(b'"k%d":0' % n for n in range(500_000)) + b"}",
    b"{" + b'"a":1,' * (BIG // 6) + b'"a":1}',
    b'"' + b"\\u0041" * (BIG // 6) + b'"',
    b'"' + b"x" * BIG,
    b'{"success":1,"results":[' + b"{}," * 1_000_000 + b"{}]}",
    b'{"op":"mcm","mc":[' + b'{"id":"1.1"},' * 300_000 + b'{"id":"1.1"}]}',
    b" " * BIG,
    b"\xef\xbb\xbf" * 1_000_000,
)
CSV: Final = (
    b"," * BIG,
    b"\n" * BIG,
    b'"' * BIG,
    b'"' + b"a" * BIG,
    b"a,b\n" * (BIG // 4),
    b",".join(b"c%d" % n for n in range(200_000)) + b"\n" + b"1," * 200_000,
    b"\0" * BIG,
    b"a\n" + b"9" * BIG,
)
DOCUMENTS: Final = (b"", *XML, *JSON, *CSV)


def inflated(good: bytes) -> list[bytes]:
    """Return a good message with one part of it grown without measure."""
    found = []
    for old in (b'"', b",", b"1", b">"):
        at = good.find(old, len(good) // 3) + 1
        if at:
            found += [good[:at] + new + good[at:] for new in (b"9" * 1_000_000, b" " * 1_000_000, b"[" * 200_000)]
    half = len(good) // 2
    return [*found, good[:half] * max(1, BIG // 4 // max(1, half)), good + b"\n" * BIG]


def damaged_file(rng: random.Random, good: Sequence[bytes]) -> bytes:
    """Write messages as a file, plain or compressed, and damage it."""
    pack = rng.choice((bytes, _gzip, bz2.compress))
    content = pack(b"\n".join(good) + rng.choice((b"\n", b"")))
    if rng.random() < 0.2:
        content += rng.choice((content, b"\0" * 999, b"rubbish", content[:9], b"\x1f\x8b\x08", b"BZh9", b"PK\x03\x04"))
    for _ in range(rng.choice((0, 1, 1, 2, 8))):
        at = rng.randrange(len(content) + 1)
        match rng.randrange(4):
            case 0:
                content = content[:at]
            case 1:
                content = content[:at] + rng.randbytes(rng.choice((1, 1, 4, 64))) + content[at:]
            case 2:
                content = content[:at] + rng.randbytes(1) + content[at + 1 :]
            case _:
                content = content[:at] + content[at + rng.choice((1, 8, 100)) :]
    return content


def bombs() -> list[bytes]:
    """Return small files that unpack to hundreds of megabytes: a line without end, blank lines, and packed twice."""
    zeros, lines = b"\0" * 1_000_000, b"\n" * 1_000_000
    opened, spaces = b'[{"id":"' + b"x" * 999_992, b" " * 1_000_000
    made = [_stream([zeros] * 300), _stream([lines] * 30), _stream([opened, *[spaces] * 300])]
    return [*made, bz2.compress(b"[" + b" " * 200_000_000), gzip.compress(made[0], mtime=0), _gzip(b"") * 50_000]


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def _stream(pieces: Sequence[bytes]) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*map(packer.compress, pieces), packer.flush()])

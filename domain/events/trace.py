"""W3C's traceparent, by which what one record led to is found again across topics and programs.

Ids are hashes of what causes them, never random: a unit that is done again writes the same bytes.
"""

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from domain.events.head import Source

TRACEPARENT: Final = "traceparent"

Headers = Sequence[tuple[str, bytes]]

_VALID: Final = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_TRACE_ENDS: Final = 36
_SPAN_ENDS: Final = 52


def begun(name: str) -> Headers:
    """Return the headers of a record that begins a trace; the same name begins the same one."""
    ids = blake2b(name.encode(), digest_size=24).hexdigest()
    return ((TRACEPARENT, f"00-{ids[:32]}-{ids[32:]}-01".encode()),)


def trace_of(headers: Headers) -> bytes:
    """Return the traceparent among a record's headers; empty without one, and where it is not as the W3C says."""
    for name, value in headers:
        if name == TRACEPARENT:
            # The value of a header may be null.
            return value if value and _VALID.fullmatch(value) else b""
    return b""


def followed(trace: bytes, source: Source | None) -> Headers:
    """Return the headers of what a record causes: its trace, and a span named by the record's place."""
    if not trace or source is None:
        return ()
    place = f"{source.topic}/{source.partition}/{source.offset}".encode()
    span = blake2b(trace + place, digest_size=8).hexdigest().encode()
    return ((TRACEPARENT, trace[:_TRACE_ENDS] + span + trace[_SPAN_ENDS:]),)

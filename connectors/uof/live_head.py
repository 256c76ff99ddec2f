"""What of a live message steers the connection, read from its root element alone: the rest is ingest's."""

import re
from typing import Final

import msgspec

HEAD_BYTES: Final = 4096
YEAR_2000_MS: Final = 946_684_800_000
AHEAD_MS: Final = 24 * 3_600_000

_ROOT: Final = re.compile(rb"<([a-z_]+)((?:\s+[\w:.-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*)\s*(/?)>")
_ATTRIBUTE: Final = re.compile(rb"([\w:.-]+)\s*=\s*(?:\"([^\"<]*)\"|'([^'<]*)')")


class Head(msgspec.Struct, frozen=True):
    """A message's root element; times are milliseconds UTC. `request_id` is of the recovery that it belongs to.

    `cut` says that the message ends before the element does: it cannot be read.
    """

    tag: str
    product: int
    timestamp: int
    request_id: int | None = None
    event_id: str | None = None
    subscribed: int = 1
    cut: bool = False


def head_of(payload: bytes, at: int) -> Head | None:
    """Read a message's root element; None where it is not one of the feed's, or of a time far from now.

    A pulse of the far future would say that nothing is missing until then.
    """
    root = _ROOT.search(payload, 0, HEAD_BYTES)
    if root is None:
        return None
    fields = {name.decode(): (double or single).decode("utf-8", "replace")
              for name, double, single in _ATTRIBUTE.findall(root[2])}  # fmt: skip
    try:
        cut = not root[3] and not payload.rstrip().endswith(b"</" + root[1] + b">")
        head = msgspec.convert({**fields, "tag": root[1].decode(), "cut": cut}, Head, strict=False)
    except (msgspec.ValidationError, OverflowError):
        return None
    return head if YEAR_2000_MS <= head.timestamp <= at // 1000 + AHEAD_MS else None

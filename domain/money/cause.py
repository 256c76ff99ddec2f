"""What an event follows from: the log's time and the record that was read."""

import msgspec

from domain.events.head import Source

PROVIDER = "bookstream"
"""The provider of what this system itself says."""


class Cause(msgspec.Struct, frozen=True):
    """The input that a rule answers: its time in the log, in microseconds, its record, and the trace it belongs to."""

    at: int
    source: Source | None = None
    trace: bytes = b""

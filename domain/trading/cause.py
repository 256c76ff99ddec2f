"""What a rule of the book answers: an input's id, the log's time, the record that was read, and its trace."""

import msgspec

from domain.events.head import Source


class Cause(msgspec.Struct, frozen=True, gc=False):
    """An input; `at` is the log's time when it is handled, in microseconds, never behind the newest tick."""

    event_id: str
    at: int
    source: Source | None = None
    trace: bytes = b""

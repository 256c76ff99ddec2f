"""What every connector is: it moves a provider's bytes, with their provenance, from files or live.

Contract, held by one suite for every connector and both modes:

- a message's payload is the provider's bytes, untouched; `content_hash` is their SHA-256;
- `stream_sequence` counts a stream's messages from 0 without gaps, also over reconnections;
- the same bytes at the same place give the same `event_id`, so that a replay or a retry can be told as such;
- recorded: `received_at` is event time; live: the wall clock's;
- bytes that the provider's parser cannot read are moved all the same: rejecting them is ingest's business;
- what ends a stream early is a typed error, raised after everything before it was yielded.
"""

from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from domain.errors import Misconfigured, UndecodableInput
from domain.events.feeds import FeedStatus, RawMessage

Item = RawMessage | FeedStatus


class WrongFile(Misconfigured):
    """The file is not there, cannot be read, or is not a recording of this provider."""

    code = "wrong_file"


class TruncatedFile(UndecodableInput):
    """The recording ends in the middle of a message; everything before it was yielded."""

    code = "truncated_file"


class DamagedFile(UndecodableInput):
    """The recording's compressed bytes are damaged; everything before the damage was yielded."""

    code = "damaged_file"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a live stream stands: enough to go on with it in another process, without a gap.

    `tokens` are the provider's own marks of the place (Betfair: initialClk, clk), opaque.
    """

    stream_id: str
    next_sequence: int
    tokens: tuple[str, ...] = ()


class Connector(Protocol):
    """A provider's feed. Made without options it can only replay recordings."""

    provider: ClassVar[str]

    def recorded(self, path: Path, *, start: int = 0, received_at: int | None = None) -> Iterator[RawMessage]:
        """Yield the messages of a recorded file (plain, .gz or .bz2) in its order, in constant memory.

        `start` skips the messages before that sequence number. `received_at` stands in where a file says no time at
        all; without it, that is the time when the file was last written.

        Raises:
            WrongFile: it is no recording of this provider; raised before any message.
            TruncatedFile: it ends in the middle of a message; raised after all that is whole.
            DamagedFile: its compression is damaged; raised after all that could be read.
        """
        ...

    def live(self, *, position: Position | None = None) -> AsyncGenerator[Item]:
        """Yield messages and the feed's states as they come, for ever; reconnects by itself.

        Raises:
            Misconfigured: there are no credentials, or the provider refuses them or the subscription.
        """
        ...

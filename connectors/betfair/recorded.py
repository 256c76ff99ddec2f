"""Recorded streams: one message a line, as Betfair's historic files and captured sockets have them."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import msgspec

from connectors import files
from connectors.contract import WrongFile
from connectors.raw import RawStream, recorded_stream_id
from domain.errors import UndecodableInput
from domain.events.feeds import RawMessage

PROVIDER: Final = "betfair"
OPERATIONS: Final = frozenset({"mcm", "ccm", "ocm", "connection", "status"})
MAX_WAITING: Final = 1000
"""How many messages without a time (connection, status) may come before the first that has one."""


class Head(msgspec.Struct, gc=False):
    """The part of a message that tells its place and time; the rest is not looked at."""

    op: str
    pt: Annotated[int, msgspec.Meta(ge=0, le=10**13)] | None = None
    clk: str | None = None


_head = msgspec.json.Decoder(Head)
NO_HEAD: Final = Head(op="")


def head(payload: bytes) -> Head:
    """Read a message's head; what is no message has none, and is moved all the same."""
    try:
        return _head.decode(payload)
    except (ValueError, RecursionError):
        return NO_HEAD


def recorded(path: Path, *, start: int = 0, received_at: int | None = None) -> Iterator[RawMessage]:
    """Yield a file's messages; each is received at its own publish time, one without a time at its neighbour's."""
    if not files.beginning(path).lstrip().startswith(b"{"):
        raise WrongFile(f"{path.name} is not a recording of the Exchange Stream: it does not begin with a message")
    payloads = files.lines(path, is_whole=files.is_json)
    first = next(payloads)
    if head(first).op not in OPERATIONS:
        raise WrongFile(f"{path.name} is not a recording of the Exchange Stream: its first line is no such message")
    stream = RawStream(
        provider=PROVIDER,
        endpoint=f"file:{path.name}",
        stream_id=recorded_stream_id(path.name, first),
        recorded=True,
        next_sequence=start,
    )
    written_at = received_at if received_at is not None else files.written_at(path)
    timed = _timed(itertools.chain((first,), payloads), written_at)
    for each in itertools.islice(timed, start, None):
        yield stream.message(
            each.payload, received_at=each.received_at, occurred_at=each.occurred_at, provider_sequence=each.clk
        )


class _Timed(NamedTuple):
    payload: bytes
    occurred_at: int
    received_at: int
    clk: str | None


def _timed(payloads: Iterator[bytes], written_at: int) -> Iterator[_Timed]:
    """Give each payload its times; reception never goes back. Messages before the first time wait for it."""
    waiting: list[tuple[bytes, str | None]] = []
    at: int | None = None
    broken: UndecodableInput | None = None
    while True:
        try:
            payload = next(payloads)
        except StopIteration:
            break
        except UndecodableInput as error:
            broken = error
            break
        told = head(payload)
        pt, clk = told.pt, told.clk
        if pt is not None:
            occurred_at = pt * 1000
        elif at is not None or len(waiting) == MAX_WAITING:
            occurred_at = at or written_at
        else:
            waiting.append((payload, clk))
            continue
        at = max(at or 0, occurred_at)
        for early, early_clk in waiting:
            yield _Timed(early, at, at, early_clk)
        waiting.clear()
        yield _Timed(payload, occurred_at, at, clk)
    for early, early_clk in waiting:
        yield _Timed(early, written_at, written_at, early_clk)
    if broken is not None:
        raise broken

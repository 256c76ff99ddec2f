"""Recorded documents: one a file, as the feed and its REST interface send them, or one a line."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from connectors import files
from connectors.contract import TruncatedFile, WrongFile
from connectors.raw import RawStream, recorded_stream_id
from connectors.uof.parser import CONTENT_TYPE, is_document, parse, time_of
from connectors.xml import TruncatedXml
from domain.errors import RejectedInput
from domain.events.feeds import RawMessage

PROVIDER: Final = "uof"
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def recorded(path: Path, *, start: int = 0, received_at: int | None = None) -> Iterator[RawMessage]:
    """Yield a file's documents; each is received when it says that it was sent, never before the one before it."""
    payloads = _open(path)
    first = next(payloads)
    stream = RawStream(
        provider=PROVIDER,
        endpoint=f"file:{path.name}",
        stream_id=recorded_stream_id(path.name, first),
        content_type=CONTENT_TYPE,
        recorded=True,
        next_sequence=start,
    )
    at = 0
    for number, payload in enumerate(itertools.chain((first,), payloads)):
        occurred_at = _said_at(payload)
        if occurred_at is None:
            occurred_at = at or (received_at if received_at is not None else files.written_at(path))
        at = max(at, occurred_at)
        if number >= start:
            yield stream.message(payload, received_at=at, occurred_at=occurred_at)


def _open(path: Path) -> Iterator[bytes]:
    """Tell by its first line whether a file holds one document or one a line."""
    begins = files.beginning(path).removeprefix(BYTE_ORDER_MARK).lstrip()
    if not begins.startswith(b"<"):
        raise WrongFile(f"{path.name} is no document of the Unified Odds Feed: it does not begin as XML")
    if _is_whole(next(files.lines(path, is_whole=lambda _: True), b"")):
        return files.lines(path, is_whole=_is_whole)
    return iter([_document(path)])


def _document(path: Path) -> bytes:
    payload = files.document(path)
    try:
        known = is_document(payload)
    except TruncatedXml as error:
        raise TruncatedFile(f"{path.name} ends in the middle of its document") from error
    except RejectedInput as error:
        raise WrongFile(f"{path.name} is no document of the Unified Odds Feed: {error}") from error
    if not known:
        raise WrongFile(f"{path.name} is no document of the Unified Odds Feed: its root element is another's")
    return payload


def _is_whole(line: bytes) -> bool:
    try:
        return is_document(line)
    except RejectedInput:
        return False


def _said_at(payload: bytes) -> int | None:
    try:
        return time_of(parse(payload))
    except RejectedInput:
        return None

"""Recordings of JSON answers, one document a file or one answer a line, replayed at the times that they say."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from connectors import files
from connectors.contract import TruncatedFile, WrongFile
from connectors.raw import RawStream, recorded_stream_id
from domain.errors import ContractViolation, RejectedInput
from domain.events.feeds import RawMessage


class Timed(NamedTuple):
    """A payload and the time that it says, None where it says none; its file, where the stream has several."""

    payload: bytes
    said_at: int | None
    endpoint: str | None = None


class Format(NamedTuple):
    """A provider's answers: its `name` as people write it, and how to read the time of one.

    `time_of` returns None where an answer says no time.

    Raises:
        UndecodableInput, ContractViolation: by `time_of`, the bytes are no answer of this provider.
    """

    name: str
    time_of: Callable[[bytes], int | None]


def replayed(
    payloads: Iterator[Timed], path: Path, *, provider: str, content_type: str, start: int, received_at: int | None
) -> Iterator[RawMessage]:
    """Yield the messages of a recording: each is received when it says, and none before the one that came before it."""
    first = next(payloads, None)
    if first is None:
        return  # a table may hold its header and no row
    stream = RawStream(
        provider=provider,
        endpoint=f"file:{path.name}",
        stream_id=recorded_stream_id(path.name, first.payload),
        content_type=content_type,
        recorded=True,
        next_sequence=start,
    )
    at = 0
    for number, each in enumerate(itertools.chain((first,), payloads)):
        occurred_at = each.said_at
        if occurred_at is None:
            occurred_at = at or (received_at if received_at is not None else files.written_at(path))
        at = max(at, occurred_at)
        if number >= start:
            yield stream.message(each.payload, received_at=at, occurred_at=occurred_at, endpoint=each.endpoint)


def documents(path: Path, form: Format) -> Iterator[Timed]:
    """Yield a file's answers: one document, or one answer a line. What comes after a good first one is moved unread.

    Raises:
        WrongFile: its first answer is none of this provider.
        TruncatedFile, DamagedFile: see `Connector.recorded`.
    """
    begins = files.beginning(path)
    if not begins.lstrip().startswith((b"[", b"{")):
        raise WrongFile(f"{path.name} is no answer of {form.name}: it is not JSON")
    if not _begins_with_answer(path, begins):
        payload = files.document(path)
        yield Timed(payload, _first_time(path, payload, form))
        return
    payloads = files.lines(path, is_whole=files.is_json)
    first = next(payloads, None)
    if first is None:
        return  # a table may hold its header and no row
    yield Timed(first, _first_time(path, first, form))
    for payload in payloads:
        yield Timed(payload, _time_or_none(payload, form))


def _begins_with_answer(path: Path, begins: bytes) -> bool:
    """Say whether the first line is JSON by itself; it may be longer than what was read of it."""
    if b"\n" in begins:
        return files.is_json(begins.split(b"\n", 1)[0])
    return files.is_json(next(files.lines(path, is_whole=lambda _: True)))


def _first_time(path: Path, payload: bytes, form: Format) -> int | None:
    """Return the time of a file's first answer.

    Raises:
        WrongFile: it is no answer.
        TruncatedFile: it is the beginning of one.
    """
    try:
        return form.time_of(payload)
    except ContractViolation as error:
        raise WrongFile(f"{path.name} is no answer of {form.name}: {error}") from error
    except RejectedInput as error:
        if "truncated" in str(error):
            raise TruncatedFile(f"{path.name} ends in the middle of its answer") from error
        raise WrongFile(f"{path.name} is no answer of {form.name}: {error}") from error


def _time_or_none(payload: bytes, form: Format) -> int | None:
    try:
        return form.time_of(payload)
    except RejectedInput:
        return None

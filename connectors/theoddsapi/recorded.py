"""Recorded answers: one document a file, one answer a line, or the flat rows of a collector, one event a message."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from connectors import files
from connectors.contract import TruncatedFile, WrongFile
from connectors.raw import RawStream, recorded_stream_id
from connectors.theoddsapi import flat, messages
from connectors.theoddsapi.messages import Answer
from connectors.theoddsapi.parser import JSON
from connectors.times import micros_of
from domain.errors import ContractViolation, RejectedInput, UndecodableInput
from domain.events.feeds import RawMessage

PROVIDER: Final = "theoddsapi"


class Timed(NamedTuple):
    """A payload and the time that it says; None where it says none."""

    payload: bytes
    said_at: int | None


def recorded(path: Path, *, start: int = 0, received_at: int | None = None) -> Iterator[RawMessage]:
    """Yield a file's answers; each is received when it says that it was last updated."""
    payloads, content_type = _open(path)
    first = next(payloads)
    stream = RawStream(
        provider=PROVIDER,
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
            yield stream.message(each.payload, received_at=at, occurred_at=occurred_at)


def time_of(answer: Answer) -> int | None:
    """Return when an answer was true: its latest update; a fixture list was at the latest true at its first kick-off.

    Raises:
        ContractViolation: a time is not ISO 8601.
    """
    updates = [event.last_update for event in answer.events]
    for event in answer.events:
        for maker in event.bookmakers or ():
            updates.append(maker.last_update)
            updates.extend(market.last_update for market in maker.markets)
    said = [micros_of(each) for each in updates if each is not None]
    if said:
        return max(said)
    return min((micros_of(event.commence_time) for event in answer.events), default=None)


def _open(path: Path) -> tuple[Iterator[Timed], str]:
    """Tell what a file is by how it begins."""
    begins = files.beginning(path)
    first_line = begins.split(b"\n", 1)[0].rstrip(b"\r")
    if first_line == flat.HEADER:
        return _flat(path), flat.CONTENT_TYPE
    if not begins.lstrip().startswith((b"[", b"{")):
        raise WrongFile(f"{path.name} is no answer of The Odds API: neither JSON nor a collector's flat rows")
    payloads = _lines(path) if _begins_with_answer(path, begins) else _document(path)
    return payloads, JSON


def _begins_with_answer(path: Path, begins: bytes) -> bool:
    """Say whether the first line is JSON by itself; it may be longer than what was read of it."""
    if b"\n" in begins:
        return files.is_json(begins.split(b"\n", 1)[0])
    return files.is_json(next(files.lines(path, is_whole=lambda _: True)))


def _document(path: Path) -> Iterator[Timed]:
    payload = files.document(path)
    yield Timed(payload, _first_time(path, payload))


def _lines(path: Path) -> Iterator[Timed]:
    payloads = files.lines(path, is_whole=files.is_json)
    first = next(payloads)
    yield Timed(first, _first_time(path, first))
    for payload in payloads:
        yield Timed(payload, _time_or_none(payload))


def _flat(path: Path) -> Iterator[Timed]:
    """Yield the rows of each event as they stand in the file."""
    payloads = files.lines(path, is_whole=lambda line: line.count(b",") >= len(flat.COLUMNS) - 1, keep_ends=True)
    next(payloads)
    group: list[bytes] = []
    broken: UndecodableInput | None = None
    while True:
        try:
            line = next(payloads)
        except StopIteration:
            break
        except UndecodableInput as error:
            broken = error
            break
        if group and line.split(b",", 1)[0] != group[0].split(b",", 1)[0]:
            yield _rows(group)
            group = []
        group.append(line)
    if group:
        yield _rows(group)
    if broken is not None:
        raise broken


def _rows(group: list[bytes]) -> Timed:
    payload = b"".join(group)
    try:
        return Timed(payload, max(micros_of(row.snapshot_time) for row in flat.rows(payload)))
    except RejectedInput:
        return Timed(payload, None)


def _first_time(path: Path, payload: bytes) -> int | None:
    """Return the time of a file's first answer.

    Raises:
        WrongFile: it is no answer.
        TruncatedFile: it is the beginning of one.
    """
    try:
        return time_of(messages.parse(payload))
    except ContractViolation as error:
        raise WrongFile(f"{path.name} is no answer of The Odds API: {error}") from error
    except RejectedInput as error:
        if "truncated" in str(error):
            raise TruncatedFile(f"{path.name} ends in the middle of its answer") from error
        raise WrongFile(f"{path.name} is no answer of The Odds API: {error}") from error


def _time_or_none(payload: bytes) -> int | None:
    try:
        return time_of(messages.parse(payload))
    except RejectedInput:
        return None

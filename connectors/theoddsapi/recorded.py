"""Recorded answers: one document a file, one answer a line, or the flat rows of a collector, one event a message."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from connectors import files
from connectors.documents import Format, Timed, documents, replayed
from connectors.theoddsapi import flat, messages
from connectors.theoddsapi.messages import Answer
from connectors.theoddsapi.parser import JSON
from connectors.times import micros_of
from domain.errors import RejectedInput, UndecodableInput
from domain.events.feeds import RawMessage

PROVIDER: Final = "theoddsapi"


def recorded(path: Path, *, start: int = 0, received_at: int | None = None) -> Iterator[RawMessage]:
    """Yield a file's answers; each is received when it says that it was last updated."""
    payloads, content_type = _open(path)
    return replayed(payloads, path, provider=PROVIDER, content_type=content_type, start=start, received_at=received_at)


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
    return documents(path, _FORMAT), JSON


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


_FORMAT: Final = Format("The Odds API", lambda payload: time_of(messages.parse(payload)))

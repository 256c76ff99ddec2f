"""The connector to StatsBomb's files: a match's events, or its line-ups, each an array of JSON objects.

The files say neither which match they are of nor when it was. The publisher's name of a file says both, as
`15946_barcelona_alaves_2018-08-18_events.json`: the match, and its day. Events are replayed on the match clock
(domain.feeds.matchclock), from the kick-off on: that is `received_at` where it lies on the day that the name says, else
the day's midnight UTC. A file whose name says no day begins when `received_at` says, or when it was written.
"""

import itertools
import re
from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Final

from connectors import files
from connectors.contract import Item, Position, WrongFile
from connectors.documents import Timed, replayed
from connectors.elements import elements
from connectors.statsbomb.messages import CONTENT_TYPE, Event, parse
from domain.errors import Misconfigured, RejectedInput
from domain.events.feeds import RawMessage
from domain.feeds.calendar import DAY_US, HOUR_US, micros

PROVIDER: Final = "statsbomb"
ZONES_US: Final = 14 * HOUR_US
"""A day begins and ends so much earlier or later somewhere on earth."""

_DAY: Final = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")


class StatsBomb:
    """Replays the files of a match. See `contract.Connector`."""

    provider: ClassVar[str] = PROVIDER

    def __init__(self, options: Any = None) -> None:  # noqa: ANN401 - every connector is made with its options
        self._options = options

    def recorded(self, path: Path, *, start: int = 0, received_at: int | None = None) -> Iterator[RawMessage]:
        """Yield the events or line-ups of a file; `received_at` is the kick-off, where it is known."""
        timed = _payloads(path, received_at)
        return replayed(timed, path, provider=PROVIDER, content_type=CONTENT_TYPE, start=start, received_at=received_at)

    async def live(self, *, position: Position | None = None) -> AsyncGenerator[Item]:  # noqa: ARG002 - the contract's
        """Refuse: the open data is files.

        Raises:
            Misconfigured: always.
        """
        raise Misconfigured("StatsBomb's open data is files: replay them")
        yield  # type: ignore[unreachable]  # a generator, as the contract has it


def match_day(name: str) -> int | None:
    """Return the day that a file's name says, its midnight in microseconds UTC; None where it says none."""
    match = _DAY.search(name)
    try:
        return micros(datetime.fromisoformat(match[0]).replace(tzinfo=UTC)) if match else None
    except ValueError:
        return None


def _kick_off(path: Path, received_at: int | None) -> int:
    day = match_day(path.name)
    if day is None:
        return received_at if received_at is not None else files.written_at(path)
    is_of_that_day = received_at is not None and day - ZONES_US <= received_at < day + DAY_US + ZONES_US
    return received_at if received_at is not None and is_of_that_day else day


def _payloads(path: Path, received_at: int | None) -> Iterator[Timed]:
    """Yield the elements of a file; the first one tells whose file it is."""
    payloads = elements(path)
    first = next(payloads, b"")
    try:
        parse(first)
    except RejectedInput as error:
        raise WrongFile(f"{path.name} is no file of StatsBomb: {error}") from error
    kick_off_at = _kick_off(path, received_at)
    for payload in itertools.chain((first,), payloads):
        yield _timed(payload, kick_off_at)


def _timed(payload: bytes, kick_off_at: int) -> Timed:
    try:
        message = parse(payload)
        return Timed(payload, kick_off_at + message.clock_us if isinstance(message, Event) else kick_off_at)
    except RejectedInput:
        return Timed(payload, None)

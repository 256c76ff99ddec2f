"""The order of one stream: its messages are numbered from 0 without gaps, so that what is lost or repeated shows."""

from typing import Final, Literal

import msgspec

HOLES_KEPT: Final = 16

Place = Literal["NEXT", "GAP", "LATE", "DUPLICATE", "RESTART"]


class StreamSequence(msgspec.Struct):
    """Where a stream stands: the number it must say next, and the newest holes in what came before.

    A hole is [first, last] of numbers that were jumped over. `lost` counts the numbers that are still missing, and
    `received` those that came, before a restart too.
    """

    expected: int = 0
    received_at: int = 0
    lost: int = 0
    received: int = 0
    holes: list[tuple[int, int]] = msgspec.field(default_factory=list)


class Placed(msgspec.Struct, frozen=True):
    """Where a message belongs in its stream; `missing` counts what a GAP jumped over."""

    place: Place
    missing: int = 0


def place(state: StreamSequence, number: int, received_at: int) -> Placed:
    """Place a message in its stream and move the stream on. Idempotent: the same message again is a DUPLICATE.

    NEXT: as expected. GAP: some before it are missing. LATE: one that had been missing. DUPLICATE: seen before.
    RESTART: the stream begins again at 0, later than anything it said, such as a poller that was started again.
    """
    if number == state.expected:
        return _advance(state, number, received_at, Placed("NEXT"))
    if number > state.expected:
        missing = number - state.expected
        state.holes.append((state.expected, number - 1))
        state.lost += missing
        del state.holes[:-HOLES_KEPT]
        return _advance(state, number, received_at, Placed("GAP", missing))
    if number == 0 and received_at > state.received_at:
        state.holes.clear()
        return _advance(state, number, received_at, Placed("RESTART"))
    if _fill(state, number):
        state.received += 1
        return Placed("LATE")
    return Placed("DUPLICATE")


def refuse(state: StreamSequence, number: int) -> None:
    """Take it that a message did not come: nothing of it could be taken. Sent again, it is LATE and no DUPLICATE."""
    last = state.holes[-1] if state.holes else None
    if last is not None and last[1] == number - 1:
        state.holes[-1] = (last[0], number)
    else:
        state.holes.append((number, number))
        del state.holes[:-HOLES_KEPT]
    state.lost += 1
    state.received -= 1


def _advance(state: StreamSequence, number: int, received_at: int, placed: Placed) -> Placed:
    state.expected = number + 1
    state.received += 1
    state.received_at = max(state.received_at, received_at)
    return placed


def _fill(state: StreamSequence, number: int) -> bool:
    for index, (first, last) in enumerate(state.holes):
        if first <= number <= last:
            rest = [(first, number - 1), (number + 1, last)]
            state.holes[index : index + 1] = [hole for hole in rest if hole[0] <= hole[1]]
            state.lost -= 1
            return True
    return False

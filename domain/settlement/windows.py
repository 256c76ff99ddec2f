"""The windows in which bets on a market are void, by what every source has cancelled and restored.

A source restores what it cancelled before, in the very same window, or, naming no window, all that it cancelled. What
the desk restored is void by no other source, whenever that speaks; the desk can cancel anew.
"""

from collections.abc import Iterable, Mapping

import msgspec

from domain.settlement.reasons import Reason
from domain.settlement.sources import SourceWords, WindowMark
from domain.settlement.words import ALL, DESK


class VoidWindow(msgspec.Struct, frozen=True, kw_only=True):
    """Bets on a selection, or on all but the `spared`, are void if placed from `start` on and before `end`."""

    selection_id: str
    start: int | None
    end: int | None
    superseded_by: str = ""
    spared: tuple[str, ...] = ()

    @property
    def reason(self) -> Reason:
        """Say why bets in it are void."""
        return Reason.SUPERSEDED if self.superseded_by else Reason.CANCELLED

    @property
    def whole(self) -> bool:
        """Tell whether every bet on the market is in it."""
        return (self.selection_id, self.start, self.end, self.spared) == (ALL, None, None, ())

    def covers(self, selection_id: str, placed_at: int) -> bool:
        """Tell whether a bet placed then on that selection is void."""
        return (
            (self.selection_id == selection_id or (self.selection_id == ALL and selection_id not in self.spared))
            and (self.start is None or self.start <= placed_at)
            and (self.end is None or placed_at < self.end)
        )


def void_windows(said: Mapping[str, SourceWords]) -> tuple[VoidWindow, ...]:
    """Return the windows that stand, of all sources together, in a fixed order."""
    desk = said[DESK].restores.values() if DESK in said else ()
    windows: set[VoidWindow] = set()
    for source, words in said.items():
        above = () if source == DESK else desk
        for cancel in words.cancels.values():
            later = [restore for restore in words.restores.values() if not cancel.stands_against(restore)]
            windows.update(_stands(cancel, [*later, *above]))
    return tuple(sorted(windows, key=msgspec.msgpack.encode))


def _stands(cancel: WindowMark, restores: Iterable[WindowMark]) -> Iterable[VoidWindow]:
    """Return what is left of a cancellation: nothing if it was restored where it was said, else all but the spared."""
    restored = {each.selection_id for each in restores if each.undoes(cancel)}
    if {ALL, cancel.selection_id} & restored:
        return ()
    return (
        VoidWindow(
            selection_id=cancel.selection_id,
            start=cancel.start,
            end=cancel.end,
            superseded_by=cancel.superseded_by,
            spared=tuple(sorted(restored)) if cancel.selection_id == ALL else (),
        ),
    )

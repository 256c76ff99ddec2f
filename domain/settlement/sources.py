"""All that one source has said of one market: bounded, mergeable, and the same in whatever order it was heard.

What stands of it: a confirmed result, else a provisional one, unless it was undone after it was said. So a provisional
word never overrules a confirmed one; a source that means to correct what it confirmed undoes or confirms anew.
"""

from collections.abc import Mapping

import msgspec

from domain.settlement.register import Mark, heard
from domain.settlement.result import LegResult
from domain.settlement.words import ALL, MOST_NAMED, Cancelled, CancelUndone, Settled, SettlementUndone, Word, plain

MOST_WINDOWS = 128


class ResultMark(Mark, frozen=True, kw_only=True):
    """A result as said of one selection; None says that there is none."""

    result: LegResult | None
    known_at: int | None


class WindowMark(Mark, frozen=True, kw_only=True):
    """A cancellation, or its undoing, of a selection or of all: from `start` on and before `end`."""

    selection_id: str
    start: int | None
    end: int | None
    superseded_by: str = ""

    @property
    def name(self) -> str:
        """Name the window among those of its source."""
        return f"{self.start}|{self.end}|{self.selection_id}"

    def undoes(self, cancel: "WindowMark") -> bool:
        """Tell whether this, as an undoing, is about that cancellation: its very window, or all windows."""
        return (self.start, self.end) in ((None, None), (cancel.start, cancel.end))


class SourceWords(msgspec.Struct, frozen=True, kw_only=True):
    """What one source has said, by selection and by window; `cut` if it named more than is kept."""

    confirmed: Mapping[str, ResultMark] = {}
    provisional: Mapping[str, ResultMark] = {}
    undone: Mapping[str, Mark] = {}
    cancels: Mapping[str, WindowMark] = {}
    restores: Mapping[str, WindowMark] = {}
    cut: bool = False

    def standing(self, selection_id: str) -> tuple[LegResult, bool, int | None] | None:
        """Return what stands of a selection: its result, whether it is confirmed, and when it was known; or None."""
        said = [
            mark
            for mark in (self.confirmed.get(selection_id), self.provisional.get(selection_id))
            if mark is not None
            and mark.stands_against(self.undone.get(ALL))
            and mark.stands_against(self.undone.get(selection_id))
        ]
        if not said or said[0].result is None:
            return None
        first = said[0]
        known = [mark.known_at for mark in said if mark.result == first.result and mark.known_at is not None]
        return said[0].result, first is self.confirmed.get(selection_id), min(known, default=None)

    def selections(self) -> set[str]:
        """Return the selections that the source ever named a result of."""
        return set(self.confirmed) | set(self.provisional)


def hear(words: SourceWords, word: Word) -> SourceWords:
    """Return what a source has said with one word more; the same object if that changes nothing."""
    match word:
        case Settled():
            field = "confirmed" if word.confirmed else "provisional"
            results = {
                each.selection_id: ResultMark(
                    at=word.at,
                    sequence=word.sequence,
                    result=None if each.result is None else plain(each.result),
                    known_at=each.known_at,
                )
                for each in word.outcomes
            }
            return _add(words, field, results)
        case SettlementUndone():
            mark = Mark(at=word.at, sequence=word.sequence)
            return _add(words, "undone", dict.fromkeys(word.selection_ids or (ALL,), mark))
        case Cancelled() | CancelUndone():
            field = "cancels" if isinstance(word, Cancelled) else "restores"
            windows = [
                WindowMark(
                    at=word.at,
                    sequence=word.sequence,
                    selection_id=selection_id,
                    start=word.start,
                    end=word.end,
                    superseded_by=word.superseded_by if isinstance(word, Cancelled) else "",
                )
                for selection_id in word.selection_ids or (ALL,)
            ]
            return _add(words, field, {window.name: window for window in windows})


def merged(one: SourceWords, other: SourceWords) -> SourceWords:
    """Return all that was heard on either side."""
    words = one
    for field in MOST:
        words = _add(words, field, getattr(other, field))
    return msgspec.structs.replace(words, cut=words.cut or other.cut)


MOST = {
    "confirmed": MOST_NAMED,
    "provisional": MOST_NAMED,
    "undone": MOST_NAMED + 1,
    "cancels": MOST_WINDOWS,
    "restores": MOST_WINDOWS,
}
"""The registers, and how many names each keeps."""


def _add(words: SourceWords, field: str, marks: Mapping[str, Mark]) -> SourceWords:
    before = register = getattr(words, field)
    cut = words.cut
    for name, mark in marks.items():
        register, over = heard(register, name, mark, most=MOST[field])
        cut = cut or over
    if register is before and cut == words.cut:
        return words
    return msgspec.structs.replace(words, **{field: register}, cut=cut)

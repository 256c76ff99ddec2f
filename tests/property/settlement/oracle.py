"""What must hold by the last truth alone: each source's words read once, in its own order, and bets worked out whole.

Nothing of the rooms under test is used but the words and results themselves.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import prod

import msgspec

from domain.settlement.result import VOID, LegResult
from domain.settlement.words import ALL, DESK, Cancelled, CancelUndone, Outcome, Settled, SettlementUndone, Word

Window = tuple[str, int | None, int | None]
Leg = tuple[str, LegResult | None]
"""A status and a result."""


class Told:
    """What one source holds, after its words in its own order."""

    def __init__(self, words: Iterable[Word]) -> None:
        self.confirmed: dict[str, Outcome] = {}
        self.provisional: dict[str, Outcome] = {}
        self.windows: dict[Window, set[str]] = {}
        self.ever_restored: list[Window] = []
        undoings = SettlementUndone | CancelUndone
        for word in sorted(words, key=lambda each: (each.at, each.sequence, not isinstance(each, undoings))):
            self._read(word)

    def _read(self, word: Word) -> None:
        match word:
            case Settled():
                into = self.confirmed if word.confirmed else self.provisional
                into.update({each.selection_id: each for each in word.outcomes})
            case SettlementUndone():
                for results in (self.confirmed, self.provisional):
                    for name in word.selection_ids or tuple(results):
                        results.pop(name, None)
            case Cancelled():
                for scope in word.selection_ids or (ALL,):
                    self.windows[scope, word.start, word.end] = set()
            case CancelUndone():
                for scope in word.selection_ids or (ALL,):
                    self.ever_restored.append((scope, word.start, word.end))
                    self._restore(scope, word.start, word.end)

    def _restore(self, scope: str, start: int | None, end: int | None) -> None:
        for window in list(self.windows):
            if _same_window((scope, start, end), window):
                if scope in (ALL, window[0]):
                    del self.windows[window]
                elif window[0] == ALL:
                    self.windows[window].add(scope)

    def holds(self, selection: str) -> tuple[LegResult, bool, int | None] | None:
        """Return a selection's result, whether it is confirmed, and when it was known."""
        confirmed, provisional = self.confirmed.get(selection), self.provisional.get(selection)
        first = confirmed or provisional
        if first is None or first.result is None:
            return None
        same = [each for each in (confirmed, provisional) if each is not None and each.result == first.result]
        known = [each.known_at for each in same if each.known_at is not None]
        return first.result, confirmed is not None, min(known, default=None)


def _same_window(restore: Window, window: Window) -> bool:
    return restore[1:] in ((None, None), window[1:])


def leg_of(words: Iterable[Word], selection: str, placed_at: int) -> Leg:
    """Return what became of a bet on a selection of a market, by all that was ever said of it."""
    by_source: dict[str, list[Word]] = {}
    for word in words:
        by_source.setdefault(word.source, []).append(word)
    told = {source: Told(said) for source, said in by_source.items()}
    if any(_voids(source, told, selection, placed_at) for source in told):
        return "CONFIRMED", VOID
    everything = {name for each in told.values() for name in (*each.confirmed, *each.provisional)}
    if any(len({held[0] for held in _held(told, name)}) > 1 for name in everything):
        return "HELD", None
    held = _held(told, selection)
    if not held:
        return "OPEN", None
    known = min([each for _, _, each in held if each is not None], default=None)
    result = VOID if known is not None and placed_at > known else held[0][0]
    return "CONFIRMED" if any(confirmed for _, confirmed, _ in held) else "PROVISIONAL", result


def _held(told: Mapping[str, Told], selection: str) -> list[tuple[LegResult, bool, int | None]]:
    desk = told[DESK].holds(selection) if DESK in told else None
    said = [desk] if desk else [each.holds(selection) for each in told.values()]
    return [each for each in said if each is not None]


def _voids(source: str, told: Mapping[str, Told], selection: str, placed_at: int) -> bool:
    above = told[DESK].ever_restored if DESK in told and source != DESK else []
    for window, spared in told[source].windows.items():
        scope, start, end = window
        inside = (start is None or start <= placed_at) and (end is None or placed_at < end)
        about = scope in (ALL, selection) and selection not in spared
        freed = any(each[0] in (ALL, selection) and _same_window(each, window) for each in above)
        if inside and about and not freed:
            return True
    return False


class Slip(msgspec.Struct, frozen=True, kw_only=True):
    """A bet as the oracle sees it; its stake divides by its lines."""

    customer: str
    stake_minor: int
    free: bool
    folds: tuple[int, ...]
    odds: tuple[int, ...]


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """How a bet is settled, and what it gives in cash and bonus."""

    status: str
    cash_minor: int = 0
    bonus_minor: int = 0


def worth_of(slip: Slip, legs: Sequence[Leg]) -> Worth:
    """Work out a bet line by line; a line is over when a leg has lost it or all its legs have results."""
    lines = [line for size in slip.folds for line in combinations(range(len(slip.odds)), size)]
    results = [result for _, result in legs]
    if not any(results):
        return Worth(status="OPEN")
    if not all(_over(line, results) for line in lines):
        return Worth(status="PARTLY")
    unit = slip.stake_minor // len(lines)
    cash = bonus = 0
    for line in lines:
        taken = [(result, slip.odds[at]) for at in line if (result := results[at]) is not None]
        whole = len(taken) == len(line)
        if whole and slip.free:
            stake = prod([result.factor(1000) for result, _ in taken], start=Fraction(1))
            cash += int(unit * (_product(taken) - stake))
            bonus += unit if all(result == VOID for result, _ in taken) else 0
        elif whole:
            cash += int(unit * _product(taken))
    sure = [result if status == "CONFIRMED" else None for status, result in legs]
    confirmed = all(_over(line, sure) for line in lines)
    return Worth(status="CONFIRMED" if confirmed else "PROVISIONAL", cash_minor=cash, bonus_minor=bonus)


def _product(taken: Iterable[tuple[LegResult, int]]) -> Fraction:
    return prod([result.factor(odds) for result, odds in taken], start=Fraction(1))


def _over(line: Sequence[int], results: Sequence[LegResult | None]) -> bool:
    told = [results[at] for at in line]
    return None not in told or any(result is not None and result.factor(1000) == 0 for result in told)

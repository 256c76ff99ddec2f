"""What a market's truth is, when sources speak in any order and any number of times.

Of each source the latest word by its own clock is kept (sources.py), so what is known of a market depends only on the
set of words heard, and two rows of one market merge. That works because each word stands by itself: a settlement gives
a selection's result whole, an undoing is about all that the same source said before it, and two sources' clocks are
never compared. Words of one source at one instant are read in a fixed order: undone first, then said anew, and of two
sayings the one with the greater bytes.

Sources that give one selection different results hold the whole market, also if only one of them has confirmed:
nothing is paid on it, and what was paid is taken back, until they agree or the desk has decided. Cancellations are of
bets and not of results: the windows of all sources hold together, whatever the results are, and outlast settlements.
"""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from domain.settlement import sources
from domain.settlement.reasons import Reason
from domain.settlement.result import VOID, LegResult
from domain.settlement.sources import SourceWords
from domain.settlement.windows import VoidWindow, void_windows
from domain.settlement.words import DESK, Word, checked

Status = Literal["OPEN", "PROVISIONAL", "CONFIRMED", "HELD"]


class SelectionTruth(msgspec.Struct, frozen=True, kw_only=True):
    """What holds of a selection; `known_at` is the earliest moment at which a source that says so saw it decided."""

    result: LegResult
    confirmed: bool
    known_at: int | None = None


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """What one source says of a selection on which sources disagree."""

    selection_id: str
    source: str
    result: LegResult
    confirmed: bool


class MarketTruth(msgspec.Struct, frozen=True, kw_only=True):
    """What holds of a market now.

    `version` rises on every change and counts what this row went through: the one part that depends on arrival order.
    The status is that of the least certain result; a market that is cancelled whole is CONFIRMED. `selections` is empty
    while the market is held. `case` says who said what of the selections on which sources disagree.
    """

    market_id: str
    version: int = 0
    status: Status = "OPEN"
    reason: str = ""
    selections: Mapping[str, SelectionTruth] = {}
    windows: tuple[VoidWindow, ...] = ()
    case: tuple[Opinion, ...] = ()

    @property
    def results(self) -> dict[str, LegResult]:
        """Return the results that hold, by selection_id."""
        return {selection_id: truth.result for selection_id, truth in self.selections.items()}


class MarketWords(msgspec.Struct, frozen=True, kw_only=True):
    """A market's row: what each source has said, and what is true by it."""

    truth: MarketTruth
    sources: Mapping[str, SourceWords] = {}


class LegOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a bet's leg by a version of its market's truth; no result while it is open or held."""

    version: int
    status: Status
    result: LegResult | None = None
    reason: str = ""


UNSETTLED: Final = LegOutcome(version=0, status="OPEN")


def unheard(market_id: str) -> MarketWords:
    """Return the row of a market of which nothing has been said."""
    return MarketWords(truth=MarketTruth(market_id=market_id))


def hear(market: MarketWords, word: Word) -> MarketWords:
    """Return the row after a word; the same object if the word was late or a repeat and changes nothing.

    The truth's version rises by one if the truth changed. The caller knows its sources: it bounds their number.

    Raises:
        ContractViolation: the word cannot be one.
    """
    said = market.sources.get(checked(word).source, SourceWords())
    now = sources.hear(said, word)
    return market if now is said else _row(market, {**market.sources, word.source: now}, market.truth.version)


def merged(one: MarketWords, other: MarketWords) -> MarketWords:
    """Return the row that has heard what either has.

    Its version is that of the later, and one above if the truth is not `one`'s: nobody who heard either takes it for
    old.
    """
    assert one.truth.market_id == other.truth.market_id, (one.truth.market_id, other.truth.market_id)
    both = {
        source: sources.merged(one.sources.get(source, SourceWords()), other.sources.get(source, SourceWords()))
        for source in {*one.sources, *other.sources}
    }
    return _row(one, both, max(one.truth.version, other.truth.version))


def leg_outcome(truth: MarketTruth, selection_id: str, placed_at: int) -> LegOutcome:
    """Return what a market's truth makes of a bet on a selection, placed then (microseconds UTC).

    A bet inside a cancelled window is void, settled or not. Of the rest, one placed after its outcome was known is void
    for that, whether it would have won or lost.
    """
    for window in truth.windows:
        if window.covers(selection_id, placed_at):
            return LegOutcome(version=truth.version, status="CONFIRMED", result=VOID, reason=window.reason)
    if truth.status == "HELD":
        return LegOutcome(version=truth.version, status="HELD", reason=truth.reason)
    selection = truth.selections.get(selection_id)
    if selection is None:
        return LegOutcome(version=truth.version, status="OPEN")
    late = selection.known_at is not None and placed_at > selection.known_at
    return LegOutcome(
        version=truth.version,
        status="CONFIRMED" if selection.confirmed else "PROVISIONAL",
        result=VOID if late else selection.result,
        reason=Reason.PAST_POSTED if late else "",
    )


def _row(market: MarketWords, said: Mapping[str, SourceWords], version: int) -> MarketWords:
    """Work out the truth, and count it if it is another."""
    said = dict(sorted(said.items()))
    truth = _truth(market.truth.market_id, said)
    changed = truth != msgspec.structs.replace(market.truth, version=0)
    return MarketWords(truth=msgspec.structs.replace(truth, version=version + changed), sources=said)


def _truth(market_id: str, said: Mapping[str, SourceWords]) -> MarketTruth:
    windows = void_windows(said)
    selections: dict[str, SelectionTruth] = {}
    case: list[Opinion] = []
    for selection_id in sorted({name for words in said.values() for name in words.selections()}):
        opinions = _opinions(selection_id, said)
        if len({each.result for each, _ in opinions}) > 1:
            case += [each for each, _ in opinions]
        elif opinions:
            known = [known_at for _, known_at in opinions if known_at is not None]
            selections[selection_id] = SelectionTruth(
                result=opinions[0][0].result,
                confirmed=any(each.confirmed for each, _ in opinions),
                known_at=min(known, default=None),
            )
    status, reason = _status(said, selections, windows, disagree=bool(case))
    return MarketTruth(
        market_id=market_id,
        status=status,
        reason=reason,
        selections={} if status == "HELD" else selections,
        windows=windows,
        case=tuple(case),
    )


def _opinions(selection_id: str, said: Mapping[str, SourceWords]) -> list[tuple[Opinion, int | None]]:
    """Say what each source holds of a selection, and when it was known; the desk's word stands alone."""
    opinions: list[tuple[Opinion, int | None]] = []
    for source, words in said.items():
        stands = words.standing(selection_id)
        if stands is not None:
            result, confirmed, known_at = stands
            opinion = Opinion(selection_id=selection_id, source=source, result=result, confirmed=confirmed)
            if source == DESK:
                return [(opinion, known_at)]
            opinions.append((opinion, known_at))
    return opinions


def _status(
    said: Mapping[str, SourceWords],
    selections: Mapping[str, SelectionTruth],
    windows: tuple[VoidWindow, ...],
    *,
    disagree: bool,
) -> tuple[Status, str]:
    """Return the status, and the reason of one that results alone do not explain."""
    for window in windows:
        if window.whole:
            return "CONFIRMED", window.reason
    if disagree:
        return "HELD", Reason.PROVIDERS_DISAGREE
    if any(words.cut for words in said.values()) and not _decided(said):
        return "HELD", Reason.TOO_MUCH_SAID
    if not selections:
        return "OPEN", ""
    return ("CONFIRMED" if all(truth.confirmed for truth in selections.values()) else "PROVISIONAL"), ""


def _decided(said: Mapping[str, SourceWords]) -> bool:
    """Tell whether the desk has given any result."""
    desk = said.get(DESK, SourceWords())
    return any(desk.standing(selection_id) for selection_id in desk.selections())

"""What a person of ours says of a market: results, a cancellation, that the desk takes back its word, or restores bets.

The desk's word stands above every provider's (domain/settlement/truth.py).
"""

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, Final

import msgspec

from domain.errors import ContractViolation
from domain.events.settlement import MarketResult
from domain.events.trading import MarketListing
from domain.settlement.result import HALF_LOSE, HALF_WIN, LOSE, MOST_DEDUCTION, VOID, WHOLE, WIN, LegResult
from domain.settlement.telling import selection_result
from domain.settlement.words import DESK

PROVIDER: Final = "cli"
WORDS: Final = {"WIN": WIN, "LOSE": LOSE, "VOID": VOID, "HALF_WIN": HALF_WIN, "HALF_LOSE": HALF_LOSE}
_RESULT: Final = re.compile(
    r"(?P<selection>[^=]+)=(?P<word>[A-Z_]+)(,heat=(?P<over>\d{1,3})/(?P<under>\d{1,3}))?(,less=(?P<less>\d{1,2}))?"
)
Window = tuple[int | None, int | None]


class Hand(msgspec.Struct, frozen=True, kw_only=True):
    """Who says it, when (microseconds UTC), and why; `event_id` begins the ids of what is said."""

    event_id: str
    at: int
    actor: str
    reason: str


def result_from(text: str) -> tuple[str, LegResult]:
    """Read SELECTION=RESULT, a dead heat as WIN,heat=1/2, what is taken from each pound won as WIN,less=20.

    Raises:
        ContractViolation: it is none.
    """
    found = _RESULT.fullmatch(text)
    if found is None or found["word"] not in WORDS:
        raise ContractViolation(f"a result is SELECTION={'|'.join(WORDS)}, not {text!r}")
    result, shared = WORDS[found["word"]], WHOLE
    if found["over"]:
        over, under = int(found["over"]), int(found["under"])
        if not 0 < over <= under:
            raise ContractViolation(f"{over}/{under} is no share of a place: {text!r}")
        shared = Fraction(over, under).as_integer_ratio()
    less = int(found["less"] or 0)
    if less > MOST_DEDUCTION:
        raise ContractViolation(f"no more than {MOST_DEDUCTION} pence are taken from a pound: {text!r}")
    if (shared, less) != (WHOLE, 0) and not result.win:
        raise ContractViolation(f"only what won is shared or reduced: {text!r}")
    return found["selection"], msgspec.structs.replace(result, dead_heat=shared, deduction=less)


def settled(
    listing: MarketListing, results: Sequence[tuple[str, LegResult]], hand: Hand, known_at: int | None
) -> MarketResult:
    """Say results of a market's selections; bets placed after `known_at` are void.

    Raises:
        ContractViolation: the market has no such selection, or one is named twice.
    """
    _require_selections(listing, [name for name, _ in results])
    selections = tuple(selection_result(name, result, known_at) for name, result in results)
    return _word(listing, hand, action="SETTLE", selections=selections)


def cancelled(listing: MarketListing, window: Window, selection_ids: Sequence[str], hand: Hand) -> MarketResult:
    """Say that the bets placed in a window are void: those on some selections, or all without any.

    Raises:
        ContractViolation: the window is empty, or the market has no such selection.
    """
    start, end = window
    if start is not None and end is not None and end <= start:
        raise ContractViolation("a window of cancelled bets ends after it begins")
    _require_selections(listing, selection_ids)
    return _word(listing, hand, action="CANCEL", selection_ids=tuple(selection_ids), from_at=start, until_at=end)


def restored(listing: MarketListing, window: Window, hand: Hand) -> MarketResult:
    """Say that bets which anybody cancelled in this very window stand; without one, all that were ever cancelled."""
    return _word(listing, hand, action="ROLLBACK_CANCEL", from_at=window[0], until_at=window[1])


def undone(listing: MarketListing, said: Iterable[MarketResult], hand: Hand) -> list[MarketResult]:
    """Take back all that the desk said of a market: its results, and each window that it cancelled.

    Raises:
        ContractViolation: the desk has said nothing.
    """
    said = list(said)
    words = []
    if any(each.action == "SETTLE" for each in said):
        words.append(_word(listing, hand, action="ROLLBACK_SETTLEMENT"))
    windows = {(each.from_at, each.until_at, each.selection_ids) for each in said if each.action == "CANCEL"}
    for number, (start, end, selection_ids) in enumerate(sorted(windows, key=repr), 1):
        word = _word(listing, hand, action="ROLLBACK_CANCEL", selection_ids=selection_ids, from_at=start, until_at=end)
        words.append(msgspec.structs.replace(word, event_id=f"{hand.event_id}.{number}"))
    if not words:
        raise ContractViolation(f"the desk has said nothing of {listing.market_id} that could be taken back")
    return words


def _require_selections(listing: MarketListing, named: Sequence[str]) -> None:
    known = [each.selection_id for each in listing.selections]
    unknown = [name for name in named if name not in known]
    if unknown:
        raise ContractViolation(f"{listing.market_id} has no selection {unknown[0]!r}: it has {', '.join(known)}")
    if len(set(named)) != len(named):
        raise ContractViolation("a selection is named twice")


def _word(listing: MarketListing, hand: Hand, **fields: object) -> MarketResult:
    given: dict[str, Any] = {
        "event_id": hand.event_id, "occurred_at": hand.at, "received_at": hand.at, "provider": PROVIDER,
        "fixture_id": listing.fixture_id, "market_id": listing.market_id, "told_by": DESK, "told_number": 0,
        "confirmed": True, "selections": (), "selection_ids": (), "actor": hand.actor, "reason": hand.reason, **fields,
    }  # fmt: skip
    return MarketResult(**given)

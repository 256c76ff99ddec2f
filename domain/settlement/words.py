"""What a source says of a market's settlement: it settles, takes that back, cancels bets, or takes that back.

The terms are those of the Unified Odds Feed (bet_settlement, rollback_bet_settlement, bet_cancel, rollback_bet_cancel).
Runner statuses of an exchange and the results of our own rules are said in the same four words.
"""

from fractions import Fraction
from typing import Final

import msgspec

from domain.errors import ContractViolation
from domain.settlement.result import VOID, LegResult

DESK: Final = "desk"
"""The source that is a person of ours: its word stands above all others'."""
ALL: Final = ""
"""In place of a selection_id: the whole market."""
LATEST: Final = 2**62
MOST_NAMED: Final = 512
"""No word names more selections."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """Who said it, and when by that source's own clock.

    Attributes:
        source: whose clock and whose word: a provider, or one producer of a provider that has several.
        at: the source's own time, microseconds UTC. It orders the words of one source; clocks of two sources are never
            compared. How far it may be ahead of ours is for the caller to refuse.
        sequence: orders words of one `at`, where the source numbers them.
    """

    source: str
    at: int
    sequence: int = 0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One selection's result, or None where the source says that there is none (any more).

    `known_at` is the moment of the deciding incident, microseconds UTC on the clock of bets, where it is known.
    """

    selection_id: str
    result: LegResult | None
    known_at: int | None = None


class Settled(Said, frozen=True, kw_only=True, tag="settled"):
    """Results of selections: `confirmed` is certainty 2, else it is certainty 1, as scouted live."""

    outcomes: tuple[Outcome, ...]
    confirmed: bool


class SettlementUndone(Said, frozen=True, kw_only=True, tag="settlement_undone"):
    """What the source settled before this is undone: of the selections named, or of the whole market if none is."""

    selection_ids: tuple[str, ...] = ()


class Cancelled(Said, frozen=True, kw_only=True, tag="cancelled"):
    """Bets placed in a window are void: from `start` on, and before `end`, microseconds UTC; None is without bound.

    It is about the selections named, or about the whole market if none is. `superseded_by` names the event under which
    the market goes on.
    """

    start: int | None = None
    end: int | None = None
    selection_ids: tuple[str, ...] = ()
    superseded_by: str = ""


class CancelUndone(Said, frozen=True, kw_only=True, tag="cancel_undone"):
    """What the source cancelled before this in this very window is undone; without a window, all that it cancelled."""

    start: int | None = None
    end: int | None = None
    selection_ids: tuple[str, ...] = ()


Word = Settled | SettlementUndone | Cancelled | CancelUndone


def checked(word: Word) -> Word:
    """Return the word if it can be one.

    Raises:
        ContractViolation: no source, a time out of range, an empty window, or selections unnamed, repeated or too many.
    """
    if not word.source:
        raise ContractViolation("a word about a settlement names no source")
    if not 0 <= word.at < LATEST or not 0 <= word.sequence < LATEST:
        raise ContractViolation(f"{word.source} speaks at {word.at}/{word.sequence}, out of range")
    if isinstance(word, Cancelled | CancelUndone) and _empty(word.start, word.end):
        raise ContractViolation(f"{word.source} names a window from {word.start} to {word.end}, which is empty")
    named = [each.selection_id for each in word.outcomes] if isinstance(word, Settled) else word.selection_ids
    if len(set(named)) != len(named) or ALL in named or len(named) > MOST_NAMED:
        raise ContractViolation(f"{word.source} names selections that are empty, repeated or too many ({len(named)})")
    if isinstance(word, Settled) and not named:
        raise ContractViolation(f"{word.source} settles no selection")
    return word


def _empty(start: int | None, end: int | None) -> bool:
    return start is not None and end is not None and end <= start


def plain(result: LegResult) -> LegResult:
    """Return the one way to write what a result does to a bet, so that sources that mean the same say the same."""
    void = Fraction(*result.void)
    if void == 1:
        return VOID
    part = void.numerator, void.denominator
    if not result.win:
        return LegResult(win=0, void=part)
    shared = Fraction(*result.dead_heat)
    return LegResult(win=1, void=part, dead_heat=(shared.numerator, shared.denominator), deduction=result.deduction)

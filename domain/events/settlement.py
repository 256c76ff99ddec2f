"""Results of markets, what the house makes of them, and what that makes of legs and bets."""

from typing import Literal

import msgspec

from domain.events.head import Event

ResultAction = Literal["SETTLE", "CANCEL", "ROLLBACK_SETTLEMENT", "ROLLBACK_CANCEL"]
TruthStatus = Literal["OPEN", "PROVISIONAL", "CONFIRMED", "HELD"]
LegStatus = Literal["OPEN", "HELD", "PROVISIONAL", "CONFIRMED"]
BetStatus = Literal["OPEN", "PARTLY", "PROVISIONAL", "CONFIRMED"]


class SelectionResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one selection, as exact factors: see `domain.settlement.result.LegResult`.

    A `win` of -1 takes back what was said of it before. `known_at` is when the outcome could be known to anybody,
    where that is known.
    """

    selection_id: str
    win: int
    void_numerator: int = 0
    void_denominator: int = 1
    dead_heat_numerator: int = 1
    dead_heat_denominator: int = 1
    deduction: int = 0
    known_at: int | None = None


class MarketResult(Event, frozen=True, kw_only=True):
    """What one source says became of a market (`results`, keyed by fixture_id).

    `told_by` is whose word it is: the provider, or one of its producers; its words are in the order of `occurred_at`
    and `told_number`. SETTLE names `selections`. The others are about `selection_ids`, or all where there is none. A
    CANCEL voids the bets placed in its window: from `from_at` on and before `until_at`, each open where it is None; a
    rollback undoes what was said of the same window. `actor` is the person who settled by hand.
    """

    fixture_id: str
    market_id: str
    told_by: str
    told_number: int
    action: ResultAction
    confirmed: bool
    selections: tuple[SelectionResult, ...]
    selection_ids: tuple[str, ...]
    from_at: int | None = None
    until_at: int | None = None
    superseded_by: str = ""
    actor: str | None = None
    reason: str = ""


class CancelledWindow(msgspec.Struct, frozen=True, kw_only=True):
    """Bets placed from `from_at` on and before `until_at` are void; each is open where it is None.

    They are those on `selection_id`, or on any selection but the `spared` where it is empty.
    """

    selection_id: str
    from_at: int | None
    until_at: int | None
    spared: tuple[str, ...]
    code: str


class SettlementOpinion(msgspec.Struct, frozen=True, kw_only=True):
    """What one source says of a selection on which sources disagree; `outcome` is for people (`LegResult.text`)."""

    selection_id: str
    told_by: str
    confirmed: bool
    outcome: str


class MarketSettlement(Event, frozen=True, kw_only=True):
    """What the house holds of a market now (`settlements`, compacted, keyed by market_id).

    `version` rises by one with each change. HELD: a person decides; `code` says why, and `case` who says what of the
    selections on which sources disagree.
    """

    fixture_id: str
    market_id: str
    version: int
    status: TruthStatus
    selections: tuple[SelectionResult, ...]
    cancelled: tuple[CancelledWindow, ...]
    case: tuple[SettlementOpinion, ...]
    code: str


class LegSettlement(Event, frozen=True, kw_only=True):
    """What a market's settlement makes of one leg (`bets.leg-results`, keyed by customer_id).

    `version` is the market's. An OPEN or HELD leg has no result: what it had is undone. `code` says why a leg is void
    or held.
    """

    leg_id: str
    bet_id: str
    customer_id: str
    fixture_id: str
    market_id: str
    selection_id: str
    version: int
    status: LegStatus
    result: SelectionResult
    code: str


class SettledLeg(msgspec.Struct, frozen=True, kw_only=True):
    """One leg of a bet as it stands."""

    leg_id: str
    version: int
    status: LegStatus
    result: SelectionResult
    code: str


class BetSettlement(Event, frozen=True, kw_only=True):
    """A bet as it is settled now (`bets.settlements`, compacted, keyed by customer_id/bet_id).

    `returned_minor` is what was paid to the customer for it by now, its stake included, and for what was cashed out of
    it; `version` counts its changes.
    PARTLY: some legs have results that do not settle it yet. CONFIRMED: the confirmed legs alone settle it.
    """

    bet_id: str
    customer_id: str
    version: int
    status: BetStatus
    currency: str
    stake_minor: int
    returned_minor: int
    legs: tuple[SettledLeg, ...]
    cashed_out_minor: int = 0

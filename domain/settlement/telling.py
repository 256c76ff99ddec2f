"""Between events and the words of settlement: what a source says becomes a word, what is true becomes an event."""

from typing import Final

import msgspec

from domain.errors import ContractViolation
from domain.events.betting import BetLeg
from domain.events.settlement import (
    CancelledWindow,
    LegSettlement,
    MarketResult,
    MarketSettlement,
    SelectionResult,
    SettlementOpinion,
)
from domain.money.cause import PROVIDER, Cause
from domain.settlement.result import MOST_DEDUCTION, LegResult
from domain.settlement.truth import LegOutcome, MarketTruth
from domain.settlement.words import Cancelled, CancelUndone, Outcome, Settled, SettlementUndone, Word, checked

NO_RESULT: Final = -1


def word_of(event: MarketResult) -> Word:
    """Read the word that an event carries.

    Raises:
        ContractViolation: no source can say so.
    """
    source, at, sequence = event.told_by, event.occurred_at, event.told_number
    named, start, end = event.selection_ids, event.from_at, event.until_at
    word: Word
    match event.action:
        case "SETTLE":
            outcomes = tuple(_outcome(each) for each in event.selections)
            word = Settled(source=source, at=at, sequence=sequence, outcomes=outcomes, confirmed=event.confirmed)
        case "ROLLBACK_SETTLEMENT":
            word = SettlementUndone(source=source, at=at, sequence=sequence, selection_ids=named)
        case "CANCEL":
            word = Cancelled(
                source=source, at=at, sequence=sequence, start=start, end=end, selection_ids=named,
                superseded_by=event.superseded_by,
            )  # fmt: skip
        case "ROLLBACK_CANCEL":
            word = CancelUndone(source=source, at=at, sequence=sequence, start=start, end=end, selection_ids=named)
        case _:
            raise ContractViolation(f"{source} says {event.action} of {event.market_id}")
    return checked(word)


def result_of(selection: SelectionResult) -> LegResult | None:
    """Return the exact result of a selection, or None where there is none any more.

    Raises:
        ContractViolation: its factors are no result.
    """
    if selection.win == NO_RESULT:
        return None
    void = selection.void_numerator, selection.void_denominator
    shared = selection.dead_heat_numerator, selection.dead_heat_denominator
    sound = (
        selection.win in {0, 1}
        and 0 <= void[0] <= void[1] != 0
        and 0 < shared[0] <= shared[1]
        and 0 <= selection.deduction <= MOST_DEDUCTION
    )
    if not sound:
        raise ContractViolation(f"no result: {selection}")
    return LegResult(win=selection.win, void=void, dead_heat=shared, deduction=selection.deduction)


def selection_result(selection_id: str, result: LegResult | None, known_at: int | None = None) -> SelectionResult:
    """Write a result, or that there is none, as events carry it."""
    if result is None:
        return SelectionResult(selection_id=selection_id, win=NO_RESULT, known_at=known_at)
    return SelectionResult(
        selection_id=selection_id, win=result.win, void_numerator=result.void[0], void_denominator=result.void[1],
        dead_heat_numerator=result.dead_heat[0], dead_heat_denominator=result.dead_heat[1],
        deduction=result.deduction, known_at=known_at,
    )  # fmt: skip


def market_settlement(fixture_id: str, truth: MarketTruth, cause: Cause) -> MarketSettlement:
    """Say what holds of a market; `event_id` is `<market_id>.settled.v<version>`."""
    return MarketSettlement(
        event_id=f"{truth.market_id}.settled.v{truth.version}", occurred_at=cause.at, received_at=cause.at,
        provider=PROVIDER, source=cause.source, fixture_id=fixture_id, market_id=truth.market_id,
        version=truth.version, status=truth.status, code=truth.reason,
        selections=tuple(
            selection_result(name, each.result, each.known_at) for name, each in truth.selections.items()
        ),
        cancelled=tuple(
            CancelledWindow(
                selection_id=each.selection_id, from_at=each.start, until_at=each.end, spared=each.spared,
                code=each.reason,
            )
            for each in truth.windows
        ),
        case=tuple(
            SettlementOpinion(
                selection_id=each.selection_id, told_by=each.source, confirmed=each.confirmed, outcome=each.result.text
            )
            for each in truth.case
        ),
    )  # fmt: skip


class SettlingLeg(msgspec.Struct, kw_only=True):
    """A leg of an accepted bet that waits for its market, and what was told of it last.

    `placed_at` is when the bet was accepted, microseconds UTC; `trace` is that of its decision.
    """

    leg_id: str
    bet_id: str
    customer_id: str
    selection_id: str
    placed_at: int
    trace: bytes = b""
    told: LegOutcome | None = None


def settling_leg(leg: BetLeg, trace: bytes) -> SettlingLeg:
    """Read the leg of an accepted bet from the account's word that confirms it."""
    return SettlingLeg(
        leg_id=leg.leg_id, bet_id=leg.bet_id, customer_id=leg.customer_id, selection_id=leg.selection_id,
        placed_at=leg.occurred_at, trace=trace,
    )  # fmt: skip


def leg_settlement(
    fixture_id: str, market_id: str, leg: SettlingLeg, outcome: LegOutcome, cause: Cause
) -> LegSettlement:
    """Say what a market's truth makes of a leg; `event_id` is `<leg_id>.settled.v<version>`."""
    return LegSettlement(
        event_id=f"{leg.leg_id}.settled.v{outcome.version}", occurred_at=cause.at, received_at=cause.at,
        provider=PROVIDER, source=cause.source, leg_id=leg.leg_id, bet_id=leg.bet_id, customer_id=leg.customer_id,
        fixture_id=fixture_id, market_id=market_id, selection_id=leg.selection_id, version=outcome.version,
        status=outcome.status, code=outcome.reason,
        result=selection_result(leg.selection_id, outcome.result),
    )  # fmt: skip


def says_more(leg: SettlingLeg, outcome: LegOutcome) -> bool:
    """Tell whether an outcome is other than what was told of a leg; what was never told is open."""
    told = leg.told
    before = (None, "OPEN", "") if told is None else (told.result, told.status, told.reason)
    return (outcome.result, outcome.status, outcome.reason) != before


def _outcome(selection: SelectionResult) -> Outcome:
    return Outcome(selection_id=selection.selection_id, result=result_of(selection), known_at=selection.known_at)

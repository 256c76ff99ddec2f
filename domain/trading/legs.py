"""The book's side of a bet: judge a leg, hold its liability, wait out the in-play delay, confirm or release.

Each function changes the rows it is given and returns what to say. A leg is named by its `leg_id`; the same word about
it again changes nothing and gets the same answer.
"""

import msgspec

from domain.betting.payout import liability_minor
from domain.errors import ContractViolation, UnknownReference
from domain.events.betting import BetLeg, CheckVerdict, LegVerdict
from domain.money.cause import PROVIDER
from domain.trading import checks
from domain.trading.cause import Cause
from domain.trading.playbook import Playbook
from domain.trading.rules import SECOND_US
from domain.trading.state import CustomerExposure, FixtureState, LegState, MarketState


class LegRows(msgspec.Struct):
    """The rows that a leg is about; `fixture` and `market` are None where the book has never heard of them."""

    fixture: FixtureState | None
    market: MarketState | None
    customer: CustomerExposure


def on_hold(known: LegState | None, leg: BetLeg, rows: LegRows, playbook: Playbook, cause: Cause) -> LegState:
    """Judge a leg and hold what passes, or let it wait: in play a leg that would pass is judged again after the delay.

    Idempotent by `leg_id`: the known state is returned, with the verdict to repeat.

    Raises:
        ContractViolation: the leg's id was used for another leg, or its odds cannot be.
    """
    if known is not None:
        if _content(known.leg) != _content(leg):
            raise ContractViolation(f"leg {leg.leg_id} was asked before with other content")
        return known
    if leg.other_odds < 1000:
        raise ContractViolation(f"leg {leg.leg_id}: the other legs' odds of {leg.other_odds} are below 1")
    verdict = judge(leg, rows, playbook, cause)
    quote = rows.market.quote if rows.market is not None else None
    if verdict.outcome != "REFUSE" and quote is not None and quote.bet_delay_s > 0:
        return LegState("WAITING", leg, due_at=cause.at + quote.bet_delay_s * SECOND_US)
    return _answered(leg, verdict, rows)


def on_due(state: LegState, rows: LegRows, playbook: Playbook, cause: Cause) -> LegState:
    """Judge a leg anew, in full, when its delay is over."""
    assert state.status == "WAITING", f"leg {state.leg.leg_id} is {state.status}"
    return _answered(state.leg, judge(state.leg, rows, playbook, cause), rows)


def on_confirm(known: LegState | None, leg: BetLeg, rows: LegRows) -> bool:
    """Turn a hold into a bet at the stake and odds decided; return whether anything changed. Idempotent.

    Raises:
        UnknownReference: the book holds no such leg.
        ContractViolation: the leg was not held, or more is confirmed than was allowed.
    """
    state = _held(known, leg)
    if state.status == "CONFIRMED":
        return False
    verdict = state.verdict
    if state.status != "HELD" or verdict is None:
        raise ContractViolation(f"leg {leg.leg_id} is {state.status} and cannot be confirmed")
    if not 0 < leg.stake_minor <= verdict.stake_minor:
        raise ContractViolation(f"leg {leg.leg_id}: {leg.stake_minor} confirmed of {verdict.stake_minor} allowed")
    if leg.odds <= 1000 or leg.other_odds < 1000:
        raise ContractViolation(f"leg {leg.leg_id}: confirmed at odds of {leg.odds} × {leg.other_odds}")
    if leg.odds > verdict.odds or leg.other_odds > state.leg.other_odds:
        # What was held is within the caps; nothing else is.
        raise ContractViolation(
            f"leg {leg.leg_id}: confirmed at odds of {leg.odds} × {leg.other_odds}, and held at {verdict.odds} × "
            f"{state.leg.other_odds}"
        )
    market, index = _drop(state, verdict, rows)
    market.taken.add(index, leg.stake_minor, leg.odds, leg.other_odds)
    rows.customer.taken.add(index, leg.stake_minor, leg.odds, leg.other_odds)
    state.status = "CONFIRMED"
    return True


def on_release(known: LegState | None, leg: BetLeg, rows: LegRows) -> bool:
    """Let a hold go, or stop a leg that waits; return whether anything changed. Idempotent.

    Raises:
        UnknownReference: the book knows no such leg.
        ContractViolation: the leg is confirmed.
    """
    state = _held(known, leg)
    if state.status == "CONFIRMED":
        raise ContractViolation(f"leg {leg.leg_id} is confirmed and cannot be released")
    if state.status in {"RELEASED", "REFUSED"}:
        return False
    if state.verdict is not None:
        _drop(state, state.verdict, rows)
    state.status = "RELEASED"
    return True


def price_now(leg: BetLeg, rows: LegRows, playbook: Playbook, cause: Cause) -> LegVerdict:
    """Say at which odds a leg is offered now, or why it is not. Changes nothing."""
    market = rows.market
    available = checks.availability(rows.fixture, market, leg, cause.at, late_quotes=True)
    quote = market.quote if market is not None else None
    odds = leg.odds
    if available.outcome == "PASS" and market is not None and quote is not None:
        odds = quote.odds[market.selections.index(leg.selection_id)] or odds
    return _verdict(leg, rows, playbook, cause, made=(available,), odds=odds)


def judge(leg: BetLeg, rows: LegRows, playbook: Playbook, cause: Cause) -> LegVerdict:
    """Run the checks up to the first refusal. Changes nothing."""
    market = rows.market
    available = checks.availability(rows.fixture, market, leg, cause.at, late_quotes=playbook.rules.late_quotes)
    quote = market.quote if market is not None else None
    if available.outcome == "REFUSE" or market is None or quote is None:
        return _verdict(leg, rows, playbook, cause, made=(available,), odds=leg.odds)
    index = market.selections.index(leg.selection_id)
    odds = quote.odds[index]
    assert odds is not None, "availability looks at the selection"
    at_odds = checks.odds(leg, odds)
    if at_odds.outcome == "REFUSE":
        return _verdict(leg, rows, playbook, cause, made=(available, at_odds), odds=odds)
    rules = playbook.market(market.market_type)
    within = checks.limits(rules, leg, odds, playbook.rules.currency, in_play=quote.in_play)
    if within.outcome == "REFUSE":
        return _verdict(leg, rows, playbook, cause, made=(available, at_odds, within), odds=odds)
    stake = within.figures.get("allowed_minor", leg.stake_minor)
    customer = rows.customer.taken
    bearable = checks.risk(rules, market.taken, customer, leg, index=index, odds_now=odds, stake_minor=stake)
    return _verdict(leg, rows, playbook, cause, made=(available, at_odds, within, bearable), odds=odds)


def _verdict(
    leg: BetLeg, rows: LegRows, playbook: Playbook, cause: Cause, *, made: tuple[CheckVerdict, ...], odds: int
) -> LegVerdict:
    market = rows.market
    last = [each for each in made if each.outcome != "PASS"][-1:]
    outcome, code = (last[0].outcome, last[0].code) if last else ("PASS", "")
    stake = 0 if outcome == "REFUSE" else leg.stake_minor
    for each in made:
        stake = min(stake, each.figures.get("allowed_minor", stake))
    before = after = 0
    if market is not None:
        winners = playbook.market(market.market_type).winners
        before = after = market.taken.worst_case(winners)
        if stake:
            index, winnings = market.selections.index(leg.selection_id), liability_minor(stake, (odds, leg.other_odds))
            after = market.taken.worst_case_with(index, winnings, winners)
    return LegVerdict(
        event_id=f"{leg.event_id}.verdict",
        occurred_at=cause.at,
        received_at=cause.at,
        provider=PROVIDER,
        source=cause.source,
        leg_id=leg.leg_id,
        bet_id=leg.bet_id,
        customer_id=leg.customer_id,
        fixture_id=leg.fixture_id,
        market_id=leg.market_id,
        selection_id=leg.selection_id,
        outcome=outcome,
        code=code,
        odds=odds,
        quote_version=market.quote.version if market is not None and market.quote is not None else 0,
        stake_minor=stake,
        liability_before_minor=before,
        liability_after_minor=after,
        checks=made,
    )


def _answered(leg: BetLeg, verdict: LegVerdict, rows: LegRows) -> LegState:
    """Hold what a verdict lets pass."""
    if verdict.outcome == "REFUSE":
        return LegState("REFUSED", leg, verdict)
    assert rows.market is not None, "a leg passes on a market"
    index = rows.market.selections.index(leg.selection_id)
    for sums in (rows.market.taken, rows.customer.taken):
        sums.hold(index, verdict.stake_minor, verdict.odds, leg.other_odds)
    return LegState("HELD", leg, verdict)


def _drop(state: LegState, verdict: LegVerdict, rows: LegRows) -> tuple[MarketState, int]:
    """Take a hold out of the sums."""
    assert rows.market is not None, f"leg {state.leg.leg_id} is held on a market that is not there"
    index = rows.market.selections.index(verdict.selection_id)
    for sums in (rows.market.taken, rows.customer.taken):
        sums.release(index, verdict.stake_minor, verdict.odds, state.leg.other_odds)
    return rows.market, index


def _held(known: LegState | None, leg: BetLeg) -> LegState:
    if known is None:
        raise UnknownReference(f"{leg.action} of leg {leg.leg_id}, which the book does not know")
    said, asked = (leg.market_id, leg.selection_id), (known.leg.market_id, known.leg.selection_id)
    if said != asked:
        raise ContractViolation(f"{leg.action} of leg {leg.leg_id} names another selection than its HOLD")
    return known


def _content(leg: BetLeg) -> tuple[str | int, ...]:
    asked = (leg.odds, leg.other_odds, leg.stake_minor, leg.quote_version)
    return (leg.market_id, leg.selection_id, leg.customer_id, leg.price_policy, leg.currency, *asked)

"""Quotes: from what a market is worth to what is shown of it. A version for each change, none without one."""

import msgspec

from domain.events.canonical import MarketStatus
from domain.events.trading import Quote, QuotedSelection, QuoteInput
from domain.money.cause import PROVIDER
from domain.odds.quoting import price
from domain.trading.cause import Cause
from domain.trading.playbook import Playbook
from domain.trading.pricing import Around, Assessment, assess
from domain.trading.reasons import Reason
from domain.trading.stakes import offered_stake
from domain.trading.state import MarketState, QuoteState


class Requote(msgspec.Struct, frozen=True, gc=False):
    """A new quote, if anything changed, and when the clock must look at the market again."""

    quote: Quote | None
    wake_at: int


def requote(market: MarketState, around: Around, playbook: Playbook, cause: Cause) -> Requote:
    """Price a market now. Idempotent: where nothing changed there is no new quote.

    A quote is made anew when a third of its time is left, so that one that stands does not lapse.
    """
    worth = assess(market, around, playbook, cause.at)
    quote_us = playbook.phase(in_play=worth.in_play).rules.quote_us
    odds, stakes, worth = _prices(market, worth, playbook)
    status: MarketStatus = "OPEN"
    if worth.reason:
        status = "CLOSED" if worth.reason == Reason.CLOSED else "SUSPENDED"
    before = market.quote
    unchanged = (
        before is not None
        and before.status == status
        and before.odds == odds
        and before.reason == worth.reason
        and before.max_stakes == stakes
        and before.in_play == worth.in_play
        and before.bet_delay_s == worth.bet_delay_s
    )
    if before is not None and unchanged and (status != "OPEN" or cause.at < before.expires_at - quote_us // 3):
        renew_at = before.expires_at - quote_us // 3 if status == "OPEN" else worth.next_at
        return Requote(None, min(renew_at, worth.next_at))
    expires_at = cause.at + quote_us if status == "OPEN" else cause.at
    version = before.version + 1 if before is not None else 1
    reopened = status == "OPEN" and (before is None or before.status != "OPEN")
    opened_version = version if reopened else (before.opened_version if before is not None else 0)
    market.quote = QuoteState(
        version, status, worth.reason, worth.in_play, worth.bet_delay_s, odds, stakes, expires_at, opened_version
    )
    renew_at = expires_at - quote_us // 3 if status == "OPEN" else worth.next_at
    return Requote(_event(market, market.quote, worth, playbook, cause), min(renew_at, worth.next_at))


def _prices(
    market: MarketState, worth: Assessment, playbook: Playbook
) -> tuple[list[int | None], list[int], Assessment]:
    """Return the odds and the largest stakes by selection; a market without any price is not open."""
    odds: list[int | None] = [None] * len(market.selections)
    stakes = [0] * len(odds)
    if worth.reason:
        return odds, stakes, worth
    rules = playbook.market(market.market_type)
    outcomes = len(worth.outcomes)
    overround = rules.overround + rules.overround_per_outcome * outcomes
    if worth.in_play:
        overround += rules.in_play_overround
    prices = price(
        worth.probabilities,
        overround=min(overround, outcomes * 0.99),
        ladder=playbook.ladder,
        method=playbook.rules.quoting,
        maximum=rules.max_odds,
    )
    offered = False
    for index, quoted in zip(worth.outcomes, prices, strict=True):
        if quoted is not None:
            offered = True
            odds[index] = quoted
            stakes[index] = offered_stake(rules, market.taken, index, quoted, in_play=worth.in_play)
    if not offered:
        worth = Assessment(Reason.NO_PRICE.value, worth.in_play, worth.bet_delay_s, worth.next_at)
    return odds, stakes, worth


def _event(market: MarketState, quote: QuoteState, worth: Assessment, playbook: Playbook, cause: Cause) -> Quote:
    fair = dict(zip(worth.outcomes, worth.probabilities, strict=True))
    selections = []
    overround = 0.0
    for index, selection_id in enumerate(market.selections):
        odds = quote.odds[index]
        if odds is not None:
            overround += 1000 / odds
        selections.append(
            QuotedSelection(
                selection_id=selection_id,
                name=market.names[index],
                odds=odds,
                fair_probability=fair.get(index, 0.0),
                max_stake_minor=quote.max_stakes[index],
            )
        )
    inputs = [
        QuoteInput(bookmaker=used.view.bookmaker, event_id=used.view.event_id, weight=weight, age_ms=used.age_ms)
        for used, weight in zip(worth.used, worth.weights, strict=True)
    ]
    return Quote(
        event_id=f"{cause.event_id}.q/{market.market_id}",
        occurred_at=cause.at,
        received_at=cause.at,
        provider=PROVIDER,
        source=cause.source,
        fixture_id=market.fixture_id,
        market_id=market.market_id,
        market_type=market.market_type,
        period=market.period,
        line_milli=market.line_milli,
        version=quote.version,
        status=quote.status,
        reason=quote.reason,
        in_play=quote.in_play,
        bet_delay_s=quote.bet_delay_s,
        currency=playbook.rules.currency,
        overround=overround,
        expires_at=quote.expires_at,
        selections=tuple(selections),
        inputs=tuple(inputs),
    )

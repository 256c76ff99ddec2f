"""What a coupon offers on a match, in canonical markets, and what of it is none of the match."""

from collections import Counter
from typing import NamedTuple

from agents.ingest_offers import Offer
from agents.ingest_rules import check_time
from agents.ingest_rules_bookmakers import check_offer
from agents.ingest_turn import Turn
from bookstream import topics
from connectors.times import micros_of
from domain.errors import ContractViolation, RejectedInput
from domain.events.canonical import Statistic
from domain.feeds.coupon import OfferedMarket, OfferedMatch, Placed, Vocabulary
from domain.feeds.offers import Price
from domain.identity.ids import market_id
from ops.metrics import LEFT_OUT
from tables.ingest import LINKS


class Tally(NamedTuple):
    """What an answer could not give: its faults, and (link of a match, why) of what is no market of a match."""

    faults: list[str]
    left_out: Counter[tuple[str, str]]


def offers_of(turn: Turn, key: str, match: OfferedMatch, place: Vocabulary, tally: Tally) -> dict[str, Offer]:
    """Sort what is offered on a match, by the key of its link, into canonical markets, one for each line."""
    link = turn.shard.get(LINKS, key)
    assert link is not None, f"offers of {key}, which was never linked"
    fixture = link.fixture.fixture_id
    offers: dict[str, Offer] = {}
    for market in match.markets or ():
        try:
            check_offer(market)
            found = place(match, market)
            if isinstance(found, str):
                tally.left_out[key, found] += 1
            elif market.is_open:
                _collect(offers, fixture, market, found, _updated_at(turn, market))
        except RejectedInput as error:
            tally.faults.append(f"match {match.id}: {error}")
    return {each: offer for each, offer in offers.items() if any(price.back_odds for price in offer.prices.values())}


def say_left_out(turn: Turn, tally: Tally) -> None:
    """Tell of each match how much of an answer is nothing of it, by reason, when that has changed."""
    for (key, reason), count in sorted(tally.left_out.items()):
        LEFT_OUT.labels(turn.raw.provider, reason).inc(count)
        link = turn.shard.get(LINKS, key)
        name = f"left_out_{reason.lower()}_count"
        if link is None or turn.speech.late or link.figures.get(name) == count:
            continue
        link.figures[name] = count
        turn.shard.put(LINKS, key, link)
        statistic = Statistic(**turn.speech.head(), fixture_id=link.fixture.fixture_id, name=name, value=float(count))
        turn.speech.say(topics.STATISTICS, statistic.fixture_id, statistic)


def _updated_at(turn: Turn, market: OfferedMarket) -> int:
    text = market.updated_at
    return check_time(micros_of(text), "the time of the last change") if text else turn.raw.occurred_at


def _collect(offers: dict[str, Offer], fixture: str, market: OfferedMarket, found: Placed, updated_at: int) -> None:
    """Add a market's choices to the canonical markets that they are of.

    Raises:
        ContractViolation: another market offers one of them at other odds; what was taken first stays.
    """
    for choice, (selection, line) in zip(market.choices, found.places, strict=True):
        wanted = market_id(fixture, found.kind.market_type, found.kind.period, line)
        offer = offers.setdefault(wanted, Offer(wanted, found.kind, line, updated_at, {}))
        known = offer.prices.get(selection)
        if known is not None and known.back_odds != choice.odds:
            raise ContractViolation(f"market {market.name[:60]!r} offers {selection!r} twice, at different odds")
        offer.prices[selection] = known or Price(name=choice.name, back_odds=choice.odds)
        if offer.updated_at < updated_at:
            offers[wanted] = offer._replace(updated_at=updated_at)

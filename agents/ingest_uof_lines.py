"""The lines of the Unified Odds Feed: priced, stopped, settled, cancelled, and each told when it says anything new."""

from collections.abc import Iterator
from typing import Final

import msgspec

from agents.ingest_rules_uof import check_line
from agents.ingest_turn import Turn
from agents.ingest_uof_results import hear, say_words, settled, undone_or_cancelled
from bookstream import topics
from bookstream.delivery.api import Shard
from connectors.uof.messages import (
    BetCancel,
    BetSettlement,
    BetStop,
    EventMessage,
    MarketLine,
    OddsChange,
    OddsMarket,
    RollbackBetCancel,
    RollbackBetSettlement,
    SettledMarket,
)
from domain.errors import ContractViolation, RejectedInput
from domain.events.canonical import MarketOdds, SelectionOdds
from domain.feeds import uof
from domain.feeds.markets import AWAY, DRAW, HOME
from domain.feeds.offers import ORDER, content_of
from domain.feeds.uof_names import fill
from domain.identity.ids import market_id
from tables.ingest import LinkState, look_later, within
from tables.uof import UOF_LINES, UOF_MARKETS, UofLine, UofMarket

BOOKMAKER: Final = "uof"
"""One house, whichever of its producers prices a line just now."""
CONFIRM_US: Final = 10_000_000
"""A line that is confirmed unchanged is told again at most this often: so that its age shows."""

_BACK: Final = {RollbackBetSettlement: uof.SETTLED, RollbackBetCancel: uof.CANCELLED}
_NO_MARKET: Final = UofMarket("", "", {})


def take_odds(turn: Turn, link: LinkState | None, message: OddsChange, faults: list[str]) -> None:
    """Price the lines that an odds change names; those of an event that is not known yet are held."""
    for market in message.markets:
        try:
            check_line(market)
            _price(turn, link, message, market)
        except RejectedInput as error:
            faults.append(f"{message.event_id}, market {market.id}: {error}")


def take_stop(turn: Turn, link: LinkState | None, message: BetStop) -> None:
    """Suspend an event's active lines of the producer at once; those that it has said more of since stay."""
    for key, line in _lines(turn, message.event_id):
        if line.status != uof.ACTIVE or line.producer != message.product or _is_old(line, message):
            continue
        described = turn.shard.get(UOF_MARKETS, within(turn.stream_id, str(line.market))) or _NO_MARKET
        if uof.stops(message.groups, described.groups):
            line.heard_at[message.product] = message.timestamp
            line.status = message.market_status
            _say(turn, link, key, line)


def take_settlement(turn: Turn, link: LinkState | None, message: BetSettlement, faults: list[str]) -> None:
    """Close the lines that a settlement names, with the results that canonical words can tell."""
    for market in message.markets:
        try:
            check_line(market)
            for outcome in market.outcomes:
                uof.result_of(outcome.result, outcome.void_factor, outcome.dead_heat_factor)
            _settle(turn, link, message, market)
        except RejectedInput as error:
            faults.append(f"{message.event_id}, market {market.id}: {error}")


def take_cancel(turn: Turn, link: LinkState | None, message: BetCancel) -> None:
    """Close the lines whose bets are all void. A window voids bets, not the line: it goes on as it stands."""
    for market in message.markets:
        key, line = _line(turn, link, message, market)
        hear(turn, link, line, undone_or_cancelled(message, market))
        if message.start_time is not None or message.end_time is not None:
            _keep(turn, key, line)
            continue
        line.status = uof.CANCELLED
        line.results = dict.fromkeys(line.prices, (0, 1.0, None))
        _say(turn, link, key, line)


def take_rollback(turn: Turn, link: LinkState | None, message: RollbackBetSettlement | RollbackBetCancel) -> None:
    """Suspend lines whose settlement or cancellation is undone, until they are priced again."""
    undone = _BACK[type(message)]
    for market in message.markets:
        key, line = _line(turn, link, message, market)
        hear(turn, link, line, undone_or_cancelled(message, market))
        if line.status != undone:
            _keep(turn, key, line)
        else:
            line.status, line.results, line.certainty = uof.STOPPED, {}, 0
            _say(turn, link, key, line)


def say_held(turn: Turn, link: LinkState, event_id: str) -> None:
    """Tell of the lines that were heard before their event was known."""
    for key, line in list(_lines(turn, event_id)):
        if line.kind is None:
            _place(turn, link, line)
            _say(turn, link, key, line)
            say_words(turn.speech, link.fixture.fixture_id, line)


def _lines(turn: Turn, event_id: str) -> Iterator[tuple[str, UofLine]]:
    yield from list(turn.shard.scan(UOF_LINES, within(turn.stream_id, f"{event_id}/")))


def _line(turn: Turn, link: LinkState | None, message: EventMessage, market: MarketLine) -> tuple[str, UofLine]:
    key = within(turn.stream_id, f"{message.event_id}/{uof.line_key(market.id, market.specifiers)}")
    line = turn.shard.get(UOF_LINES, key)
    if line is None:
        line = UofLine(market.id, market.specifiers, producer=message.product)
    if link is not None and line.kind is None:
        _place(turn, link, line)
    return key, line


def _is_old(line: UofLine, message: EventMessage) -> bool:
    """Say whether the producer has said more of a line since; producers' clocks are not compared with each other."""
    return message.timestamp < line.heard_at.get(message.product, 0)


def _price(turn: Turn, link: LinkState | None, message: OddsChange, market: OddsMarket) -> None:
    key, line = _line(turn, link, message, market)
    prices = {each.id: uof.odds_of(each.odds) if each.active is not False else None for each in market.outcomes}
    if _is_old(line, message):
        old = msgspec.structs.replace(line, prices=prices or line.prices, status=market.status)
        if link is not None and line.kind is not None:
            _tell(turn, link, old, late=True)
        return
    line.heard_at[message.product] = message.timestamp
    if market.status == uof.HANDED_OVER and line.producer != message.product:
        _keep(turn, key, line)
        return  # whom it was handed to has spoken already
    line.producer, line.status = message.product, market.status
    if market.status not in {uof.SETTLED, uof.CANCELLED}:
        line.results, line.certainty = {}, 0
    if prices:
        line.prices = prices
    _say(turn, link, key, line)


def _settle(turn: Turn, link: LinkState | None, message: BetSettlement, market: SettledMarket) -> None:
    key, line = _line(turn, link, message, market)
    hear(turn, link, line, settled(message, market))
    if message.certainty < line.certainty:
        _keep(turn, key, line)
        return  # what is confirmed stands
    line.status, line.certainty = uof.SETTLED, message.certainty
    line.heard_at[message.product] = max(message.timestamp, line.heard_at.get(message.product, 0))
    line.results = {each.id: (each.result, each.void_factor, each.dead_heat_factor) for each in market.outcomes}
    for outcome in line.results:
        line.prices.setdefault(outcome, None)
    _say(turn, link, key, line)


def _say(turn: Turn, link: LinkState | None, key: str, line: UofLine) -> None:
    """Tell of a line if that says anything new; without its event it is only kept."""
    if link is not None and line.prices:
        _tell(turn, link, line, late=turn.speech.late)
    line.past_at = 0
    _keep(turn, key, line)


def _keep(turn: Turn, key: str, line: UofLine) -> None:
    if turn.shard.get(UOF_LINES, key) is None:
        look_later(turn.shard, UOF_LINES.name, key, turn.raw.received_at)
    turn.shard.put(UOF_LINES, key, line)


def _place(turn: Turn, link: LinkState, line: UofLine) -> None:
    """Give a line its canonical market, for good."""
    described = _described(turn.shard, turn.stream_id, line)
    placed = uof.line_of(link.claim.sport, line.market, line.specifiers, described.name if described else "")
    base = market_id(link.fixture.fixture_id, placed.kind.market_type, placed.kind.period, placed.line_milli)
    line.kind, line.line_milli = placed.kind, placed.line_milli
    line.market_id = f"{base}/{placed.tail}" if placed.tail else base


def _tell(turn: Turn, link: LinkState, line: UofLine, *, late: bool) -> None:
    if line.kind is None:
        raise ContractViolation(f"market {line.market} was never placed")
    selections, status = selections_of_line(turn.shard, turn.stream_id, link, line), uof.market_status_of(line.status)
    in_play = link.status == "IN_PLAY"
    content = f"{content_of(selections)} {status} {in_play}"
    if content == line.told and turn.speech.at - line.told_at < CONFIRM_US:
        return
    if not late:
        line.told, line.told_at, line.told_status = content, turn.speech.at, status
        line.told_heard_at = turn.speech.received_at
    odds = MarketOdds(
        **turn.speech.head(), fixture_id=link.fixture.fixture_id, market_id=line.market_id,
        market_type=line.kind.market_type, period=line.kind.period, line_milli=line.line_milli, bookmaker=BOOKMAKER,
        status=status, in_play=in_play, bet_delay_s=0, late=late, selections=selections,
    )  # fmt: skip
    turn.speech.say(topics.ODDS, odds.fixture_id, odds)


def selections_of_line(shard: Shard, stream_id: str, link: LinkState, line: UofLine) -> tuple[SelectionOdds, ...]:
    """Return a line's selections as they stand, with their names and, while it is active, their odds."""
    assert line.kind is not None, "a line has its kind before it is told"
    names, offered = _names(shard, stream_id, link, line), line.status == uof.ACTIVE
    found = []
    for outcome, odds in line.prices.items():
        selection, result = uof.selection_of(line.kind, outcome), line.results.get(outcome)
        status = "ACTIVE" if result is None else uof.runner_status_of(uof.result_of(*result))
        name = names.get(selection) or names.get(outcome) or outcome
        found.append(
            SelectionOdds(selection_id=selection, name=name, status=status, back_odds=odds if offered else None)
        )
    return tuple(sorted(found, key=lambda each: (ORDER.get(each.selection_id, len(ORDER)), each.selection_id)))


def _names(shard: Shard, stream_id: str, link: LinkState, line: UofLine) -> dict[str, str]:
    home, away = link.claim.home or "home", link.claim.away or "away"
    names = {HOME: home, AWAY: away, DRAW: "Draw"}
    described = _described(shard, stream_id, line)
    if described is not None:
        sides = {"competitor1": home, "competitor2": away}
        specifiers = uof.specifiers_of(line.specifiers)
        names.update({outcome: fill(text, specifiers, sides) for outcome, text in described.outcomes.items()})
    return names


def _described(shard: Shard, stream_id: str, line: UofLine) -> UofMarket | None:
    """Return a line's description: of its variant, if it has one that is described, else of its market."""
    variant = uof.specifiers_of(line.specifiers).get("variant")
    found = shard.get(UOF_MARKETS, within(stream_id, f"{line.market}?{variant}")) if variant else None
    return found or shard.get(UOF_MARKETS, within(stream_id, str(line.market)))

"""What bookmakers offer, told when it is new: changed markets, confirmed ones, and what is offered no more."""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from agents.ingest_turn import Turn
from bookstream import topics
from domain.events.canonical import MarketOdds, MarketStatus, SelectionOdds
from domain.feeds.markets import MarketKind
from domain.feeds.offers import Price, content_of, selections_of
from tables.ingest import EVENTS, LISTS, EventState, ListState, MarketShape, OfferState, look_later, within

CONFIRM_US: Final = 300_000_000
CONFIRM_IN_PLAY_US: Final = 10_000_000
"""An offer that a bookmaker confirms unchanged is told again at most this often: so that its age shows."""


class Offer(NamedTuple):
    """One bookmaker's canonical market in an answer."""

    market_id: str
    kind: MarketKind
    line_milli: int | None
    updated_at: int
    prices: dict[str, Price]


def event_state(turn: Turn, event: str, fixture_id: str) -> EventState:
    """Return what was told of an event's offers; of a new one, nothing."""
    row = within(turn.stream_id, event)
    state = turn.shard.get(EVENTS, row)
    if state is None:
        state = EventState(fixture_id)
        turn.shard.put(EVENTS, row, state)
        look_later(turn.shard, EVENTS.name, row, turn.raw.received_at)
    return state


def say_offers(
    turn: Turn,
    state: EventState,
    bookmaker: str,
    offers: Mapping[str, Offer],
    *,
    in_play: bool,
    listed: Collection[tuple[str, str]] | None = None,
) -> None:
    """Tell of what is new in all that a bookmaker offers of an event, and withdraw the rest of what it offered.

    Where an answer shows only markets of some kinds, `listed` are these (type, period): the others stay as they were.
    """
    known = state.offers.setdefault(bookmaker, {})
    for offer in offers.values():
        if _is_new(known, offer, in_play=in_play):
            say_offer(turn, state, bookmaker, offer, in_play=in_play)
    for gone in [each for each, told in known.items() if told.offered and each not in offers]:
        shape = state.markets[gone]
        if listed is None or (shape.market_type, shape.period) in listed:
            say_withdrawn(turn, state, bookmaker, gone, in_play=in_play)


def withdraw(turn: Turn, state: EventState, bookmakers: Collection[str], *, in_play: bool) -> None:
    """Withdraw what other bookmakers than these offered of an event."""
    for bookmaker, known in state.offers.items():
        if bookmaker not in bookmakers:
            for gone in [each for each, told in known.items() if told.offered]:
                say_withdrawn(turn, state, bookmaker, gone, in_play=in_play)


def withdraw_unlisted(turn: Turn, listed: list[str]) -> None:
    """Withdraw the offers of events that the stream lists no more."""
    before = turn.shard.get(LISTS, turn.stream_id)
    for event in before.events if before else ():
        state = turn.shard.get(EVENTS, within(turn.stream_id, event)) if event not in listed else None
        if state is not None:
            withdraw(turn, state, (), in_play=True)
            turn.shard.put(EVENTS, within(turn.stream_id, event), state)
    if before is None or before.events != listed:
        turn.shard.put(LISTS, turn.stream_id, ListState(listed))


def say_offer(turn: Turn, state: EventState, bookmaker: str, offer: Offer, *, in_play: bool) -> None:
    """Tell of an offer as it is; one that is older than what was told last is told as late."""
    known = state.offers.setdefault(bookmaker, {})
    selections, told = selections_of(offer.prices), known.get(offer.market_id)
    is_late = turn.speech.late or (told is not None and offer.updated_at < told.updated_at)
    shape = MarketShape(
        offer.kind.market_type,
        offer.kind.period,
        offer.line_milli,
        tuple((each.selection_id, each.name) for each in selections),
    )
    state.markets.setdefault(offer.market_id, shape)
    if not is_late:
        known[offer.market_id] = OfferState(
            content_of(selections), offer.updated_at, offer.updated_at,
            prices={each.selection_id: (each.back_odds, each.lay_odds) for each in selections},
            heard_at=turn.speech.received_at, in_play=in_play,
        )  # fmt: skip
    _say_odds(
        turn, state, bookmaker, offer.market_id, selections,
        status="OPEN", at=offer.updated_at, in_play=in_play, late=is_late,
    )  # fmt: skip


def say_withdrawn(turn: Turn, state: EventState, bookmaker: str, market: str, *, in_play: bool) -> None:
    """Tell that a market is offered no more, at the time that is spoken of."""
    if turn.speech.late:
        return  # an old answer does not know what was offered since
    told = state.offers[bookmaker][market]
    told.offered = False
    selections = tuple(SelectionOdds(selection_id=each, name=name) for each, name in state.markets[market].selections)
    _say_odds(
        turn, state, bookmaker, market, selections,
        status="SUSPENDED", at=turn.speech.at, in_play=in_play, late=False,
    )  # fmt: skip


def _is_new(known: Mapping[str, OfferState], offer: Offer, *, in_play: bool) -> bool:
    """Say whether an offer differs from what was told, or is due to be confirmed."""
    told, content = known.get(offer.market_id), content_of(selections_of(offer.prices))
    confirm_us = CONFIRM_IN_PLAY_US if in_play else CONFIRM_US
    if told is None or not told.offered or told.content != content:
        return True
    return offer.updated_at - told.said_at >= confirm_us


def _say_odds(
    turn: Turn,
    state: EventState,
    bookmaker: str,
    market: str,
    selections: tuple[SelectionOdds, ...],
    *,
    status: MarketStatus,
    at: int,
    in_play: bool,
    late: bool,
) -> None:
    shape = state.markets[market]
    odds = MarketOdds(
        **turn.speech.head(at), fixture_id=state.fixture_id, market_id=market, market_type=shape.market_type,
        period=shape.period, line_milli=shape.line_milli, bookmaker=bookmaker, status=status, in_play=in_play,
        bet_delay_s=0, late=late, selections=selections,
    )  # fmt: skip
    turn.speech.say(topics.ODDS, state.fixture_id, odds)

"""What files of results tell of a match that is over: its prices at moments before it, its figures, how it ended."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from agents.ingest_figures import say_figure
from agents.ingest_offers import Offer, event_state, say_offer
from agents.ingest_turn import Turn
from domain.feeds.markets import MarketKind
from domain.feeds.offers import Price, content_of, selections_of
from domain.identity.ids import market_id
from ops.metrics import LEFT_OUT
from tables.ingest import EVENTS, LINKS, EventState, LinkState, within

UNKNOWN_COLUMN: Final = "UNKNOWN_COLUMN"
MOST_FAULTS: Final = 10
"""Faults that a dead letter names."""


class Quoted(NamedTuple):
    """One selection's odds of a bookmaker at a moment, in thousandths."""

    bookmaker: str
    at: int
    kind: MarketKind
    line_milli: int | None
    selection: str
    price: Price


def say_quoted(turn: Turn, event: str, fixture_id: str, quoted: Iterable[Quoted]) -> None:
    """Tell of the prices of a match, the older first; what was told is told again only where it was corrected."""
    moments: dict[tuple[int, str, str], Offer] = {}
    for each in quoted:
        wanted = market_id(fixture_id, each.kind.market_type, each.kind.period, each.line_milli)
        offer = Offer(wanted, each.kind, each.line_milli, each.at, {})
        moments.setdefault((each.at, each.bookmaker, wanted), offer).prices[each.selection] = each.price
    if not moments:
        return
    state = event_state(turn, event, fixture_id)
    for (_, bookmaker, _), offer in sorted(moments.items(), key=lambda item: item[0]):
        if _is_new(state, bookmaker, offer):
            say_offer(turn, state, bookmaker, offer, in_play=False)
    turn.shard.put(EVENTS, within(turn.stream_id, event), state)


def say_figures(turn: Turn, key: str, figures: Mapping[str, int]) -> bool:
    """Tell of figures that are new or corrected, and say whether any was; 0 is told too, as the match is over."""
    link = link_of(turn, key)
    new = {name: count for name, count in figures.items() if link.figures.get(name) != count}
    for name, count in new.items():
        say_figure(turn, link.fixture.fixture_id, name, count)
    if new:
        link.figures.update(new)
        turn.shard.put(LINKS, key, link)
    return bool(new)


def link_of(turn: Turn, key: str) -> LinkState:
    """Return the link of a match that was linked."""
    link = turn.shard.get(LINKS, key)
    assert link is not None, f"{key} was never linked"
    return link


def count_unknown(turn: Turn, columns: tuple[str, ...]) -> None:
    """Count the columns that nobody knows."""
    if columns:
        LEFT_OUT.labels(turn.raw.provider, UNKNOWN_COLUMN).inc(len(columns))


def _is_new(state: EventState, bookmaker: str, offer: Offer) -> bool:
    told = state.offers.get(bookmaker, {}).get(offer.market_id)
    if told is None or told.updated_at < offer.updated_at:
        return True
    return told.updated_at == offer.updated_at and told.content != content_of(selections_of(offer.prices))

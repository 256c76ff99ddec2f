"""What files of results tell of a match that is over: its prices at moments before it, its figures, how it ended."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from agents.ingest_figures import say_figure
from agents.ingest_offers import event_state
from agents.ingest_turn import Turn
from bookstream import topics
from domain.events.canonical import MarketOdds, MarketStatus, SelectionOdds
from domain.feeds.markets import MarketKind
from domain.feeds.offers import Price, content_of, selections_of
from domain.identity.ids import market_id
from ops.metrics import LEFT_OUT
from tables.ingest import EVENTS, LINKS, LinkState, OfferState, within

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


class Moment(NamedTuple):
    """A whole market of a bookmaker as it was at a moment."""

    bookmaker: str
    at: int
    kind: MarketKind
    line_milli: int | None
    selections: tuple[SelectionOdds, ...]
    status: MarketStatus = "OPEN"
    in_play: bool = False


def say_quoted(turn: Turn, event: str, fixture_id: str, quoted: Iterable[Quoted]) -> None:
    """Tell of the prices of a match, selection by selection; see `say_moments`."""
    markets: dict[tuple[str, int, MarketKind, int | None], dict[str, Price]] = {}
    for each in quoted:
        key = (each.bookmaker, each.at, each.kind, each.line_milli)
        markets.setdefault(key, {})[each.selection] = each.price
    moments = [Moment(*key, selections_of(prices)) for key, prices in markets.items()]
    say_moments(turn, event, fixture_id, moments)


def say_moments(turn: Turn, event: str, fixture_id: str, moments: Iterable[Moment]) -> None:
    """Tell of a match's markets, the older first; what was told is told again only where it was corrected."""
    named = [(each.at, each.bookmaker, _market_id(fixture_id, each), each) for each in moments]
    if not named:
        return
    state = event_state(turn, event, fixture_id)
    for _, _, market, each in sorted(named, key=lambda found: found[:3]):
        known, content = state.offers.setdefault(each.bookmaker, {}), content_of(each.selections)
        told = known.get(market)
        if told is not None and (told.updated_at > each.at or (told.updated_at == each.at and told.content == content)):
            continue
        known[market] = OfferState(content, each.at, each.at)
        _say(turn, fixture_id, market, each)
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


def starts_at(turn: Turn, key: str, told_at: int, *, exact: bool) -> int:
    """Return when a match began, as far as anyone knows: where its source tells the day alone, others know better."""
    known_at = link_of(turn, key).fixture.kick_off_at
    return told_at if exact or not told_at <= known_at <= turn.raw.received_at else known_at


def count_unknown(turn: Turn, columns: tuple[str, ...]) -> None:
    """Count the columns that nobody knows."""
    if columns:
        count_left_out(turn, UNKNOWN_COLUMN, len(columns))


def count_left_out(turn: Turn, reason: str, count: int = 1) -> None:
    """Count what a row has and nobody can use."""
    LEFT_OUT.labels(turn.raw.provider, reason).inc(count)


def _market_id(fixture_id: str, moment: Moment) -> str:
    return market_id(fixture_id, moment.kind.market_type, moment.kind.period, moment.line_milli)


def _say(turn: Turn, fixture_id: str, market: str, moment: Moment) -> None:
    odds = MarketOdds(
        **turn.speech.head(moment.at), fixture_id=fixture_id, market_id=market, market_type=moment.kind.market_type,
        period=moment.kind.period, line_milli=moment.line_milli, bookmaker=moment.bookmaker, status=moment.status,
        in_play=moment.in_play, bet_delay_s=0, late=turn.speech.late, selections=moment.selections,
    )  # fmt: skip
    turn.speech.say(topics.ODDS, fixture_id, odds)

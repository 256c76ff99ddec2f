"""What is offered on a fixture, told again under another one: when a person decides that it is another.

What was said last is said again with the times that it was said with: its age stays what it is, and what the provider
says next is newer. Where it stood before nothing is offered any more: CLOSED when that fixture is retired. When it
goes on without this provider, OPEN without odds: CLOSED or SUSPENDED by a source that leads would end it or hold it up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from agents.ingest_speech import Speech
from agents.ingest_uof_lines import BOOKMAKER, selections_of_line
from bookstream import topics
from bookstream.delivery.api import Shard
from domain.events.canonical import MarketOdds, MarketStatus, SelectionOdds
from domain.identity.claims import KnownFixture
from tables.ingest import BOOKS, EVENTS, STREAMS, BookState, EventState, LinkState
from tables.uof import UOF_LINES


@dataclass(frozen=True, slots=True)
class Move:
    """Links, by key, that go from one fixture to another; `is_merge`: nothing stays behind."""

    left: str
    to: KnownFixture
    links: Mapping[str, LinkState]
    is_merge: bool

    def market(self, market_id: str) -> str:
        """Return a market's id under the fixture that it goes to."""
        return self.to.fixture_id + market_id.removeprefix(self.left)


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A market as one source said it last, as that provider lists its sides."""

    link: str
    provider: str
    bookmaker: str
    market_id: str
    market_type: str
    period: str
    line_milli: int | None
    status: MarketStatus
    in_play: bool
    bet_delay_s: int = 0
    at: int
    heard_at: int
    selections: tuple[SelectionOdds, ...]


def move_offers(shard: Shard, speech: Speech, move: Move, turned_before: Mapping[str, bool]) -> None:
    """Tell what the moved links offer under their fixture, and withdraw it where it was; rows follow."""
    said = [*_books(shard, move), *_events(shard, move), *_lines(shard, move)]
    for each in said:
        turned_now = each.link in move.links and move.links[each.link].swapped
        _say(speech, _withdrawn(each, move), is_turned=turned_before.get(each.link, False))
        moved = msgspec.structs.replace(each, market_id=move.market(each.market_id))
        _say(speech, moved, is_turned=turned_now)


def _withdrawn(said: Said, move: Move) -> Said:
    empty = tuple(SelectionOdds(selection_id=each.selection_id, name=each.name) for each in said.selections)
    return msgspec.structs.replace(said, status="CLOSED" if move.is_merge else "OPEN", selections=empty)


def _say(speech: Speech, said: Said, *, is_turned: bool) -> None:
    fixture_id = said.market_id.partition("/")[0]
    speech.turned = frozenset([fixture_id] if is_turned else ())
    odds = MarketOdds(
        **speech.head(said.at) | {"received_at": said.heard_at, "provider": said.provider},
        fixture_id=fixture_id, market_id=said.market_id, market_type=said.market_type, period=said.period,
        line_milli=said.line_milli, bookmaker=said.bookmaker, status=said.status, in_play=said.in_play,
        bet_delay_s=said.bet_delay_s, late=False, selections=said.selections,
    )  # fmt: skip
    speech.say(topics.ODDS, fixture_id, odds)


def _books(shard: Shard, move: Move) -> Iterator[Said]:
    for key, book in list(shard.scan(BOOKS)):
        if book.link not in move.links or book.fixture_id != move.left:
            continue
        yield from _said_of(book)
        book.fixture_id = move.to.fixture_id
        for line in book.lines:
            line.market_id = move.market(line.market_id)
        shard.put(BOOKS, key, book)


def _said_of(book: BookState) -> list[Said]:
    if book.kind is None or book.closed_at:
        return []
    return [
        Said(
            link=book.link, provider=book.link.partition("/")[0], bookmaker=book.bookmaker, market_id=line.market_id,
            market_type=book.kind.market_type, period=book.kind.period, line_milli=line.line_milli, status=book.status,
            in_play=book.in_play, bet_delay_s=book.bet_delay_s, at=book.said_at or book.heard_at,
            heard_at=book.heard_at, selections=tuple(line.selections),
        )
        for line in book.lines
        if line.said
    ]  # fmt: skip


def _events(shard: Shard, move: Move) -> Iterator[Said]:
    providers = {key.partition("/")[0] for key in move.links}
    for key, event in list(shard.scan(EVENTS)):
        stream_id, _, name = key.partition("\0")
        stream = shard.get(STREAMS, stream_id)
        if event.fixture_id != move.left or stream is None or stream.provider not in providers:
            continue
        link = f"{stream.provider}/{name}"
        if link not in move.links:
            # A stream may name its events otherwise; a merge takes all of them.
            if not move.is_merge:
                continue
            link = next(each for each in move.links if each.startswith(f"{stream.provider}/"))
        yield from _offered(event, link)
        moved = EventState(
            move.to.fixture_id,
            {move.market(each): shape for each, shape in event.markets.items()},
            {
                bookmaker: {move.market(each): offer for each, offer in offers.items()}
                for bookmaker, offers in event.offers.items()
            },
        )
        shard.put(EVENTS, key, moved)


def _offered(event: EventState, link: str) -> Iterator[Said]:
    for bookmaker, offers in event.offers.items():
        for market_id, offer in offers.items():
            if not offer.offered:
                continue
            shape = event.markets[market_id]
            names = dict(shape.selections)
            selections = tuple(
                SelectionOdds(selection_id=each, name=names.get(each, each), back_odds=back, lay_odds=lay)
                for each, (back, lay) in offer.prices.items()
            )
            yield Said(
                link=link, provider=link.partition("/")[0], bookmaker=bookmaker, market_id=market_id,
                market_type=shape.market_type, period=shape.period, line_milli=shape.line_milli, status="OPEN",
                in_play=offer.in_play, at=offer.updated_at, heard_at=offer.heard_at or offer.updated_at,
                selections=selections,
            )  # fmt: skip


def _lines(shard: Shard, move: Move) -> Iterator[Said]:
    for key, line in list(shard.scan(UOF_LINES)):
        stream_id, _, name = key.partition("\0")
        link_key = f"{BOOKMAKER}/{name.partition('/')[0]}"
        link = move.links.get(link_key)
        if link is None or line.kind is None or not line.market_id.startswith(f"{move.left}/"):
            continue
        if line.told and line.told_status != "CLOSED":
            yield Said(
                link=link_key, provider=BOOKMAKER, bookmaker=BOOKMAKER, market_id=line.market_id,
                market_type=line.kind.market_type, period=line.kind.period, line_milli=line.line_milli,
                status=line.told_status, in_play=link.status == "IN_PLAY", at=line.told_at,
                heard_at=line.told_heard_at or line.told_at,
                selections=selections_of_line(shard, stream_id, link, line),
            )  # fmt: skip
        line.market_id = move.market(line.market_id)
        shard.put(UOF_LINES, key, line)

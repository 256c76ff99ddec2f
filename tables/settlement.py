"""Settlement's rows: what was said of each market, the legs that wait for it, and what was told of the match."""

from collections.abc import Iterator
from typing import Final
from zlib import crc32

import msgspec

from bookstream.delivery.api import Rows, Shard
from domain.events.trading import MarketListing
from domain.settlement.folding import Record
from domain.settlement.result import LegResult
from domain.settlement.telling import SettlingLeg
from domain.settlement.truth import MarketWords, unheard

SLOTS: Final = 256
"""A market's legs lie in so many slots, by their ids: a unit tells some slots, and the next goes on with the rest."""
FEW: Final = 64
"""A market of no more legs is read at once."""


class SettlingMarket(msgspec.Struct, kw_only=True):
    """A market that is listed, of which something was said, or which has legs.

    `ruled` is what our rules left standing by what each provider told, `final` whose matches are over.
    """

    fixture_id: str
    words: MarketWords
    legs: int = 0
    listing: MarketListing | None = None
    ruled: dict[str, dict[str, LegResult]] = msgspec.field(default_factory=dict)
    final: list[str] = msgspec.field(default_factory=list)


class SettlingFixture(msgspec.Struct, frozen=True):
    """Who plays what."""

    sport: str
    home: str
    away: str


FIXTURES = Rows("fixture", SettlingFixture)
RECORDS = Rows("record", Record)
"""What each provider told of a match."""
MARKETS = Rows("market", SettlingMarket)
LEGS = Rows("leg", SettlingLeg)

ROWS = (MARKETS, LEGS, FIXTURES, RECORDS)


def market_row(shard: Shard, market_id: str) -> SettlingMarket:
    """Return a market's row, a new one for a market that was never heard of."""
    known = shard.get(MARKETS, market_id)
    return known or SettlingMarket(fixture_id=market_id.partition("/")[0], words=unheard(market_id))


def leg_key(market_id: str, leg_id: str) -> str:
    """Return the key of a leg's row, which its market's slot begins."""
    return f"{_slot(market_id, crc32(leg_id.encode()) % SLOTS)}{leg_id}"


def legs_from(shard: Shard, market_id: str, slot: int, most: int) -> tuple[list[tuple[str, SettlingLeg]], int]:
    """Return the legs of the next slots, at least `most` of them unless the slots end, and the slot after those.

    A market of few legs is returned whole. The slot after the last is `SLOTS`.
    """
    found: list[tuple[str, SettlingLeg]] = []
    market = shard.get(MARKETS, market_id)
    if market is None or market.legs <= FEW:
        return list(shard.scan(LEGS, f"{market_id}\x1f")), SLOTS
    while slot < SLOTS and len(found) < most:
        found += shard.scan(LEGS, _slot(market_id, slot))
        slot += 1
    return found, slot


def markets_of(shard: Shard, fixture_id: str) -> Iterator[tuple[str, SettlingMarket]]:
    """Iterate over a fixture's markets by id."""
    yield from shard.scan(MARKETS, f"{fixture_id}/")


def _slot(market_id: str, slot: int) -> str:
    return f"{market_id}\x1f{slot:02x}\x1f"

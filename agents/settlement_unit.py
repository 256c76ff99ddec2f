"""One unit of settlement's work: a market's truth as words change it, and the legs that are told of it."""

from typing import Final

import msgspec

from bookstream import topics
from bookstream.codecs import encode
from bookstream.delivery.api import Outbox, Shard
from domain.errors import ContractViolation
from domain.events.trace import followed
from domain.money.cause import Cause
from domain.settlement.telling import SettlingLeg, leg_settlement, market_settlement, says_more
from domain.settlement.truth import hear, leg_outcome
from domain.settlement.words import Word
from tables.settlement import LEGS, MARKETS, SLOTS, SettlingMarket, leg_key, legs_from, market_row

LEGS_AT_ONCE: Final = 256
MOST_SOURCES: Final = 64


class Work(msgspec.Struct, frozen=True, array_like=True):
    """That the legs of a market, from a slot on, are to be told of a version of its truth."""

    market_id: str
    version: int
    slot: int


class Unit:
    """What a handler works with while it folds a batch."""

    __slots__ = ("_out", "_shard")

    def __init__(self, shard: Shard, out: Outbox) -> None:
        self._shard = shard
        self._out = out

    def settle(self, market_id: str, word: Word, cause: Cause) -> None:
        """Hear a word of a market; where its truth changes by it, say so and tell the legs.

        Raises:
            ContractViolation: more sources speak of the market than there are.
        """
        market = market_row(self._shard, market_id)
        words = hear(market.words, word)
        if words is market.words:
            return
        if len(words.sources) > MOST_SOURCES:
            raise ContractViolation(f"more than {MOST_SOURCES} sources speak of {market_id[:64]!r}")
        is_new = words.truth.version != market.words.truth.version
        market.words = words
        self._shard.put(MARKETS, market_id, market)
        if is_new:
            key, value = market_id.encode(), encode(market_settlement(market.fixture_id, words.truth, cause))
            headers = followed(cause.trace, cause.source)
            self._out.send(topics.SETTLEMENTS.name, key, value, partition=self._shard.partition, headers=headers)
            self._tell_from(market, 0, cause)

    def keep(self, market_id: str, leg: SettlingLeg, cause: Cause) -> None:
        """Keep a leg, and tell it at once if its market is settled. Idempotent by its id."""
        key = leg_key(market_id, leg.leg_id)
        if self._shard.get(LEGS, key) is not None:
            return
        market = market_row(self._shard, market_id)
        market.legs += 1
        self._shard.put(MARKETS, market_id, market)
        self._shard.put(LEGS, key, leg)
        self._tell(market, key, leg, cause)

    def go_on(self, work: Work, cause: Cause) -> None:
        """Go on telling, unless the truth has changed since: then the legs are told of that from the start."""
        market = self._shard.get(MARKETS, work.market_id)
        if market is not None and market.words.truth.version == work.version:
            self._tell_from(market, work.slot, cause)

    def _tell_from(self, market: SettlingMarket, slot: int, cause: Cause) -> None:
        """Tell the legs of the next slots, and leave the rest to the next unit."""
        truth = market.words.truth
        legs, onward = legs_from(self._shard, truth.market_id, slot, LEGS_AT_ONCE)
        for key, leg in legs:
            self._tell(market, key, leg, cause)
        if onward < SLOTS:
            work = Work(truth.market_id, truth.version, onward)
            self._out.send(
                topics.SETTLEMENT_WORK.name, market.fixture_id.encode(), msgspec.msgpack.encode(work),
                partition=self._shard.partition, headers=followed(cause.trace, cause.source),
            )  # fmt: skip

    def _tell(self, market: SettlingMarket, key: str, leg: SettlingLeg, cause: Cause) -> None:
        truth = market.words.truth
        outcome = leg_outcome(truth, leg.selection_id, leg.placed_at)
        if not says_more(leg, outcome):
            return
        leg.told = outcome
        self._shard.put(LEGS, key, leg)
        event = leg_settlement(market.fixture_id, truth.market_id, leg, outcome, cause)
        headers = followed(cause.trace or leg.trace, cause.source)
        self._out.send(topics.LEG_RESULTS.name, leg.customer_id.encode(), encode(event), headers=headers)

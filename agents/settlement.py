"""The settlement agent: one writer for what became of a fixture's markets, and for the legs that wait for it.

Input: `results`, `bets.legs`, `fixtures`, `incidents`, `statistics` (keyed by fixture_id), `markets` (in the fixture's
partition), and `settlement.work`, its own word of how far it has told a market's legs. Output: `settlements` (to the
fixture's partition), `bets.leg-results`, `results` by our own rules, `settlement.work`. What is true of a market is a
function of the words heard of it, in any order and any number of times (domain/settlement/truth.py).
"""

from collections.abc import Callable
from typing import Final, TypeVar

import msgspec

from agents.intake import each, home_of, source_of
from agents.settlement_rules import Referee
from agents.settlement_unit import Unit, Work
from bookstream import topics
from bookstream.delivery.api import Batch, Context, Outbox, Record, Shard
from domain.errors import ContractViolation
from domain.events.betting import BetLeg
from domain.events.canonical import Fixture, Incident, Statistic
from domain.events.head import Event
from domain.events.settlement import MarketResult
from domain.events.trace import trace_of
from domain.events.trading import MarketListing
from domain.money.cause import Cause
from domain.settlement.telling import settling_leg, word_of
from tables.settlement import ROWS

STAGE: Final = "settlement"
UNIT_RECORDS: Final = 32
"""Each input may tell some hundreds of legs; a unit must fit into one record batch."""

E = TypeVar("E", bound=Event)


def context() -> Context:
    """Compose settlement's context."""
    return Context(
        name=STAGE,
        partitions=topics.PARTITIONS,
        handlers={
            topics.RESULTS.name: take_results,
            topics.BET_LEGS.name: take_legs,
            topics.LISTINGS.name: take_listings,
            topics.FIXTURES.name: take_fixtures,
            topics.INCIDENTS.name: take_incidents,
            topics.STATISTICS.name: take_statistics,
            topics.SETTLEMENT_WORK.name: go_on,
        },
        private_topic=topics.SETTLEMENT_STATE.name,
        rows=ROWS,
        unit_records=UNIT_RECORDS,
    )


def take_results(shard: Shard, batch: Batch, out: Outbox) -> None:
    """Weigh what sources say. Idempotent: a word that was heard changes nothing. Ordering key: fixture_id."""

    def take(result: MarketResult, cause: Cause) -> None:
        unit.settle(result.market_id, word_of(result), cause)

    unit = Unit(shard, out)
    _each(shard, batch, out, MarketResult, take)


def take_legs(shard: Shard, batch: Batch, out: Outbox) -> None:
    """Keep the legs of accepted bets, and tell at once those whose market is settled. Idempotent by leg_id."""

    def take(leg: BetLeg, cause: Cause) -> None:
        if leg.action == "CONFIRM":
            unit.keep(leg.market_id, settling_leg(leg, cause.trace), cause)

    unit = Unit(shard, out)
    _each(shard, batch, out, BetLeg, take)


def take_listings(shard: Shard, batch: Batch, out: Outbox) -> None:
    """Learn what markets are. Idempotent."""
    referee = Referee(shard, out)
    _each(shard, batch, out, MarketListing, referee.list)


def take_fixtures(shard: Shard, batch: Batch, out: Outbox) -> None:
    """Learn who plays what, and what is called off. Idempotent."""
    referee = Referee(shard, out)
    _each(shard, batch, out, Fixture, referee.meet)


def take_incidents(shard: Shard, batch: Batch, out: Outbox) -> None:
    """Rule by what happens in matches. Idempotent by event id."""
    referee = Referee(shard, out)
    _each(shard, batch, out, Incident, referee.hear)


def take_statistics(shard: Shard, batch: Batch, out: Outbox) -> None:
    """Rule by what is counted in matches. Idempotent by event id."""
    referee = Referee(shard, out)
    _each(shard, batch, out, Statistic, referee.hear)


def go_on(shard: Shard, batch: Batch, out: Outbox) -> None:
    """Go on telling a market's legs, unless its truth has changed since: then they are told of that from the start."""
    unit = Unit(shard, out)
    for record in batch.records:
        assert record.value is not None, "work has a value"
        cause = Cause(record.timestamp_ms * 1000, source_of(record), trace_of(record.headers))
        unit.go_on(msgspec.msgpack.decode(record.value, type=Work), cause)


def _each(shard: Shard, batch: Batch, out: Outbox, cls: type[E], take: Callable[[E, Cause], None]) -> None:
    """Hand each event to `take` with its cause; what is rejected becomes a dead letter."""

    def owned(record: Record, event: E) -> None:
        _require_owner(shard, event)
        take(event, Cause(event.received_at, source_of(record), trace_of(record.headers)))

    each(batch, out, cls, owned, stage=STAGE)


def _require_owner(shard: Shard, event: Event) -> None:
    """Refuse a record in another fixture's place, or about a market of another."""
    fixture_id, market_id = getattr(event, "fixture_id", ""), getattr(event, "market_id", None)
    if market_id is not None and not market_id.startswith(f"{fixture_id}/"):
        raise ContractViolation(f"{market_id[:64]!r} is no market of fixture {fixture_id[:64]!r}")
    if home_of(fixture_id) != shard.partition:
        raise ContractViolation(f"what is said of fixture {fixture_id[:64]!r} belongs in {home_of(fixture_id)}")

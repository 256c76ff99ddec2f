"""The book agent: one writer for everything about a fixture: its markets' prices, their quotes, their liability.

Input: `odds`, `incidents`, `fixtures`, `bets.legs` (keyed by fixture_id), `feeds.completeness` (in the fixture's
partition), `feeds.status`, `feeds.providers`, `clock.ticks` and `trading.controls` (broadcast), and `feeds.evidence`,
its own word of providers. Output: `quotes`, `exposures`, `feeds.coverage`, `feeds.differences` (to the fixture's
partition), `bets.leg-verdicts`, `feeds.evidence` and `feeds.providers`.
"""

from typing import TypeVar

import msgspec

from agents.book_closing import Closings
from agents.book_coverage import Coverage
from agents.book_past import forget_fixtures
from agents.book_protection import Protection, Pulses, hear_evidence
from agents.book_unit import Unit
from agents.intake import each, home_of
from bookstream import topics
from bookstream.delivery.api import Batch, Context, Outbox, Record, Shard
from domain.errors import ContractViolation, UnknownReference
from domain.events.betting import BetLeg
from domain.events.canonical import Fixture, Incident, MarketOdds
from domain.events.feeds import ClockTick, FeedCompleteness, FeedStatus, ProviderEvidence, ProviderStatus
from domain.events.head import Event
from domain.events.trading import TradingControl
from domain.trading.cause import Cause
from domain.trading.facts import on_control, on_feed_down, on_feed_status, on_fixture, on_incident
from domain.trading.guarded import on_provider_down, on_provider_status
from domain.trading.legs import LegRows, on_confirm, on_due, on_hold, on_release, price_now
from domain.trading.playbook import Playbook
from domain.trading.rules import BookRules
from domain.trading.state import FeedHealth, LegState, MarketState, ProviderHealth
from domain.trading.views import take
from ops.metrics import FEED_UP, PROVIDER_TRUST, TRUST
from tables.book import (
    DELAYED,
    ENDED,
    FED,
    FEEDS,
    FIXTURES,
    LEGS,
    MARKETS,
    ROWS,
    LegName,
    MarketName,
    forget_legs,
    put_partition_state,
    woken,
)
from tables.protection import PROVIDERS

STAGE = "book"

UNIT_RECORDS = 512
"""A tick says at most one quote of some kilobytes; a unit must fit into one record batch."""

ENDS = frozenset({"CONFIRMED", "RELEASED", "REFUSED"})

E = TypeVar("E", bound=Event)


def book_context(rules: BookRules | None = None) -> Context:
    """Compose the book's context."""
    agent = BookAgent(Playbook(rules))
    return Context(
        name=STAGE,
        partitions=topics.PARTITIONS,
        handlers={
            topics.ODDS.name: agent.odds,
            topics.INCIDENTS.name: agent.incidents,
            topics.FIXTURES.name: agent.fixtures,
            topics.FEED_STATUS.name: agent.feeds,
            topics.PROVIDER_STATUS.name: agent.providers,
            topics.EVIDENCE.name: agent.evidence,
            topics.COMPLETENESS.name: agent.completeness,
            topics.CLOCK.name: agent.ticks,
            topics.CONTROLS.name: agent.controls,
            topics.BET_LEGS.name: agent.legs,
        },
        private_topic=topics.BOOK_STATE.name,
        rows=ROWS,
        unit_records=UNIT_RECORDS,
    )


class BookAgent:
    """The handlers of the book's context. Ordering key: fixture_id."""

    def __init__(self, playbook: Playbook) -> None:
        self._playbook = playbook

    def odds(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Take ticks in and quote. Conflated: a market is priced once a batch. Idempotent: an old tick does nothing."""
        unit, pulses = Unit(shard, out, self._playbook), Pulses(shard)
        closings = Closings(shard, out, unit, self._playbook)

        def on_odds(record: Record, odds: MarketOdds) -> None:
            _require_owner(shard, odds.fixture_id)
            market = shard.get(MARKETS, odds.market_id)
            if market is None:
                fixture = unit.fixture(odds.fixture_id)
                if odds.late or fixture.past_at or fixture.successor_id:
                    return
                market = self._listed(unit, odds)
            elif market.fixture_id != odds.fixture_id:
                raise ContractViolation(f"{odds.market_id} is a market of {market.fixture_id}, not {odds.fixture_id}")
            closings.hear(record, market, odds)
            feed = _feed_key(odds.provider, record.partition if odds.source is None else odds.source.partition)
            if take(market, odds, feed, self._playbook):
                unit.price(market, unit.cause(record, odds.event_id, odds.received_at))
                pulses.beat(odds)
                fed = f"{feed}/{odds.market_id}"
                if shard.get(FED, fed) is None:
                    shard.put(FED, fed, MarketName(odds.market_id))

        each(batch, out, MarketOdds, on_odds, stage=STAGE)
        unit.flush()

    def incidents(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Suspend at once what an incident moves. Idempotent: a score that is known is not a goal again."""
        unit = Unit(shard, out, self._playbook)

        def on(record: Record, incident: Incident) -> None:
            _require_owner(shard, incident.fixture_id)
            cause = unit.cause(record, incident.event_id, incident.received_at)
            fixture = unit.fixture(incident.fixture_id)
            market = unit.market(incident.market_id) if incident.market_id is not None else None
            moved = on_incident(fixture, market, incident, playbook=self._playbook, at=cause.at)
            unit.put_fixture(fixture)
            if moved and incident.market_id is None:
                unit.price_fixture(fixture, cause)
            elif moved and market is not None:
                unit.price(market, cause)

        each(batch, out, Incident, on, stage=STAGE)
        unit.flush()

    def fixtures(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Learn of fixtures: their markets open, turn in play or close."""
        unit = Unit(shard, out, self._playbook)
        closings = Closings(shard, out, unit, self._playbook)

        def on(record: Record, fixture: Fixture) -> None:
            _require_owner(shard, fixture.fixture_id)
            state = unit.fixture(fixture.fixture_id)
            if on_fixture(state, fixture):
                unit.put_fixture(state)
                cause = unit.cause(record, fixture.event_id, fixture.received_at)
                closings.begin(state, cause)
                if state.successor_id:
                    unit.close_markets(state)
                unit.price_fixture(state, cause)

        each(batch, out, Fixture, on, stage=STAGE)
        unit.flush()

    def feeds(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Follow the health of feeds; every market that a lost one prices is priced without it."""
        unit = Unit(shard, out, self._playbook)

        def on(record: Record, status: FeedStatus) -> None:
            key = _feed_key(status.provider, _stream_partition(status))
            health = shard.get(FEEDS, key) or FeedHealth()
            went_down = on_feed_status(health, status)
            shard.put(FEEDS, key, health)
            _show_feed(shard, status.provider)
            if not went_down:
                return
            cause = unit.cause(record, status.event_id, status.received_at)
            for _, name in shard.scan(FED, f"{key}/"):
                market = unit.market(name.market_id)
                assert market is not None, f"feed {key} lists {name.market_id}, which is not there"
                if on_feed_down(market, key, status, self._playbook):
                    unit.price(market, cause)

        each(batch, out, FeedStatus, on, stage=STAGE)
        unit.flush()

    def providers(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Go by what was decided of a provider: every market that it prices is priced anew. Idempotent."""
        unit = Unit(shard, out, self._playbook)

        def on(record: Record, status: ProviderStatus) -> None:
            health = shard.get(PROVIDERS, status.provider) or ProviderHealth()
            changed = on_provider_status(health, status)
            PROVIDER_TRUST.labels(status.provider).set(TRUST[health.state])
            shard.put(PROVIDERS, status.provider, health)
            if not changed:
                return
            cause = unit.cause(record, status.event_id, status.received_at)
            for _, name in shard.scan(FED, f"{status.provider}/"):
                market = unit.market(name.market_id)
                assert market is not None, f"{status.provider} lists {name.market_id}, which is not there"
                on_provider_down(market, status, self._playbook)
                unit.price(market, cause)

        each(batch, out, ProviderStatus, on, stage=STAGE)
        unit.flush()

    def evidence(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Hear what the partitions saw of providers; the clock judges by it."""
        each(batch, out, ProviderEvidence, lambda _, said: hear_evidence(shard, said), stage=STAGE)

    def completeness(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Go by how complete providers are in a fixture; what is of another partition was said before it had one."""
        unit = Unit(shard, out, self._playbook)
        coverage = Coverage(shard, out, unit, self._playbook)

        def on(record: Record, said: FeedCompleteness) -> None:
            if home_of(said.fixture_id) == shard.partition:
                coverage.hear(said, unit.cause(record, said.event_id, said.received_at))

        each(batch, out, FeedCompleteness, on, stage=STAGE)
        unit.flush()

    def controls(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Obey traders: everything, a fixture or a market. What belongs to other partitions is theirs. Idempotent."""
        unit = Unit(shard, out, self._playbook)

        def on(record: Record, control: TradingControl) -> None:
            cause = unit.cause(record, control.event_id, control.received_at)
            if control.scope == "ALL":
                if on_control(unit.partition, control):
                    put_partition_state(shard, unit.partition)
                    for _, market in shard.scan(MARKETS):
                        unit.price(market, cause)
                return
            fixture_id = control.scope_id.split("/", maxsplit=1)[0]
            if home_of(fixture_id) != shard.partition:
                return
            if control.scope == "FIXTURE":
                fixture = unit.fixture(fixture_id)
                if on_control(fixture, control):
                    unit.put_fixture(fixture)
                    unit.price_fixture(fixture, cause)
                return
            named = unit.market(control.scope_id)
            if named is None:
                raise UnknownReference(f"the book knows no market {control.scope_id[:120]!r}")
            if on_control(named, control):
                unit.price(named, cause)

        each(batch, out, TradingControl, on, stage=STAGE)
        unit.flush()

    def ticks(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Let time pass: look at the markets whose time has come, judge the legs whose delay is over, forget."""
        unit = Unit(shard, out, self._playbook)
        rules = self._playbook.rules

        def on(record: Record, tick: ClockTick) -> None:
            before = unit.partition.at
            unit.partition.at = max(before, tick.received_at)
            put_partition_state(shard, unit.partition)
            cause = unit.cause(record, tick.event_id, tick.received_at)
            for market_id in woken(shard, cause.at, rules.due_per_tick):
                market = unit.market(market_id)
                assert market is not None, "a market that was woken is there"
                unit.price(market, cause)
            # Legs are judged on what is shown at this time.
            unit.flush()
            for name in DELAYED.until(shard, cause.at, rules.due_per_tick):
                self._due(shard, unit, name, cause)
            unit.flush()
            forget_legs(shard, cause.at - rules.legs_kept_us, rules.due_per_tick)
            forget_fixtures(shard, unit, rules, cause)
            Coverage(shard, out, unit, self._playbook).look(before, cause)
            unit.flush()
            Protection(shard, out, unit, self._playbook).look(before, cause)

        each(batch, out, ClockTick, on, stage=STAGE)

    def legs(self, shard: Shard, batch: Batch, out: Outbox) -> None:
        """Judge, confirm, release and price legs. Idempotent by leg_id: the same word again gets the same answer."""
        unit = Unit(shard, out, self._playbook)

        def on(record: Record, leg: BetLeg) -> None:
            _require_owner(shard, leg.fixture_id)
            cause = unit.cause(record, leg.event_id, leg.received_at)
            known = shard.get(LEGS, leg.leg_id)
            rows = _leg_rows(shard, unit, leg)
            if leg.action == "PRICE":
                unit.say(price_now(leg, rows, self._playbook, cause), cause)
                return
            if leg.action == "HOLD":
                held = on_hold(known, leg, rows, self._playbook, cause)
                if held is not known:
                    _keep(shard, unit, held, rows, cause)
                if held.verdict is not None:
                    unit.say(held.verdict, cause)
                return
            waited_until = known.due_at if known is not None and known.status == "WAITING" else None
            changed = (on_confirm if leg.action == "CONFIRM" else on_release)(known, leg, rows)
            if changed and known is not None:
                if waited_until is not None:
                    DELAYED.remove(shard, waited_until, leg.leg_id)
                _keep(shard, unit, known, rows, cause)

        each(batch, out, BetLeg, on, stage=STAGE)
        unit.flush()

    def _due(self, shard: Shard, unit: Unit, name: LegName, cause: Cause) -> None:
        waiting = shard.get(LEGS, name.leg_id)
        assert waiting is not None, f"the index of delayed legs names {name.leg_id}, which is not there"
        DELAYED.remove(shard, waiting.due_at, name.leg_id)
        if name.trace:
            # The clock's tick only ends the wait: what is said belongs to the bet.
            cause = msgspec.structs.replace(cause, trace=name.trace)
        rows = _leg_rows(shard, unit, waiting.leg)
        judged = on_due(waiting, rows, self._playbook, cause)
        _keep(shard, unit, judged, rows, cause)
        assert judged.verdict is not None, "a leg that is due is judged"
        unit.say(judged.verdict, cause)

    def _listed(self, unit: Unit, odds: MarketOdds) -> MarketState:
        """Enter a new market in its fixture."""
        if not odds.market_id.startswith(f"{odds.fixture_id}/"):
            raise ContractViolation(f"{odds.market_id[:120]!r} does not name a market of {odds.fixture_id[:60]!r}")
        fixture = unit.fixture(odds.fixture_id)
        fixture.markets.append(odds.market_id)
        unit.put_fixture(fixture)
        return unit.new_market(
            MarketState(odds.market_id, odds.fixture_id, odds.market_type, odds.period, odds.line_milli)
        )


def _show_feed(shard: Shard, provider: str) -> None:
    """Measure whether a provider's streams, of which there must be any, are all alive."""
    feeds = [health for _, health in shard.scan(FEEDS, f"{provider}/") if health.streams]
    FEED_UP.labels(provider).set(bool(feeds) and not any(health.down for health in feeds))


def _leg_rows(shard: Shard, unit: Unit, leg: BetLeg) -> LegRows:
    market = unit.market(leg.market_id)
    return LegRows(shard.get(FIXTURES, leg.fixture_id), market, unit.customer(leg.market_id, leg.customer_id))


def _keep(shard: Shard, unit: Unit, state: LegState, rows: LegRows, cause: Cause) -> None:
    """Write a leg that has changed, its indexes, and what it changed."""
    leg = state.leg
    if state.status == "WAITING":
        DELAYED.add(shard, state.due_at, leg.leg_id, LegName(leg.leg_id, cause.trace))
    elif state.status in ENDS:
        state.ended_at = cause.at
        ENDED.add(shard, cause.at, leg.leg_id, LegName(leg.leg_id))
    shard.put(LEGS, leg.leg_id, state)
    if state.verdict is not None and state.verdict.outcome != "REFUSE" and rows.market is not None:
        unit.put_customer(leg.market_id, leg.customer_id, rows.customer)
        unit.expose(rows.market, cause)


def _require_owner(shard: Shard, fixture_id: str) -> None:
    """Refuse a record in another fixture's place: two partitions must never write one market."""
    if home_of(fixture_id) != shard.partition:
        raise ContractViolation(f"records of {fixture_id[:60]!r} belong in partition {home_of(fixture_id)}")


def _feed_key(provider: str, partition: int) -> str:
    """Name a feed: a provider's streams of one partition of its raw topic, which is that of ingest's source."""
    return f"{provider}/{partition}"


def _stream_partition(status: FeedStatus) -> int:
    if status.source is not None:
        return status.source.partition
    return home_of(status.stream_id)

"""How far each provider counts in a fixture, by how complete ingest finds it there (`feeds.completeness`).

The partition of the book that prices a fixture decides, at once where it gets worse, by the clock where it gets better,
and is the only writer of the fixture's `feeds.coverage`. Idempotent: counts that are known change nothing.
"""

from typing import Final

from agents.book_unit import Unit
from bookstream import topics
from bookstream.codecs import encode
from bookstream.delivery.api import Outbox, Shard
from domain.events.feeds import FeedCompleteness, ProviderCoverage
from domain.events.trace import followed
from domain.feeds.completeness import OBJECTIVES
from domain.feeds.coverage import Cover, Finding, decide_cover, hear
from domain.trading.cause import Cause
from domain.trading.guarded import bar_led, on_coverage
from domain.trading.playbook import Playbook
from domain.trading.state import FixtureState
from ops.metrics import COVERAGES
from tables.protection import COVERS, SHORT, CoverName, cover_key

LOOK_US: Final = 10_000_000


class Coverage:
    """What completeness, and the clock, do about providers in the fixtures of one partition."""

    __slots__ = ("_out", "_playbook", "_shard", "_unit")

    def __init__(self, shard: Shard, out: Outbox, unit: Unit, playbook: Playbook) -> None:
        self._shard = shard
        self._out = out
        self._unit = unit
        self._playbook = playbook

    def hear(self, said: FeedCompleteness, cause: Cause) -> None:
        """Take in what a provider's counts are; those of fixtures that the book does not know, or no more, are none."""
        fixture = self._unit.fixture(said.fixture_id)
        if not fixture.known or fixture.past_at:
            return
        cover = self._shard.get(COVERS, cover_key(said.fixture_id, said.provider)) or Cover()
        if hear(cover, said):
            self._decide(fixture, said.provider, cover, cause)

    def look(self, before: int, cause: Cause) -> None:
        """Look at who is not whole, every ten seconds of the log's time."""
        if cause.at // LOOK_US == before // LOOK_US:
            return
        for key, name in list(self._shard.scan(SHORT)):
            cover = self._shard.get(COVERS, key)
            assert cover is not None, f"{key} is not whole, and not there"
            self._decide(self._unit.fixture(name.fixture_id), name.provider, cover, cause)

    def _decide(self, fixture: FixtureState, provider: str, cover: Cover, cause: Cause) -> None:
        key = cover_key(fixture.fixture_id, provider)
        found = decide_cover(cover, cause.at)
        self._shard.put(COVERS, key, cover)
        if found is None:
            return
        if cover.guard.state == "UP":
            self._shard.delete(SHORT, key)
        else:
            self._shard.put(SHORT, key, CoverName(fixture.fixture_id, provider))
        self._act(fixture, provider, cover, cause)
        self._say(fixture.fixture_id, provider, cover, found, cause)

    def _act(self, fixture: FixtureState, provider: str, cover: Cover, cause: Cause) -> None:
        """Price the fixture anew by how far the provider counts now."""
        on_coverage(fixture, provider, cover.guard.state, cause.at)
        self._unit.put_fixture(fixture)
        if cover.guard.state == "DOWN":
            for market_id in fixture.markets:
                market = self._unit.market(market_id)
                assert market is not None, f"fixture {fixture.fixture_id} lists {market_id}, which is not there"
                bar_led(market, provider, self._playbook, cause.at)
        self._unit.price_fixture(fixture, cause)

    def _say(self, fixture_id: str, provider: str, cover: Cover, found: Finding, cause: Cause) -> None:
        guard, key = cover.guard, cover_key(fixture_id, provider)
        said = ProviderCoverage(
            event_id=f"{cause.event_id}.coverage/{key}", occurred_at=cause.at, received_at=cause.at,
            provider=provider, source=cause.source, fixture_id=fixture_id, state=guard.state, reason=guard.reason,
            since_at=guard.since_at, measure=found.measure, expected=found.lately.expected,
            received=found.lately.received, share=found.lately.share, objective=OBJECTIVES[found.measure],
        )  # fmt: skip
        self._out.send(
            topics.COVERAGE.name, key.encode(), encode(said), partition=self._shard.partition,
            headers=followed(cause.trace, cause.source),
        )  # fmt: skip
        COVERAGES.labels(provider, guard.state).inc()

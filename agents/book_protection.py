"""Protection from bad feeds, beside the book's prices: each partition reports what it sees, one of them decides.

Only where all providers' prices of a fixture meet can they be held against each other, and only one writer may decide
what all partitions go by (docs/adr/0009-who-judges-a-provider.md). So every partition of the book samples the markets
that tick, reports of each provider every ten seconds of the log's time (`feeds.evidence`), and the partition JUDGE sums
that up with the streams' states, once a second, and tells everyone (`feeds.providers`). Idempotent: reports replace
each other, and a state that is known is not said again.
"""

from typing import Final

from agents.book_unit import Unit
from bookstream import topics
from bookstream.codecs import encode
from bookstream.delivery.api import Outbox, Shard
from bookstream.partitioner import partition_for
from domain.events.canonical import MarketOdds
from domain.events.feeds import ProviderEvidence, ProviderStatus
from domain.events.trace import followed
from domain.feeds.protection import Evidence, Report, decide, judge, sum_up
from domain.trading.cause import Cause
from domain.trading.guarded import contradicts, is_open_by
from domain.trading.playbook import Playbook
from domain.trading.state import MarketState
from tables.book import FEEDS
from tables.protection import GUARDS, PROVIDERS, PULSES, GuardState, PulseState

SECOND: Final = 1_000_000
REPORT_US: Final = 10 * SECOND
SAMPLE: Final = 64
"""Markets of a provider that a partition looks at for a report: the cost does not grow with the offer."""
JUDGE: Final = partition_for(topics.PROVIDER_STATUS.name.encode(), topics.PARTITIONS)


class Pulses:
    """The providers' pulses while a batch of odds is folded.

    A tick within a second of one that counted does not, whatever batch it is in: however the log is cut, the cadence is
    the same, and the hot path pays two lookups and a comparison. In a full sample a new market takes the place of the
    oldest, once a second.
    """

    __slots__ = ("_rows", "_shard")

    def __init__(self, shard: Shard) -> None:
        self._shard = shard
        self._rows: dict[str, PulseState] = {}

    def beat(self, odds: MarketOdds) -> None:
        """Note a provider's tick, and its market where it is not in the sample."""
        row = self._rows.get(odds.provider)
        if row is None:
            row = self._rows[odds.provider] = self._shard.get(PULSES, odds.provider) or PulseState()
        markets = row.markets
        counts = odds.received_at - row.cadence.last_at >= SECOND
        if odds.market_id not in markets and (counts or len(markets) < SAMPLE):
            if len(markets) >= SAMPLE:
                del markets[min(markets, key=markets.__getitem__)]
            markets[odds.market_id] = odds.received_at
        elif not counts:
            return
        if counts:
            row.cadence.beat(odds.received_at)
        self._shard.put(PULSES, odds.provider, row)


def hear_evidence(shard: Shard, said: ProviderEvidence) -> None:
    """Keep what a partition saw; only the newest counts."""
    row = shard.get(GUARDS, said.provider) or GuardState()
    known = row.reports.get(said.partition)
    if known is None or known.at <= said.received_at:
        row.reports[said.partition] = Report(
            said.received_at, said.newest_at, said.stale_after_us, said.open_markets, said.judged, said.contrary
        )
        shard.put(GUARDS, said.provider, row)


class Protection:
    """What the clock does about providers in one partition."""

    __slots__ = ("_out", "_playbook", "_shard", "_unit")

    def __init__(self, shard: Shard, out: Outbox, unit: Unit, playbook: Playbook) -> None:
        self._shard = shard
        self._out = out
        self._unit = unit
        self._playbook = playbook

    def look(self, before: int, cause: Cause) -> None:
        """Report and judge what is due now that the log's time has come from `before` to the cause's."""
        if cause.at // REPORT_US != before // REPORT_US:
            for provider, pulse in list(self._shard.scan(PULSES)):
                self._report(provider, pulse, cause)
        if self._shard.partition == JUDGE and cause.at // SECOND != before // SECOND:
            _judge_all(self._shard, self._out, cause)

    def _report(self, provider: str, pulse: PulseState, cause: Cause) -> None:
        """Say what is seen of a provider; where that is nothing that counts, once."""
        unit, partition, sampled = self._unit, self._shard.partition, len(pulse.markets)
        open_ = []
        for market_id in list(pulse.markets):
            market = unit.market(market_id)
            if market is not None and is_open_by(market, provider):
                open_.append(market)
            else:
                del pulse.markets[market_id]
        shut = len(pulse.markets) < sampled
        found = [self._contradicts(market, provider, cause.at) for market in open_]
        said = ProviderEvidence(
            event_id=f"{cause.event_id}.{provider}/{partition}",
            occurred_at=cause.at,
            received_at=cause.at,
            provider=provider,
            source=cause.source,
            partition=partition,
            newest_at=pulse.cadence.last_at,
            stale_after_us=pulse.cadence.stale_after_us(),
            open_markets=len(open_),
            judged=sum(each is not None for each in found),
            contrary=sum(each is True for each in found),
        )
        tells = bool(said.judged or (said.open_markets and said.stale_after_us))
        if tells or pulse.told:
            headers = followed(cause.trace, cause.source)
            key = f"{provider}/{partition}".encode()
            self._out.send(topics.EVIDENCE.name, key, encode(said), partition=JUDGE, headers=headers)
        if tells != pulse.told or shut:
            pulse.told = tells
            self._shard.put(PULSES, provider, pulse)

    def _contradicts(self, market: MarketState, provider: str, at: int) -> bool | None:
        fixture = self._unit.fixture(market.fixture_id)
        return contradicts(market, fixture, provider, self._is_heard, playbook=self._playbook, at=at)

    def _is_heard(self, provider: str) -> bool:
        health = self._shard.get(PROVIDERS, provider)
        return health is None or health.state != "DOWN"


def _judge_all(shard: Shard, out: Outbox, cause: Cause) -> None:
    rows = dict(shard.scan(GUARDS))
    streams = _streams(shard)
    for provider in streams:
        rows.setdefault(provider, GuardState())
    evidence = {
        provider: sum_up(
            list(row.reports.values()),
            cause.at,
            streams=len(streams.get(provider, ())),
            down=sum(state == "DOWN" for state in streams.get(provider, ())),
        )
        for provider, row in rows.items()
    }
    ticking = sum(each.ticks for each in evidence.values())
    for provider, row in sorted(rows.items()):
        own = evidence[provider]
        pending = row.guard.pending, row.guard.pending_at
        changed = decide(row.guard, judge(own, ticking - own.ticks), cause.at)
        if changed or not row.said:
            row.said = True
            _say(out, provider, row, own, cause)
        elif (row.guard.pending, row.guard.pending_at) == pending:
            continue
        shard.put(GUARDS, provider, row)


def _streams(shard: Shard) -> dict[str, list[str]]:
    """Return the states of each provider's streams that have not ended."""
    found: dict[str, list[str]] = {}
    for key, feed in shard.scan(FEEDS):
        found.setdefault(key.rpartition("/")[0], []).extend(stream.state for stream in feed.streams.values())
    return found


def _say(out: Outbox, provider: str, row: GuardState, evidence: Evidence, cause: Cause) -> None:
    status = ProviderStatus(
        event_id=f"{cause.event_id}.{provider}",
        occurred_at=cause.at,
        received_at=cause.at,
        provider=provider,
        source=cause.source,
        state=row.guard.state,
        reason=row.guard.reason,
        since_at=row.guard.since_at or cause.at,
        streams=evidence.streams,
        streams_down=evidence.down,
        quiet_us=evidence.quiet_us,
        stale_after_us=evidence.stale_after_us,
        judged=evidence.judged,
        contrary=evidence.contrary,
    )
    key, value, headers = provider.encode(), encode(status), followed(cause.trace, cause.source)
    for partition in range(topics.PROVIDER_STATUS.partitions):
        out.send(topics.PROVIDER_STATUS.name, key, value, partition=partition, headers=headers)

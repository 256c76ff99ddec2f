"""`verify`: decisions, exposure and ledger recomputed from the topics, and held against tables and history."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from bookstream.codecs import decode
from bookstream.delivery.api import Record
from bookstream.proof.history import audit_history
from bookstream.proof.letters import origin
from bookstream.proof.tables import Ends, Reader, audit_tables
from bookstream.reading import consumer, read, watermarks
from bookstream.topics import (
    ACCOUNTS,
    BET_DECISIONS,
    BET_LEGS,
    BET_REQUESTS,
    DEAD_LETTERS,
    EXPOSURES,
    LEDGER,
    LEG_VERDICTS,
    ODDS,
    PUBLIC,
    QUOTES,
    TRANSFERS,
)
from domain.audit.bets import BetAudit
from domain.audit.difference import Findings
from domain.audit.exposure import ExposureAudit
from domain.audit.money import MoneyAudit
from domain.audit.quotes import QuoteAudit
from domain.betting.rules import AccountRules
from domain.errors import RejectedInput
from domain.events.betting import (
    Account,
    BetDecision,
    BetLeg,
    BetRequest,
    LedgerEntry,
    LegVerdict,
    WalletTransfer,
)
from domain.events.canonical import MarketOdds
from domain.events.head import Event
from domain.events.trading import Exposure, Quote
from sinks.clickhouse.client import Answer

Ask = Callable[[str], Answer]
Take = Callable[[Any], None]

# In this order: what a later topic is held against comes before it.
AUDITED: tuple[tuple[str, type[Event]], ...] = (
    (ODDS.name, MarketOdds), (QUOTES.name, Quote), (BET_REQUESTS.name, BetRequest), (BET_LEGS.name, BetLeg),
    (LEG_VERDICTS.name, LegVerdict), (BET_DECISIONS.name, BetDecision), (TRANSFERS.name, WalletTransfer),
    (LEDGER.name, LedgerEntry), (ACCOUNTS.name, Account), (EXPOSURES.name, Exposure),
)  # fmt: skip


class TopicAudit:
    """Reads every topic once, in offset order, and feeds the audits.

    Args:
        reader: reads a topic from its beginning to its end.
        rules: what the house allowed its customers, to decide their bets anew.
        ends: the first and the next offset of partitions, as far as they are known: of a partition that has lost all
            its records nothing else tells.
    """

    def __init__(self, reader: Reader, rules: AccountRules | None = None, ends: Ends | None = None) -> None:
        self._reader = reader
        self._bets = BetAudit(rules or AccountRules())
        self._exposure, self._money, self._quotes = ExposureAudit(), MoneyAudit(), QuoteAudit()
        self._rejected: set[tuple[str, int, int]] = set()
        self._findings = Findings()
        self._next: dict[tuple[str, int], int] = defaultdict(int)
        for (topic, partition), (low, _) in (ends or {}).items():
            if topic == ODDS.name and low:
                self._quotes.lapsed(partition)

    def run(self, step: Callable[[str], None] = lambda _: None) -> Findings:
        """Audit, telling `step` what is being read, and return the findings."""
        step(DEAD_LETTERS.name)
        self._rejected = {place for record in self._reader(DEAD_LETTERS.name) if (place := origin(record))}
        for topic, kind in AUDITED:
            step(topic)
            for record in self._reader(topic):
                self._feed(record, kind)
        for audit in (self._bets, self._exposure, self._money, self._quotes):
            self._findings.merge(audit.findings())
        return self._findings

    def _feed(self, record: Record, kind: type[Event]) -> None:
        place = record.topic, record.partition
        if record.topic == ODDS.name and place not in self._next and record.offset:
            self._quotes.lapsed(record.partition)
        whole = self._next[place] == record.offset
        self._next[place] = record.offset + 1 if whole else -1
        if (record.topic, record.partition, record.offset) in self._rejected:
            # What an agent could not take is a dead letter, with its reason, and not a difference.
            return
        try:
            event = decode(kind, record.value or b"")
        except RejectedInput:
            found = f"not what its contract says, and no dead letter, at offset {record.offset}"
            self._findings.check("rejected input is a dead letter", record.topic, holds=False, found=found)
            return
        self._take(record, event, whole=whole)

    def _take(self, record: Record, event: Event, *, whole: bool) -> None:
        if isinstance(event, MarketOdds):
            self._quotes.tick(event, partition=record.partition, offset=record.offset)
            return
        if isinstance(event, Quote):
            # A fixture's quotes are in the partition of its ticks.
            cause = event.source
            taken = cause.offset if cause is not None and cause.topic == ODDS.name else -1
            self._quotes.quote(event, partition=record.partition, taken=taken, whole=whole)
            return
        for take in self._takers(event):
            take(event)

    def _takers(self, event: Event) -> tuple[Take, ...]:
        takers: dict[type[Event], tuple[Take, ...]] = {
            BetRequest: (self._bets.request,),
            BetLeg: (self._bets.leg, self._exposure.leg),
            LegVerdict: (self._bets.verdict, self._quotes.judged),
            BetDecision: (self._bets.decision, self._money.decision),
            WalletTransfer: (self._money.transfer,),
            LedgerEntry: (self._money.entry,),
            Account: (self._money.account,),
            Exposure: (self._exposure.exposure,),
        }
        return takers[type(event)]


class Verifier:
    """The whole proof on a broker: the topics' audit, then tables and history against the topics.

    Args:
        bootstrap: the Kafka address.
        ask: answers SQL about history; None leaves history out (and says so by its absence from `checked`).
        rules: what the house allowed its customers, to decide their bets anew: those that the workers were given.
        security: librdkafka settings.
    """

    def __init__(
        self, bootstrap: str, ask: Ask | None, rules: AccountRules, security: dict[str, str] | None = None
    ) -> None:
        self._bootstrap = bootstrap
        self._ask = ask
        self._security = security or {}
        self._rules = rules

    def run(self, step: Callable[[str], None] = lambda _: None) -> Findings:
        """Prove, telling `step` what is being read, and return the findings."""

        def reader(topic: str) -> Iterator[Record]:
            return read(self._bootstrap, [topic], self._security)

        findings = TopicAudit(reader, self._rules, self._ends()).run(step)
        step("tables")
        audit_tables(self._bootstrap, self._security, findings)
        if self._ask is not None:
            step("history")
            audit_history(self._ask, self._ends(), findings)
        return findings

    def _ends(self) -> Ends:
        client = consumer(self._bootstrap, self._security)
        try:
            return watermarks(client, [topic.name for topic in PUBLIC])
        finally:
            client.close()


def wait_until_quiet(progress: Callable[[], object], *, quiet_seconds: float, timeout_seconds: float) -> bool:
    """Wait until `progress()` stays the same for `quiet_seconds`; False when it still changes after the timeout."""
    deadline = time.monotonic() + timeout_seconds
    last, since = progress(), time.monotonic()
    while time.monotonic() < deadline:
        time.sleep(min(0.2, quiet_seconds))
        now = progress()
        if now != last:
            last, since = now, time.monotonic()
        elif time.monotonic() - since >= quiet_seconds:
            return True
    return False

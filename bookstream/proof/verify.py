"""`verify`: decisions, exposure and ledger recomputed from the topics, and held against tables and history."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TypeVar

from bookstream.codecs import decode
from bookstream.delivery.api import Record
from bookstream.partitioner import partition_for
from bookstream.proof.chain import Trusted, audit_chain
from bookstream.proof.history import audit_history
from bookstream.proof.letters import origin
from bookstream.proof.tables import INPUTS, Ends, Reader, audit_tables
from bookstream.reading import PartitionReader, consumer, watermarks
from bookstream.topics import (
    ACCOUNTS,
    BET_DECISIONS,
    BET_LEGS,
    BET_REQUESTS,
    BET_SETTLEMENTS,
    CASH_OUT_ANSWERS,
    CASH_OUTS,
    DEAD_LETTERS,
    EXPOSURES,
    LEDGER,
    LEDGER_CHECKPOINTS,
    LEG_RESULTS,
    LEG_VERDICTS,
    ODDS,
    PARTITIONS,
    PAYMENTS,
    PUBLIC,
    QUOTES,
    RESULTS,
    SETTLEMENTS,
    TRANSFERS,
    Topic,
)
from domain.audit.bets import BetAudit
from domain.audit.cash_outs import CashOutAudit
from domain.audit.difference import Findings
from domain.audit.exposure import ExposureAudit
from domain.audit.money import MoneyAudit
from domain.audit.quotes import QuoteAudit
from domain.audit.settlements import BetSettlementAudit, Due, MarketAudit
from domain.betting.rules import AccountRules
from domain.errors import RejectedInput
from domain.events.betting import (
    Account,
    BetDecision,
    BetLeg,
    BetRequest,
    LedgerCheckpoint,
    LedgerEntry,
    LegVerdict,
    WalletTransfer,
)
from domain.events.canonical import MarketOdds
from domain.events.cash_out import CashOutAnswer, CashOutRequest
from domain.events.head import Event
from domain.events.payments import Payment
from domain.events.settlement import BetSettlement, LegSettlement, MarketResult, MarketSettlement
from domain.events.trading import Exposure, Quote
from sinks.clickhouse.client import Answer

Ask = Callable[[str], Answer]
Step = Callable[[str], None]
E = TypeVar("E", bound=Event)


class TopicAudit:
    """Reads every topic once, partition by partition in offset order, and feeds the audits.

    What is held at a time is one partition of customers or of fixtures, and of most of it digests: keys are chosen so
    that whatever belongs together is in partitions of one number. Only legs cross over, from the customer's partition
    to the fixture's; they wait as the bytes that they are on their topic.

    Args:
        reader: reads a partition of a topic from its beginning to its end.
        rules: what the house allowed its customers, to decide their bets anew.
        ends: the first and the next offset of partitions, as far as they are known: of a partition that has lost all
            its records nothing else tells.
        trusted: tells whether the house signed a checkpoint of the ledger; None leaves signatures unknown.
    """

    def __init__(
        self, reader: Reader, rules: AccountRules | None = None, ends: Ends | None = None, trusted: Trusted = None
    ) -> None:
        self._reader = reader
        self._trusted = trusted
        self._rules = rules or AccountRules()
        self._exposure, self._money, self._quotes = ExposureAudit(), MoneyAudit(), QuoteAudit()
        self._bets = Findings()
        self._rejected: dict[tuple[str, int], set[int]] = defaultdict(set)
        self._legs: dict[int, list[bytes]] = defaultdict(list)
        self._due: dict[int, list[Due]] = defaultdict(list)
        self._findings = Findings()
        self._lapsed = {partition for (topic, partition), (low, _) in (ends or {}).items()
                        if topic == ODDS.name and low}  # fmt: skip

    def run(self, step: Step = lambda _: None) -> Findings:
        """Audit, telling `step` what is being read, and return the findings."""
        for partition in range(DEAD_LETTERS.partitions):
            step(f"{DEAD_LETTERS.name}/{partition}")
            for record in self._reader(DEAD_LETTERS.name, partition):
                if (place := origin(record)) is not None:
                    self._rejected[place[:2]].add(place[2])
        for read_in in (self._read_legs, self._read_customers, self._read_fixtures):
            for partition in range(PARTITIONS):
                read_in(partition, step)
        for found in (self._bets, self._exposure.findings(), self._money.findings(), self._quotes.findings()):
            self._findings.merge(found)
        return self._findings

    def _read_legs(self, partition: int, step: Step) -> None:
        markets = MarketAudit()
        for _, result, _ in self._events(RESULTS, MarketResult, partition, step):
            markets.result(result)
        for _, settlement, _ in self._events(SETTLEMENTS, MarketSettlement, partition, step):
            markets.settlement(settlement)
        for record, leg, _ in self._events(BET_LEGS, BetLeg, partition, step):
            self._exposure.leg(leg)
            home = partition_for(leg.customer_id.encode(), PARTITIONS)
            self._legs[home].append(record.value or b"")
            if (due := markets.due(leg)) is not None:
                self._due[home].append(due)
        self._exposure.end_of_legs()
        self._findings.merge(markets.findings())

    def _read_customers(self, partition: int, step: Step) -> None:
        bets, settled, cash_outs = BetAudit(self._rules), BetSettlementAudit(), CashOutAudit(self._rules.cash_out)
        for _, request, _ in self._events(BET_REQUESTS, BetRequest, partition, step):
            bets.request(request)
        for value in self._legs.pop(partition, ()):
            bets.leg(decode(BetLeg, value))
        for _, verdict, _ in self._events(LEG_VERDICTS, LegVerdict, partition, step):
            bets.verdict(verdict)
            self._quotes.judged(verdict)
        for _, decision, _ in self._events(BET_DECISIONS, BetDecision, partition, step):
            bets.decision(decision)
            settled.decision(decision)
            cash_outs.decision(decision)
            self._money.decision(decision)
        self._bets.merge(bets.findings())
        for _, asked, _ in self._events(CASH_OUTS, CashOutRequest, partition, step):
            cash_outs.request(asked)
        for _, answer, _ in self._events(CASH_OUT_ANSWERS, CashOutAnswer, partition, step):
            cash_outs.answer(answer)
            settled.cash_out(answer)
        self._bets.merge(cash_outs.findings())
        self._read_settled(settled, partition, step)
        self._read_money(partition, step)

    def _read_settled(self, settled: BetSettlementAudit, partition: int, step: Step) -> None:
        for due in self._due.pop(partition, ()):
            settled.due(due)
        for _, said, _ in self._events(LEG_RESULTS, LegSettlement, partition, step):
            settled.leg(said)
        for _, settlement, _ in self._events(BET_SETTLEMENTS, BetSettlement, partition, step):
            settled.bet(settlement)
            self._money.settlement(settlement)
        self._bets.merge(settled.findings())

    def _read_money(self, partition: int, step: Step) -> None:
        money = self._money
        for _, transfer, _ in self._events(TRANSFERS, WalletTransfer, partition, step):
            money.transfer(transfer)
        for _, payment, _ in self._events(PAYMENTS, Payment, partition, step):
            money.payment(payment)
        self._read_ledger(partition, step)
        for _, account, _ in self._events(ACCOUNTS, Account, partition, step):
            money.account(account)
        money.end()

    def _read_ledger(self, partition: int, step: Step) -> None:
        said = [each for _, each, _ in self._events(LEDGER_CHECKPOINTS, LedgerCheckpoint, partition, step)]
        audit_chain(self._booked(partition, step), partition, said, self._trusted, self._findings)

    def _booked(self, partition: int, step: Step) -> Iterator[LedgerEntry]:
        for _, entry, _ in self._events(LEDGER, LedgerEntry, partition, step):
            self._money.entry(entry)
            yield entry

    def _read_fixtures(self, partition: int, step: Step) -> None:
        quotes = self._quotes
        if partition in self._lapsed:
            quotes.lapse()
        for record, odds, whole in self._events(ODDS, MarketOdds, partition, step):
            if not whole:
                # The topic is not compacted: what is missing has come of age.
                quotes.lapse()
            quotes.tick(odds, offset=record.offset)
        for _, quote, whole in self._events(QUOTES, Quote, partition, step):
            # A fixture's quotes are in the partition of its ticks.
            cause = quote.source
            taken = cause.offset if cause is not None and cause.topic == ODDS.name else -1
            quotes.quote(quote, taken=taken, whole=whole)
        quotes.end()
        for _, exposure, _ in self._events(EXPOSURES, Exposure, partition, step):
            self._exposure.exposure(exposure)
        self._exposure.end()

    def _events(self, topic: Topic, kind: type[E], partition: int, step: Step) -> Iterator[tuple[Record, E, bool]]:
        """Yield each record with its event, and whether nothing that came before it is gone.

        What an agent could not take is a dead letter, with its reason, and not a difference; it is left out.
        """
        step(f"{topic.name}/{partition}")
        expected, rejected = 0, self._rejected.get((topic.name, partition), ())
        for record in self._reader(topic.name, partition):
            whole = record.offset == expected
            expected = record.offset + 1 if whole else -1
            if record.offset in rejected:
                continue
            try:
                event = decode(kind, record.value or b"")
            except RejectedInput:
                found = f"not what its contract says, and no dead letter, at offset {record.offset}"
                self._findings.check("rejected input is a dead letter", topic.name, holds=False, found=found)
                continue
            yield record, event, whole


class Verifier:
    """The whole proof on a broker: the topics' audit, then tables and history against the topics.

    Args:
        bootstrap: the Kafka address.
        ask: answers SQL about history; None leaves history out (and says so by its absence from `checked`).
        rules: what the house allowed its customers, to decide their bets anew: those that the workers were given.
        security: librdkafka settings.
        trusted: tells whether the house signed a checkpoint of the ledger; None leaves signatures unknown.
    """

    def __init__(
        self,
        bootstrap: str,
        ask: Ask | None,
        rules: AccountRules,
        security: dict[str, str] | None = None,
        trusted: Trusted = None,
    ) -> None:
        self._bootstrap = bootstrap
        self._ask = ask
        self._security = security or {}
        self._rules = rules
        self._trusted = trusted

    def run(self, step: Step = lambda _: None) -> Findings:
        """Prove, telling `step` what is being read, and return the findings."""
        with PartitionReader(self._bootstrap, self._security) as reader:
            findings = TopicAudit(reader, self._rules, self._ends(ODDS), self._trusted).run(step)
            inputs = {topic for topics in INPUTS.values() for topic in topics}
            audit_tables(reader, self._ends(*inputs), findings, step)
        if self._ask is not None:
            step("history")
            audit_history(self._ask, self._ends(*PUBLIC), findings)
        return findings

    def _ends(self, *topics: Topic) -> Ends:
        client = consumer(self._bootstrap, self._security)
        try:
            return watermarks(client, sorted(topic.name for topic in topics))
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

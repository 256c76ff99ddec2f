"""Looks at every unit and every output at the moment at which it becomes durable."""

from collections.abc import Sequence

from bookstream.codecs import decode
from bookstream.delivery.api import Record
from bookstream.delivery.outbox import Sent, unpack
from bookstream.delivery.producer import Change
from bookstream.delivery.unit import OUTBOX_KEY
from bookstream.proof.letters import origin
from bookstream.simulation.broker import ShardName
from bookstream.simulation.violation import violated
from bookstream.simulation.watch_book import BookWatch
from bookstream.simulation.watch_money import MoneyWatch
from bookstream.topics import BET_LEGS, BET_SETTLEMENTS, DEAD_LETTERS, FIXTURES, INCIDENTS, LEDGER, RESULTS, TRANSFERS
from domain.errors import RejectedInput
from domain.events.betting import BetLeg, LedgerEntry, WalletTransfer
from domain.events.settlement import BetSettlement

OUTSIDE = {RESULTS.name, FIXTURES.name, INCIDENTS.name}
"""Topics to which agents and others speak."""


class Watch:
    """All that must hold after every step; each violation is raised where it happens."""

    def __init__(self) -> None:
        self.money = MoneyWatch()
        self.book = BookWatch()
        self._outboxes: dict[ShardName, set[tuple[str, int, bytes | None, bytes | None]]] = {}
        self._published: set[str] = set()
        self._own: set[str] = set()

    def appended(self, shard: ShardName, changes: Sequence[Change]) -> None:
        """Look at a unit's rows and outbox.

        Raises:
            Violation: what must hold does not.
        """
        outputs: list[Sent] = []
        for key, value in changes:
            if key == OUTBOX_KEY:
                outputs = unpack(value or b"")
                self._outboxes[shard] = {(each.topic, each.partition, each.key, each.value) for each in outputs}
        match shard[0]:
            case "accounts":
                entries = [decode(LedgerEntry, each.value or b"") for each in outputs if each.topic == LEDGER.name]
                settled = [
                    decode(BetSettlement, each.value or b"") for each in outputs if each.topic == BET_SETTLEMENTS.name
                ]
                self.money.unit(changes, entries, settled)
            case "book":
                self.book.unit(changes)

    def published(self, shard: ShardName | None, record: Record) -> None:
        """Look at a record on a topic.

        Raises:
            Violation: it was said before it was durable.
        """
        if shard is None:
            if record.topic == TRANSFERS.name:
                self._command(record)
            return
        if (record.topic, record.partition, record.key, record.value) not in self._outboxes.get(shard, ()):
            violated("nothing is said before it is durable", f"{shard[0]}/{shard[1]}", f"a record of {record.topic}")
        self._own.add(record.topic)
        if record.topic == DEAD_LETTERS.name:
            self._rejected(record)
        elif record.topic == BET_LEGS.name:
            self.book.told(decode(BetLeg, record.value or b""))
        elif record.topic == LEDGER.name:
            self._published.add(decode(LedgerEntry, record.value or b"").entry_id)

    def end(self) -> None:
        """Hold what was said against what is durable, when nothing is under way.

        Raises:
            Violation: they differ.
        """
        unsaid = self.money.entries.keys() ^ self._published
        if unsaid:
            violated("what is durable is said", LEDGER.name, ", ".join(sorted(unsaid)))
        self.money.end()

    def _rejected(self, record: Record) -> None:
        """Let no agent refuse what another says; what people and providers say is another matter."""
        topic = origin(record)
        if topic is not None and topic[0] in self._own - OUTSIDE:
            violated("agents take what agents say", f"{topic[0]}/{topic[1]} at {topic[2]}", record.headers)

    def _command(self, record: Record) -> None:
        try:
            self.money.command(decode(WalletTransfer, record.value or b""))
        except RejectedInput:
            return

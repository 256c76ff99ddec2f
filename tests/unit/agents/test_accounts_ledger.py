"""The accounts' entries are one chain a partition, signed at its end, whatever happens to the worker."""

import msgspec
import pytest

from agents.accounts import context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.api import Batch, Record
from bookstream.delivery.memory import MemoryOutbox, MemoryShard
from bookstream.money.signing import CheckpointSigner, CheckpointVerifier
from bookstream.partitioner import partition_for
from bookstream.tokens import TokenSigner
from domain.betting.rules import AccountRules
from domain.errors import Misconfigured
from domain.events.betting import LedgerCheckpoint, LedgerEntry, WalletTransfer
from domain.events.feeds import ClockTick
from domain.money.chain import start
from domain.money.checkpoint import Checkpoint
from domain.money.verifying import Verdict, verify
from tables.accounts import chain

SECOND = 1_000_000
START = 1_790_000_000 * SECOND
PARTITION = partition_for(b"ann", topics.PARTITIONS)
CHECK = TokenSigner.generate().verifier().check
SIGNER = CheckpointSigner.generate()
TRUSTED = CheckpointVerifier([SIGNER.public_key]).trusts


class Writer:
    """The accounts' worker of ann's partition; it can be killed before a unit is done, and restarted."""

    def __init__(self, rules: AccountRules | None = None) -> None:
        self.context = context(CHECK, rules, SIGNER.sign)
        self.shard = MemoryShard(PARTITION)
        self.written: dict[str, list[bytes]] = {topics.LEDGER.name: [], topics.LEDGER_CHECKPOINTS.name: []}
        self._offset = 0

    def transfers(self, *amounts: int, killed: int = 0) -> None:
        """Move money of ann's in one unit."""
        events = []
        for amount in amounts:
            self._offset += 1
            events.append(
                WalletTransfer(
                    event_id=f"t{self._offset}", occurred_at=START, received_at=START, provider="cashier",
                    transfer_id=f"t{self._offset}", customer_id="ann", currency="GBP", amount_minor=amount, reason="",
                )
            )  # fmt: skip
        self._unit(topics.TRANSFERS.name, [encode(event) for event in events], killed)

    def tick(self, seconds: float, killed: int = 0) -> None:
        """Let it be so many seconds after the start."""
        at = START + round(seconds * SECOND)
        tick = ClockTick(event_id=f"c{at}", occurred_at=at, received_at=at, provider="clock")
        self._unit(topics.CLOCK.name, [encode(tick)], killed)

    def _unit(self, topic: str, values: list[bytes], killed: int) -> None:
        batch = Batch(topic, PARTITION, [Record(topic, PARTITION, n, 0, b"ann", each) for n, each in enumerate(values)])
        said = set()
        for attempt in range(killed + 1):
            out = MemoryOutbox(PARTITION)
            self.context.handlers[topic](self.shard, batch, out)
            said.add(tuple((sent.topic, sent.key, sent.value, sent.partition) for sent in out.sent))
            if attempt < killed:
                self.shard = self.shard.reopened()
        assert len(said) == 1, "a unit that is done again says something else"
        self.shard.settle()
        for sent in out.sent:
            assert sent.partition == PARTITION
            if sent.topic in self.written:
                self.written[sent.topic].append(sent.value or b"")

    @property
    def entries(self) -> list[LedgerEntry]:
        return [decode(LedgerEntry, value) for value in self.written[topics.LEDGER.name]]

    @property
    def checkpoints(self) -> list[Checkpoint]:
        said = [decode(LedgerCheckpoint, value) for value in self.written[topics.LEDGER_CHECKPOINTS.name]]
        return [
            Checkpoint(
                partition=each.partition, sequence=each.sequence, hash=each.hash, previous=each.previous,
                entries=each.entries, at=each.occurred_at, key_id=each.key_id, signature=each.signature,
            )
            for each in said
        ]  # fmt: skip

    def verdict(self) -> Verdict:
        return verify(self.entries, PARTITION, self.checkpoints, trusted=TRUSTED)


def test_a_chain_is_unbroken_over_units_restarts_and_units_done_again() -> None:
    writer = Writer()
    assert chain(writer.shard).tip == start(PARTITION)
    writer.transfers(10_000, -3, -4, killed=2)
    writer.tick(1, killed=3)
    writer.shard = writer.shard.reopened()
    writer.transfers(-1, -999_999, killed=1)
    writer.shard = writer.shard.reopened()
    writer.tick(90, killed=1)
    writer.transfers(7)
    verdict = writer.verdict()
    assert verdict.fault is None
    assert (verdict.entries, verdict.checkpoints, verdict.signed) == (6, 2, 4)
    assert verdict.tip == chain(writer.shard).tip
    assert [entry.kind for entry in writer.entries][-2:] == ["TRANSFER_REFUSED", "TRANSFER"]


def test_entries_sent_twice_by_the_delivery_are_repeats() -> None:
    writer = Writer()
    writer.transfers(10, 20, 30)
    entries = writer.entries
    verdict = verify([*entries, *entries[1:]], PARTITION)
    assert (verdict.fault, verdict.repeats) == (None, 2)


def test_the_end_is_signed_when_it_moved_and_the_interval_passed() -> None:
    writer = Writer(AccountRules(checkpoint_every_us=60 * SECOND))
    writer.tick(0)
    assert writer.checkpoints == []
    writer.transfers(10)
    for seconds in (1.0, 2.0, 61.0):
        writer.tick(seconds)
    assert [each.sequence for each in writer.checkpoints] == [0]
    writer.transfers(20)
    for seconds in (60.9, 61.0, 62.0, 200.0, 300.0):
        writer.tick(seconds)
    assert [(each.sequence, each.at - START) for each in writer.checkpoints] == [(0, SECOND), (1, 61 * SECOND)]


def test_without_a_signer_the_ledger_is_chained_and_unsigned() -> None:
    writer = Writer()
    writer.context = context(CHECK)
    writer.transfers(10)
    writer.tick(100)
    assert (writer.checkpoints, writer.verdict().entries) == ([], 1)


@pytest.mark.parametrize("n", range(4))
def test_a_changed_entry_of_the_topic_is_named(n: int) -> None:
    writer = Writer()
    writer.transfers(10, 20, 30, 40)
    writer.tick(1)
    entries = writer.entries
    postings = tuple(msgspec.structs.replace(each, amount_minor=each.amount_minor * 2) for each in entries[n].postings)
    entries[n] = msgspec.structs.replace(entries[n], postings=postings)
    fault = verify(entries, PARTITION, writer.checkpoints, trusted=TRUSTED).fault
    assert fault is not None
    assert (fault.kind, fault.sequence, fault.entry_id) == ("CHANGED", n, f"ann/t{n + 1}.transfer")


def test_an_interval_that_is_none_is_refused() -> None:
    with pytest.raises(Misconfigured, match="checkpoint_every_us is above 0"):
        AccountRules(checkpoint_every_us=0)

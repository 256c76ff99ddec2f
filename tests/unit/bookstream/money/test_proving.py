"""Whatever byte of a partition's records is changed, it is found, and the record that it is in is named."""

from collections.abc import Iterator

import pytest

from agents.accounts_ledger import checkpoint_event
from bookstream.codecs import encode
from bookstream.delivery.api import Record
from bookstream.money.proving import PartitionProof, prove, prove_partition
from bookstream.money.reading import TopicLedger
from bookstream.money.signing import CheckpointSigner, CheckpointVerifier
from bookstream.topics import LEDGER, LEDGER_CHECKPOINTS
from domain.events.betting import Posting
from domain.events.head import Source
from domain.money.blame import FaultKind
from domain.money.cause import Cause
from domain.money.chain import Tip, link, start
from domain.money.ledger import entry

AT = 1_790_000_000_000_000
COUNT = 9
PARTITION = 2
SIGNER = CheckpointSigner.generate()
TRUSTED = CheckpointVerifier([SIGNER.public_key]).trusts


def written() -> tuple[list[Record], list[Record], Tip]:
    """Write a chain of which the end is signed, and so is its middle."""
    tip, entries, checkpoints = start(PARTITION), list[Record](), list[Record]()
    for n in range(COUNT):
        lines = (
            Posting(ledger_account="house:bank", amount_minor=-n - 70),
            Posting(ledger_account="customer:ann:cash", amount_minor=n + 70),
        )
        made = entry(
            f"ann/t{n}.transfer", "TRANSFER", f"t{n}", customer_id="ann", currency="GBP", postings=lines,
            cause=Cause(AT + n, Source("wallet.transfers", PARTITION, n)),
        )  # fmt: skip
        linked, tip = link(made, tip)
        entries.append(Record(LEDGER.name, PARTITION, n, 0, b"ann", encode(linked)))
        if n in {4, COUNT - 1}:
            value = encode(checkpoint_event(SIGNER.sign(PARTITION, tip, AT + n)))
            checkpoints.append(Record(LEDGER_CHECKPOINTS.name, PARTITION, len(checkpoints), 0, b"2", value))
    return entries, checkpoints, tip


ENTRIES, CHECKPOINTS, TIP = written()


def proof(entries: list[Record], checkpoints: list[Record], noted: Tip | None = None) -> PartitionProof:
    def read(topic: str, partition: int) -> Iterator[Record]:
        assert partition == PARTITION
        return iter(entries if topic == LEDGER.name else checkpoints)

    return prove_partition(TopicLedger(read), PARTITION, TRUSTED, noted)


def flipped(record: Record, at: int, bits: int) -> Record:
    value = bytearray(record.value or b"")
    value[at] ^= bits
    return Record(record.topic, record.partition, record.offset, 0, record.key, bytes(value))


def test_what_was_written_is_proved() -> None:
    found = proof(ENTRIES, CHECKPOINTS, TIP)
    assert (found.fault, found.verdict.tip, found.unsigned, found.signed_at) == (None, TIP, 0, AT + COUNT - 1)


@pytest.mark.parametrize("n", range(COUNT))
@pytest.mark.parametrize("bits", [0x01, 0x80, 0x55])
def test_any_byte_of_any_entry_that_is_changed_names_it(n: int, bits: int) -> None:
    for at in range(len(ENTRIES[n].value or b"")):
        fault = proof([*ENTRIES[:n], flipped(ENTRIES[n], at, bits), *ENTRIES[n + 1 :]], CHECKPOINTS).fault
        assert fault is not None, at
        assert fault.sequence == n, (at, fault)


@pytest.mark.parametrize("n", range(COUNT))
def test_an_entry_that_cannot_be_read_is_named_behind_whatever_is_wrong_before_it(n: int) -> None:
    cut = Record(LEDGER.name, PARTITION, n, 0, b"ann", (ENTRIES[n].value or b"")[:-1])
    entries = [*ENTRIES[:n], cut, *ENTRIES[n + 1 :]]
    fault = proof(entries, CHECKPOINTS).fault
    assert fault is not None
    assert (fault.kind, fault.sequence, fault.said.partition(":")[0]) == (FaultKind.CHANGED, n, f"offset {n}")
    if n > 2:
        earlier = proof(entries[:1] + entries[2:], CHECKPOINTS).fault
        assert earlier is not None
        assert (earlier.kind, earlier.sequence) == (FaultKind.REMOVED, 1)


def test_any_byte_of_a_checkpoint_that_matters_is_found() -> None:
    length = len(CHECKPOINTS[1].value or b"")
    found = [proof(ENTRIES, [CHECKPOINTS[0], flipped(CHECKPOINTS[1], at, 1)]).fault for at in range(length)]
    # Its id, when it was received and who says so only tell of its delivery: nothing follows from them.
    assert all(fault.kind in {FaultKind.CHECKPOINT, FaultKind.REMOVED} for fault in found if fault is not None)
    signed = 4 + 2 * (32 + 1) + 2 + 64
    assert sum(fault is not None for fault in found) > signed


def test_partitions_are_proved_each_by_itself() -> None:
    def read(topic: str, partition: int) -> Iterator[Record]:
        return iter((ENTRIES if topic == LEDGER.name else CHECKPOINTS) if partition == PARTITION else [])

    steps: list[str] = []
    proofs = prove(TopicLedger(read), range(4), TRUSTED, {PARTITION: TIP, 1: start(1)}, steps.append)
    assert [(each.verdict.entries, each.fault) for each in proofs] == [(0, None), (0, None), (COUNT, None), (0, None)]
    assert steps == [f"partition {n}" for n in range(4)]
    (other,) = prove(TopicLedger(lambda topic, _: read(topic, PARTITION)), [PARTITION + 1], TRUSTED)
    assert other.fault is not None
    assert other.fault.sequence in {0, 4}

"""The proof of a whole ledger, partition by partition, from wherever it is."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from bookstream.money.reading import Feed, LedgerSource
from domain.events.betting import LedgerEntry
from domain.money.blame import Fault, FaultKind
from domain.money.chain import Tip, digest
from domain.money.checkpoint import Checkpoint
from domain.money.verifying import Verdict, verify

Step = Callable[[str], None]


class PartitionProof(msgspec.Struct, frozen=True, kw_only=True):
    """What was proved of a partition.

    `unchained` counts the entries of before there was a chain, of which nothing is proved. `signed_at` is when the last
    checkpoint that holds was signed, in microseconds; 0 without one.
    """

    verdict: Verdict
    unchained: int
    signed_at: int

    @property
    def fault(self) -> Fault | None:
        """Return the first thing that is wrong."""
        return self.verdict.fault

    @property
    def unsigned(self) -> int:
        """Return how many entries are chained and not yet under a signature."""
        return self.verdict.tip.sequence - self.verdict.signed


def prove(
    ledger: LedgerSource,
    partitions: Sequence[int],
    trusted: Callable[[Checkpoint], bool],
    noted: Mapping[int, Tip] | None = None,
    step: Step = lambda _: None,
) -> list[PartitionProof]:
    """Prove partitions, telling `step` which; `noted` are chains' ends that were proved before: they must be there."""
    proofs = []
    for partition in partitions:
        step(f"partition {partition}")
        proofs.append(prove_partition(ledger, partition, trusted, (noted or {}).get(partition)))
    return proofs


def prove_partition(
    ledger: LedgerSource, partition: int, trusted: Callable[[Checkpoint], bool], noted: Tip | None = None
) -> PartitionProof:
    """Prove one partition in one pass over its entries."""
    checkpoints = sorted(ledger.checkpoints(partition), key=lambda said: said.sequence)
    return prove_entries(ledger.entries(partition), partition, checkpoints, trusted, noted)


def prove_entries(
    entries: Iterator[LedgerEntry],
    partition: int,
    checkpoints: Sequence[Checkpoint],
    trusted: Callable[[Checkpoint], bool],
    noted: Tip | None = None,
) -> PartitionProof:
    """Prove a partition of which the checkpoints are in the order of their sequences."""
    feed = Feed(entries)
    watch = _Watch(noted)
    verdict = verify(watch.over(feed), partition, checkpoints, trusted=trusted)
    fault = _damaged(feed, verdict) or verdict.fault or watch.fault(verdict.tip)
    return PartitionProof(
        verdict=msgspec.structs.replace(verdict, fault=fault),
        unchained=feed.unchained,
        signed_at=max((said.at for said in checkpoints if said.sequence == verdict.signed), default=0),
    )


def _damaged(feed: Feed, verdict: Verdict) -> Fault | None:
    """Name the record at which reading ended, if nothing before it is wrong."""
    if feed.damage is None or feed.given > verdict.entries + verdict.repeats:
        return None
    return Fault(FaultKind.CHANGED, verdict.tip.sequence + 1, feed.damage.entry_id, feed.damage.said)


class _Watch:
    """Looks out for the end of a chain that was noted."""

    def __init__(self, noted: Tip | None) -> None:
        self._noted = noted
        self._hash = b""

    def over(self, entries: Feed) -> Iterator[LedgerEntry]:
        wanted = -1 if self._noted is None else self._noted.sequence
        for entry in entries:
            if entry.sequence == wanted and wanted >= 0:
                self._hash = digest(entry)
            yield entry

    def fault(self, tip: Tip) -> Fault | None:
        """Say what became of the noted end in a chain that is whole."""
        noted = self._noted
        if noted is None or noted.sequence < 0 or noted.hash == self._hash:
            return None
        if tip.sequence < noted.sequence:
            text = f"entries {tip.sequence + 1} to {noted.sequence} were proved before and are missing"
            return Fault(FaultKind.REMOVED, tip.sequence + 1, "", text)
        text = "it, or an entry before it, is not the one that was proved before"
        return Fault(FaultKind.REWRITTEN, noted.sequence, "", text)

"""The ledger's chain as a part of `verify`: linked entry by entry, and as it was signed."""

from collections.abc import Callable, Iterable, Iterator

from bookstream.money.proving import prove_entries
from bookstream.money.reading import checkpoint_of
from bookstream.topics import LEDGER
from domain.audit.difference import Findings
from domain.events.betting import LedgerCheckpoint, LedgerEntry
from domain.money.checkpoint import Checkpoint

CHAINED = "the ledger is one chain"
SIGNED = "checkpoints are signed by the house"

Trusted = Callable[[Checkpoint], bool] | None


def audit_chain(
    entries: Iterator[LedgerEntry],
    partition: int,
    said: Iterable[LedgerCheckpoint],
    trusted: Trusted,
    findings: Findings,
) -> None:
    """Prove a partition and read its entries to their end, also behind a fault.

    Without `trusted` checkpoints are held against the chain all the same, and who signed them is unknown.
    """
    checkpoints = sorted(map(checkpoint_of, said), key=lambda each: each.sequence)
    proof = prove_entries(entries, partition, checkpoints, trusted or (lambda _: True))
    for _ in entries:
        pass
    fault = proof.fault
    found = f"{fault.kind}, entry {fault.sequence} {fault.entry_id}: {fault.said}" if fault else ""
    findings.check(CHAINED, f"{LEDGER.name}/{partition}", fault is None, found)
    if proof.unchained:
        findings.unknown[CHAINED] += proof.unchained
    if proof.verdict.checkpoints:
        counts = findings.unknown if trusted is None else findings.checked
        counts[SIGNED] += proof.verdict.checkpoints

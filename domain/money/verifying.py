"""Proof that a partition's ledger is as it was written, from its entries and signed checkpoints alone.

One pass, in memory that does not grow: the hash of each entry must be what the next carries and what the house signed.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final

import msgspec

from domain.money import blame
from domain.money.blame import LOOK, Break, Fault, FaultKind
from domain.money.chain import Chained, Tip, digest, start
from domain.money.checkpoint import Checkpoint

WINDOW: Final = 65_536
"""How many entries back one that is delivered again is known."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was proved of a partition: `fault` is the first thing that is wrong, None if nothing is.

    `entries` and `repeats` count what was read and fits, `checkpoints` those that hold; `signed` is the number of the
    last entry under one of them: what comes after it is chained, but its end could be missing. −1 is none.
    """

    partition: int
    entries: int
    repeats: int
    checkpoints: int
    signed: int
    tip: Tip
    fault: Fault | None = None


def _nobody(_checkpoint: Checkpoint) -> bool:
    return False


class Verifier:
    """One pass over one partition.

    Args:
        partition: whose chain it is.
        checkpoints: of this partition, in the order of their sequences; repeats do no harm.
        trusted: tells whether a checkpoint's signature is the house's; without it none is.
        after: a checkpoint that is trusted already: the entries begin behind it.
        window: see `WINDOW`.
    """

    def __init__(
        self,
        partition: int,
        checkpoints: Iterable[Checkpoint] = (),
        *,
        trusted: Callable[[Checkpoint], bool] = _nobody,
        after: Checkpoint | None = None,
        window: int = WINDOW,
    ) -> None:
        self._partition = partition
        self._checkpoints = iter(checkpoints)
        self._trusted = trusted
        self._tip = start(partition) if after is None else Tip(after.sequence, after.hash, after.previous)
        self._first = self._tip.sequence + 1
        self._signed = self._tip.sequence
        self._recent = [b""] * window
        self._recent[self._tip.sequence % window] = self._tip.hash
        self._last: Chained | None = None
        self._rest: Iterator[Chained] = iter(())
        self._repeats = self._held = 0
        self._fault: Fault | None = None
        self._next: Checkpoint | None = None

    def run(self, entries: Iterable[Chained]) -> Verdict:
        """Read the partition's entries in their order, to the end or to the first fault."""
        rest = self._rest = iter(entries)
        self._advance()
        while True:
            odd = self._chained(rest)
            if self._fault is not None:
                break
            if odd is None:
                self._fault = self._unfinished()
                break
            if not self._repeated(odd):
                self._fault = self._broken(odd, rest)
                break
        return self._verdict()

    def _chained(self, rest: Iterator[Chained]) -> Chained | None:
        """Read on while entries follow each other; returns the first that does not, None at the end."""
        sequence, before, tip = self._tip.sequence, self._tip.previous, self._tip.hash
        recent, window, last = self._recent, len(self._recent), self._last
        awaited = -1 if self._next is None else self._next.sequence
        odd = None
        for entry in rest:
            if entry.sequence != sequence + 1 or entry.previous != tip:
                odd = entry
                break
            sequence, before, tip, last = sequence + 1, tip, digest(entry), entry
            recent[sequence % window] = tip
            if sequence == awaited:
                # The loop's own names are the chain's end; what looks at it from outside needs it here.
                self._tip, self._last = Tip(sequence, tip, before), last
                self._advance()
                if self._fault is not None:
                    return entry
                awaited = -1 if self._next is None else self._next.sequence
        self._tip, self._last = Tip(sequence, tip, before), last
        return odd

    def _hash_of(self, sequence: int) -> bytes | None:
        """Return the hash of an entry that was read, None of one read too long ago or never."""
        back = self._tip.sequence - sequence
        known = self._first - 1 <= sequence and 0 <= back < len(self._recent)
        return self._recent[sequence % len(self._recent)] if known else None

    def _repeated(self, entry: Chained) -> bool:
        if self._hash_of(entry.sequence) != digest(entry):
            return False
        self._repeats += 1
        return True

    def _advance(self) -> None:
        """Hold the checkpoints that are due against the chain, and wait for the one after them."""
        while self._fault is None:
            if self._next is None:
                self._next = next(self._checkpoints, None)
            if self._next is None or self._next.sequence > self._tip.sequence:
                return
            self._fault = self._distrust(self._next) or self._contradicted(self._next)
            self._next = None

    def _distrust(self, said: Checkpoint) -> Fault | None:
        """Say why a checkpoint proves nothing."""
        if said.partition != self._partition or said.entries != said.sequence + 1:
            return Fault(FaultKind.CHECKPOINT, said.sequence, "", "the checkpoint is not of this chain")
        if not self._trusted(said):
            return Fault(FaultKind.CHECKPOINT, said.sequence, "", "the checkpoint is not signed by the house")
        return None

    def _contradicted(self, said: Checkpoint) -> Fault | None:
        own = self._hash_of(said.sequence)
        if own is None:
            # Said again long after, or of before `after`.
            return None
        if own == said.hash:
            self._held += 1
            self._signed = max(self._signed, said.sequence)
            return None
        before = self._tip.previous if said.sequence == self._tip.sequence else self._hash_of(said.sequence - 1)
        return blame.against_checkpoint(said, before, self._last, self._signed, next(self._rest, None))

    def _broken(self, odd: Chained, rest: Iterator[Chained]) -> Fault:
        following = [each for each in islice(rest, LOOK) if self._hash_of(each.sequence) != digest(each)]
        before = (self._hash_of(self._tip.sequence - back) for back in range(1, LOOK))
        said = self._next if self._next is not None and self._distrust(self._next) is None else None
        found = Break(
            tip=self._tip,
            last=self._last,
            odd=odd,
            following=following,
            signed=self._signed,
            checkpoint=said,
            recent=[each for each in before if each is not None],
        )
        return blame.at(found)

    def _unfinished(self) -> Fault | None:
        """Say what was signed and has not come."""
        if self._next is None:
            return None
        missing = self._tip.sequence + 1
        text = f"entries {missing} to {self._next.sequence} were signed and are missing"
        return self._distrust(self._next) or Fault(FaultKind.REMOVED, missing, "", text)

    def _verdict(self) -> Verdict:
        return Verdict(
            partition=self._partition,
            entries=self._tip.sequence + 1 - self._first,
            repeats=self._repeats,
            checkpoints=self._held,
            signed=self._signed,
            tip=self._tip,
            fault=self._fault,
        )


def verify(
    entries: Iterable[Chained],
    partition: int,
    checkpoints: Iterable[Checkpoint] = (),
    *,
    trusted: Callable[[Checkpoint], bool] = _nobody,
    after: Checkpoint | None = None,
) -> Verdict:
    """Verify a partition in one pass (see `Verifier`); entries in the order of the topic or of their sequences.

    Entries that are delivered again (same number, same bytes, no more than `WINDOW` back) are repeats, no fault.
    """
    return Verifier(partition, checkpoints, trusted=trusted, after=after).run(entries)

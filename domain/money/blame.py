"""Which entry of a broken chain was changed, removed, inserted or moved: the first, from what stands around the break.

A single change is named exactly, whether or not those who made it numbered the rest anew. Where neighbours were changed
at once the earlier is named, unless a checkpoint proves it. A chain that was written anew from some entry on, each hash
with it, has no break: only a checkpoint can tell, and names the entries since the last one that holds.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

from domain.money.chain import Chained, Tip, digest, digest_as
from domain.money.checkpoint import Checkpoint

LOOK: Final = 64
"""How many entries before and after a break are looked at."""


class FaultKind(StrEnum):
    """What was done to the ledger."""

    CHANGED = "CHANGED"
    REMOVED = "REMOVED"
    INSERTED = "INSERTED"
    REORDERED = "REORDERED"
    REWRITTEN = "REWRITTEN"
    CHECKPOINT = "CHECKPOINT"


class Fault(msgspec.Struct, frozen=True):
    """The first thing that is wrong: what, with which number, which entry (empty if it is not there), and why."""

    kind: FaultKind
    sequence: int
    entry_id: str
    said: str


class Break(msgspec.Struct, frozen=True, kw_only=True):
    """A place where the chain breaks.

    `tip` and `last` are the end of what fits, `odd` the entry that does not, `following` those after it. `signed` is
    the number of the last entry that a checkpoint proves, `checkpoint` the next one, whose signature is the house's.
    `recent` are the hashes of the entries before the last, the nearest first.
    """

    tip: Tip
    last: Chained | None
    odd: Chained
    following: Sequence[Chained]
    signed: int
    checkpoint: Checkpoint | None
    recent: Sequence[bytes]

    @property
    def known(self) -> set[bytes]:
        """Return what those that come after say of the hashes of the odd entry and its neighbours."""
        said = {self.following[0].previous} if self.following else set[bytes]()
        return said if self.checkpoint is None else said | {self.checkpoint.hash, self.checkpoint.previous}


def at(found: Break) -> Fault:
    """Name the first entry that is not as it was written."""
    wanted = found.tip.sequence + 1
    if found.odd.sequence > wanted:
        return _gap(found, wanted)
    if found.odd.sequence < wanted:
        return _again(found, wanted)
    return _foreign(found, wanted) or _unlinked(found, wanted)


def against_checkpoint(
    said: Checkpoint, before: bytes | None, last: Chained | None, signed: int, after: Chained | None
) -> Fault:
    """Name what a checkpoint contradicts; `before` is the hash of the entry before the signed one, `after` the next."""
    if before != said.previous:
        text = f"entries {signed + 1} to {said.sequence} were written anew: the house signed another hash for the last"
        return Fault(FaultKind.REWRITTEN, signed + 1, "", text)
    name = last.entry_id if last is not None and last.sequence == said.sequence else ""
    if after is not None and digest_as(after, said.sequence, after.previous) == said.hash:
        return Fault(FaultKind.INSERTED, said.sequence, name, "the next entry is the one that the house signed")
    return Fault(FaultKind.CHANGED, said.sequence, name, "its hash is not the one that the house signed")


def _gap(found: Break, wanted: int) -> Fault:
    odd = found.odd
    if odd.previous == found.tip.hash:
        return Fault(
            FaultKind.CHANGED, wanted, odd.entry_id, f"it follows the one before, but is numbered {odd.sequence}"
        )
    if any(each.sequence == wanted for each in found.following):
        twice = any(each.sequence == odd.sequence for each in found.following)
        kind = FaultKind.INSERTED if twice else FaultKind.REORDERED
        return Fault(kind, wanted, odd.entry_id, f"number {odd.sequence} stands before number {wanted}")
    return Fault(FaultKind.REMOVED, wanted, "", f"entries {wanted} to {odd.sequence - 1} are missing")


def _again(found: Break, wanted: int) -> Fault:
    """A number that was there before, with other bytes."""
    odd, last = found.odd, found.last
    if odd.previous == found.tip.hash:
        return Fault(
            FaultKind.CHANGED, wanted, odd.entry_id, f"it follows the one before, but is numbered {odd.sequence}"
        )
    if odd.sequence < 0:
        return Fault(FaultKind.INSERTED, wanted, odd.entry_id, "it has no number")
    earlier = last is not None and odd.sequence == last.sequence and digest(odd) in found.known
    name = last.entry_id if earlier and last is not None else odd.entry_id
    return Fault(FaultKind.INSERTED, odd.sequence, name, "another entry has its number")


def _foreign(found: Break, wanted: int) -> Fault | None:
    """An entry with the right number that does not belong there, or does not follow the one that does not."""
    odd = found.odd
    if odd.previous in found.recent:
        first = wanted - 1 - found.recent.index(odd.previous)
        name = found.last.entry_id if found.last is not None and first == found.last.sequence else ""
        return Fault(FaultKind.INSERTED, first, name, f"entry {wanted} follows the one before it")
    after = found.following[0] if found.following else None
    if after is None or after.previous != found.tip.hash:
        return None
    if digest_as(after, wanted, after.previous) == odd.previous:
        return Fault(FaultKind.REORDERED, wanted, odd.entry_id, "it and the next have changed places")
    return Fault(FaultKind.INSERTED, wanted, odd.entry_id, "the next entry follows the one before it")


def _unlinked(found: Break, wanted: int) -> Fault:
    """An entry in its place that does not carry the hash of the one before: one of the two is not as it was."""
    odd, last, known = found.odd, found.last, found.known
    if digest_as(odd, wanted, found.tip.hash) in known:
        return Fault(FaultKind.CHANGED, wanted, odd.entry_id, "it does not carry the hash of the one before")
    for missing in range(1, LOOK):
        if digest_as(odd, wanted + missing, odd.previous) in known:
            text = f"{missing} missing, and the rest was numbered anew"
            return Fault(FaultKind.REMOVED, wanted, "", text)
    if last is None or found.tip.sequence <= found.signed:
        return Fault(FaultKind.CHANGED, wanted, odd.entry_id, "it does not carry the hash of the one before")
    return Fault(FaultKind.CHANGED, found.tip.sequence, last.entry_id, "the next entry carries another hash of it")

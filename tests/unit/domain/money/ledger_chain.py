"""A linked chain of ledger entries with checkpoints, for tests of what proves it; the signature is a word."""

import msgspec

from domain.events.betting import Posting
from domain.events.head import Source
from domain.money.chain import Tip, link, start
from domain.money.checkpoint import Checkpoint, checkpoint
from domain.money.entry import Entry

SIGNATURE = b"the house's"


def entry(n: int) -> Entry:
    postings = (
        Posting(ledger_account="house:bank", amount_minor=-n - 1),
        Posting(ledger_account="customer:ann:cash", amount_minor=n + 1),
    )
    return Entry(
        entry_id=f"ann/t{n}.transfer", customer_id="ann", kind="TRANSFER", reference=f"ann/t{n}", currency="GBP",
        occurred_at=1_000 + n, postings=postings, source=Source("wallet.transfers", 3, n),
    )  # fmt: skip


def relinked(entries: list[Entry], partition: int = 0, tip: Tip | None = None) -> list[Entry]:
    """Link entries as their writer does."""
    tip, chain = tip or start(partition), []
    for each in entries:
        linked, tip = link(each, tip)
        chain.append(linked)
    return chain


def written(count: int, every: int = 0, partition: int = 0) -> tuple[list[Entry], list[Checkpoint]]:
    """Return a chain and its checkpoints, one each so many entries and one at the end; none unless told."""
    tip, chain, checkpoints = start(partition), list[Entry](), list[Checkpoint]()
    for n in range(count):
        linked, tip = link(entry(n), tip)
        chain.append(linked)
        if every and ((n + 1) % every == 0 or n + 1 == count):
            checkpoints.append(signed(partition, tip, at=1_000 + n))
    return chain, checkpoints


def signed(partition: int, tip: Tip, at: int) -> Checkpoint:
    said = checkpoint(partition, tip, at=at, key_id="key")
    return msgspec.structs.replace(said, signature=SIGNATURE)


def trusted(said: Checkpoint) -> bool:
    return said.signature == SIGNATURE


def renumbered(entries: list[Entry]) -> list[Entry]:
    """Number entries anew and leave their hashes: what hides a gap at first sight."""
    return [msgspec.structs.replace(each, sequence=n) for n, each in enumerate(entries)]

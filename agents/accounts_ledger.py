"""The accounts' ledger: entries go out in their partition's one chain, and its end is signed now and then."""

import msgspec

from bookstream import topics
from bookstream.codecs import encode
from bookstream.delivery.api import Headers, Outbox, Shard
from domain.events.betting import LedgerCheckpoint, LedgerEntry
from domain.money.cause import PROVIDER
from domain.money.chain import link, misfit
from domain.money.checkpoint import Checkpoint, Sign
from tables.accounts import ChainState, chain, put_chain


def send_entry(shard: Shard, out: Outbox, entry: LedgerEntry, headers: Headers) -> None:
    """Send an entry as the next of its partition's chain; done again from the same rows it is the same bytes."""
    state = chain(shard)
    assert not misfit(entry), f"entry {entry.entry_id}: {misfit(entry)}"
    linked, tip = link(entry, state.tip)
    value = encode(linked)
    out.send(topics.LEDGER.name, entry.customer_id.encode(), value, partition=shard.partition, headers=headers)
    put_chain(shard, msgspec.structs.replace(state, tip=tip))


def send_checkpoint(shard: Shard, out: Outbox, sign: Sign, *, now: int, every_us: int) -> None:
    """Sign the chain's end (`now` and `every_us` in microseconds of the log), if it has moved and the time has come."""
    state = chain(shard)
    if state.tip.sequence <= state.signed or now < state.signed_at + every_us:
        return
    event = checkpoint_event(sign(shard.partition, state.tip, now))
    key = str(event.partition).encode()
    out.send(topics.LEDGER_CHECKPOINTS.name, key, encode(event), partition=shard.partition)
    put_chain(shard, ChainState(state.tip, state.tip.sequence, now))


def checkpoint_event(said: Checkpoint) -> LedgerCheckpoint:
    """Say a checkpoint; `event_id` is `<partition>/<sequence>`."""
    return LedgerCheckpoint(
        event_id=f"{said.partition}/{said.sequence}",
        occurred_at=said.at,
        received_at=said.at,
        provider=PROVIDER,
        partition=said.partition,
        sequence=said.sequence,
        hash=said.hash,
        previous=said.previous,
        entries=said.entries,
        key_id=said.key_id,
        signature=said.signature,
    )

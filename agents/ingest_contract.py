"""How a provider's contract stands: what is refused breaks it, and what nobody declared is counted.

Refused messages are dead letters one by one. Too many of them are said once, as a feed that is DELAYED for the reason
`contract`; a field that appears is said for the reason `new_fields`, and changes no state.
"""

from collections import Counter
from contextlib import suppress
from typing import Final

from agents.ingest_fields import FIELDS
from agents.ingest_turn import Turn
from domain.errors import RejectedInput
from domain.feeds.contract import NEWEST, OTHER, UndeclaredFields, is_looked_at, note_fields, refusals, take
from domain.feeds.dedupe import forget
from domain.feeds.sequence import refuse
from domain.feeds.stream import Notice
from ops import metrics
from tables.fields import UNDECLARED

CONTRACT: Final = "contract"
TOLD_OF: Final = 10
"""So many new fields are named in one notice."""


def note_refused(turn: Turn, error: RejectedInput) -> None:
    """Note that nothing of a message could be taken; the one too many breaks the contract.

    The message counts as one that did not come, so that it can be sent again once the contract is mended.
    """
    metrics.FEED_REFUSED.labels(turn.raw.provider, error.code).inc()
    stream = turn.stream
    refuse(stream.sequence, turn.raw.stream_sequence)
    forget(stream.recent, turn.raw.content_hash)
    is_new = take(stream.contract, refused=True)
    if is_new:
        metrics.CONTRACTS_BROKEN.labels(turn.raw.provider).inc()
    if stream.contract.broken and stream.reason != CONTRACT:
        found = f"{refusals(stream.contract)} of the newest {NEWEST} messages were refused"
        turn.say_status("DELAYED", CONTRACT, f"{found}, the last because: {error}"[:500])


def note_taken(turn: Turn) -> None:
    """Note that a message was taken: once none of the newest was refused, the contract holds again."""
    stream = turn.stream
    if take(stream.contract, refused=False) and stream.reason == CONTRACT:
        if stream.broken:
            turn.say_status("DELAYED", "gap", "the contract holds again, but markets wait for their images")
        else:
            turn.say_status("UP", "connected", "the contract holds again")
    if is_looked_at(turn.raw.stream_sequence):
        _look(turn)


def _look(turn: Turn) -> None:
    count = FIELDS.get(turn.raw.provider)
    if count is None:
        return
    seen: Counter[str] = Counter()
    with suppress(RejectedInput):  # what of it was refused has been said
        seen = count(turn.raw.payload)
    fields = turn.shard.get(UNDECLARED, turn.stream_id) or UndeclaredFields()
    new = note_fields(fields, seen)
    for path, times in seen.items():
        metrics.UNDECLARED_FIELDS.labels(turn.raw.provider, path if path in fields.paths else OTHER).inc(times)
    turn.shard.put(UNDECLARED, turn.stream_id, fields)
    if new:
        named = ", ".join(new[:TOLD_OF]) + (" and more" if len(new) > TOLD_OF else "")
        turn.speech.say_status(turn.stream_id, Notice(turn.stream.state, "new_fields", named[:500]))

"""What ingest forgets of the Unified Odds Feed: lines that were settled, or whose event is known no more."""

from typing import Final

from bookstream.delivery.api import Shard
from domain.identity.ids import DAY_US
from tables.ingest import LINKS, STREAMS, within
from tables.uof import UOF_LINES, UOF_MARKETS, UOF_MATCHES, UOF_PULSES

CLOSED_KEPT_US: Final = DAY_US
"""A settled market is kept for a day: a provider may settle it again."""


def keep_uof(shard: Shard, kind: str, key: str, now: int) -> bool:
    """Say whether a row is kept; one that is past is noted first, and deleted when it has stayed so for its time."""
    if kind == UOF_LINES.name:
        return _keep_line(shard, key, now)
    assert kind == UOF_MATCHES.name, f"a look at a row of {kind}"
    if shard.get(LINKS, key.partition("\0")[2]) is not None:
        return True
    shard.delete(UOF_MATCHES, key)
    return False


def forget_uof_stream(shard: Shard, stream_id: str) -> None:
    """Forget a stream's producers and its markets' names; its lines find at their own looks that it is gone."""
    shard.delete(UOF_PULSES, stream_id)
    for key, _ in list(shard.scan(UOF_MARKETS, within(stream_id))):
        shard.delete(UOF_MARKETS, key)


def _keep_line(shard: Shard, key: str, now: int) -> bool:
    line = shard.get(UOF_LINES, key)
    assert line is not None, f"a look at line {key!r}, which is not there"
    stream_id, _, name = key.partition("\0")
    is_linked = shard.get(LINKS, f"uof/{name.partition('/')[0]}") is not None
    if shard.get(STREAMS, stream_id) is not None and is_linked and line.told_status != "CLOSED":
        return True
    if not line.past_at:
        line.past_at = now
        shard.put(UOF_LINES, key, line)
    elif now - line.past_at > CLOSED_KEPT_US:
        shard.delete(UOF_LINES, key)
        return False
    return True

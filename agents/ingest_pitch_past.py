"""What ingest forgets of match events: matches whose link is gone, or whose stream ended unlinked."""

from bookstream.delivery.api import Shard
from tables.ingest import LINKS, STREAMS, within
from tables.pitch import PITCH_FACTS, PITCH_MATCHES


def keep_pitch(shard: Shard, key: str) -> bool:
    """Say whether a match is kept; with one that is not go the facts of its events."""
    match = shard.get(PITCH_MATCHES, key)
    assert match is not None, f"a look at match {key!r}, which is not there"
    stream_id = key.partition("\0")[0]
    if match.link and shard.get(LINKS, match.link) is not None:
        return True
    if not match.link and shard.get(STREAMS, stream_id) is not None:
        return True
    for row, _ in list(shard.scan(PITCH_FACTS, within(key))):
        shard.delete(PITCH_FACTS, row)
    shard.delete(PITCH_MATCHES, key)
    return False

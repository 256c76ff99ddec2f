"""Recovery of the local store: all that a fetch brings of a changelog in one write.

Faust takes each changelog record through a queue and two buffers, about 12,000 records a second. Here the records go
into RocksDB as they were fetched, and Faust is given only the last one that it waits for, by which it knows the end.
Private API of Faust that is relied upon: `tables.recovery.in_recovery`, `.active_tps`, `.active_offsets`,
`.active_highwaters`.
"""

from collections.abc import Sequence
from typing import Any

from faust.types import TP

from bookstream.delivery.store import PartitionStore


def write_fetched(app: Any, table: Any, tp: TP, records: Sequence[Any]) -> Sequence[Any]:  # noqa: ANN401
    """Write what recovery waits for, up to but without the changelog's last record; return what is left for Faust."""
    recovery = app.tables.recovery
    end = recovery.active_highwaters.get(tp)
    if table is None or not recovery.in_recovery or tp not in recovery.active_tps or end is None:
        return records
    known = recovery.active_offsets.get(tp)
    known = -1 if known is None else known
    fresh = [record for record in records if known < record.offset < end]
    if fresh:
        last = fresh[-1].offset
        PartitionStore(table, tp.partition).write([(record.key, record.value) for record in fresh], last)
        recovery.active_offsets[tp] = last
    return [record for record in records if record.offset >= end]

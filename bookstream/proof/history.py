"""Topics against history: every record of every topic is in ClickHouse, once."""

from collections.abc import Callable

from bookstream.topics import PUBLIC
from domain.audit.difference import Findings
from sinks.clickhouse.client import Answer
from sinks.clickhouse.tables import UNDECODABLE, table_of

Ends = dict[tuple[str, int], tuple[int, int]]


def audit_history(ask: Callable[[str], Answer], ends: Ends, findings: Findings) -> None:
    """Count rows and offsets of every partition in its table.

    A topic that is compacted loses old records and history keeps them: there history must have at least every offset
    up to the end. Records that break their contract are counted where they were set aside.
    """
    for topic in PUBLIC:
        kept = _counts(ask, topic.name)
        for partition in range(topic.partitions):
            low, high = ends[topic.name, partition]
            rows, offsets, last = kept.get(partition, (0, 0, -1))
            subject = f"{topic.name}/{partition}"
            findings.equal("history has no row twice", subject, expected=offsets, found=rows)
            complete = offsets >= high - low and (high == low or last == high - 1)
            findings.check("history has every record", subject, complete,
                           f"offsets {low} to {high - 1} in the topic, {offsets} up to {last} in history")  # fmt: skip


def _counts(ask: Callable[[str], Answer], topic: str) -> dict[int, tuple[int, int, int]]:
    table = table_of(topic)
    sql = f"""
        SELECT _partition, count(), uniqExact(_offset), max(_offset) FROM (
            SELECT _partition, _offset FROM {table.name} FINAL WHERE {table.condition}
            UNION ALL SELECT _partition, _offset FROM {UNDECODABLE} FINAL WHERE _topic = '{topic}'
        ) GROUP BY _partition
    """  # noqa: S608 - names are constants
    return {int(partition): (int(n), int(u), int(last)) for partition, n, u, last in ask(sql).rows}

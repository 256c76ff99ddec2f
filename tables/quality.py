"""Rows of how well feeds are heard: each stream's tally of each fixture, what all told of a fixture, what is due."""

import msgspec

from bookstream.delivery.api import Rows, Shard
from domain.events.feeds import Compared
from domain.feeds.agreement import Account, Comparison
from domain.feeds.completeness import Tally
from domain.feeds.facts import FixtureFacts
from domain.feeds.skew import Skew
from tables.timeline import Timeline


class Said(msgspec.Struct, frozen=True, array_like=True):
    """A count as last published, and when."""

    expected: int
    received: int
    at: int


class TallyRow(msgspec.Struct):
    """One stream's tally of one fixture; `said` by measure. A row that is `due` has its place in DUE.

    `idle_ticks` and `idle_at` are where it stood when it was last looked at for having been left.
    """

    tally: Tally
    said: dict[str, Said] = msgspec.field(default_factory=dict)
    due: bool = False
    idle_ticks: int = -1
    idle_at: int = 0


class FactsRow(msgspec.Struct):
    """One fixture's facts; `said` by provider, `skews` by two providers. `heard_at` is the newest word's time.

    `past_at` is when the fixture was noted to be long past, 0 before. `accounts` is what each provider says of score
    and cards, `differing` what was said of it last, by measure.
    """

    facts: FixtureFacts
    heard_at: int = 0
    kick_off_at: int = 0
    said: dict[str, Said] = msgspec.field(default_factory=dict)
    skews: dict[str, Skew] = msgspec.field(default_factory=dict)
    due: bool = False
    past_at: int = 0
    accounts: dict[str, Account] = msgspec.field(default_factory=dict)
    differing: dict[Compared, Comparison] = msgspec.field(default_factory=dict)


class Due(msgspec.Struct, frozen=True, array_like=True):
    """Which row is to be reported, and when."""

    kind: str
    key: str
    at: int


TALLIES = Rows("tally", TallyRow)
FACTS = Rows("facts", FactsRow)
DUE = Timeline(Rows("due", Due), width_us=60_000_000)

QUALITY_ROWS = (TALLIES, FACTS, DUE.rows)


def report_later(shard: Shard, kind: str, key: str, at: int) -> None:
    """See that a row is reported, once, at a time of the log's clock or at the first tick after it."""
    due = Due(kind, key, max(at, 0))
    DUE.add(shard, due.at, f"{kind}/{key}", due)


def due_reports(shard: Shard, at: int, most: int) -> list[Due]:
    """Take up to `most` rows that are due out of the index."""
    found = DUE.until(shard, at, most)
    for due in found:
        DUE.remove(shard, due.at, f"{due.kind}/{due.key}")
    return found

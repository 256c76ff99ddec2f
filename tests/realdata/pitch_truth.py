"""Files through the whole ingest handler, and what football-data.co.uk says of the same matches, read by itself."""

import csv
import gzip
import os
from collections import Counter
from pathlib import Path
from typing import TypeVar

import connectors
from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.memory import MemoryLog
from domain.events.canonical import Fixture, Incident, IncidentKind, Side, Statistic
from domain.events.head import Event
from domain.identity.directory import FixtureDirectory

DATA = Path(os.environ.get("BOOKSTREAM_REALDATA") or Path(__file__).parents[3] / "shared" / "data")
E = TypeVar("E", bound=Event)


class Replay:
    """Files through the ingest context, in memory, one after the other."""

    def __init__(self) -> None:
        self.log = MemoryLog([ingest_context(FixtureDirectory())], batch_records=512)

    def file(self, provider: str, path: Path, received_at: int | None = None) -> int:
        count = 0
        for message in connectors.by_name(provider).recorded(path, received_at=received_at):
            self.log.send(topics.raw_topic(message.provider), message.stream_id.encode(), encode(message))
            count += 1
        self.log.run()
        return count

    def said(self, topic: topics.Topic, kind: type[E]) -> list[E]:
        return [decode(kind, record.value or b"") for record in self.log.records(topic.name)]

    def incidents(self, *kinds: IncidentKind) -> list[Incident]:
        return [each for each in self.said(topics.INCIDENTS, Incident) if each.kind in kinds]

    def count(self, kind: IncidentKind, side: Side) -> int:
        return sum(each.side == side for each in self.incidents(kind))

    @property
    def fixture(self) -> Fixture:
        fixtures = self.said(topics.FIXTURES, Fixture)
        assert len({each.fixture_id for each in fixtures}) == 1
        return fixtures[-1]

    @property
    def figures(self) -> dict[str, float]:
        """Return each figure as it was told last."""
        return {each.name: each.value for each in self.said(topics.STATISTICS, Statistic)}

    @property
    def reasons(self) -> Counter[str]:
        name = "__connect.errors.exception.message"
        return Counter(dict(record.headers)[name].decode() for record in self.log.records(topics.DEAD_LETTERS.name))


def rows(path: Path) -> list[dict[str, str]]:
    """Read a CSV file without the connectors."""
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def result(season: str, home: str, away: str) -> dict[str, str]:
    """Return what football-data.co.uk says of a match."""
    (found,) = [
        row
        for row in rows(DATA / "football_data_co_uk" / f"{season}.csv.gz")
        if (row["HomeTeam"], row["AwayTeam"]) == (home, away)
    ]
    return found

"""Rows of tables through the ingest context, in memory."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import connectors
from agents.ingest import ingest_context
from bookstream import topics
from bookstream.codecs import decode, encode
from bookstream.delivery.memory import MemoryLog
from connectors.raw import RawStream
from connectors.tables import CONTENT_TYPE
from domain.events.canonical import Incident, MarketOdds, Statistic
from domain.events.feeds import RawMessage
from domain.events.head import Event
from domain.identity.directory import FixtureDirectory

AT = 1_700_000_000_000_000

E = TypeVar("E", bound=Event)


class Trial:
    """A provider's messages, made here or of files, and what was said of them."""

    def __init__(self, provider: str) -> None:
        self.provider = provider
        self.log = MemoryLog([ingest_context(FixtureDirectory())], batch_records=512)
        self.stream = RawStream(
            provider=provider, endpoint="test", stream_id="table", content_type=CONTENT_TYPE, recorded=True
        )

    def row(self, payload: bytes) -> None:
        """Tell one message."""
        self._tell([self.stream.message(payload, received_at=AT)])

    def file(self, path: Path) -> int:
        """Tell a file's messages, and return how many they are."""
        return self._tell(connectors.by_name(self.provider).recorded(path))

    def said(self, topic: topics.Topic, kind: type[E]) -> list[E]:
        return [decode(kind, record.value or b"") for record in self.log.records(topic.name)]

    @property
    def odds(self) -> list[MarketOdds]:
        return self.said(topics.ODDS, MarketOdds)

    @property
    def incidents(self) -> list[tuple[str, int | None, int | None]]:
        return [(each.kind, each.home_score, each.away_score) for each in self.said(topics.INCIDENTS, Incident)]

    @property
    def figures(self) -> dict[str, float]:
        return {each.name: each.value for each in self.said(topics.STATISTICS, Statistic)}

    @property
    def reasons(self) -> Counter[str]:
        name = "__connect.errors.exception.message"
        return Counter(dict(record.headers)[name].decode() for record in self.log.records(topics.DEAD_LETTERS.name))

    def _tell(self, messages: Iterable[RawMessage]) -> int:
        count = 0
        for message in messages:
            self.log.send(topics.raw_topic(self.provider), message.stream_id.encode(), encode(message))
            count += 1
        self.log.run()
        return count

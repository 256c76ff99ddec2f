"""What one record causes ingest to say: events with their ids, their source and their place, sent to their topics."""

from collections.abc import Set
from typing import Any

from agents.intake import source_of
from bookstream import topics
from bookstream.codecs import encode
from bookstream.delivery.api import Outbox, Record
from domain.events.canonical import Fixture, FixtureStatus, Incident, MarketOdds, Statistic
from domain.events.feeds import FeedStatus, RawMessage
from domain.events.head import Event, child_id
from domain.events.settlement import MarketResult
from domain.events.trace import followed, trace_of
from domain.feeds.stream import Notice
from domain.feeds.turning import turned


class Speech:
    """Says the events of one record; the n-th has the n-th child id, so the same record says the same again.

    `priced` are the newest odds that were said of each fixture, of an open market where there is one; `standing` is
    each fixture's status. Of the fixtures in `turned` the provider names the sides the other way round: it is put
    right here.
    """

    __slots__ = (
        "_headers", "_n", "_out", "_source", "at", "cause_id", "late", "priced", "provider", "received_at", "sequence",
        "standing", "turned",
    )  # fmt: skip

    def __init__(self, out: Outbox, record: Record, cause: Event, sequence: str | None = None) -> None:
        self._out = out
        self._n = 0
        self._source = source_of(record)
        self._headers = followed(trace_of(record.headers), self._source) if record.headers else ()
        self.cause_id = cause.event_id
        self.provider = cause.provider
        self.at = cause.occurred_at
        self.received_at = cause.received_at
        self.sequence = sequence
        self.late = False
        self.priced: dict[str, MarketOdds] = {}
        self.standing: dict[str, FixtureStatus] = {}
        self.turned: Set[str] = frozenset()

    @classmethod
    def of(cls, out: Outbox, record: Record, raw: RawMessage) -> "Speech":
        """Speak of a provider's message; its number in its stream is the sequence until a better one is known."""
        return cls(out, record, raw, str(raw.stream_sequence))

    @property
    def said(self) -> int:
        """Return how many events were said."""
        return self._n

    def head(self, at: int | None = None) -> dict[str, Any]:
        """Return the head of the next event; `at` is its own time where it is not the message's."""
        self._n += 1
        return {
            "event_id": child_id(self.cause_id, self._n - 1),
            "occurred_at": self.at if at is None else at,
            "received_at": self.received_at,
            "provider": self.provider,
            "provider_sequence": self.sequence,
            "source": self._source,
        }

    def say(self, topic: topics.Topic, key: str, event: Event, *, partition: int | None = None) -> None:
        """Send an event under its key, to the key's partition where no other is named."""
        if (
            self.turned
            and isinstance(event, MarketOdds | Incident | Statistic | MarketResult)
            and event.fixture_id in self.turned
        ):
            event = turned(event)
        self._out.send(topic.name, key.encode(), encode(event), partition=partition, headers=self._headers)
        if isinstance(event, MarketOdds):
            if not event.late and (event.status != "CLOSED" or key not in self.priced):
                self.priced[key] = event
        elif isinstance(event, Fixture):
            self.standing[key] = event.status

    def say_status(self, stream_id: str, notice: Notice) -> None:
        """Send a feed's status to every partition."""
        status = FeedStatus(
            **self.head(), stream_id=stream_id, state=notice.state, reason=notice.reason, detail=notice.detail
        )
        key, value = status.provider.encode(), encode(status)
        for partition in range(topics.FEED_STATUS.partitions):
            self._out.send(topics.FEED_STATUS.name, key, value, partition=partition, headers=self._headers)

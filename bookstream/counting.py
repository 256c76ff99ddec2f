"""How much is on the topics: counts from watermarks, cheap enough to ask every second."""

from collections import Counter
from collections.abc import Sequence

from bookstream.reading import consumer, watermarks
from bookstream.topics import PUBLIC

EVERY_TOPIC = tuple(topic.name for topic in PUBLIC)


class TopicCounts:
    """Counts records that were ever appended; one connection, reused."""

    def __init__(self, bootstrap: str, security: dict[str, str] | None = None) -> None:
        self._consumer = consumer(bootstrap, security)

    def now(self, topics: Sequence[str] = EVERY_TOPIC) -> Counter[str]:
        """Return the number of records appended to each topic."""
        counted: Counter[str] = Counter()
        for (topic, _), (_, high) in watermarks(self._consumer, topics).items():
            counted[topic] += high
        return counted

    def close(self) -> None:
        """Close the connection."""
        self._consumer.close()

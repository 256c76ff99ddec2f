"""Whose turn it is: topics share the lanes, and one that floods leaves room for the others.

While several topics are heard, a turn is small, and a topic that is behind works in few lanes at once: one thread works
for all lanes, so what waits behind it are those few turns. What is not behind, and a topic alone, is not held up.
"""

import time
from collections import defaultdict

TURN_RECORDS = 128
"""What a topic gets for a turn while others are heard too; it is behind in a lane where as much of it comes at once,"""
TURN_BYTES = 256 * 1024
"""or so many bytes."""
MOST_LANES = 3
"""In so many lanes a flood is worked on at once: while one waits for the broker, the others use the processor."""
MIXED_SECONDS = 1.0
"""For so long after a topic was heard there is room for it."""


class Turns:
    """Gives turns of a topic to lanes, in the order in which they asked."""

    def __init__(self, most_records: int) -> None:
        self._most_records = most_records
        self._heard: dict[str, float] = {}
        self._lanes: dict[str, int] = defaultdict(int)
        self._asked: dict[str, dict[int, None]] = defaultdict(dict)
        self._granted: set[tuple[str, int]] = set()

    def hear(self, topic: str) -> None:
        """Note that a topic has something to do."""
        self._heard[topic] = time.monotonic()

    def records(self) -> int:
        """Return how many records a turn may have now."""
        return min(TURN_RECORDS, self._most_records) if self._mixed() else self._most_records

    def begin(self, topic: str, lane: int, *, is_behind: bool) -> bool:
        """Tell whether a lane may work on a topic, which may be behind in it; if not, it has asked."""
        if (topic, lane) in self._granted:
            self._granted.discard((topic, lane))
            return True
        if is_behind and self._lanes[topic] >= MOST_LANES and self._mixed():
            self._asked[topic][lane] = None
            return False
        self._asked[topic].pop(lane, None)
        self._lanes[topic] += 1
        return True

    def end(self, topic: str) -> int | None:
        """End a turn of a topic, and return the lane that has the next one by that, if any has asked."""
        asked = self._asked[topic]
        if not asked:
            self._lanes[topic] -= 1
            return None
        lane = next(iter(asked))
        del asked[lane]
        self._granted.add((topic, lane))
        return lane

    def forget(self) -> None:
        """Forget who asked and who works: nobody does."""
        self._lanes.clear()
        self._asked.clear()
        self._granted.clear()

    def _mixed(self) -> bool:
        since = time.monotonic() - MIXED_SECONDS
        return sum(at > since for at in self._heard.values()) > 1

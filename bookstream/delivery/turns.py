"""Whose turn it is: topics share the lanes, and one that floods leaves room for the others.

One thread works for all lanes. While several topics are heard, a turn is as much of a topic as takes a few milliseconds
by what its records took lately, and a topic that is behind works in few lanes at once: what waits behind it are those
few turns. What is not behind, and a topic alone, is not held up.
"""

import time
from collections import defaultdict

TURN_SECONDS = 0.005
"""What a turn may take while others are heard too."""
FIRST_RECORDS = 32
"""A turn of a topic of which nothing is known yet."""
MOST_LANES = 3
"""In so many lanes a flood is worked on at once: while one waits for the broker, the others use the processor."""
MIXED_SECONDS = 1.0
"""For so long after a topic was heard there is room for it."""
NEWEST_SHARE = 0.3
"""How much the newest turn counts in what a record takes."""


class Turns:
    """Gives turns of a topic to lanes, in the order in which they asked. A turn has at most `most_records`."""

    def __init__(self, most_records: int) -> None:
        self._most_records = most_records
        self._record_seconds: dict[str, float] = {}
        self._heard: dict[str, float] = {}
        self._lanes: dict[str, int] = defaultdict(int)
        self._asked: dict[str, dict[int, None]] = defaultdict(dict)
        self._granted: set[tuple[str, int]] = set()

    def hear(self, topic: str) -> None:
        """Note that a topic has something to do."""
        self._heard[topic] = time.monotonic()

    def took(self, topic: str, records: int, seconds: float) -> None:
        """Note how long the processor worked on records of a topic; nothing, when all of them were taken before."""
        if not seconds:
            return
        each = seconds / records
        before = self._record_seconds.get(topic, each)
        self._record_seconds[topic] = before + (each - before) * NEWEST_SHARE

    def size(self, topic: str) -> int:
        """Return how many records of a topic are a turn while others are heard too."""
        each = self._record_seconds.get(topic)
        wanted = FIRST_RECORDS if each is None else int(TURN_SECONDS / max(each, 1e-9))
        return max(1, min(wanted, self._most_records))

    def records(self, topic: str) -> int:
        """Return how many records a turn of a topic may have now."""
        return self.size(topic) if self._mixed() else self._most_records

    def begin(self, topic: str, lane: int, *, is_behind: bool) -> bool:
        """Tell whether a lane may work on a topic, which may be behind in it; if not, it has asked."""
        self.hear(topic)  # what is held back from fetching is given rarely, and has something to do all the time
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

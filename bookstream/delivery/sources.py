"""The input of a worker, of two clients: one for the topics that are heard just now, one for those that are silent.

librdkafka names every partition it has in every fetch, for it knows no sessions of fetches (KIP-227), and the broker
looks at each of them: with a topic for each provider, most of them silent, a record of a busy one would pay for all.
"""

import time
from collections.abc import Callable, Mapping
from functools import partial

from bookstream.delivery.outbox import Place
from bookstream.delivery.source import Fetched, Fetching, Source, Take

SILENT_SECONDS = 10.0
"""After so long without a record a topic is silent."""
SILENT = Fetching(wait_ms=100, queued_kib=1024)
"""The first record after a silence comes at once; little is fetched ahead, for the topic moves then."""


class Sources:
    """Fetches the assigned partitions; a topic's partitions are all with one client.

    What both have fetched for a moment while a topic moves comes twice, or from the second before the first: whoever
    takes it must take only what follows on what it has.

    Args:
        name: of the worker, for what is said when it must end.
        bootstrap: the Kafka address.
        security: librdkafka's settings for SASL and TLS.
        take: called in the event loop with the number of the assignment and what was fetched under it.
        position: says, after `take`, which offset of a place comes next.
        fetching: how what is heard is fetched.
    """

    def __init__(
        self,
        name: str,
        bootstrap: str,
        security: Mapping[str, str],
        take: Take,
        *,
        position: Callable[[Place], int | None],
        fetching: Fetching,
    ) -> None:
        self._take = take
        self._position = position
        self._heard = Source(name, bootstrap, security, self._taken, fetching)
        self._silent = Source(name, bootstrap, security, partial(self._taken, is_first=True), SILENT)
        self._sources = self._heard, self._silent
        self._places: dict[str, list[Place]] = {}
        self._heard_at: dict[str, float] = {}

    @property
    def number(self) -> int:
        """Return the number of the assignment that holds."""
        return self._heard.number

    @property
    def held(self) -> set[Place]:
        """Return what is held."""
        return self._heard.held | self._silent.held

    def start(self) -> None:
        """Start both clients; nothing comes before positions are assigned."""
        for source in self._sources:
            source.start()

    async def stop(self) -> None:
        """End both clients."""
        for source in self._sources:
            await source.stop()

    def assign(self, positions: Mapping[Place, int]) -> None:
        """Fetch these partitions from these offsets, and nothing else; what is on the way is of the past."""
        self._heard_at.clear()
        self._places = {}
        for place in positions:
            self._places.setdefault(place[0], []).append(place)
        self._heard.assign({})
        self._silent.assign(positions)

    def revoke(self) -> None:
        """Fetch nothing."""
        self.assign({})

    def again(self, place: Place, offset: int) -> None:
        """Fetch one partition again from an offset."""
        self._of(place).again(place, offset)

    def hold(self, place: Place) -> None:
        """Fetch no more of a partition until it is let go."""
        self._of(place).hold(place)

    def let_go(self, place: Place) -> None:
        """Fetch a held partition again."""
        self._of(place).let_go(place)

    def hold_all(self) -> None:
        """Hand nothing over until `let_all_go`."""
        for source in self._sources:
            source.hold_all()

    def let_all_go(self) -> None:
        """Hand over again."""
        for source in self._sources:
            source.let_all_go()

    def end(self, place: Place) -> int | None:
        """Return the offset behind a partition's last record, as of the last `look`; None before it is known."""
        return self._of(place).end(place)

    def look(self) -> None:
        """Have the ends of the partitions noted, and let what has fallen silent go to the other client."""
        since = time.monotonic() - SILENT_SECONDS
        held = {topic for topic, _ in self._heard.held}
        for topic in [topic for topic, at in self._heard_at.items() if at < since and topic not in held]:
            del self._heard_at[topic]
            self._move(topic, self._heard, self._silent)
        for source in self._sources:
            source.look()

    def _taken(self, number: int, fetched: Fetched, *, is_first: bool = False) -> None:
        self._take(number, fetched)
        if number != self.number:
            return
        now = time.monotonic()
        for topic in {topic for topic, _ in fetched}:
            if topic in self._heard_at:
                self._heard_at[topic] = now
            elif is_first:  # else it has just moved, and this was on the way
                self._heard_at[topic] = now
                self._move(topic, self._silent, self._heard)

    def _move(self, topic: str, old: Source, new: Source) -> None:
        """Let the other client fetch a topic, from where it is; what is held stays so."""
        places = self._places[topic]
        held = [place for place in places if place in old.held]
        old.drop(places)
        new.add({place: self._position(place) or 0 for place in places})
        for place in held:
            new.hold(place)

    def _of(self, place: Place) -> Source:
        return self._heard if place[0] in self._heard_at else self._silent

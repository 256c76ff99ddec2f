"""One owner of one shard: takes its inputs unit by unit, and can die at every await."""

from collections.abc import Coroutine
from random import Random
from typing import Any

from bookstream.delivery.api import Context
from bookstream.delivery.unit import ShardRunner
from bookstream.simulation.broker import Broker, Fenced, Producer, Store

MOST_AT_ONCE = 24


class Worker:
    """The worker of one partition of one context, as long as the simulation runs: it dies and starts again.

    Args:
        context: whose handlers it runs.
        partition: of all of the context's topics.
        broker: where inputs come from and outputs go.

    Its `fuse` is how many more awaits it lives, and whether a ghost of it stays.
    """

    def __init__(self, context: Context, partition: int, broker: Broker) -> None:
        self.context = context
        self.partition = partition
        self.name = (context.name, partition)
        self.units = 0
        self.fuse: tuple[int, bool] | None = None
        self._broker = broker
        self._positions: dict[str, int] = {}
        self._runner: ShardRunner | None = None
        self._task: Coroutine[None, None, Any] | None = None
        self._taking: tuple[str, int] = ("", 0)
        self._ghosts: list[Coroutine[None, None, Any]] = []

    def hear(self, topic: str) -> None:
        """Know that there is something to take on a topic."""
        self._positions.setdefault(topic, 0)

    @property
    def is_busy(self) -> bool:
        """Tell whether it is in the middle of something."""
        return self._task is not None

    @property
    def is_done(self) -> bool:
        """Tell whether there is nothing to do."""
        return self._task is None and not self._ghosts and self._runner is not None and not self._ready()

    def advance(self, random: Random) -> None:
        """Go on to the next await; begin something if there is nothing begun."""
        if self.fuse is not None:
            self.fuse = self.fuse[0] - 1, self.fuse[1]
        if self._ghosts and random.random() < 0.2:
            self._haunt(random)
            return
        if self._task is None and not self._begin(random):
            if self._ghosts:
                self._haunt(random)
            return
        assert self._task is not None, "begun"
        try:
            self._task.send(None)
        except StopIteration:
            topic, position = self._taking
            if topic:
                self._positions[topic] = position
                self.units += 1
            self._task = None

    def die(self, random: Random, *, ghost: bool = False) -> bool:
        """End the process where it stands; a ghost does not know yet that it was replaced. Return whether it ran.

        What it had not committed comes again: from any offset that it has read.
        """
        lived, self._runner, self.fuse = self._runner is not None, None, None
        if self._task is not None:
            if ghost:
                self._ghosts.append(self._task)
            else:
                self._task.close()
            self._task = None
        self.rewind(random)
        return lived

    def rewind(self, random: Random) -> None:
        """Forget how far it had read: some topics begin again at an older offset."""
        for topic, position in self._positions.items():
            if position and random.random() < 0.5:
                self._positions[topic] = random.randrange(position + 1)

    def close(self) -> None:
        """Leave nothing running."""
        for task in (*self._ghosts, *([self._task] if self._task is not None else [])):
            task.close()
        self._ghosts, self._task = [], None

    def _begin(self, random: Random) -> bool:
        if self._runner is None:
            producer, store = Producer(self._broker, self.name, random), Store()
            changelog = self._broker.changelogs[self.name]
            store.recover(changelog)
            self._runner = ShardRunner(self.context, self.partition, store, producer)
            self._taking = ("", 0)
            self._task = self._runner.resume(changelog.end)
            return True
        ready = self._ready()
        if not ready:
            return False
        topic = ready[random.randrange(len(ready))] if len(ready) > 1 else ready[0]
        position = self._positions[topic]
        log = self._broker.topics[topic][self.partition]
        records = log[position : position + random.randint(1, MOST_AT_ONCE)]
        self._taking = (topic, position + len(records))
        self._task = self._runner.run(topic, records)
        return True

    def _ready(self) -> list[str]:
        topics = self._broker.topics
        return [
            topic for topic, position in self._positions.items()
            if len(topics[topic][self.partition]) > position
        ]  # fmt: skip

    def _haunt(self, random: Random) -> None:
        ghost = self._ghosts[random.randrange(len(self._ghosts))]
        try:
            ghost.send(None)
        except (StopIteration, Fenced):
            self._ghosts.remove(ghost)

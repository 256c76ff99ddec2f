"""A provider's live feed into its topic: published, acknowledged, and only then is its place saved.

The connector reconnects, backs off and breaks the circuit by itself; here its items are published in small rounds, and
each round ends with the acknowledgement of everything in it.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from confluent_kafka import Producer

from bookstream.clients import client
from bookstream.codecs import encode
from bookstream.feed_place import Place, save
from bookstream.topics import FEED_STATUS, PARTITIONS, raw_topic
from connectors.contract import Connector, Item, Position
from connectors.publisher import CONFIG, Publisher, Route
from connectors.raw import RawStream, wall_clock
from connectors.resilience.breaker import Guard, State
from domain.errors import BookstreamError
from domain.events.feeds import RawMessage

ROUND_SECONDS: Final = 0.25
ROUND_MESSAGES: Final = 2_000

ROUTE: Final = Route(encode=encode, raw_topic=raw_topic, status_topic=FEED_STATUS.name, partitions=PARTITIONS)


class LiveConnector(Connector, Protocol):
    """A connector that tells where it stands: the place after the last item that `live` yielded."""

    position: Position | None


@dataclass(slots=True)
class Source:
    """A connector to run, its circuit breaker, and what it is subscribed to."""

    connector: LiveConnector
    guard: Guard
    subscription: str


@dataclass(slots=True)
class Fed:
    """What a feed has published; `reconnects` counts connections after the first."""

    messages: int = 0
    statuses: int = 0
    reconnects: int = 0
    rounds: int = 0
    connections: int = field(default=0, repr=False)


Tell = Callable[[str], None]


def to_broker(bootstrap: str, security: dict[str, str] | None = None) -> Publisher:
    """Make the publisher of feeds.

    Raises:
        Misconfigured: a setting is not librdkafka's.
    """
    return Publisher(client(Producer, bootstrap, security, CONFIG), ROUTE)


class Feeding:
    """Runs one feed until asked to stop; the place is saved in `path` after each acknowledged round.

    Args:
        source: what to run.
        publisher: what sends to the broker.
        path: where the place is kept.
        tell: told of the feed's states and of the circuit, a line each.
    """

    def __init__(self, source: Source, publisher: Publisher, path: Path, tell: Tell) -> None:
        self._source = source
        self._path = path
        self._tell = tell
        self._publisher = publisher
        self._position: Position | None = None
        self._saved: Position | None = None
        self._error: BookstreamError | None = None
        self._circuit = State.CLOSED
        self.fed = Fed()

    async def run(self, position: Position | None, asked: Callable[[], bool]) -> Fed:
        """Feed until asked to stop; all that was taken from the provider is then acknowledged and its place saved.

        Raises:
            Misconfigured: the provider refuses the credentials or the subscription.
            Unavailable: the broker does not take records; the place saved is that of what it took.
            MustStop: the broker refused a record for good.
        """
        async with aclosing(self._source.connector.live(position=position)) as live, _Pending(live) as pending:
            while self._error is None and not asked():
                await self._publisher.run(self._round(pending, asked))
                self._acknowledged()
        if self._error is not None:
            raise self._error
        await self._publisher.run(self._goodbye())
        self._acknowledged()
        return self.fed

    async def _round(self, pending: "_Pending", asked: Callable[[], bool]) -> AsyncGenerator[Item]:
        """Yield what comes in a fraction of a second; an error of the feed ends the round and waits for its end."""
        ends = time.monotonic() + ROUND_SECONDS
        for _ in range(ROUND_MESSAGES):
            left = ends - time.monotonic()
            if left <= 0 or asked():
                break
            try:
                item = await pending.next(left)
            except BookstreamError as error:
                self._error = error
                break
            if item is None:
                break
            self._position = self._source.connector.position
            self._note(item)
            yield item
        self._watch_circuit()

    def _note(self, item: Item) -> None:
        if isinstance(item, RawMessage):
            return
        if item.reason == "connected":
            self.fed.connections += 1
            self.fed.reconnects = self.fed.connections - 1
        if item.reason != "heartbeat":
            self._tell(f"{item.provider} {item.state} {item.reason} {item.detail}".rstrip())

    def _watch_circuit(self) -> None:
        breaker = self._source.guard.breaker
        if breaker.state is self._circuit:
            return
        self._circuit = breaker.state
        after = f", {breaker.failures} failures in a row" if breaker.state is State.OPEN else ""
        self._tell(f"{self._source.connector.provider} circuit {breaker.state.replace('_', '-')}{after}")

    async def _goodbye(self) -> AsyncGenerator[Item]:
        """Say that the feed has ended on purpose: nobody need wait until it counts as silent."""
        if self._position is not None:
            name = self._source.connector.provider
            stream = RawStream(provider=name, endpoint="", stream_id=self._position.stream_id,
                               next_sequence=self._position.next_sequence)  # fmt: skip
            yield stream.status("DOWN", "ended", at=wall_clock(), detail="the feed was stopped")

    def _acknowledged(self) -> None:
        published, fed = self._publisher.published, self.fed
        fed.messages, fed.statuses = published.messages, published.statuses
        fed.rounds += 1
        position = self._position
        if position is not None and position != self._saved:
            place = Place(
                subscription=self._source.subscription,
                stream_id=position.stream_id,
                next_sequence=position.next_sequence,
                tokens=position.tokens,
                saved_at=wall_clock(),
            )
            save(self._path, place)
            self._saved = position


class _Pending:
    """The next item of a feed, waited for over several rounds: to cancel the wait would end the feed."""

    def __init__(self, live: AsyncGenerator[Item]) -> None:
        self._live = live
        self._task: asyncio.Task[Item] | None = None

    async def next(self, seconds: float) -> Item | None:
        """Return the next item, or None when none came in time."""
        if self._task is None:
            self._task = asyncio.ensure_future(anext(self._live))
        done, _ = await asyncio.wait({self._task}, timeout=seconds)
        if not done:
            return None
        task, self._task = self._task, None
        return task.result()

    async def __aenter__(self) -> "_Pending":
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

"""The live feed: one connection after the other as one unbroken stream, what was missed in between recovered."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from connectors.contract import Item, Position
from connectors.raw import RawStream
from connectors.resilience.breaker import Guard
from connectors.resilience.web import Throttled, waiting_for_trust
from connectors.uof.client import PRODUCERS, UofClient
from connectors.uof.live_broken import broken_of
from connectors.uof.live_documents import DocumentCounts, Documents
from connectors.uof.live_head import Head, head_of
from connectors.uof.live_options import SECOND_US, Silent, SteadyClock, UofOptions
from connectors.uof.live_producers import Producers
from connectors.uof.live_session import Delivery, Session
from connectors.uof.parser import CONTENT_TYPE, parse
from connectors.uof.recorded import PROVIDER
from connectors.uof.rest import Producers as ProducersDocument
from domain.errors import Misconfigured, RejectedInput, Unavailable
from domain.events.feeds import FeedState, FeedStatus

HEARTBEAT_US: Final = 10 * SECOND_US
"""A feed that is whole says so this often."""

Taken = Callable[[], Awaitable[None]]
Placed = tuple[Item, Position, Taken]
"""An item, the place after it, and what to call when the reader has taken it."""
Answer = TypeVar("Answer")


@dataclass(slots=True)
class LiveCounts:
    """What a live feed has seen; `headless` messages were of no known form, and are published all the same.

    `unwanted` ones were of producers that were not asked for, and are not published. `events` counts events that were
    asked for alone, as a message about them could not be read.
    """

    messages: int = 0
    sessions: int = 0
    headless: int = 0
    unwanted: int = 0
    recoveries: int = 0
    events: int = 0


class LiveFeed:
    """One subscription for as long as it is wanted."""

    def __init__(self, options: UofOptions, position: Position | None, guard: Guard) -> None:
        self._options = options
        self._guard = guard
        self._clock = SteadyClock(options.now, options.monotonic)
        self._clock_is_wrong = False
        self._tokens: tuple[str, ...] = position.tokens if position and position.tokens else ("",)
        self._told: FeedState = "DOWN"
        self._reason = ""
        self._said_at = 0
        self.counts = LiveCounts()
        self.documents = DocumentCounts()
        self._stream = RawStream(
            provider=PROVIDER,
            endpoint=f"amqps://{options.host}:{options.port}",
            stream_id=position.stream_id if position else f"{options.name}@{options.now()}",
            content_type=CONTENT_TYPE,
            next_sequence=position.next_sequence if position else 0,
        )

    async def items(self) -> AsyncGenerator[Placed]:
        """Yield messages and states for ever."""
        yield self._say("DOWN", "ended", "connecting")
        async with UofClient(self._options, self._clock.now) as client:
            try:
                virtual_host = await self._patiently(client.virtual_host)
                producers = await self._producers(client)
            except (Misconfigured, Unavailable) as error:
                yield self._say("DOWN", "refused" if isinstance(error, Misconfigured) else "ended", str(error))
                raise
            documents = Documents(client, self._options, self._clock.now)
            self.documents = documents.counts
            fetching = asyncio.create_task(documents.run())
            try:
                async with aclosing(self._sessions(virtual_host, producers, documents)) as items:
                    async for item in items:
                        yield item
            finally:
                fetching.cancel()
                await asyncio.gather(fetching, return_exceptions=True)
                await producers.close()

    async def _sessions(self, virtual_host: str, producers: Producers, documents: Documents) -> AsyncGenerator[Placed]:
        while True:
            try:
                session = await self._patiently(lambda: self._open(virtual_host))
            except (Misconfigured, Unavailable) as error:
                yield self._say("DOWN", "refused" if isinstance(error, Misconfigured) else "ended", str(error))
                raise
            self.counts.sessions += 1
            # Each connection has an endpoint of its own: what was said between two is lost until it is recovered.
            self._stream.endpoint = f"amqps://{self._options.host}:{self._options.port}#{self._clock.now()}"
            producers.connected(self._clock.now())
            yield self._say("DELAYED", "connected", "what was missed is to be recovered")
            try:
                async with aclosing(self._read(session, producers, documents)) as items:
                    async for item in items:
                        yield item
            except Unavailable as error:
                producers.disconnected()
                yield self._say("DOWN", "silent" if isinstance(error, Silent) else "ended", str(error))
                if not session.messages:
                    self._guard.fail()
            finally:
                await session.close()
            await asyncio.sleep(self._options.backoff.initial_s)

    async def _open(self, virtual_host: str) -> Session:
        with waiting_for_trust(has_run=self.counts.sessions > 0):
            return await Session.open(self._options, virtual_host)

    async def _read(self, session: Session, producers: Producers, documents: Documents) -> AsyncGenerator[Placed]:
        heard_at = ticked_at = self._clock.now()
        while True:
            delivery = await session.read(self._options.tick_s)
            at = self._clock.now()
            if delivery is not None:
                heard_at = at
                taken = self._take(delivery, producers, documents, at)
                if taken is None:
                    await session.taken(delivery)
                else:
                    yield *taken, partial(session.taken, delivery)
                if self._clock_is_wrong:
                    # What is known of the producers is by another time: it is asked for anew.
                    self._clock_is_wrong = False
                    self._clock.set()
                    raise Unavailable("the wall's clock was set")
            elif at - heard_at > self._options.timeouts.read_s * SECOND_US:
                raise Silent(f"{self._options.host} was silent for {self._options.timeouts.read_s:g} s")
            if delivery is None or at - ticked_at >= self._options.tick_s * SECOND_US:
                ticked_at = at
                producers.tick(at)
                self._keep(producers)
            while not documents.ready.empty():
                path, body = documents.ready.get_nowait()
                yield self._place(self._stream.message(body, received_at=self._clock.now(), endpoint=path))
            for status in self._states(producers, at):
                yield self._place(status)

    def _take(
        self, delivery: Delivery, producers: Producers, documents: Documents, at: int
    ) -> tuple[Item, Position] | None:
        """Make a message's item; a pulse moves the place on to before which nothing is missing.

        What a producer says that is not wanted is none: nobody would recover what is missing of it.
        """
        self.counts.messages += 1
        head = head_of(delivery.payload, max(at, self._options.now()))
        if head is not None and not producers.has(head.product):
            self.counts.unwanted += 1
            return None
        if head is None:
            self.counts.headless += 1
            restores: bool | None = False
        else:
            self._guard.succeed()
            self._clock_is_wrong = head.tag == "alive" and self._clock.is_wrong(head.timestamp * 1000)
            restores = self._steer(head, producers, documents, at)
        broken = broken_of(delivery.routing_key, head)
        if broken is not None:
            producers.mend(broken, at)
            documents.name(broken.event, changed=broken.kind == "fixture_change")
        occurred_at = at if head is None else min(head.timestamp * 1000, at)
        message = self._stream.message(delivery.payload, received_at=at, occurred_at=occurred_at, restores=restores)
        return self._place(message)[:2]

    def _steer(self, head: Head, producers: Producers, documents: Documents, at: int) -> bool | None:
        restores = producers.hear(head, at)
        if head.event_id is not None:
            documents.name(head.event_id, changed=head.tag == "fixture_change")
        else:
            self._keep(producers)
        return restores

    def _keep(self, producers: Producers) -> None:
        self._tokens = (producers.token,)
        self.counts.recoveries, self.counts.events = producers.asked, producers.mended

    def _states(self, producers: Producers, at: int) -> Iterator[FeedStatus]:
        """Yield how the feed is when that changes, and that it is well from time to time."""
        state, reason, detail = producers.state()
        if (state, reason) != (self._told, self._reason) and not (state == self._told == "UP"):
            # What ended says so: a whole feed after latency is one that caught up.
            self._note(state, reason, at)
            yield self._stream.status(state, reason, at=at, detail=detail)
        elif at - self._said_at >= HEARTBEAT_US:
            self._said_at = at
            yield self._stream.status(state, "heartbeat" if state == "UP" else reason, at=at, detail=detail)

    async def _producers(self, client: UofClient) -> Producers:
        async def described() -> ProducersDocument:
            try:
                document = parse(await client.get(PRODUCERS))
            except RejectedInput as error:
                raise Unavailable(f"the producers cannot be read: {error}") from error
            if not isinstance(document, ProducersDocument):
                raise Unavailable("the Unified Odds Feed answered something else when asked for its producers")
            return document

        document = await self._patiently(described)
        return Producers(document.each, self._options, client, self._clock.now(), self._tokens[0])

    async def _patiently(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Try for as long as the back-off allows, and no earlier than the provider says."""
        async for attempt in self._options.backoff.tries():
            with attempt:
                try:
                    async with self._guard.watch():
                        answer = await ask()
                except Throttled as error:
                    await asyncio.sleep(error.after_s)
                    raise
                self._guard.succeed()
                return answer
        raise Unavailable("no try was made to connect")

    def _note(self, state: FeedState, reason: str, at: int) -> None:
        self._told, self._reason, self._said_at = state, reason, at

    def _say(self, state: FeedState, reason: str, detail: str) -> Placed:
        at = self._clock.now()
        self._note(state, reason, at)
        return self._place(self._stream.status(state, reason, at=at, detail=detail))

    def _place(self, item: Item) -> Placed:
        return item, Position(self._stream.stream_id, self._stream.next_sequence, self._tokens), _nothing


async def _nothing() -> None:
    """Take it that a state or a document was taken: nobody waits for that."""

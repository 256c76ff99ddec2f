"""The live stream: one connection after the other as one unbroken stream, resumed by the last message's clocks."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

import msgspec

from connectors.betfair import messages
from connectors.betfair.messages import LATENCY_STATUS, StatusMessage
from connectors.betfair.protocol import BetfairOptions, PlaceLost, SessionExpired, Silent, failure_of
from connectors.betfair.recorded import PROVIDER, Head
from connectors.betfair.session import Session
from connectors.contract import Item, Position
from connectors.raw import RawStream
from connectors.resilience.breaker import Guard
from connectors.resilience.web import waiting_for_trust
from domain.errors import Misconfigured, RejectedInput, Unavailable
from domain.events.feeds import FeedState, FeedStatus

CLOCKS: Final = 2


class LiveHead(Head, rename="camel", gc=False):
    """The part of a live message that steers the connection."""

    ct: str | None = None
    initial_clk: str | None = None
    heartbeat_ms: int | None = None
    status: int | None = None


_head = msgspec.json.Decoder(LiveHead)
NO_HEAD: Final = LiveHead(op="")


@dataclass(slots=True)
class LiveCounts:
    """What a live stream has seen; `unknown` counts fields that no message declares."""

    messages: int = 0
    sessions: int = 0
    undecodable: int = 0
    unknown: Counter[str] = field(default_factory=Counter)


class LiveStream:
    """One subscription for as long as it is wanted."""

    def __init__(self, options: BetfairOptions, position: Position | None, guard: Guard) -> None:
        self._options = options
        self._guard = guard
        self._token = options.session
        self._renewed = False
        self._clocks: tuple[str, ...] = position.tokens if position else ()
        self._resumed = False
        self._behind = False
        self.counts = LiveCounts()
        self._stream = RawStream(
            provider=PROVIDER,
            endpoint=f"{options.host}:{options.port}",
            stream_id=position.stream_id if position else f"{options.name}@{options.now()}",
            next_sequence=position.next_sequence if position else 0,
        )

    @property
    def position(self) -> Position:
        """Return the place after the last message made."""
        return Position(self._stream.stream_id, self._stream.next_sequence, self._clocks)

    async def items(self) -> AsyncGenerator[tuple[Item, Position]]:
        """Yield messages and states for ever, each with the place after it."""
        yield self._say("DOWN", "ended", "connecting")
        while True:
            try:
                session = await self._connect()
            except (Misconfigured, Unavailable) as error:
                yield self._say("DOWN", "refused" if isinstance(error, Misconfigured) else "ended", str(error))
                raise
            yield self._say("UP", "connected", session.connection_id)
            try:
                async with aclosing(self._read(session)) as items:
                    async for item in items:
                        yield item, self.position
            except Misconfigured as error:
                yield self._say("DOWN", "refused", str(error))
                raise
            except Unavailable as error:
                yield self._say("DOWN", "silent" if isinstance(error, Silent) else "ended", str(error))
                if not session.messages:
                    self._guard.fail()
            finally:
                await session.close()
            await asyncio.sleep(self._options.backoff.initial_s)

    async def _connect(self) -> Session:
        async for attempt in self._options.backoff.tries():
            with attempt:
                async with self._guard.watch():
                    return await self._open()
        raise Unavailable("no try was made to connect")

    async def _open(self) -> Session:
        """Open a session; before a refusal is tried again, put right what was refused."""
        try:
            with waiting_for_trust(has_run=self.counts.sessions > 0):
                session = await Session.open(self._options, self._token, self._clocks)
        except SessionExpired as error:
            await self._renew(error)
            raise
        except PlaceLost:
            self._clocks = ()
            raise
        self._resumed = bool(self._clocks)
        self._renewed = False
        self.counts.sessions += 1
        return session

    async def _renew(self, error: SessionExpired) -> None:
        """Get a new session token, once for each time that one was accepted."""
        if self._options.renew is None or self._renewed:
            raise Misconfigured(f"{error}: log in again and set BOOKSTREAM_BETFAIR_SESSION") from error
        self._renewed = True
        self._token = await self._options.renew()

    async def _read(self, session: Session) -> AsyncGenerator[Item]:
        while True:
            payload = await session.read()
            at = self._options.now()
            head = _read_head(payload)
            if head.op == "status":
                await self._judge(payload)
                continue
            if head.op == "connection":
                continue
            self._note(session, head, payload)
            yield self._stream.message(
                payload,
                received_at=at,
                occurred_at=head.pt * 1000 if head.pt is not None else at,
                provider_sequence=head.clk,
            )
            for status in self._states(head, at):
                yield status

    async def _judge(self, payload: bytes) -> None:
        try:
            status = messages.decode(payload)
        except RejectedInput as error:
            raise Unavailable(f"{self._options.host} sent a status that is none: {error}") from error
        failure = failure_of(status) if isinstance(status, StatusMessage) else None
        if isinstance(failure, PlaceLost):
            self._clocks = ()
        if isinstance(failure, SessionExpired):
            await self._renew(failure)
        if failure is not None:
            raise failure

    def _note(self, session: Session, head: LiveHead, payload: bytes) -> None:
        """Keep the place, and count."""
        session.messages += 1
        self.counts.messages += 1
        try:
            self.counts.unknown.update(messages.unknown_fields(payload))
        except RejectedInput:
            self.counts.undecodable += 1
        if head is not NO_HEAD:
            self._guard.succeed()
        if head.initial_clk:
            self._clocks = (head.initial_clk, head.clk or "")
        elif head.clk and len(self._clocks) == CLOCKS:
            self._clocks = (self._clocks[0], head.clk)
        if head.heartbeat_ms:
            session.silence_s = head.heartbeat_ms / 1000 * 2.5

    def _states(self, head: LiveHead, at: int) -> Iterator[FeedStatus]:
        """Yield what a message says of the feed itself."""
        behind = head.status == LATENCY_STATUS
        if head is not NO_HEAD and behind != self._behind:
            self._behind = behind
            detail = "the stream is behind the exchange" if behind else "the stream is up to date again"
            yield self._stream.status("DELAYED" if behind else "UP", "latency", at=at, detail=detail)
        if head.ct == "HEARTBEAT":
            yield self._stream.status("DELAYED" if self._behind else "UP", "heartbeat", at=at)
        elif head.ct == "SUB_IMAGE" and self._resumed:
            self._resumed = False
            yield self._stream.status("UP", "gap", at=at, detail="an image came instead of what was missed")

    def _say(self, state: FeedState, reason: str, detail: str) -> tuple[FeedStatus, Position]:
        at = self._options.now()
        return self._stream.status(state, reason, at=at, detail=detail), self.position


def _read_head(payload: bytes) -> LiveHead:
    try:
        return _head.decode(payload)
    except (ValueError, RecursionError):
        return NO_HEAD

"""Polling: the endpoints of one key as one stream, within its quota; only answers that say something new are published.

What differs between providers, where the key goes, what a refusal means, what is new in an answer, is a `Service`.
"""

import asyncio
import logging
import math
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import httpx

from connectors.contract import Item, Position
from connectors.raw import RawStream, content_hash, wall_clock
from connectors.resilience.breaker import Guard
from connectors.resilience.limits import Backoff, Timeouts
from connectors.resilience.quota import Demand, Quota, stretch
from connectors.resilience.web import SECOND, Throttled, retry_after_s
from domain.errors import BookstreamError, Misconfigured, RejectedInput, Unavailable
from domain.events.feeds import FeedState, FeedStatus

MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024
MAX_WAIT_S: Final = 3600.0
"""A quota that is spent is looked at again at least this often: it may have been bought anew."""


class QuotaSpent(Unavailable):
    """Nothing is left of the quota until its reset."""

    code = "quota_spent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One thing to poll. Its path and parameters name its stream; `cost` is what one request takes of the quota."""

    path: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    every_s: float = 60.0
    cost: int = 1

    @property
    def name(self) -> str:
        """Return the address without its key."""
        query = "&".join(f"{name}={value}" for name, value in sorted(self.parameters.items()))
        return f"{self.path}?{query}" if query else self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOptions:
    """What to poll and with which key.

    An answer without a change is not published, unless `refresh_s` have passed since the last that was. When to poll is
    told by `monotonic`, microseconds of any clock that is never set, and waited for with `sleep`.
    """

    key: str = field(repr=False)
    endpoints: tuple[Endpoint, ...]
    base_url: str
    refresh_s: float | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    backoff: Backoff = field(default_factory=lambda: Backoff(attempts=4))
    queue_size: int = 100
    now: Callable[[], int] = wall_clock
    monotonic: Callable[[], int] = lambda: time.monotonic_ns() // 1000
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    transport: httpx.AsyncBaseTransport | None = None


class Look(NamedTuple):
    """When an answer was true, None where it does not say, and a digest of each thing in it that may change."""

    said_at: int | None
    books: dict[str, bytes]


class Service(ABC):
    """A provider's web service."""

    provider: str
    title: str
    """Its name as people write it."""

    @abstractmethod
    def signed(self, endpoint: Endpoint) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Return a request's parameters and headers, with the key."""

    @abstractmethod
    def failure_of(self, status: int, body: bytes, after_s: float) -> BookstreamError | None:
        """Return the error that an answer tells of, if any, by what must happen next."""

    @abstractmethod
    def look_into(self, body: bytes) -> Look:
        """Return what is in an answer.

        Raises:
            RejectedInput: it is none.
        """

    @abstractmethod
    def quota_of(self, headers: Mapping[str, str]) -> Quota:
        """Read what is left of the quota."""

    @abstractmethod
    def seconds_to_reset(self, now: int) -> float:
        """Return how long it takes until the quota is reset."""


@dataclass(slots=True)
class Polled:
    """One endpoint as its last poll left it; its times are monotonic."""

    endpoint: Endpoint
    due_at: int
    books: dict[str, bytes] | None = None
    published_at: int = 0


@dataclass(slots=True)
class PollCounts:
    """What polling has done."""

    polls: int = 0
    unchanged: int = 0
    quota: Quota = field(default_factory=Quota)


class _NoKeys(logging.Filter):
    """httpx logs whole addresses; a key may be part of one, so they are not logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        return "apiKey=" not in message and "token=" not in message


_NO_KEYS: Final = _NoKeys()


class Polling:
    """All endpoints of one key, as one stream in the order of the answers."""

    def __init__(self, service: Service, options: PollOptions, position: Position | None, guard: Guard) -> None:
        now = options.now()
        self._service = service
        self._options = options
        self._guard = guard
        self._polled = [Polled(each, options.monotonic()) for each in options.endpoints]
        self._up = False
        self.counts = PollCounts()
        self._stream = RawStream(
            provider=service.provider,
            endpoint=options.base_url,
            stream_id=position.stream_id if position else f"polls@{now}",
            next_sequence=position.next_sequence if position else 0,
        )

    async def items(self) -> AsyncGenerator[tuple[Item, Position]]:
        """Yield messages and states for ever, each with the place after it."""
        logging.getLogger("httpx").addFilter(_NO_KEYS)
        limits = self._options.timeouts
        timeout = httpx.Timeout(
            connect=limits.connect_s, read=limits.read_s, write=limits.write_s, pool=limits.connect_s
        )
        async with httpx.AsyncClient(
            base_url=self._options.base_url, timeout=timeout, transport=self._options.transport
        ) as client:
            yield self._placed(self._say("DOWN", "ended", "connecting"))
            while True:
                polled = min(self._polled, key=lambda each: each.due_at)
                await self._options.sleep(max(polled.due_at - self._options.monotonic(), 0) / SECOND)
                async with aclosing(self._poll(client, polled)) as items:
                    async for item in items:
                        yield self._placed(item)

    async def _poll(self, client: httpx.AsyncClient, polled: Polled) -> AsyncGenerator[Item]:
        """Poll once, and set when to poll again."""
        try:
            body = await self._ask(client, polled.endpoint)
        except Misconfigured as error:
            yield self._say("DOWN", "refused", str(error))
            raise
        except Throttled as error:
            self._hold(error.after_s)
            yield self._say("DELAYED", "refused", str(error))
        except QuotaSpent as error:
            self._hold(min(self._seconds_to_reset(), MAX_WAIT_S))
            yield self._say("DOWN", "refused", str(error))
        except Unavailable as error:
            polled.due_at = self._options.monotonic() + int(polled.endpoint.every_s * SECOND)
            yield self._say("DOWN", "silent", str(error))
        else:
            polled.due_at = self._options.monotonic() + int(self._interval_s(polled.endpoint) * SECOND)
            for item in self._answered(polled, body):
                yield item

    def _answered(self, polled: Polled, body: bytes) -> Iterator[Item]:
        """Yield what an answer leads to: a message where something in it changed, else a sign of life."""
        at = self._options.now()
        self.counts.polls += 1
        was_up, self._up = self._up, True
        if not was_up:
            yield self._stream.status("UP", "connected", at=at)
        said_at, books = self._look_into(body)
        steady, refresh_s = self._options.monotonic(), self._options.refresh_s
        stale = refresh_s is not None and steady - polled.published_at >= refresh_s * SECOND
        if books != polled.books or stale:
            polled.books, polled.published_at = books, steady
            # Never from the future: providers' clocks run ahead of ours, too.
            occurred_at = at if said_at is None else min(said_at, at)
            yield self._stream.message(body, received_at=at, occurred_at=occurred_at, endpoint=polled.endpoint.name)
        else:
            self.counts.unchanged += 1
            if was_up:
                yield self._stream.status("UP", "heartbeat", at=at)

    def _look_into(self, body: bytes) -> Look:
        """Look into an answer; bytes that are none count as one thing of themselves."""
        try:
            return self._service.look_into(body)
        except RejectedInput:
            return Look(None, {"undecodable": content_hash(body).encode()})

    async def _ask(self, client: httpx.AsyncClient, endpoint: Endpoint) -> bytes:
        """Return an endpoint's answer, after as many tries as the back-off allows.

        Raises:
            Throttled, QuotaSpent: not tried again here.
            Unavailable: no try got an answer.
            Misconfigured: the key or the request is refused.
        """
        async for attempt in self._options.backoff.tries(but=(Throttled, QuotaSpent)):
            with attempt:
                async with self._guard.watch():
                    status, headers, body = await self._get(client, endpoint)
                    after_s = retry_after_s(headers.get("retry-after"), self._options.now(), endpoint.every_s)
                    failure = self._service.failure_of(status, body, after_s)
                    if isinstance(failure, Unavailable) and not isinstance(failure, Throttled | QuotaSpent):
                        raise failure
                self._guard.succeed()
                if failure is not None:
                    raise failure
                return body
        raise Unavailable("no try was made to poll")

    async def _get(self, client: httpx.AsyncClient, endpoint: Endpoint) -> tuple[int, httpx.Headers, bytes]:
        parameters, signature = self._service.signed(endpoint)
        body = bytearray()
        limit_s = self._options.timeouts.read_s * 2
        try:
            # A body that drips would never be too slow for the timeout between two of its bytes.
            async with (
                asyncio.timeout(limit_s),
                client.stream("GET", endpoint.path, params=parameters, headers=signature) as response,
            ):
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > MAX_ANSWER_BYTES:
                        raise Unavailable(f"{self._service.title} sent more than {MAX_ANSWER_BYTES} bytes")
        except TimeoutError:
            raise Unavailable(f"{self._service.title} did not answer whole in {limit_s:g} s") from None
        except httpx.HTTPError as error:
            # The error's own text may hold the address, and so the key.
            raise Unavailable(f"{self._service.title} cannot be reached: {type(error).__name__}") from None
        quota = self._service.quota_of(response.headers)
        if quota.remaining is not None:
            self.counts.quota = quota
        return response.status_code, response.headers, bytes(body)

    def _interval_s(self, endpoint: Endpoint) -> float:
        if endpoint.cost == 0:
            return endpoint.every_s
        demands = (Demand(each.every_s, each.cost) for each in self._options.endpoints)
        longer = stretch(demands, self.counts.quota.remaining, self._seconds_to_reset())
        until_reset_s = max(self._seconds_to_reset(), endpoint.every_s)
        if math.isinf(longer):
            return min(until_reset_s, max(MAX_WAIT_S, endpoint.every_s))
        return min(endpoint.every_s * longer, until_reset_s)

    def _seconds_to_reset(self) -> float:
        return self._service.seconds_to_reset(self._options.now())

    def _hold(self, seconds: float) -> None:
        """Poll nothing for a while: the key is one for all endpoints."""
        until = self._options.monotonic() + int(seconds * SECOND)
        for polled in self._polled:
            polled.due_at = max(polled.due_at, until)

    def _say(self, state: FeedState, reason: str, detail: str) -> FeedStatus:
        self._up = False
        return self._stream.status(state, reason, at=self._options.now(), detail=detail)

    def _placed(self, item: Item) -> tuple[Item, Position]:
        return item, Position(self._stream.stream_id, self._stream.next_sequence)

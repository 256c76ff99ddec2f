"""Polling: each endpoint a stream of its own, all within one quota, only answers with a changed book published."""

import logging
from asyncio import sleep
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

import httpx

from connectors.contract import Item, Position
from connectors.raw import RawStream, content_hash
from connectors.resilience.breaker import Guard
from connectors.resilience.web import Throttled, retry_after_s
from connectors.theoddsapi import messages
from connectors.theoddsapi.protocol import Endpoint, QuotaSpent, TheOddsApiOptions, books_of, failure_of
from connectors.theoddsapi.quota import SECOND, Demand, Quota, next_reset, stretch
from connectors.theoddsapi.recorded import PROVIDER, time_of
from domain.errors import Misconfigured, RejectedInput, Unavailable
from domain.events.feeds import FeedState, FeedStatus

MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024
MAX_WAIT_S: Final = 3600.0
"""A quota that is spent is looked at again at least this often: it may have been bought anew."""


class _NoKeys(logging.Filter):
    """httpx logs whole addresses; the key is part of ours, so they are not logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "apiKey" not in record.getMessage()


_NO_KEYS: Final = _NoKeys()


@dataclass(slots=True)
class Polled:
    """One endpoint as its last poll left it."""

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


class Polling:
    """All endpoints of one key, as one stream in the order of the answers."""

    def __init__(self, options: TheOddsApiOptions, position: Position | None, guard: Guard) -> None:
        now = options.now()
        self._options = options
        self._guard = guard
        self._polled = [Polled(each, now) for each in options.endpoints]
        self._up = False
        self.counts = PollCounts()
        self._stream = RawStream(
            provider=PROVIDER,
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
                await sleep(max(polled.due_at - self._options.now(), 0) / SECOND)
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
            polled.due_at = self._options.now() + int(polled.endpoint.every_s * SECOND)
            yield self._say("DOWN", "silent", str(error))
        else:
            polled.due_at = self._options.now() + int(self._interval_s(polled.endpoint) * SECOND)
            for item in self._answered(polled, body):
                yield item

    def _answered(self, polled: Polled, body: bytes) -> Iterator[Item]:
        """Yield what an answer leads to: a message where a book changed, else a sign of life."""
        at = self._options.now()
        self.counts.polls += 1
        was_up, self._up = self._up, True
        if not was_up:
            yield self._stream.status("UP", "connected", at=at)
        occurred_at, books = _look_into(body)
        stale = self._options.refresh_s is not None and at - polled.published_at >= self._options.refresh_s * SECOND
        if books != polled.books or stale:
            polled.books, polled.published_at = books, at
            # Never from the future: providers' clocks run ahead of ours, too.
            occurred_at = at if occurred_at is None else min(occurred_at, at)
            yield self._stream.message(body, received_at=at, occurred_at=occurred_at, endpoint=polled.endpoint.name)
        else:
            self.counts.unchanged += 1
            if was_up:
                yield self._stream.status("UP", "heartbeat", at=at)

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
                    failure = failure_of(status, body, after_s)
                    if isinstance(failure, Unavailable) and not isinstance(failure, Throttled | QuotaSpent):
                        raise failure
                self._guard.succeed()
                if failure is not None:
                    raise failure
                return body
        raise Unavailable("no try was made to poll")

    async def _get(self, client: httpx.AsyncClient, endpoint: Endpoint) -> tuple[int, httpx.Headers, bytes]:
        parameters = {**endpoint.parameters, "apiKey": self._options.key}
        body = bytearray()
        try:
            async with client.stream("GET", endpoint.path, params=parameters) as response:
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > MAX_ANSWER_BYTES:
                        raise Unavailable(f"The Odds API sent more than {MAX_ANSWER_BYTES} bytes")
        except httpx.HTTPError as error:
            # The error's own text may hold the address, and so the key.
            raise Unavailable(f"The Odds API cannot be reached: {type(error).__name__}") from None
        quota = Quota.of(response.headers)
        if quota.remaining is not None:
            self.counts.quota = quota
        return response.status_code, response.headers, bytes(body)

    def _interval_s(self, endpoint: Endpoint) -> float:
        if endpoint.cost == 0:
            return endpoint.every_s
        demands = (Demand(each.every_s, each.cost) for each in self._options.endpoints)
        longer = stretch(demands, self.counts.quota.remaining, self._seconds_to_reset())
        return min(endpoint.every_s * longer, self._seconds_to_reset())

    def _seconds_to_reset(self) -> float:
        now = self._options.now()
        return (next_reset(now, self._options.reset_day) - now) / SECOND

    def _hold(self, seconds: float) -> None:
        """Poll nothing for a while: the key is one for all endpoints."""
        until = self._options.now() + int(seconds * SECOND)
        for polled in self._polled:
            polled.due_at = max(polled.due_at, until)

    def _say(self, state: FeedState, reason: str, detail: str) -> FeedStatus:
        self._up = False
        return self._stream.status(state, reason, at=self._options.now(), detail=detail)

    def _placed(self, item: Item) -> tuple[Item, Position]:
        return item, Position(self._stream.stream_id, self._stream.next_sequence)


def _look_into(body: bytes) -> tuple[int | None, dict[str, bytes]]:
    """Return when an answer was true and its books; bytes that are no answer count as one book of themselves."""
    try:
        answer = messages.parse(body)
        return time_of(answer), books_of(answer)
    except RejectedInput:
        return None, {"undecodable": content_hash(body).encode()}

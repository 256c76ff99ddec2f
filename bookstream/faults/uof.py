"""The Unified Odds Feed's other side: a broker and a REST interface, pulses, recoveries, faults."""

import asyncio
import itertools
import re
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from bookstream.faults.amqp import Broker
from bookstream.faults.uof_messages import odds_change
from bookstream.faults.web import Answer, Request, WebServer
from connectors.resilience.limits import Backoff, Timeouts
from connectors.uof.live_options import UofOptions

T0_S = 1_700_000_000
PRODUCERS = (
    b'<producers response_code="OK"><producer id="1" name="LO" api_url="https://elsewhere.example/v1/liveodds/" '
    b'active="true" stateful_recovery_window_in_minutes="600"/><producer id="3" name="Ctrl" '
    b'api_url="https://elsewhere.example/v1/pre/" active="false" stateful_recovery_window_in_minutes="90"/></producers>'
)
WHO_AM_I = b'<bookmaker_details response_code="OK" bookmaker_id="7" virtual_host="/unifiedfeed/7"/>'
FIXTURE = re.compile(r"/v1/sports/en/sport_events/([^/]+)/fixture\.xml")
EVENT = re.compile(r"/v1/liveodds/(odds|stateful_messages)/events/([^/]+)/initiate_request")
ACCEPTED = b'<response response_code="ACCEPTED"><action>Request received</action></response>'


async def until(is_so: Callable[[], object], seconds: float = 20) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 - whoever makes it so is a connection, and tells nobody
            await asyncio.sleep(0.01)


class FastClock:
    """A clock that runs so many times faster than the wall's."""

    def __init__(self, pace: int) -> None:
        self.pace = pace
        self.began = time.monotonic()
        self.jumped_us = 0

    def monotonic(self) -> int:
        """Return microseconds."""
        return int((time.monotonic() - self.began) * self.pace * 1e6)

    def now(self) -> int:
        """Return the time."""
        return T0_S * 1_000_000 + self.monotonic() + self.jumped_us

    def true(self) -> int:
        """Return the provider's time, which does not jump."""
        return T0_S * 1_000_000 + self.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait so long by this clock."""
        await asyncio.sleep(seconds / self.pace)


class FastWeb(httpx.AsyncHTTPTransport):
    """Waits for answers by a clock that runs so many times faster than the wall's."""

    def __init__(self, pace: int) -> None:
        super().__init__()
        self._pace = pace

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Ask, and wait for the answer."""
        waits = request.extensions["timeout"]
        request.extensions["timeout"] = {**waits, "read": waits["read"] / self._pace}
        return await super().handle_async_request(request)


@dataclass
class Provider:
    """Producer 1 and what it has said: `ticks` are odds changes, by their number the time when they were said.

    `recoveries` are when it was asked for what came after when, and the request's number; `events` when for what of
    which event.
    """

    broker: Broker
    clock: FastClock
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[int, str]] = field(default_factory=list)
    recoveries: list[tuple[int, int | None, int]] = field(default_factory=list)
    events: list[tuple[int, str, str]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    ticks: dict[int, int] = field(default_factory=dict)
    subscribed: int = 1
    beating: bool = True
    answering: bool = True
    documented: bool = True
    snapshot_takes_s: float = 1.0
    api_url: str = ""
    _tasks: set["asyncio.Task[Any]"] = field(default_factory=set)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Provider"]:
        """Serve until the block ends."""
        async with WebServer(self._answer).open() as web, self.broker.open():
            self.api_url = web.url
            self._start(self._beat())
            try:
                yield self
            finally:
                for task in list(self._tasks):
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    def options(self, **changes: Any) -> UofOptions:  # noqa: ANN401 - any of its fields
        """Give options that reach this provider, with short waits."""
        settings: dict[str, Any] = {
            "token": "secret-token", "host": "localhost", "port": self.broker.port, "tls": self.broker.tls[1],
            "api_url": self.api_url, "schedule_days": 0, "rate": 1000.0, "tick_s": 0.02,
            "timeouts": Timeouts(connect_s=2, login_s=1, read_s=30, write_s=1),
            "backoff": Backoff(initial_s=0.01, maximum_s=0.05, jitter_s=0.0, attempts=8),
            "now": self.clock.now, "monotonic": self.clock.monotonic,
        }  # fmt: skip
        return UofOptions(**(settings | changes))

    def tick(self) -> int:
        """Say new odds, and return their number."""
        number = len(self.ticks)
        self.ticks[number] = self.clock.true()
        self.broker.say(self._tick(number))
        return number

    async def ticking(self, every_s: float, count: int) -> None:
        """Say new odds again and again."""
        for _ in range(count):
            self.tick()
            await self.clock.sleep(every_s)

    def pulse(self) -> None:
        """Say that the producer is there."""
        self.broker.say(f'<alive product="1" timestamp="{self.clock.true() // 1000}" subscribed="{self.subscribed}"/>'
                        .encode(), "-.-.-.alive.-.-.-.-")  # fmt: skip
        self.subscribed = 1

    def say_again(self, number: int) -> None:
        """Say a tick once more."""
        self.broker.say(self._tick(number))

    def _tick(self, number: int, request_id: int | None = None) -> bytes:
        head: dict[str, Any] = {"timestamp": self.ticks[number] // 1000}
        if request_id:
            head["request_id"] = request_id
        return odds_change(number, None, **head)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _beat(self) -> None:
        while True:
            if self.beating:
                self.pulse()
            await self.clock.sleep(10)

    async def _recover(self, after: int | None, request: int) -> None:
        """Say again what was said after a time, then that this was all."""
        await self.clock.sleep(self.snapshot_takes_s)
        for number, at in list(self.ticks.items()):
            if after is None or at // 1000 >= after:
                self.broker.say(self._tick(number, request_id=request))
        done = f'<snapshot_complete product="1" request_id="{request}" timestamp="{self.clock.true() // 1000}"/>'
        self.broker.say(done.encode(), "-.-.-.snapshot_complete.-.-.-.1")

    def _answer(self, request: Request) -> Answer:
        address = urlsplit(request.address)
        self.asked.append((self.clock.true(), address.path))
        if token := request.headers.get("x-access-token"):
            self.tokens.append(token)
        if waiting := self.answers.get(address.path):
            return waiting.pop(0)
        if address.path.endswith("/recovery/initiate_request"):
            query = {name: int(values[0]) for name, values in parse_qs(address.query).items()}
            self.recoveries.append((self.clock.true(), query.get("after"), query["request_id"]))
            if self.answering:
                self._start(self._recover(query.get("after"), query["request_id"]))
            return Answer(202, ACCEPTED)
        if asked := EVENT.fullmatch(address.path):
            self.events.append((self.clock.true(), asked[1], asked[2]))
            newest = max(self.ticks.values(), default=0) // 1000
            self._start(self._recover(newest, int(parse_qs(address.query)["request_id"][0])))
            return Answer(202, ACCEPTED)
        if not self.documented and "/users/" not in address.path and "/producers" not in address.path:
            return Answer(404, b"<response/>")
        if event := FIXTURE.fullmatch(address.path):
            return Answer(body=f'<fixtures_fixture><fixture id="{event[1]}"/></fixtures_fixture>'.encode())
        known = {"/v1/users/whoami.xml": WHO_AM_I, "/v1/descriptions/producers.xml": PRODUCERS,
                 "/v1/descriptions/en/markets.xml": b"<market_descriptions/>"}  # fmt: skip
        return Answer(body=known[address.path]) if address.path in known else Answer(404, b"<response/>")


NUMBER = re.compile(rb'<outcome id="1" odds="(\d+\.\d+)"')


def numbers_of(payloads: list[bytes]) -> set[int]:
    """Return the numbers of the ticks among payloads."""
    found = itertools.chain.from_iterable(NUMBER.findall(each) for each in payloads if b"<odds_change" in each)
    return {round((float(each) - 2) * 100) for each in found}

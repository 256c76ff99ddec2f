"""Web services that are polled, and their faults: a market whose price changes at fixed times, asked for anew."""

import email.utils
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import httpx

from bookstream.faults.clock import BEGAN, SkippingClock
from bookstream.faults.hearing import Hearing
from bookstream.faults.outcome import Outcome, seconds_between
from bookstream.faults.services import FREE, TICK_S, Kind
from bookstream.faults.tls import spoil_handshakes, temporary_tls
from bookstream.faults.waits import SHORT, Waits
from bookstream.faults.web import Answer, Request, WebServer
from connectors.resilience.breaker import Guard
from connectors.resilience.limits import Backoff
from connectors.resilience.web import SECOND as SECOND_US
from domain.feeds.calendar import DAY_US

HOLD_S: Final = 17
FEW: Final = 60
SILENT_DAYS: Final = 3
TRIES: Final = 4


@dataclass
class Market:
    """One market of a provider: tick n holds from n × `tick_s` on. `waiting` answers come before the true ones.

    `held_until` is when requests are welcome again; those before count as `early`. Of the quota, `spent` is counted in
    each `window`.
    """

    kind: Kind
    clock: SkippingClock
    tick_s: float
    quota: int
    waiting: list[Callable[[bytes], Answer]] = field(default_factory=list)
    away_until: int = 0
    well_at: int = 0
    held_until: int = 0
    early: int = 0
    spent: dict[int, int] = field(default_factory=dict)
    asked_at: dict[str, int] = field(default_factory=dict)

    def tick(self) -> int:
        """Return the number of the tick that holds now."""
        return int((self.clock.true() - BEGAN) // (self.tick_s * SECOND_US))

    def answer(self, request: Request) -> Answer:
        """Answer a request; it counts, however it is answered, unless it is free."""
        at = self.clock.true()
        self.asked_at[request.address] = at
        self.early += at < self.held_until
        window = self.kind.window_of(at)
        spent = self.spent[window] = self.spent.get(window, 0) + (FREE not in request.address)
        if at < self.away_until:
            return Answer(reset=True)
        if spent > self.quota:
            # A request beyond the quota is not served, and shows that somebody did not count.
            return self.kind.refusal
        if self.waiting:
            self.well_at = at
            return self._hold(self.waiting.pop(0)(self.kind.body(self.tick())), at)
        return Answer(body=self.kind.body(self.tick()), headers=self.kind.headers(self.quota - spent, at))

    def _hold(self, answer: Answer, at: int) -> Answer:
        if "retry-after" in answer.headers:
            self.held_until = at + (HOLD_S - 1) * SECOND_US
        return answer


def _always(*answers: Answer) -> list[Callable[[bytes], Answer]]:
    return [lambda _body, each=each: each for each in answers]  # type: ignore[misc]


def _throttled_until(clock: SkippingClock) -> Answer:
    moment = email.utils.formatdate(clock.now() / SECOND_US + HOLD_S, usegmt=True)
    return Answer(429, b'{"message":"slow down"}', {"retry-after": moment})


GARBAGE: Final = (
    b"<html>maintenance</html>",
    b'{"a":[{"b":1',
    b"[" * 5_000,
    b"\x00\xff\xfe",
    b'{"success":1,"results":7}',
)

FAULTS: Final = (
    "429 with Retry-After", "429 with a date", "5xx", "half-open", "slow body", "truncated body", "garbage", "no HTTP",
    "duplicated and reordered", "TLS refused", "strange certificate", "clock a day ahead", "clock a day behind",
    "quota short",
    "quota spent",
    "days of silence",
)  # fmt: skip


def _strike(fault: str, market: Market, server: WebServer, strange: ssl.SSLContext, waits: Waits) -> None:  # noqa: C901, PLR0912 - one case each
    """Let a fault begin."""
    wait, clock = market.waiting, market.clock
    market.well_at = clock.true()
    match fault:
        case "429 with Retry-After":
            wait += _always(Answer(429, b'{"message":"slow down"}', {"retry-after": str(HOLD_S)}))
        case "429 with a date":
            wait.append(lambda _: _throttled_until(clock))
        case "quota spent":
            wait.append(lambda body: Answer(body=body, headers=market.kind.headers(0, clock.true())))
            wait += _always(market.kind.refusal)
        case "5xx":
            wait += _always(*(Answer(status, b"<html>") for status in (500, 502, 503, 504, 520, 500)))
        case "half-open":
            wait += _always(Answer(silent=True))
        case "slow body":
            pause_s = waits.timeouts.read_s / 10
            wait.append(lambda body: Answer(body=body, drip_s=pause_s))
        case "truncated body":
            wait += [lambda body: Answer(body=body, cut=len(body) // 2)] * 2
        case "garbage":
            wait += _always(*(Answer(body=each) for each in GARBAGE))
        case "no HTTP":
            wait += _always(Answer(raw=b"\x00\xff" * 40), Answer(raw=b"HTTP/9.9 nonsense\r\n\r\n"), Answer(reset=True))
        case "duplicated and reordered":
            now = market.tick()
            wait += _always(*(Answer(body=market.kind.body(now - n)) for n in (0, 2, 2, 1, 3, 0)))
        case "TLS refused" | "strange certificate":

            def told() -> None:
                server.connections += 1

            assert server.tls is not None
            spoil_handshakes(server.tls, 3, strange if fault == "strange certificate" else None, told)
            wait += _always(Answer(reset=True))
        case "clock a day ahead" | "clock a day behind":
            clock.set_by_us += DAY_US if fault == "clock a day ahead" else -DAY_US
        case "days of silence":
            market.well_at = market.away_until = clock.true() + SILENT_DAYS * DAY_US


async def drill(kind: Kind, fault: str, waits: Waits) -> Outcome:
    """Let a fault strike, and see what came of it."""
    clock, given = SkippingClock(), SHORT if fault == "days of silence" else waits
    other_s = 3_600.0 if fault == "quota short" else 6.0 * TICK_S
    quota = FEW if fault == "quota short" else kind.quota
    market = Market(kind, clock, {"days of silence": 60.0, "quota short": kind.few_tick_s}.get(fault, TICK_S), quota)
    tls, (strange, _) = temporary_tls(), temporary_tls()
    async with WebServer(market.answer, tls[0] if "TLS" in fault or "certificate" in fault else None).open() as server:
        options = {
            "key": "drilled", "base_url": server.url, "timeouts": given.timeouts, "now": clock.now,
            "backoff": _tries(given.backoff), "monotonic": clock.true, "sleep": clock.sleep,
            "transport": httpx.AsyncHTTPTransport(verify=tls[1]),
        }  # fmt: skip
        feed = kind.connect(options, Guard(now=clock.seconds, sleep=clock.sleep), other_s)
        async with Hearing(feed.live(), kind.numbers_of, clock.true) as hearing:
            await hearing.until(lambda: hearing.heard >= set(range(4)))
            struck_at = clock.true()
            _strike(fault, market, server, strange, waits)
            at = await hearing.until(lambda: _is_over(market, hearing, quota))
            if at is not None:
                last = market.tick() + 3
                at = at if await hearing.until(lambda: max(hearing.heard) >= last) is not None else None
            said = set(range(max(hearing.heard, default=0) + 1))
            trouble = hearing.trouble or (f"{market.early} requests before the time told" if market.early else "")
    lost = said - hearing.heard
    avoidable = lost if kind.keeps else _avoidable(lost, market, struck_at, at or 0)
    return Outcome(
        connector=kind.name, fault=fault, recovered=at is not None, seconds=seconds_between(market.well_at, at),
        sent=len(said), lost=len(lost), avoidable=len(avoidable),
        requests=max(server.requests, server.connections), used=max(market.spent.values()), allowed=quota,
        quota=kind.counts, trouble=trouble,
    )  # fmt: skip


def _is_over(market: Market, hearing: Hearing, quota: int) -> bool:
    """Say whether a feed is up and up to date after its fault; a short quota has then been renewed once."""
    if quota == FEW and len(market.spent) < 2:
        market.well_at = market.clock.true()
        return False
    if market.clock.set_by_us and min(market.asked_at.values()) < market.well_at:
        # By a clock that was set, some endpoints may wait for as long as it was set by.
        return False
    since = (market.well_at - BEGAN) // int(market.tick_s * SECOND_US)
    return (
        not market.waiting
        and market.clock.true() >= market.well_at
        and hearing.state == "UP"
        and max(hearing.heard) >= since
    )


def _avoidable(lost: Iterable[int], market: Market, struck_at: int, recovered_at: int) -> set[int]:
    """Return the lost ticks that held when the provider was well: not one of them fell into the fault."""
    tick_us = int(market.tick_s * SECOND_US)
    return {
        each for each in lost
        if BEGAN + (each + 1) * tick_us <= struck_at or BEGAN + each * tick_us >= recovered_at
    }  # fmt: skip


def _tries(backoff: Backoff) -> Backoff:
    return Backoff(backoff.initial_s, backoff.maximum_s, backoff.jitter_s, TRIES)

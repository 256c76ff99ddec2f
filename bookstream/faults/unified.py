"""The Unified Odds Feed's faults, on the broker and on the REST interface: what is missed must be recovered."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from bookstream.faults.amqp import Broker
from bookstream.faults.hearing import Hearing
from bookstream.faults.outcome import Outcome, seconds_between
from bookstream.faults.tls import spoil_handshakes, temporary_tls
from bookstream.faults.uof import FastClock, FastWeb, Provider, numbers_of
from bookstream.faults.web import Answer
from connectors.resilience.breaker import Guard
from connectors.uof.connector import Uof
from domain.feeds.calendar import DAY_US
from domain.feeds.uof_quota import WINDOWS, Reach, reach_of

PACE: Final = 25
FASTEST: Final = 50_000
TICK_EVERY_S: Final = 2.0
SILENT_S: Final = 3 * 86_400.0
RECOVERY: Final = "/v1/liveodds/recovery/initiate_request"
HOLD_S: Final = 70


class PacedClock(FastClock):
    """A clock whose pace may change while it runs."""

    def run(self, pace: int) -> None:
        """Go on at another pace."""
        told_s = self.monotonic() / 1e6
        self.pace, self.began = pace, time.monotonic() - told_s / pace


@dataclass
class Scene:
    """A provider, its certificate and another, and when the fault was over at the earliest."""

    provider: Provider
    clock: PacedClock
    server: ssl.SSLContext
    strange: ssl.SSLContext
    well_at: int = 0

    def answer(self, *answers: Answer) -> None:
        """Cut the connection, and answer the next requests for a recovery so."""
        self.provider.answers[RECOVERY] = list(answers)
        self.provider.broker.cut()

    def spoil(self, strange: ssl.SSLContext | None) -> None:
        """Cut the connection, and spoil the next handshakes."""

        def told() -> None:
            self.provider.broker.connections += 1

        spoil_handshakes(self.server, 3, strange, told)
        self.provider.broker.cut()

    async def jump(self, days: int) -> None:
        """Set the wall's clock, cut the connection, and set the clock right again when the feed has come back."""
        self.clock.jumped_us = days * DAY_US
        self.provider.broker.cut()
        await self.clock.sleep(120)
        self.clock.jumped_us = 0
        self.provider.broker.cut()
        self.well_at = self.clock.true()

    async def be_wrong(self) -> None:
        """Let the feed begin with a clock that is wrong, and put it right later."""
        await self.clock.sleep(60)
        self.clock.jumped_us = 0
        self.well_at = self.clock.true()

    def refuse(self, kind: str) -> None:
        """Cut the connection, and spoil the next logins."""
        broker = self.provider.broker
        if kind == "refuse_connections":
            broker.refuse_connections = broker.connections + 3
        else:
            setattr(broker, kind, 2)
        broker.cut()

    async def say_otherwise(self) -> None:
        """Say ticks again, and new ones in another order, and then cut the connection."""
        provider = self.provider
        for number in list(provider.ticks)[-5:]:
            provider.say_again(number)
        links, provider.broker.links = provider.broker.links, []
        numbers = [provider.tick() for _ in range(5)]
        provider.broker.links = links
        for number in numbers[::-1]:
            provider.say_again(number)
        provider.broker.cut()

    async def babble(self) -> None:
        """Say messages that are none, then bytes that are no frame."""
        for each in (b"\x00garbage \xff", b"<odds_change", b"<alive product='1' timestamp='99999999999999999999'/>"):
            self.provider.broker.say(each)
        await self.clock.sleep(5)
        self.provider.broker.babble()

    async def rest(self) -> None:
        """Let the producer be silent while the connection lives."""
        self.provider.beating = False
        await self.clock.sleep(60)
        self.provider.beating = True
        self.well_at = self.clock.true()

    async def lose(self) -> None:
        """Lose ticks on the way, and tell of it with the next pulse."""
        links, self.provider.broker.links = self.provider.broker.links, []
        for _ in range(5):
            self.provider.tick()
        self.provider.broker.links, self.provider.subscribed = links, 0

    async def leave(self) -> None:
        """Say nothing for days, on no connection."""
        provider = self.provider
        provider.beating = False
        provider.broker.fall_silent()
        self.clock.run(FASTEST)
        while self.clock.true() < self.well_at + SILENT_S * 1e6:
            for link in provider.broker.links:
                link.mute = True
            await asyncio.sleep(0.005)
        self.clock.run(PACE)
        provider.broker.fall_silent()
        provider.beating = True
        self.well_at = self.clock.true()


SILENT: Final = Answer(silent=True)
HALF_OPEN_REST: Final = "half-open REST"
THROTTLED: Final = Answer(429, b"<response/>", {"retry-after": str(HOLD_S)})

STRIKES: Final[dict[str, Callable[[Scene], Awaitable[None] | None]]] = {
    "429 with Retry-After": lambda scene: scene.answer(THROTTLED),
    "5xx": lambda scene: scene.answer(Answer(500), Answer(503, b"<html>")),
    "half-open": lambda scene: scene.provider.broker.fall_silent(),
    HALF_OPEN_REST: lambda scene: scene.answer(SILENT, SILENT),
    "producer silent": Scene.rest,
    "messages lost": Scene.lose,
    "slow body, no snapshot": lambda scene: scene.answer(Answer(202, b"<response/>", delay_s=2)),
    "truncated body": lambda scene: scene.answer(Answer(202, b"<response/>" * 9, cut=30)),
    "truncated frame": lambda scene: scene.provider.broker.cut(),
    "garbage": Scene.babble,
    "duplicated and reordered": Scene.say_otherwise,
    "login refused": lambda scene: scene.refuse("refuse_connections"),
    "login not answered": lambda scene: scene.refuse("silent_at_login"),
    "login garbled": lambda scene: scene.refuse("garbage_at_login"),
    "TLS refused": lambda scene: scene.spoil(None),
    "strange certificate": lambda scene: scene.spoil(scene.strange),
    "clock a day ahead": lambda scene: scene.jump(1),
    "clock a day behind": lambda scene: scene.jump(-1),
    "clock wrong at first": Scene.be_wrong,
    "days of silence": Scene.leave,
}
FAULTS: Final = tuple(STRIKES)


async def drill(fault: str) -> Outcome:
    """Let a fault strike, and see what came of it; seconds are the feed's, which run `PACE` times as fast."""
    clock, wrong = PacedClock(PACE), fault == "clock wrong at first"
    clock.jumped_us = wrong * DAY_US
    tls, (strange, _) = temporary_tls(), temporary_tls()
    async with Provider(Broker(tls), clock).open() as provider:
        scene = Scene(provider, clock, tls[0], strange)
        # The other faults of the interface end by themselves, by the wall's clock.
        paced = {"transport": FastWeb(PACE)} if fault == HALF_OPEN_REST else {}
        feed = Uof(provider.options(**paced), guard=Guard(now=lambda: clock.monotonic() / 1e6, sleep=clock.sleep))
        async with Hearing(feed.live(), lambda each: numbers_of([each]), clock.true) as hearing, _ticking(scene):
            await hearing.until(lambda: hearing.state == ("DELAYED" if wrong else "UP") and len(hearing.heard) > 5)
            scene.well_at = clock.true()
            struck = STRIKES[fault](scene)
            if struck is not None:
                await struck
            missed = set(provider.ticks)
            at = await hearing.until(lambda: _is_over(scene, hearing, missed))
    lost = len(_old(provider, at) - hearing.heard)
    used, allowed, quota = _quota_used(provider)
    trouble = hearing.trouble or _haste(fault, provider)
    return Outcome(
        connector="uof", fault=fault, recovered=at is not None, seconds=seconds_between(scene.well_at, at),
        sent=len(provider.ticks), lost=lost, avoidable=lost, requests=len(provider.asked), used=used, allowed=allowed,
        quota=quota, trouble=trouble,
    )  # fmt: skip


def _is_over(scene: Scene, hearing: Hearing, missed: set[int]) -> bool:
    """Say whether a feed is up, has heard what it may have missed, and hears what is said now."""
    heard = hearing.heard
    return (
        hearing.state == "UP" and heard >= missed and max(heard) > max(missed) and heard >= _old(scene.provider, None)
    )


def _old(provider: Provider, at: int | None) -> set[int]:
    """Return the ticks that were said more than a second ago: those after are on their way."""
    until = (at or provider.clock.true()) - 1_000_000
    return {number for number, said_at in provider.ticks.items() if said_at <= until}


@asynccontextmanager
async def _ticking(scene: Scene) -> AsyncIterator[None]:
    """Let the provider say new odds again and again, but not for days."""

    async def say() -> None:
        while True:
            await scene.clock.sleep(TICK_EVERY_S)
            if scene.clock.pace == PACE:
                scene.provider.tick()

    task = asyncio.create_task(say())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _quota_used(provider: Provider) -> tuple[int, int, str]:
    """Return the most that was used of any window of recoveries, relative to what it allows."""
    asked: dict[Reach, list[int]] = {"EVENT": [at for at, _, _ in provider.events]}
    for at, after, _ in provider.recoveries:
        asked.setdefault(reach_of(None if after is None else after * 1000, at), []).append(at)
    used = [
        (sum(0 <= at - since < window for at in times), limit, f"{reach.lower()} in {window // 60_000_000} min")
        for reach, times in asked.items() for limit, window in WINDOWS[reach] for since in times
    ]  # fmt: skip
    return max(used, key=lambda each: each[0] / each[1])


def _haste(fault: str, provider: Provider) -> str:
    """Say whether a recovery was asked for before the provider had said."""
    asked = [at for at, path in provider.asked if path == RECOVERY]
    refused = fault.startswith("429") and len(asked) > 2 and asked[2] - asked[1] < (HOLD_S - 1) * 1_000_000
    return "a recovery before the time told" if refused else ""

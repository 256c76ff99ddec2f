"""The Exchange Stream's faults: each strikes in the middle of a stream that must then come whole all the same."""

import asyncio
import json
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from bookstream.faults.clock import SkippingClock
from bookstream.faults.exchange import INITIAL_CLK, Exchange
from bookstream.faults.hearing import Hearing
from bookstream.faults.outcome import Outcome, seconds_between
from bookstream.faults.tls import spoil_handshakes, temporary_tls
from bookstream.faults.waits import SHORT, Waits
from connectors.betfair.connector import Betfair
from connectors.resilience.breaker import Guard
from domain.feeds.calendar import DAY_US

TICKS: Final = 60
STRIKES_AT: Final = 20
AT_ONCE: Final = 10
"""Connections that one account may have at once. Source: the Exchange Stream's documentation."""
SILENT_DAYS: Final = 3
_NUMBER: Final = re.compile(rb'"clk":"C(\d+)"')


@dataclass
class Scene:
    """An exchange, its certificate and another, the clock, and when the fault was over at the earliest."""

    exchange: Exchange
    server: ssl.SSLContext
    strange: ssl.SSLContext
    clock: SkippingClock
    well_at: int = 0


Strike = Callable[[Scene, asyncio.StreamWriter, bytes], None]
"""Does harm to a stream before a line; ConnectionResetError ends the connection."""


def _refuse_logins(code: str) -> Strike:
    def strike(scene: Scene, writer: asyncio.StreamWriter, line: bytes) -> None:
        scene.exchange.refusals += [code] * 3
        _truncate(scene, writer, line)

    return strike


def _truncate(_scene: Scene, writer: asyncio.StreamWriter, line: bytes) -> None:
    writer.write(line[: len(line) // 2])
    raise ConnectionResetError


def _babble(_scene: Scene, writer: asyncio.StreamWriter, line: bytes) -> None:
    writer.write(
        b'\x00\xff\xfe not json\r\n[1,{"op":"mcm"}]\r\n{"op":"mcm","clk":7}\r\n{"op":"nothing known"}\r\n' + line[:9]
    )
    raise ConnectionResetError


def _repeat(scene: Scene, writer: asyncio.StreamWriter, line: bytes) -> None:
    for each in [*scene.exchange.payloads[STRIKES_AT - 5 : STRIKES_AT], line, line]:
        writer.write(each + b"\r\n")


def _reorder(scene: Scene, _writer: asyncio.StreamWriter, _line: bytes) -> None:
    said = scene.exchange.payloads
    said[STRIKES_AT + 1 : STRIKES_AT + 6] = said[STRIKES_AT + 5 : STRIKES_AT : -1]

    async def cut(writer: asyncio.StreamWriter, line: bytes) -> None:
        _truncate(scene, writer, line)

    scene.exchange.hurts[STRIKES_AT + 8] = cut


def _spoil_tls(*, strange: bool) -> Strike:
    def strike(scene: Scene, writer: asyncio.StreamWriter, line: bytes) -> None:
        def told() -> None:
            scene.exchange.connections += 1

        spoil_handshakes(scene.server, 3, scene.strange if strange else None, told)
        _truncate(scene, writer, line)

    return strike


def _jump(days: int) -> Strike:
    def strike(scene: Scene, writer: asyncio.StreamWriter, line: bytes) -> None:
        scene.clock.set_by_us += days * DAY_US
        _truncate(scene, writer, line)

    return strike


def _leave(scene: Scene, writer: asyncio.StreamWriter, line: bytes) -> None:
    scene.well_at = scene.clock.true() + SILENT_DAYS * DAY_US
    scene.exchange.is_away = lambda: scene.clock.true() < scene.well_at
    _truncate(scene, writer, line)


def _fall_silent_at_login(scene: Scene, writer: asyncio.StreamWriter, line: bytes) -> None:
    scene.exchange.silent_logins = 1
    _truncate(scene, writer, line)


STRIKES: Final[dict[str, Strike]] = {
    "too many requests": _refuse_logins("TOO_MANY_REQUESTS"),
    "server errors": _refuse_logins("UNEXPECTED_ERROR"),
    "login not answered": _fall_silent_at_login,
    "truncated line": _truncate,
    "garbage": _babble,
    "duplicated": _repeat,
    "reordered": _reorder,
    "TLS refused": _spoil_tls(strange=False),
    "strange certificate": _spoil_tls(strange=True),
    "clock a day ahead": _jump(1),
    "clock a day behind": _jump(-1),
    "days of silence": _leave,
}
PAUSES: Final = ("half-open", "slow line")
FAULTS: Final = (*PAUSES, *STRIKES)


async def drill(fault: str, waits: Waits) -> Outcome:
    """Let a fault strike, and see what came of it."""
    clock = SkippingClock()
    given = SHORT if fault == "days of silence" else waits
    tls, (strange, _) = temporary_tls(), temporary_tls()
    scene = Scene(Exchange(_payloads(), tls=tls), tls[0], strange, clock)

    async def hurt(writer: asyncio.StreamWriter, line: bytes) -> None:
        scene.well_at = clock.true()
        if fault in STRIKES:
            STRIKES[fault](scene, writer, line)
            return
        for at in range(len(line)) if fault == "slow line" else ():
            writer.write(line[at : at + 1])
            await asyncio.sleep(given.heartbeat_ms / 5_000)
        await asyncio.Event().wait()

    scene.exchange.hurts[STRIKES_AT] = hurt
    async with scene.exchange.open() as exchange:
        options = exchange.options(
            timeouts=given.timeouts, backoff=given.backoff, heartbeat_ms=given.heartbeat_ms, now=clock.now
        )
        feed = Betfair(options, guard=Guard(now=clock.seconds, sleep=clock.sleep))
        said = set(range(TICKS))
        async with Hearing(feed.live(), _numbers_of, clock.true) as hearing:
            at = await hearing.until(lambda: hearing.state == "UP" and hearing.heard >= said)
            trouble = hearing.trouble
    lost = len(said - hearing.heard)
    return Outcome(
        connector="betfair", fault=fault, recovered=at is not None, seconds=seconds_between(scene.well_at, at),
        sent=TICKS, lost=lost, avoidable=lost, requests=exchange.connections, used=exchange.at_once, allowed=AT_ONCE,
        quota="connections at once", trouble=trouble,
    )  # fmt: skip


def _numbers_of(payload: bytes) -> set[int]:
    return {int(each) for each in _NUMBER.findall(payload)}


def _payloads() -> list[bytes]:
    """Give an image and deltas after it, each with another price."""
    runners = [{"id": n, "status": "ACTIVE", "sortPriority": n} for n in (1, 2)]
    image = {"img": True, "marketDefinition": {"status": "OPEN", "eventId": "1", "runners": runners}}
    changes: list[dict[str, Any]] = [
        image,
        *({"rc": [{"id": 1, "atb": [[2 + n / 100, 10.0]]}]} for n in range(1, TICKS)),
    ]
    lines: list[dict[str, Any]] = [
        {"op": "mcm", "id": 2, "clk": f"C{n}", "pt": 1_700_000_000_000 + n * 100, "mc": [{"id": "1.1", **each}]}
        for n, each in enumerate(changes)
    ]
    lines[0] |= {"ct": "SUB_IMAGE", "initialClk": INITIAL_CLK}
    return [json.dumps(each, separators=(",", ":")).encode() for each in lines]

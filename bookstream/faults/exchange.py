"""A small Exchange Stream: TLS, greeting, login, subscription, resumption by clocks, scripted faults."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bookstream.faults.serving import serving
from connectors.betfair.protocol import BetfairOptions
from connectors.resilience.limits import Backoff, Timeouts

INITIAL_CLK = "initial"

Hurt = Callable[[asyncio.StreamWriter, bytes], Awaitable[None]]
"""What happens in place of nothing before a payload is sent; ConnectionResetError ends the connection there."""


@dataclass
class Exchange:
    """What the exchange will say: the payloads after the clock asked for; then heartbeats or silence."""

    payloads: list[bytes]
    cut_after: int | None = None
    tokens: set[str] = field(default_factory=lambda: {"secret-token"})
    app_keys: set[str] = field(default_factory=lambda: {"secret-key"})
    refuse_clocks: bool = False
    refuse_connections: int = 0
    barren_connections: int = 0
    after: Sequence[bytes] = ()
    status_after: bytes | None = None
    silent_at_login: bool = False
    silent_logins: int = 0
    refusals: list[str] = field(default_factory=list)
    hurts: dict[int, Hurt] = field(default_factory=dict)
    is_away: Callable[[], bool] = lambda: False
    at_once: int = 0
    operations: list[dict[str, Any]] = field(default_factory=list)
    connections: int = 0
    sent: int = 0
    tls: tuple[ssl.SSLContext, ssl.SSLContext] | None = None
    port: int = 0
    _now: int = 0

    def options(self, **changes: Any) -> BetfairOptions:  # noqa: ANN401 - any of its fields
        """Give options that reach this exchange, with short waits."""
        assert self.tls is not None
        settings: dict[str, Any] = {
            "app_key": "secret-key",
            "session": "secret-token",
            "host": "localhost",
            "port": self.port,
            "tls": self.tls[1],
            "timeouts": Timeouts(connect_s=5, login_s=2, read_s=2, write_s=2),
            "backoff": Backoff(initial_s=0.01, maximum_s=0.05, jitter_s=0.0, attempts=8),
        }
        return BetfairOptions(**(settings | changes))

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Exchange"]:
        """Serve until the block ends."""
        assert self.tls is not None
        async with serving(self._serve, tls=self.tls[0]) as self.port:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._now += 1
        self.at_once = max(self.at_once, self._now)
        try:
            await self._talk(reader, writer)
        finally:
            self._now -= 1

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.connections <= self.refuse_connections or self.is_away():
            return None
        await _send(writer, b'{"op":"connection","connectionId":"001-test"}')
        login = await self._operation(reader)
        if self.silent_at_login or self.silent_logins:
            self.silent_logins -= 1
            await asyncio.Event().wait()
        if refusal := self._refusal(login):
            return await _refuse(writer, login, refusal)
        await _accept(writer, login)
        subscription = await self._operation(reader)
        clk = subscription.get("clk")
        if clk is not None and self.refuse_clocks:
            return await _refuse(writer, subscription, "INVALID_CLOCK")
        await _accept(writer, subscription)
        if self.connections <= self.barren_connections:
            return None
        await self._stream(writer, clk)
        await reader.read()
        return None

    def _refusal(self, login: dict[str, Any]) -> str:
        if self.refusals:
            return self.refusals.pop(0)
        if login["appKey"] not in self.app_keys:
            return "INVALID_APP_KEY"
        return "" if login["session"] in self.tokens else "INVALID_SESSION_INFORMATION"

    async def _stream(self, writer: asyncio.StreamWriter, clk: str | None) -> None:
        start = 0 if clk is None else 1 + max(i for i, p in enumerate(self.payloads) if f'"clk":"{clk}"'.encode() in p)
        for n in range(start, len(self.payloads)):
            if self.cut_after is not None and n >= self.cut_after:
                # Half a line, then nothing: what a broken connection leaves.
                writer.write(self.payloads[n][:10])
                await writer.drain()
                self.cut_after = None
                raise ConnectionResetError
            if (hurt := self.hurts.pop(n, None)) is not None:
                await hurt(writer, self.payloads[n])
            await _send(writer, self.payloads[n])
            self.sent += 1
        for each in self.after:
            await _send(writer, each)
        if self.status_after is not None:
            status, self.status_after = self.status_after, None
            await _send(writer, status)
            raise ConnectionResetError

    async def _operation(self, reader: asyncio.StreamReader) -> dict[str, Any]:
        operation: dict[str, Any] = json.loads(await reader.readuntil(b"\r\n"))
        self.operations.append(operation)
        return operation


async def _send(writer: asyncio.StreamWriter, line: bytes) -> None:
    writer.write(line + b"\r\n")
    await writer.drain()


async def _accept(writer: asyncio.StreamWriter, operation: dict[str, Any]) -> None:
    status = {"op": "status", "id": operation["id"], "statusCode": "SUCCESS", "connectionClosed": False}
    await _send(writer, json.dumps(status).encode())


async def _refuse(writer: asyncio.StreamWriter, operation: dict[str, Any], code: str) -> None:
    status = {
        "op": "status", "id": operation["id"], "statusCode": "FAILURE", "errorCode": code, "connectionClosed": True,
    }  # fmt: skip
    await _send(writer, json.dumps(status).encode())

"""A web service on a raw socket: it answers as it is told to, also in ways that no server library would."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from bookstream.faults.serving import serving

END: Final = b"\r\n\r\n"
MAX_BODY_BYTES: Final = 1024 * 1024


@dataclass
class Answer:
    """How a request is answered: whole, or as the fields say.

    Attributes:
        cut: so many bytes of the body are sent, then the connection ends.
        delay_s: nothing is sent before so long.
        drip_s: the body comes byte by byte, with such a pause between two.
        silent: nothing is sent, and the connection stays open.
        reset: nothing is sent, and the connection ends.
        raw: these bytes are sent in place of all of it.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    delay_s: float = 0.0
    drip_s: float = 0.0
    silent: bool = False
    reset: bool = False
    raw: bytes | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for; the headers' names are in lower case."""

    address: str
    headers: Mapping[str, str]
    method: str = "GET"
    body: bytes = b""


@dataclass
class WebServer:
    """Answers requests; `requests` counts them, `connections` the sockets they came on."""

    answer: Callable[[Request], Answer]
    tls: ssl.SSLContext | None = None
    port: int = 0
    requests: int = 0
    connections: int = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator["WebServer"]:
        """Serve until the block ends."""
        async with serving(self._serve, tls=self.tls, port=self.port) as self.port:
            yield self

    @property
    def url(self) -> str:
        """Return its address."""
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        goes_on = True
        while goes_on:
            request = _read(await reader.readuntil(END))
            length = request.headers.get("content-length", "0")
            if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
                return
            request = replace(request, body=await reader.readexactly(int(length)))
            self.requests += 1
            goes_on = await _send(writer, self.answer(request))


def _read(head: bytes) -> Request:
    first, *lines = head.decode("latin-1").removesuffix(END.decode()).split("\r\n")
    fields = (line.partition(":") for line in lines)
    method, address = first.split(" ")[:2]
    return Request(address, {name.lower(): value.strip() for name, _, value in fields}, method)


async def _send(writer: asyncio.StreamWriter, answer: Answer) -> bool:
    """Send an answer, and say whether the connection goes on."""
    await asyncio.sleep(answer.delay_s)
    if answer.silent:
        await asyncio.Event().wait()
    if answer.reset:
        return False
    if answer.raw is not None:
        writer.write(answer.raw)
        await writer.drain()
        return False
    headers = {"content-length": str(len(answer.body)), **answer.headers}
    lines = [f"HTTP/1.1 {answer.status} X", *(f"{name}: {value}" for name, value in headers.items())]
    writer.write("\r\n".join(lines).encode() + END)
    if answer.drip_s:
        for at in range(len(answer.body)):
            writer.write(answer.body[at : at + 1])
            await writer.drain()
            await asyncio.sleep(answer.drip_s)
    else:
        writer.write(answer.body[: answer.cut])
    await writer.drain()
    if answer.cut is not None:
        # A reader is to have what was sent before the connection is reset.
        writer.close()
        await writer.wait_closed()
    return answer.cut is None

"""A web service on a raw socket: it answers as it is told to, also in ways that no server library would."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

END: Final = b"\r\n\r\n"


@dataclass
class Answer:
    """How a request is answered: whole, or as the fields say.

    Attributes:
        cut: so many bytes of the body are sent, then the connection ends.
        drip_s: the body comes byte by byte, with such a pause between two.
        silent: nothing is sent, and the connection stays open.
        reset: nothing is sent, and the connection ends.
        raw: these bytes are sent in place of all of it.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    drip_s: float = 0.0
    silent: bool = False
    reset: bool = False
    raw: bytes | None = None


@dataclass
class WebServer:
    """Answers requests by their address; `requests` counts them, `connections` the sockets they came on."""

    answer: Callable[[str], Answer]
    tls: ssl.SSLContext | None = None
    port: int = 0
    requests: int = 0
    connections: int = 0
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["WebServer"]:
        """Serve until the block ends."""
        server = await asyncio.start_server(self._serve, "localhost", self.port, ssl=self.tls, family=2)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        """Return its address."""
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while True:
                    head = await reader.readuntil(END)
                    self.requests += 1
                    if not await _send(writer, self.answer(head.split(b" ")[1].decode())):
                        break
        finally:
            self._tasks.discard(task)
            writer.transport.abort()


async def _send(writer: asyncio.StreamWriter, answer: Answer) -> bool:
    """Send an answer, and say whether the connection goes on."""
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

"""A small AMQP 0-9-1 broker: login, one queue a connection, prefetch, acknowledgements, scripted faults."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from pamqp import commands, frame
from pamqp.body import ContentBody
from pamqp.header import ContentHeader
from pamqp.heartbeat import Heartbeat

from bookstream.faults.serving import serving

HEADER_BYTES: Final = 8
FRAME_HEAD_BYTES: Final = 7
MOST_A_FRAME: Final = 1000
REFUSED: Final = 403


@dataclass(eq=False)
class Link:
    """One connection: what its queue holds, and what is sent and not acknowledged."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    queue: "asyncio.Queue[tuple[str, bytes]]" = field(default_factory=asyncio.Queue)
    consumer: str = ""
    prefetch: int = 0
    unacknowledged: set[int] = field(default_factory=set)
    room: asyncio.Event = field(default_factory=asyncio.Event)
    sent: int = 0
    mute: bool = False

    def send(self, *frames: Any, channel: int = 0) -> None:  # noqa: ANN401 - the library gives its frames no type
        """Write frames, unless the connection is half open."""
        if not self.mute:
            self.writer.write(b"".join(frame.marshal(each, channel) for each in frames))


@dataclass
class Broker:
    """What the broker knows and how it misbehaves: faults are counted down by the connections that come first."""

    tls: tuple[ssl.SSLContext, ssl.SSLContext]
    logins: set[str] = field(default_factory=lambda: {"secret-token"})
    virtual_host: str = "/unifiedfeed/7"
    refuse_connections: int = 0
    silent_at_login: int = 0
    garbage_at_login: int = 0
    port: int = 0
    links: list[Link] = field(default_factory=list)
    connections: int = 0
    bindings: list[str] = field(default_factory=list)
    acknowledged: int = 0
    sent: int = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Broker"]:
        """Serve until the block ends."""
        async with serving(self._serve, tls=self.tls[0]) as self.port:
            yield self

    def say(self, payload: bytes, key: str = "hi.-.live.odds_change.1.sr:match.9000001.-") -> None:
        """Route a message to every queue that is there; without one it is lost."""
        for link in self.links:
            link.queue.put_nowait((key, payload))

    def cut(self) -> None:
        """Break every connection in the middle of a frame."""
        for link in list(self.links):
            link.writer.write(frame.marshal(Heartbeat(), 0)[:5])
            link.writer.close()
        self.links.clear()

    def babble(self) -> None:
        """Send bytes that are no frame on every connection."""
        for link in list(self.links):
            link.writer.write(b"\x07\x00\x01\x00\x00\x00\x03abc\x00" * 20)

    def fall_silent(self) -> None:
        """Leave every connection open and say nothing on it any more, not even heartbeats."""
        for link in list(self.links):
            link.mute = True
        self.links.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(reader, writer)
        sending = asyncio.create_task(self._deliver(link))
        try:
            await self._talk(link)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            if link in self.links:
                self.links.remove(link)

    async def _talk(self, link: Link) -> None:
        self.connections += 1
        if self.connections <= self.refuse_connections:
            return
        await link.reader.readexactly(HEADER_BYTES)
        if self.silent_at_login:
            self.silent_at_login -= 1
            await asyncio.sleep(60)
        if self.garbage_at_login:
            self.garbage_at_login -= 1
            link.writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return
        link.send(commands.Connection.Start(server_properties={"capabilities": {}}, mechanisms="PLAIN"))
        while True:
            channel, given = await _read(link.reader)
            if isinstance(given, commands.Connection.Close):
                link.send(commands.Connection.CloseOk())
                return
            if not self._answer(link, channel, given):
                return

    def _answer(self, link: Link, channel: int, given: Any) -> bool:  # noqa: ANN401 - as above
        """Answer a frame, and say whether the connection goes on."""
        match given:
            case commands.Connection.StartOk():
                if given.response.split("\0")[1] not in self.logins:
                    link.send(commands.Connection.Close(REFUSED, "ACCESS_REFUSED - Login was refused", 0, 0))
                    return False
                link.send(commands.Connection.Tune(0, 131_072, 10))
            case commands.Connection.Open():
                if given.virtual_host != self.virtual_host:
                    link.send(commands.Connection.Close(530, "NOT_ALLOWED - vhost not found", 10, 40))
                    return False
                link.send(commands.Connection.OpenOk())
            case commands.Basic.Ack():
                self._acknowledge(link, given)
            case commands.Basic.Qos():
                link.prefetch = given.prefetch_count
                link.send(commands.Basic.QosOk(), channel=channel)
            case commands.Queue.Bind():
                assert given.exchange == "unifiedfeed"
                self.bindings.append(given.routing_key)
                link.send(commands.Queue.BindOk(), channel=channel)
            case commands.Basic.Consume():
                assert not given.no_ack
                link.consumer = given.consumer_tag or "one"
                link.send(commands.Basic.ConsumeOk(link.consumer), channel=channel)
                link.room.set()
                self.links.append(link)
            case _:
                _answer_plainly(link, channel, given)
        return True

    def _acknowledge(self, link: Link, ack: commands.Basic.Ack) -> None:
        assert ack.delivery_tag in link.unacknowledged, "a message is acknowledged once"
        told = range(min(link.unacknowledged) if ack.multiple else ack.delivery_tag, ack.delivery_tag + 1)
        self.acknowledged += len(told)
        link.unacknowledged.difference_update(told)
        link.room.set()

    async def _deliver(self, link: Link) -> None:
        await link.room.wait()
        while True:
            while link.prefetch and len(link.unacknowledged) >= link.prefetch:
                link.room.clear()
                await link.room.wait()
            key, payload = await link.queue.get()
            link.sent += 1
            self.sent += 1
            link.unacknowledged.add(link.sent)
            parts = [payload[at : at + MOST_A_FRAME] for at in range(0, len(payload), MOST_A_FRAME)]
            link.send(
                commands.Basic.Deliver(link.consumer, link.sent, False, "unifiedfeed", key),  # noqa: FBT003 - the protocol's order
                ContentHeader(body_size=len(payload), properties=commands.Basic.Properties()),
                *(ContentBody(part) for part in parts),
                channel=1,
            )
            with suppress(OSError):
                await link.writer.drain()


def _answer_plainly(link: Link, channel: int, given: Any) -> None:  # noqa: ANN401 - as above
    plain: dict[type, Callable[[], Any]] = {
        commands.Channel.Open: commands.Channel.OpenOk,
        commands.Channel.Close: commands.Channel.CloseOk,
        commands.Basic.Cancel: lambda: commands.Basic.CancelOk(link.consumer),
        commands.Queue.Declare: lambda: commands.Queue.DeclareOk("amq.gen-1", 0, 0),
    }
    if type(given) in plain:
        link.send(plain[type(given)](), channel=channel)
    if isinstance(given, Heartbeat):
        link.send(Heartbeat())


async def _read(reader: asyncio.StreamReader) -> tuple[int, Any]:
    head = await reader.readexactly(FRAME_HEAD_BYTES)
    rest = await reader.readexactly(int.from_bytes(head[3:7], "big") + 1)
    _, channel, given = frame.unmarshal(head + rest)
    return channel, given

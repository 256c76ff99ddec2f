"""The Unified Odds Feed under the contract of connectors."""

import asyncio
import gzip
import ssl
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path

import pytest

from bookstream.faults.amqp import Broker
from bookstream.faults.uof import FastClock, Provider, until
from bookstream.faults.uof_messages import odds_changes
from connectors import files
from connectors.contract import Position
from connectors.uof.connector import Uof
from connectors.uof.parser import parse_message
from domain.events.feeds import RawMessage
from tests.unit.connectors.contract_suite import ConnectorContract, count_read_ahead, messages_of


class UofContract(ConnectorContract):
    """What both modes share."""

    provider = "uof"
    content_type = "application/xml"

    @property
    def payloads(self) -> list[bytes]:
        return odds_changes()

    def parse(self, message: RawMessage) -> object:
        return parse_message(message)


class TestRecordedUof(UofContract):
    """Documents in a file, one a line, compressed."""

    recorded = True
    most_ahead = files.CHUNK_BYTES // 100

    async def play(
        self,
        tmp_path: Path,
        payloads: Sequence[bytes],
        *,
        position: Position | None = None,
        cut_after: int | None = None,
    ) -> list[RawMessage]:
        path = tmp_path / "feed.gz"
        path.write_bytes(gzip.compress(b"\n".join(payloads) + b"\n"))
        start = position.next_sequence if position else 0
        if cut_after is None:
            return list(Uof().recorded(path, start=start))
        reading = Uof().recorded(path, start=start)
        before = [next(reading) for _ in range(cut_after)]
        return [*before, *Uof().recorded(path, start=start + cut_after)]

    async def refused(self, tmp_path: Path) -> list[object]:
        path = tmp_path / "feed.xml"
        path.write_bytes(b"<rss><channel/></rss>")
        return list(Uof().recorded(path))

    async def read_ahead(self, tmp_path: Path) -> int:
        path = tmp_path / "feed"
        path.write_bytes(b"\n".join(odds_changes(60) * 100))
        return count_read_ahead(Uof(), path) // 100


class TestLiveUof(UofContract):
    """Messages of a broker on this machine, over TLS; its REST interface knows no documents."""

    recorded = False

    @pytest.fixture(autouse=True)
    def _trust(self, tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
        self._tls = tls

    def other_side(self, login: str = "secret-token") -> Provider:
        """Give a provider that says nothing by itself."""
        return Provider(Broker(self._tls, logins={login}), FastClock(1), beating=False, documented=False)

    async def play(
        self,
        tmp_path: Path,
        payloads: Sequence[bytes],
        *,
        position: Position | None = None,
        cut_after: int | None = None,
    ) -> list[RawMessage]:
        missing = list(payloads)[position.next_sequence if position else 0 :]
        items: list[object] = []

        async def speak(broker: Broker) -> None:
            await until(lambda: broker.links)
            for n, payload in enumerate(missing):
                if n == cut_after:
                    await until(lambda: len(messages_of(items)) == cut_after)
                    broker.cut()
                    await until(lambda: broker.links)
                broker.say(payload)

        async with self.other_side().open() as provider:
            speaking = asyncio.create_task(speak(provider.broker))
            connector = Uof(provider.options(queue_size=self.queue_size))
            async with aclosing(connector.live(position=position)) as live:
                async for item in live:
                    items.append(item)
                    if len(messages_of(items)) == len(missing):
                        break
            await speaking
            assert provider.broker.connections == (2 if cut_after else 1)
            return messages_of(items)

    async def refused(self, tmp_path: Path) -> list[object]:
        async with self.other_side("another").open() as provider:
            return [item async for item in Uof(provider.options()).live()]

    async def read_ahead(self, tmp_path: Path) -> int:
        async with self.other_side().open() as provider:
            connector = Uof(provider.options(queue_size=self.queue_size))
            received = []
            async with aclosing(connector.live()) as live:
                async for item in live:
                    received.append(item)
                    if len(received) == 2:
                        for payload in odds_changes(200):
                            provider.broker.say(payload)
                    if len(messages_of(received)) == 3:
                        # The reader stands still long enough for whoever would run away.
                        await asyncio.sleep(0.2)
                        break
            return provider.broker.sent - len(messages_of(received))

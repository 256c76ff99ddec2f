"""Betfair under the contract of connectors: from recordings and live over TLS."""

import asyncio
import gzip
import ssl
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path

import pytest

from bookstream.faults.exchange import INITIAL_CLK, Exchange
from connectors import files
from connectors.betfair import messages
from connectors.betfair.connector import Betfair
from connectors.contract import Position
from domain.events.feeds import RawMessage
from tests.unit.connectors.contract_suite import ConnectorContract, count_read_ahead, messages_of
from tests.unit.connectors.samples import exchange_payloads


class BetfairContract(ConnectorContract):
    """What both modes share."""

    provider = "betfair"

    @property
    def payloads(self) -> list[bytes]:
        return exchange_payloads()

    def parse(self, message: RawMessage) -> object:
        return messages.decode(message.payload)


class TestRecordedBetfair(BetfairContract):
    """Messages in a file, one a line, compressed."""

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
        path = tmp_path / "stream.gz"
        path.write_bytes(gzip.compress(b"\r\n".join(payloads) + b"\r\n"))
        start = position.next_sequence if position else 0
        if cut_after is None:
            return list(Betfair().recorded(path, start=start))
        reading = Betfair().recorded(path, start=start)
        before = [next(reading) for _ in range(cut_after)]
        return [*before, *Betfair().recorded(path, start=start + cut_after)]

    async def refused(self, tmp_path: Path) -> list[object]:
        path = tmp_path / "notes.txt"
        path.write_text("dear diary\n")
        return list(Betfair().recorded(path))

    async def read_ahead(self, tmp_path: Path) -> int:
        path = tmp_path / "endless"
        path.write_bytes(b"\n".join(exchange_payloads(20_000)))
        return count_read_ahead(Betfair(), path) // 100


class TestLiveBetfair(BetfairContract):
    """Messages of an exchange on this machine, over TLS."""

    recorded = False

    @pytest.fixture(autouse=True)
    def _trust(self, tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
        self._tls = tls

    async def play(
        self,
        tmp_path: Path,
        payloads: Sequence[bytes],
        *,
        position: Position | None = None,
        cut_after: int | None = None,
    ) -> list[RawMessage]:
        missing = len(payloads) - (position.next_sequence if position else 0)
        async with Exchange(list(payloads), cut_after=cut_after, tls=self._tls).open() as exchange:
            connector = Betfair(exchange.options(queue_size=self.queue_size))
            items: list[object] = []
            async with aclosing(connector.live(position=position)) as live:
                async for item in live:
                    items.append(item)
                    if len(messages_of(items)) == missing:
                        break
            assert exchange.connections == (2 if cut_after else 1)
            return messages_of(items)

    async def refused(self, tmp_path: Path) -> list[object]:
        async with Exchange(self.payloads, app_keys={"another"}, tls=self._tls).open() as exchange:
            return [item async for item in Betfair(exchange.options()).live()]

    async def read_ahead(self, tmp_path: Path) -> int:
        async with Exchange(exchange_payloads(2000), tls=self._tls).open() as exchange:
            connector = Betfair(exchange.options(queue_size=self.queue_size))
            received = []
            async with aclosing(connector.live()) as live:
                async for item in live:
                    received.append(item)
                    if len(received) == 3:
                        # The reader stands still long enough for whoever would run away.
                        await asyncio.sleep(0.2)
                        break
            assert connector.depth.waits > 0
            return connector.counts.messages - len(messages_of(received))

    def tokens_after(self, n: int) -> tuple[str, ...]:
        return (INITIAL_CLK, f"C{n}")

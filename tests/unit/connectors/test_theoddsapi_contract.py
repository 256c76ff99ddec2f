"""The Odds API under the contract of connectors: from recordings and live by polling."""

import asyncio
import bz2
from collections.abc import Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx

from connectors import files
from connectors.contract import Position
from connectors.resilience.limits import Backoff
from connectors.theoddsapi.connector import TheOddsApi
from connectors.theoddsapi.parser import parse_message
from connectors.theoddsapi.protocol import TheOddsApiOptions, odds
from domain.events.feeds import RawMessage
from tests.unit.connectors.contract_suite import ConnectorContract, count_read_ahead, messages_of
from tests.unit.connectors.samples import answers


def options(answer: Callable[[httpx.Request], httpx.Response], **changes: Any) -> TheOddsApiOptions:
    """Give options that ask a function instead of the provider, with waits short enough for a test."""
    settings: dict[str, Any] = {
        "key": "secret-key",
        "endpoints": (odds("soccer_epl", regions="uk", every_s=0.001),),
        "transport": httpx.MockTransport(answer),
        "backoff": Backoff(initial_s=0.01, maximum_s=0.02, jitter_s=0.0, attempts=3),
    }
    return TheOddsApiOptions(**(settings | changes))


class TheOddsApiContract(ConnectorContract):
    """What both modes share."""

    provider = "theoddsapi"

    @property
    def payloads(self) -> list[bytes]:
        return answers()

    def parse(self, message: RawMessage) -> object:
        return parse_message(message)


class TestRecordedTheOddsApi(TheOddsApiContract):
    """Answers in a file, one a line, compressed."""

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
        path = tmp_path / "answers.bz2"
        path.write_bytes(bz2.compress(b"\n".join(payloads) + b"\n"))
        start = position.next_sequence if position else 0
        if cut_after is None:
            return list(TheOddsApi().recorded(path, start=start))
        reading = TheOddsApi().recorded(path, start=start)
        before = [next(reading) for _ in range(cut_after)]
        return [*before, *TheOddsApi().recorded(path, start=start + cut_after)]

    async def refused(self, tmp_path: Path) -> list[object]:
        path = tmp_path / "stream.json"
        path.write_bytes(b'{"op":"connection","connectionId":"002"}')
        return list(TheOddsApi().recorded(path))

    async def read_ahead(self, tmp_path: Path) -> int:
        path = tmp_path / "answers"
        path.write_bytes(b"\n".join(answers(60) * 100))
        return count_read_ahead(TheOddsApi(), path) // 100


class TestLiveTheOddsApi(TheOddsApiContract):
    """Answers to polls."""

    recorded = False

    async def play(
        self,
        tmp_path: Path,
        payloads: Sequence[bytes],
        *,
        position: Position | None = None,
        cut_after: int | None = None,
    ) -> list[RawMessage]:
        waiting = list(payloads[position.next_sequence if position else 0 :])
        total, breaks = len(waiting), 1 if cut_after else 0

        def reply(request: httpx.Request) -> httpx.Response:
            nonlocal breaks
            if breaks and cut_after is not None and len(waiting) == total - cut_after:
                breaks -= 1
                raise httpx.ReadError("the connection broke")
            return httpx.Response(200, content=waiting.pop(0) if waiting else payloads[-1])

        items: list[object] = []
        async with aclosing(TheOddsApi(options(reply)).live(position=position)) as live:
            async for item in live:
                items.append(item)
                if len(messages_of(items)) == total:
                    break
        return messages_of(items)

    async def refused(self, tmp_path: Path) -> list[object]:
        body = b'{"message":"API key is not valid","error_code":"INVALID_KEY"}'
        live = TheOddsApi(options(lambda _: httpx.Response(401, content=body))).live()
        return [item async for item in live]

    async def read_ahead(self, tmp_path: Path) -> int:
        waiting = answers(60) * 10
        polls = 0

        def reply(request: httpx.Request) -> httpx.Response:
            nonlocal polls
            polls += 1
            return httpx.Response(200, content=waiting[polls])

        received: list[object] = []
        connector = TheOddsApi(options(reply, queue_size=self.queue_size))
        async with aclosing(connector.live()) as live:
            async for item in live:
                received.append(item)
                if len(messages_of(received)) == 1:
                    await asyncio.sleep(0.2)
                    break
        assert connector.depth.waits > 0
        return polls - 1

"""`bookstream feed` as users run it: the provider breaks off, the command is killed, the stream is one."""

import asyncio
import json
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import aiokafka
import pytest

from bookstream import topic_admin, topics
from bookstream.faults.exchange import INITIAL_CLK, Exchange
from bookstream.faults.tls import make_tls
from bookstream.reading import events
from bookstream.settings import Settings
from domain.errors import Misconfigured
from domain.events.feeds import FeedStatus, RawMessage
from tests.unit.connectors.samples import answers, exchange_payloads

pytestmark = pytest.mark.broker

SECONDS = 60


class Command:
    """Runs the command in processes of its own, on one data directory."""

    def __init__(self, bootstrap: str, data_dir: Path, **variables: str) -> None:
        self.bootstrap = bootstrap
        self.data_dir = data_dir
        self.place = data_dir / "feeds"
        given = {name: value for name, value in os.environ.items() if not name.startswith("BOOKSTREAM_")}
        ours = {"KAFKA": bootstrap, "DATA_DIR": str(data_dir), **variables}
        self._env = {**given, **{f"BOOKSTREAM_{name}": value for name, value in ours.items()}}
        self._began = time.time_ns() // 1000

    @asynccontextmanager
    async def running(self, provider: str) -> AsyncIterator["Running"]:
        """Run it for the block; what still runs then is killed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bookstream.cli", "feed", provider, "--json",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=self._env,
        )  # fmt: skip
        try:
            yield Running(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    def messages(self, provider: str) -> list[RawMessage]:
        """Return what is in the topic since this test began."""
        found = events(self.bootstrap, topics.raw_topic(provider), RawMessage)
        return [message for _, message in found if message.received_at >= self._began and not message.recorded]

    async def as_a_worker_reads(self, provider: str) -> int:
        """Return how many records of the topic the workers' own client reads."""
        client = aiokafka.AIOKafkaConsumer(bootstrap_servers=self.bootstrap)
        await client.start()
        try:
            places = [aiokafka.TopicPartition(topics.raw_topic(provider), n) for n in range(topics.PARTITIONS)]
            client.assign(places)
            await client.seek_to_beginning()
            ends, read = await client.end_offsets(places), 0
            while any([await client.position(place) < end for place, end in ends.items()]):
                read += sum(map(len, (await client.getmany(timeout_ms=500)).values()))
            return read
        finally:
            await client.stop()

    async def until(self, provider: str, count: int) -> None:
        """Wait until the topic has so many messages."""
        deadline = time.monotonic() + SECONDS
        while len(found := await asyncio.to_thread(self.messages, provider)) < count:
            assert time.monotonic() < deadline, f"{len(found)} of {count} messages"
            await asyncio.sleep(0.2)


class Running:
    """One run of the command."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def ended(self) -> tuple[int, str, str]:
        """Return the exit code and what was said."""
        async with asyncio.timeout(SECONDS):
            output, told = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, output.decode(), told.decode()

    async def stopped(self, by: signal.Signals) -> dict[str, Any]:
        """Stop it and return its last line."""
        self.process.send_signal(by)
        code, output, told = await self.ended()
        assert code == 0, told
        answer: dict[str, Any] = json.loads(output.splitlines()[-1])
        return answer


@pytest.fixture
def command(bootstrap: str, data_dir: Path) -> Callable[..., Command]:
    """Give the command on a broker that has its topics."""
    topic_admin.apply(bootstrap, Settings(data_dir=data_dir))
    return lambda **variables: Command(bootstrap, data_dir, **variables)


@asynccontextmanager
async def exchange_of(folder: Path, count: int, **script: Any) -> AsyncIterator[tuple[Exchange, dict[str, str]]]:
    """Serve an exchange, and give the variables that lead to it."""
    async with Exchange(exchange_payloads(count), tls=make_tls(folder), **script).open() as exchange:
        yield exchange, {
            "BETFAIR_APP_KEY": "secret-key", "BETFAIR_SESSION": "secret-token",
            "BETFAIR_HOST": f"localhost:{exchange.port}", "BETFAIR_CA": str(folder / "certificate.pem"),
        }  # fmt: skip


async def test_a_stream_is_one_over_a_broken_connection_and_a_restart(
    tmp_path: Path, bootstrap: str, command: Callable[..., Command]
) -> None:
    async with exchange_of(tmp_path, 200, cut_after=120) as (exchange, variables):
        feed = command(**variables)
        async with feed.running("betfair") as run:
            await feed.until("betfair", 200)
            first = await run.stopped(signal.SIGTERM)
        exchange.payloads = exchange_payloads(300)
        async with feed.running("betfair") as run:
            await feed.until("betfair", 300)
            second = await run.stopped(signal.SIGINT)

    assert (first["messages"], first["reconnects"]) == (200, 1)
    assert (second["messages"], second["reconnects"]) == (100, 0)
    messages = feed.messages("betfair")
    assert [message.payload for message in messages] == exchange_payloads(300)
    assert [message.stream_sequence for message in messages] == list(range(300))
    assert len({message.stream_id for message in messages}) == 1
    assert (exchange.operations[-1]["initialClk"], exchange.operations[-1]["clk"]) == (INITIAL_CLK, "C199")
    told = [
        (status.state, status.reason, status.detail == "the feed was stopped")
        for record, status in events(bootstrap, topics.FEED_STATUS.name, FeedStatus)
        if record.partition == 3 and status.stream_id == messages[0].stream_id
    ]
    assert await feed.as_a_worker_reads("betfair") >= 300
    up, down = ("UP", "connected", False), ("DOWN", "ended", False)
    stopped = ("DOWN", "ended", True)
    assert told == [down, up, down, up, stopped, down, up, stopped]


async def test_no_number_is_given_twice_after_a_kill_before_the_place_was_saved(
    tmp_path: Path, command: Callable[..., Command]
) -> None:
    async with exchange_of(tmp_path, 100) as (exchange, variables):
        feed = command(**variables)
        place = feed.place / "betfair" / "place.json"
        async with feed.running("betfair") as run:
            await feed.until("betfair", 100)
            await run.stopped(signal.SIGTERM)
        saved = place.read_bytes()
        exchange.payloads = exchange_payloads(150)
        async with feed.running("betfair") as run:
            await feed.until("betfair", 150)
            run.process.kill()
        # As if it had been killed between the acknowledgement and the file.
        place.write_bytes(saved)
        exchange.payloads = exchange_payloads(180)
        async with feed.running("betfair") as run:
            await feed.until("betfair", 180)
            await run.stopped(signal.SIGTERM)

    messages = feed.messages("betfair")
    assert [message.payload for message in messages] == exchange_payloads(180)
    assert [message.stream_sequence for message in messages] == list(range(180))


async def test_a_key_that_is_refused_ends_the_feed_with_one_sentence(
    tmp_path: Path, command: Callable[..., Command]
) -> None:
    async with (
        exchange_of(tmp_path, 1, app_keys={"another"}) as (_, variables),
        command(**variables).running("betfair") as run,
    ):
        code, _, told = await run.ended()
    assert code == Misconfigured.exit_code
    assert "bookstream: Betfair refused: the application key is not valid: check BOOKSTREAM_BETFAIR_APP_KEY" in told
    assert "secret" not in told


async def test_two_feeds_of_one_place_do_not_run(tmp_path: Path, command: Callable[..., Command]) -> None:
    async with exchange_of(tmp_path, 5) as (_, variables):
        feed = command(**variables)
        async with feed.running("betfair"):
            await feed.until("betfair", 5)
            async with feed.running("betfair") as second:
                code, _, told = await second.ended()
    assert code == Misconfigured.exit_code
    assert "runs on" in told


async def test_polls_go_on_numbering_after_failures_and_a_restart(command: Callable[..., Command]) -> None:
    waiting = answers(40)
    replies: list[bytes | None] = [*waiting[:10], None, None, *waiting[10:20]]

    class Api(BaseHTTPRequestHandler):
        """Answers with what waits; None is a fault of the server; then with the last for ever."""

        def do_GET(self) -> None:
            body = replies.pop(0) if len(replies) > 1 else replies[0]
            self.send_response(503 if body is None else 200)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("localhost", 0), Api)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        feed = command(
            THEODDSAPI_KEY="secret-key",
            THEODDSAPI_URL=f"http://localhost:{server.server_port}",
            THEODDSAPI_EVERY_S="0.02",
        )
        for count, published in ((20, 20), (41, 21)):
            async with feed.running("theoddsapi") as run:
                await feed.until("theoddsapi", count)
                answer = await run.stopped(signal.SIGTERM)
            # A restarted feed begins with the newest answer, the same prices or not.
            assert answer["messages"] == published
            replies.extend(waiting[20:])
    finally:
        await asyncio.to_thread(server.shutdown)
        server.server_close()
        thread.join()

    messages = feed.messages("theoddsapi")
    assert [message.stream_sequence for message in messages] == list(range(len(messages)))
    assert [message.payload for message in messages] == [*waiting[:20], *waiting[19:]]
    assert len({message.stream_id for message in messages}) == 1

"""Connections that the broker reset: a request fails as one on a broken connection, on uvloop as on asyncio."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvloop
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

import bookstream.delivery.producer  # noqa: F401 - every producer's process survives resets
from bookstream.delivery.connection import _send, survive_resets

RESET = struct.pack("ii", 1, 0)


async def reset_connection() -> tuple[AIOKafkaConnection, Callable[[], None]]:
    """Open a connection whose peer resets it when told, unread bytes and all."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        host, port = server.getsockname()
        connection = AIOKafkaConnection(host, port)
        connection._reader, connection._writer = await asyncio.open_connection(host, port)
        peer, _ = server.accept()
    connection._closed_fut = asyncio.get_running_loop().create_future()
    connection._closed_fut.set_result(None)
    connection._versions = {3: (0, 5), 18: (0, 0)}
    connection._read_task = connection._create_reader_task()
    await asyncio.sleep(0)  # it begins to read

    def reset() -> None:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        peer.close()

    return connection, reset


async def until(connection: AIOKafkaConnection, reached: Callable[[], bool]) -> None:
    """Wait for a state of the reset, and not a turn of the loop longer: the read task has not seen it."""
    while not reached():  # noqa: ASYNC110 - every turn of the loop counts
        await asyncio.sleep(0)
    assert connection.connected(), "aiokafka still takes it for a living one"


async def until_closing(connection: AIOKafkaConnection) -> None:
    """Wait until the transport begins to close: whoever is woken now comes to write when it is closed."""
    await until(connection, connection._writer.transport.is_closing)


def on_uvloop(work: Callable[[], Awaitable[Any]]) -> None:
    async def run() -> None:
        await work()

    uvloop.run(run())


def test_a_request_on_a_reset_connection_fails_as_on_a_broken_one() -> None:
    async def work() -> None:
        connection, reset = await reset_connection()
        reset()
        await until(connection, lambda: connection._reader.exception() is not None)
        with pytest.raises(KafkaConnectionError, match="broken"):
            await connection.send(MetadataRequest([]))
        assert not connection.connected()

    on_uvloop(work)


def test_the_task_that_keeps_the_metadata_outlives_a_reset() -> None:
    async def work() -> None:
        connection, reset = await reset_connection()
        client = AIOKafkaClient(bootstrap_servers="127.0.0.1:1", metadata_max_age_ms=60_000)
        client._conns["bootstrap", 0] = connection
        client._sync_task = asyncio.create_task(client._md_synchronizer())
        await asyncio.sleep(0)
        reset()
        await until_closing(connection)
        assert await asyncio.wait_for(client.force_metadata_update(), timeout=5) is False
        assert not client._sync_task.done()
        await client.close()

    on_uvloop(work)


def test_without_it_the_task_ends_and_takes_the_client_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        connection, reset = await reset_connection()
        client = AIOKafkaClient(bootstrap_servers="127.0.0.1:1", metadata_max_age_ms=60_000)
        client._conns["bootstrap", 0] = connection
        client._sync_task = asyncio.create_task(client._md_synchronizer())
        await asyncio.sleep(0)
        reset()
        await until_closing(connection)
        update = client.force_metadata_update()
        done, _ = await asyncio.wait([client._sync_task], timeout=5)
        assert isinstance(done.pop().exception(), RuntimeError)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(update, timeout=0.2)

    monkeypatch.setattr(AIOKafkaConnection, "send", _send)
    on_uvloop(work)


def test_surviving_twice_is_surviving_once() -> None:
    survive_resets()
    once = AIOKafkaConnection.send
    survive_resets()
    assert AIOKafkaConnection.send is once

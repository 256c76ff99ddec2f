"""One connection to the Exchange Stream: CRLF-delimited JSON over TLS, from the greeting to the first change."""

import asyncio
import contextlib
import ssl
from typing import Final

import msgspec

from connectors.betfair import messages
from connectors.betfair.messages import ConnectionMessage, StatusMessage
from connectors.betfair.protocol import (
    Authentication,
    BetfairOptions,
    MarketDataFilter,
    MarketSubscription,
    Silent,
    failure_of,
)
from connectors.files import MAX_MESSAGE_BYTES
from connectors.resilience.web import Untrusted
from domain.errors import RejectedInput, Unavailable

AUTHENTICATION_ID: Final = 1
SUBSCRIPTION_ID: Final = 2
CRLF: Final = b"\r\n"


class Session:
    """An open, logged in and subscribed connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, options: BetfairOptions) -> None:
        self._reader = reader
        self._writer = writer
        self._options = options
        self._early: list[bytes] = []
        self.connection_id = ""
        self.silence_s = options.heartbeat_ms / 1000 * 2.5
        self.messages = 0

    @classmethod
    async def open(cls, options: BetfairOptions, token: str, clocks: tuple[str, ...]) -> "Session":
        """Connect, log in and subscribe; `clocks` are initialClk and clk of the place to go on from.

        Raises:
            Unavailable: the stream cannot be reached, ends, or is too slow.
            SessionExpired, PlaceLost: see protocol.
            Misconfigured: the stream refuses the key or the subscription, or its certificate is not trusted.
        """
        session = cls(*await _connect(options), options)
        try:
            async with asyncio.timeout(options.timeouts.login_s):
                await session._greet()
                await session._log_in(token)
                await session._subscribe(clocks)
        except TimeoutError as error:
            await session.close()
            raise Unavailable(f"{options.host} did not answer the login in {options.timeouts.login_s:g} s") from error
        except BaseException:
            await session.close()
            raise
        return session

    async def read(self) -> bytes:
        """Return the next line, without its end.

        Raises:
            Silent: nothing came for two and a half heartbeats.
            Unavailable: the connection ended or broke.
        """
        if self._early:
            return self._early.pop(0)
        try:
            async with asyncio.timeout(self.silence_s):
                return await self._line()
        except TimeoutError as error:
            raise Silent(f"{self._options.host} was silent for {self.silence_s:g} s") from error

    async def close(self) -> None:
        """Close the connection; what is left of it does not matter."""
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(self._options.timeouts.write_s):
                await self._writer.wait_closed()

    async def _greet(self) -> None:
        greeting = self._decode(await self._line())
        if not isinstance(greeting, ConnectionMessage):
            raise Unavailable(f"{self._options.host} did not greet as the Exchange Stream does")
        self.connection_id = greeting.connection_id

    async def _log_in(self, token: str) -> None:
        await self._send(Authentication(id=AUTHENTICATION_ID, app_key=self._options.app_key, session=token))
        await self._accepted(AUTHENTICATION_ID)

    async def _subscribe(self, clocks: tuple[str, ...]) -> None:
        options = self._options
        initial_clk, clk = clocks or (None, None)
        await self._send(
            MarketSubscription(
                id=SUBSCRIPTION_ID,
                market_filter=options.market_filter,
                market_data_filter=MarketDataFilter(fields=options.fields, ladder_levels=options.ladder_levels),
                heartbeat_ms=options.heartbeat_ms,
                conflate_ms=options.conflate_ms,
                initial_clk=initial_clk,
                clk=clk,
            )
        )
        await self._accepted(SUBSCRIPTION_ID)

    async def _accepted(self, operation: int) -> None:
        """Wait for the status of an operation; changes that come before it are kept for `read`."""
        while True:
            line = await self._line()
            message = self._decode(line)
            if isinstance(message, StatusMessage):
                if (failure := failure_of(message)) is not None:
                    raise failure
                if message.id in {operation, None}:
                    return
            else:
                self._early.append(line)

    async def _send(self, operation: Authentication | MarketSubscription) -> None:
        try:
            self._writer.write(msgspec.json.encode(operation) + CRLF)
            async with asyncio.timeout(self._options.timeouts.write_s):
                await self._writer.drain()
        except (OSError, TimeoutError) as error:
            raise Unavailable(f"{self._options.host} does not take what is sent: {error}") from error

    async def _line(self) -> bytes:
        while True:
            try:
                line = await self._reader.readuntil(b"\n")
            except asyncio.IncompleteReadError as error:
                raise Unavailable(f"{self._options.host} closed the connection") from error
            except asyncio.LimitOverrunError as error:
                raise Unavailable(f"{self._options.host} sent a line longer than {MAX_MESSAGE_BYTES} bytes") from error
            except OSError as error:
                raise Unavailable(f"the connection to {self._options.host} broke: {error}") from error
            if line := line.rstrip(CRLF):
                return line

    def _decode(self, line: bytes) -> messages.Message:
        try:
            return messages.decode(line)
        except RejectedInput as error:
            raise Unavailable(f"{self._options.host} does not speak as the Exchange Stream does: {error}") from error


async def _connect(options: BetfairOptions) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    where = f"{options.host}:{options.port}"
    tls = options.tls or ssl.create_default_context()
    try:
        async with asyncio.timeout(options.timeouts.connect_s):
            return await asyncio.open_connection(options.host, options.port, ssl=tls, limit=MAX_MESSAGE_BYTES)
    except TimeoutError as error:
        raise Unavailable(f"{where} did not accept a connection in {options.timeouts.connect_s:g} s") from error
    except ssl.SSLCertVerificationError as error:
        raise Untrusted(f"the certificate of {where} is not trusted: {error.verify_message}") from error
    except OSError as error:
        raise Unavailable(f"{where} cannot be reached: {error.strerror or error}") from error

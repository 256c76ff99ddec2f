"""One connection to the feed's AMQP 0-9-1 broker: one queue of its own, bound to everything, read in order.

The broker sends at most `queue_size` messages that are not acknowledged: so the reader is never ahead of it by more.
"""

import asyncio
import logging
import ssl
from dataclasses import dataclass
from typing import Final

import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from aiormq.exceptions import AMQPError, AuthenticationError, ConnectionNotAllowed, ProbableAuthenticationError
from pamqp.exceptions import PAMQPException
from yarl import URL

from connectors.resilience.web import Untrusted
from connectors.uof.live_options import EXCHANGE, UofOptions
from domain.errors import BookstreamError, Misconfigured, Unavailable

ROUTING_KEYS: Final = ("*.*.*.*.*.*.*.-.#", "*.*.*.*.*.*.*.{node}.#")
"""Words 1-7 are priority, prematch, live, message type, sport, urn and event; the eighth is whose recovery it is of."""
HEARTBEAT_S: Final = 10
ACKNOWLEDGED_PART: Final = 4
"""At the latest when this part of what may be sent ahead was taken, it is acknowledged."""
LOGGERS: Final = ("aiormq.connection", "aiormq.channel", "aio_pika", "aio_pika.connection", "aio_pika.channel")
_REFUSED: Final = (AuthenticationError, ProbableAuthenticationError, ConnectionNotAllowed)
_BROKEN: Final = (AMQPError, PAMQPException, OSError, EOFError, RuntimeError, ValueError)
"""What the library raises on a connection that is refused, ends, or speaks nonsense."""


class _NoTokens(logging.Filter):
    """The library logs addresses with the user's name, and that is our token: they are not logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "@" not in record.getMessage()


_NO_TOKENS: Final = _NoTokens()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message's bytes, where it was routed, and the library's own of it to acknowledge it by."""

    payload: bytes
    routing_key: str
    message: AbstractIncomingMessage


class Session:
    """An open connection whose queue is bound and consumed."""

    def __init__(self, connection: aio_pika.Connection, options: UofOptions) -> None:
        self._connection = connection
        self._options = options
        self._inbox: asyncio.Queue[Delivery | None] = asyncio.Queue()
        self._failure: str = ""
        self._taken = 0
        self.messages = 0

    @classmethod
    async def open(cls, options: UofOptions, virtual_host: str) -> "Session":
        """Connect, log in, and bind a queue.

        Raises:
            Unavailable: the broker cannot be reached, is too slow, or does not speak AMQP.
            Misconfigured: it refuses the token or the virtual host, or its certificate is not trusted.
        """
        for name in LOGGERS:
            logging.getLogger(name).addFilter(_NO_TOKENS)
        where = f"{options.host}:{options.port}"
        connection = aio_pika.Connection(_address(options, virtual_host), ssl_context=options.tls)
        session = cls(connection, options)
        limit_s = options.timeouts.connect_s + options.timeouts.login_s
        try:
            async with asyncio.timeout(limit_s):
                await connection.connect()
                await session._consume()
        except TimeoutError as error:
            await session.close()
            raise Unavailable(f"{where} did not answer the login in {limit_s:g} s") from error
        except _BROKEN as error:
            await session.close()
            raise _failure_of(where, error) from error
        except BaseException:
            await session.close()
            raise
        return session

    async def read(self, seconds: float) -> Delivery | None:
        """Return the next message, or None when none came in time.

        Raises:
            Unavailable: the connection ended or broke; every message before that was returned.
        """
        try:
            async with asyncio.timeout(seconds):
                delivery = await self._inbox.get()
        except TimeoutError:
            return None
        if delivery is None:
            raise Unavailable(self._failure)
        self.messages += 1
        return delivery

    async def taken(self, delivery: Delivery) -> None:
        """Acknowledge a message and those before it, at once or with others that wait to be read.

        On a connection that broke meanwhile it does not matter: the queue went with it.
        """
        self._taken += 1
        if self._inbox.empty() or self._taken >= self._options.queue_size // ACKNOWLEDGED_PART:
            self._taken = 0
            try:
                await delivery.message.ack(multiple=True)
            except _BROKEN:
                logging.getLogger(__name__).debug("messages were not acknowledged: their connection is gone")

    async def close(self) -> None:
        """Close the connection; what is left of it does not matter."""
        try:
            async with asyncio.timeout(self._options.timeouts.write_s):
                await self._connection.close()
        except (TimeoutError, asyncio.InvalidStateError, *_BROKEN):
            logging.getLogger(__name__).debug("a connection was not closed in order")

    async def _consume(self) -> None:
        channel = await self._connection.channel(publisher_confirms=False)
        await channel.set_qos(prefetch_count=self._options.queue_size)
        queue = await channel.declare_queue(exclusive=True, auto_delete=True)
        for key in ROUTING_KEYS:
            await queue.bind(EXCHANGE, key.format(node=self._options.node))
        self._connection.close_callbacks.add(self._ended)
        channel.close_callbacks.add(self._ended)
        await queue.consume(self._deliver)

    async def _deliver(self, message: AbstractIncomingMessage) -> None:
        if self._inbox.qsize() >= 2 * self._options.queue_size:
            self._ended(None, OverflowError("more messages than were asked for"))
            return
        self._inbox.put_nowait(Delivery(message.body, message.routing_key or "", message))

    def _ended(self, _: object, error: BaseException | None = None) -> None:
        if not self._failure:
            self._failure = f"{self._options.host}:{self._options.port} ended the connection: {_said(error)}"
            self._inbox.put_nowait(None)


def _address(options: UofOptions, virtual_host: str) -> URL:
    return aio_pika.connection.make_url(
        host=options.host, port=options.port, login=options.token, password="", virtualhost=virtual_host, ssl=True,
        heartbeat=str(HEARTBEAT_S),
    )  # fmt: skip


def _failure_of(where: str, error: BaseException) -> BookstreamError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Untrusted(f"the certificate of {where} is not trusted: {cause.verify_message}")
        if isinstance(cause, _REFUSED):
            return Misconfigured(f"{where} refused the login: check BOOKSTREAM_UOF_TOKEN")
        cause = cause.__cause__
    return Unavailable(f"{where} cannot be reached: {_said(error)}")


def _said(error: BaseException | None) -> str:
    """Return an error's text on one line; of its arguments none is the address, and so none the token."""
    return " ".join(str(error).split())[:200] if error is not None and str(error) else type(error).__name__

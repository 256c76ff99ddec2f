"""Where a payment provider sends its webhooks: a small HTTP server that takes only what the provider signed.

What was taken is answered with 204, what is refused with 4xx, and 503 asks the provider to come again. It speaks plain
HTTP and belongs behind a proxy that ends TLS and bounds how often it may be asked.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from connectors.payments.contract import Notice, PaymentProvider
from connectors.payments.webhooks import MAX_BODY_BYTES, WebhookCode, WebhookRefused
from connectors.raw import wall_clock
from domain.errors import BookstreamError, Misconfigured

PATH: Final = "/webhooks/payments"
BODY_S: Final = 10.0
"""Seconds that a webhook's body may take to arrive."""
MOST_AT_ONCE: Final = 64
STATUSES: Final = {
    WebhookCode.BODY_TOO_LONG: 413,
    WebhookCode.BODY_UNREADABLE: 400,
    WebhookCode.EVENT_REPLAYED: 409,
}
UNSIGNED: Final = 401

log = logging.getLogger(__name__)


class WebhookEndpoint:
    """Takes webhooks; `take` keeps a notice and `refuse` writes down why one was refused, each until it is durable.

    Args:
        provider: verifies them.
        take: raises where the notice could not be kept; the provider then sends it again.
        refuse: is given the reason; of a webhook that is not the provider's nothing else is known.
        host: the address to listen on.
        port: 0 for any that is free.
        now: the time, microseconds UTC.
    """

    def __init__(
        self,
        provider: PaymentProvider,
        take: Callable[[Notice], Awaitable[None]],
        refuse: Callable[[WebhookCode], Awaitable[None]],
        *,
        host: str,
        port: int,
        now: Callable[[], int] = wall_clock,
    ) -> None:
        self._provider = provider
        self._take, self._refuse = take, refuse
        self._place, self._now = (host, port), now
        self._busy = 0
        self._runner: web.AppRunner | None = None

    async def start(self) -> str:
        """Listen, and return the URL for the provider.

        Raises:
            Misconfigured: the port is taken, or the address is not this machine's.
        """
        # One byte more than may be, so that one too many is told from just enough.
        app = web.Application(client_max_size=MAX_BODY_BYTES + 1)
        app.router.add_post(PATH, self._answer)
        self._runner = web.AppRunner(app, access_log=None, keepalive_timeout=BODY_S)
        await self._runner.setup()
        site = web.TCPSite(self._runner, *self._place)
        try:
            await site.start()
        except OSError as error:
            raise Misconfigured(f"webhooks cannot be taken at {self._place}: {error.strerror}") from error
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}{PATH}"

    async def stop(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        if self._busy >= MOST_AT_ONCE:
            return web.Response(status=503)
        self._busy += 1
        try:
            async with asyncio.timeout(BODY_S):
                body = await request.read()
            return await self._taken(request, body)
        except TimeoutError:
            return web.Response(status=408)
        except web.HTTPRequestEntityTooLarge:
            return await self._refused(WebhookCode.BODY_TOO_LONG)
        except BookstreamError as error:
            log.warning("a webhook was not kept, the provider will come again: %s", error)
            return web.Response(status=503)
        finally:
            self._busy -= 1

    async def _taken(self, request: web.Request, body: bytes) -> web.Response:
        try:
            with self._provider.webhook(request.headers, body, self._now()) as notice:
                await self._take(notice)
        except WebhookRefused as refused:
            return await self._refused(refused.reason)
        return web.Response(status=204)

    async def _refused(self, reason: WebhookCode) -> web.Response:
        await self._refuse(reason)
        return web.json_response({"error": reason.value}, status=STATUSES.get(reason, UNSIGNED))

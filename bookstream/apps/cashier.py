"""The cashier: asks the payment provider, and takes its webhooks."""

import asyncio

from agents.cashier import NAME, Cashier
from bookstream.apps.composing import compose_sink, prepared
from bookstream.delivery.api import Headers
from bookstream.outlet import Outlet
from bookstream.paying import provider
from bookstream.stack import bootstrap
from bookstream.topics import Topic
from domain.events.head import Event


def _context() -> Cashier:
    given = prepared(NAME)
    outlet = Outlet(bootstrap(given), given.kafka_security, linger_ms=0)
    turn = asyncio.Lock()

    async def tell(topic: Topic, event: Event, headers: Headers) -> None:
        # One at a time, so that a failure is that of the event that failed.
        async with turn:
            outlet.send(topic.name, event, headers)
            await asyncio.to_thread(outlet.flush)

    return Cashier(provider(given), tell, host=given.payments_webhook_host, port=given.payments_webhook_port)


app = compose_sink(NAME, _context)

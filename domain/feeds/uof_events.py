"""One event's messages asked for again: where a single message cannot be read, no whole producer need be recovered."""

from typing import Final, Literal

import msgspec

from domain.feeds.uof_producers import Feed
from domain.feeds.uof_quota import MINUTE_US, allowed_at, spend

AGAIN_US: Final = 10 * MINUTE_US
"""The same is asked for at most once in so long: a message that cannot be read may come the same way again."""

What = Literal["odds", "stateful_messages"]
"""The odds as they are now; or settlements, cancellations, and what of these was rolled back."""


class AskEvent(msgspec.Struct, frozen=True):
    """To do: ask a producer for what it has to say of one event."""

    producer: int
    request_id: int
    event: str
    what: What


def on_unreadable(feed: Feed, producer_id: int, event: str, what: What, at: int) -> list[AskEvent]:
    """Take it that a producer's message about an event cannot be read; microseconds UTC by this side's clock.

    Nothing is asked for where a recovery of the producer is still to be asked for, which brings it, nor beyond the
    quota: then the event's next message tells its odds. Where the request fails, it is not repeated for that reason.
    """
    producer = feed.producers.get(producer_id)
    if producer is None or not feed.connected or producer.status in {"NOT_STARTED", "ERROR"}:
        return []
    recent = {each: asked_at for each, asked_at in producer.events_asked.items() if 0 <= at - asked_at < AGAIN_US}
    producer.events_asked = recent
    if (event, what) in recent or allowed_at(feed.quota, "EVENT", at) > at:
        return []
    spend(feed.quota, "EVENT", at)
    recent[event, what] = at
    request, feed.next_request = feed.next_request, feed.next_request + 1
    return [AskEvent(producer_id, request, event, what)]

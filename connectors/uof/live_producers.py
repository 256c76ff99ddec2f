"""The producers of a live feed: what is heard goes into the recovery's state machine, what it asks for is asked for."""

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any, Final

import msgspec

from connectors.resilience.web import Throttled
from connectors.uof.client import UofClient
from connectors.uof.live_broken import SAYS, Broken
from connectors.uof.live_head import Head
from connectors.uof.live_options import SECOND_US, UofOptions
from connectors.uof.rest import Producer
from domain.errors import BookstreamError, Misconfigured
from domain.events.feeds import FeedState
from domain.feeds.uof_events import AskEvent, on_unreadable
from domain.feeds.uof_producers import Standing, open_feed, standing_of
from domain.feeds.uof_recovery import (
    Action,
    Ask,
    Say,
    on_alive,
    on_connected,
    on_disconnected,
    on_message,
    on_refused,
    on_snapshot_complete,
    on_tick,
)

SESSION: Final = "all"
DEFAULT_WINDOW_MINUTES: Final = 4320
REFUSED_S: Final = 600.0
"""How long a recovery that the provider does not allow is not asked for again."""

State = tuple[FeedState, str, str]
"""A feed's state, the code of its reason, and its detail."""


class Producers:
    """The producers that are wanted, from their description on.

    `asked` counts requests for recovery, `mended` those for that of one event.
    """

    def __init__(
        self, described: Iterable[Producer], options: UofOptions, client: UofClient, at: int, token: str
    ) -> None:
        wanted = {each.id: each for each in described if _is_wanted(each, options)}
        if not wanted:
            raise Misconfigured(
                "the Unified Odds Feed has none of the producers wanted: check BOOKSTREAM_UOF_PRODUCERS"
            )
        self._client = client
        self._names = {each.id: each.name for each in wanted.values()}
        self._products = {each.id: _product_of(each) for each in wanted.values()}
        self._scopes = {each.id: each.scope for each in wanted.values()}
        windows = {
            each.id: each.stateful_recovery_window_in_minutes or DEFAULT_WINDOW_MINUTES for each in wanted.values()
        }
        self._feed = open_feed(windows, (SESSION,), at, _standing(token), options.recovery)
        self._refused: list[tuple[Ask | AskEvent, float]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.trouble = ""
        self.asked = 0
        self.mended = 0

    @property
    def token(self) -> str:
        """Return the mark of the place: what another process needs to go on."""
        return msgspec.json.encode(standing_of(self._feed)).decode()

    def has(self, producer: int) -> bool:
        """Tell whether a producer is wanted."""
        return producer in self._names

    def connected(self, at: int) -> None:
        """Take it that a connection is made."""
        self._act(on_connected(self._feed, at))

    def disconnected(self) -> None:
        """Take it that the connection is gone."""
        self._act(on_disconnected(self._feed))

    def hear(self, head: Head, at: int) -> bool | None:
        """Take a message; of one that ends a recovery, say whether nothing of its producer is missing any more."""
        sent_at = head.timestamp * 1000
        if head.tag == "alive":
            subscribed = head.subscribed == 1
            self._act(on_alive(self._feed, head.product, SESSION, sent_at, at, subscribed=subscribed))
        elif head.tag == "snapshot_complete":
            request = head.request_id
            actions = on_snapshot_complete(self._feed, head.product, SESSION, request, at) if request else []
            self._act(actions)
            return any(isinstance(each, Say) and each.status == "COMPLETED" for each in actions)
        else:
            self._act(on_message(self._feed, head.product, SESSION, sent_at, at, request=head.request_id))
        return None

    def mend(self, broken: Broken, at: int) -> None:
        """Take it that a message about an event cannot be read: whose it may be is asked for the event."""
        what = SAYS.get(broken.kind)
        for producer, scope in self._scopes.items():
            if what is not None and broken.may_be_of(producer, scope):
                self._act(on_unreadable(self._feed, producer, broken.event, what, at))

    def tick(self, at: int) -> None:
        """Look what time has done, and what the provider answered to requests."""
        refused, self._refused = self._refused, []
        for ask, after_s in refused:
            until = at + int(after_s * SECOND_US) if after_s else 0
            self._act(on_refused(self._feed, ask.producer, ask.request_id, until))
        self._act(on_tick(self._feed, at))

    def state(self) -> State:
        """Return how the feed is: as its worst producer."""
        producers = self._feed.producers.values()
        silent = [each.id for each in producers if (each.status, each.reason) == ("ERROR", "AliveIntervalViolation")]
        if silent:
            return "DOWN", "silent", f"of {self._named(silent)} nothing was heard"
        holed = [each.id for each in producers if each.status not in {"COMPLETED", "DELAYED"}]
        if holed:
            return "DELAYED", "gap", f"{self._named(holed)}: to be recovered{self.trouble}"
        late = [each.id for each in producers if each.status == "DELAYED"]
        if late:
            return "DELAYED", "latency", f"{self._named(late)}: heard late"
        return "UP", "gap", "every producer's messages are whole"

    async def close(self) -> None:
        """Ask for nothing any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _named(self, ids: list[int]) -> str:
        return ", ".join(self._names[each] for each in sorted(ids))

    def _act(self, actions: Sequence[Action | AskEvent]) -> None:
        for action in actions:
            if isinstance(action, Ask):
                self.asked += 1
                self._start(self._ask(action))
            elif isinstance(action, AskEvent):
                self.mended += 1
                self._start(self._ask_event(action))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask(self, ask: Ask) -> None:
        try:
            await self._client.recover(self._products[ask.producer], ask.request_id, ask.after)
        except BookstreamError as error:
            self.trouble = f" ({error})"
            after_s = REFUSED_S if isinstance(error, Misconfigured) else 0.0
            self._refused.append((ask, error.after_s if isinstance(error, Throttled) else after_s))
        else:
            self.trouble = ""

    async def _ask_event(self, ask: AskEvent) -> None:
        try:
            await self._client.recover_event(self._products[ask.producer], ask.what, ask.event, ask.request_id)
        except Throttled as error:
            self._refused.append((ask, error.after_s))
        except BookstreamError as error:
            logging.getLogger(__name__).warning("%s was not asked for again: %s", ask.event, error)


def _is_wanted(producer: Producer, options: UofOptions) -> bool:
    return producer.id in options.producers if options.producers else producer.active


def _product_of(producer: Producer) -> str:
    """Return what a producer is called in addresses: the last part of its own."""
    return (producer.api_url or "").rstrip("/").rpartition("/")[2] or producer.name.lower()


def _standing(token: str) -> Standing | None:
    try:
        return msgspec.json.decode(token, type=Standing) if token else None
    except ValueError as error:
        raise Misconfigured("the saved place is none of the Unified Odds Feed: begin anew with --anew") from error

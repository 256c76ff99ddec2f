"""Which REST documents a live feed needs, and when: descriptions, schedules, and the fixtures that messages name."""

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from connectors.resilience.web import Throttled
from connectors.uof.client import NotFound, UofClient, fixture_path, markets_path, schedule_path
from connectors.uof.live_options import SECOND_US, UofOptions
from connectors.uof.parser import parse
from connectors.uof.rest import Schedule
from domain.errors import BookstreamError, RejectedInput

MOST_KNOWN: Final = 50_000
MOST_WANTED: Final = 10_000
TRIES: Final = 5
AGAIN_S: Final = 60.0


@dataclass(slots=True)
class Wanted:
    """A document to fetch; a fixture is tried a few times, what is fetched `again` for ever."""

    due_at: int
    again: bool = False
    event: str = ""
    tries: int = 0


@dataclass(slots=True)
class DocumentCounts:
    """What was fetched; `dropped` fixtures were more than could be waited for, and are asked for when named again."""

    fetched: int = 0
    failed: int = 0
    dropped: int = 0


class Documents:
    """Fetches one document after the other; `ready` holds those that wait to be published."""

    def __init__(self, client: UofClient, options: UofOptions, now: Callable[[], int]) -> None:
        self._client = client
        self._options = options
        self._now = now
        self._held_until = 0
        self._known: dict[str, None] = {}
        self._wanted: dict[str, Wanted] = {markets_path(options.language): Wanted(now(), again=True)}
        self.ready: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(4)
        self.counts = DocumentCounts()

    def name(self, event: str, *, changed: bool) -> None:
        """Take it that a message names an event; its fixture is fetched if it is not known, or has `changed`."""
        if event in self._known and not changed:
            return
        if len(self._wanted) >= MOST_WANTED:
            self.counts.dropped += 1
            return
        self._know(event)
        self._wanted[fixture_path(self._options.language, event)] = Wanted(self._now(), event=event)

    async def run(self) -> None:
        """Fetch what is due, for ever."""
        self._plan()
        while True:
            path = self._next()
            if path is None:
                await asyncio.sleep(self._options.tick_s)
            else:
                await self._fetch(path, self._wanted[path])

    def _plan(self) -> None:
        """Want the schedules: of what is live, and of the days to come."""
        today = dt.datetime.fromtimestamp(self._now() / SECOND_US, dt.UTC).date()
        days = [None, *(today + dt.timedelta(days=n) for n in range(self._options.schedule_days))]
        for day in days if self._options.schedule_days else []:
            self._wanted[schedule_path(self._options.language, day)] = Wanted(self._now())
        self._planned_at = self._now()

    def _next(self) -> str | None:
        now = self._now()
        if now - self._planned_at >= self._options.refresh_s * SECOND_US:
            self._plan()
        if now < self._held_until:
            return None
        return next((path for path, wanted in self._wanted.items() if wanted.due_at <= now), None)

    async def _fetch(self, path: str, wanted: Wanted) -> None:
        try:
            body = await self._client.get(path)
        except Throttled as error:
            self._held_until = self._now() + int(error.after_s * SECOND_US)
        except BookstreamError as error:
            self.counts.failed += 1
            wanted.tries += 1
            wanted.due_at = self._now() + int(AGAIN_S * wanted.tries * SECOND_US)
            if isinstance(error, NotFound) or (wanted.tries >= TRIES and not wanted.again):
                self._done(path, wanted)
                if not isinstance(error, NotFound):
                    self._known.pop(wanted.event, None)
        else:
            self.counts.fetched += 1
            self._done(path, wanted)
            self._learn(body)
            await self.ready.put((path, body))

    def _done(self, path: str, wanted: Wanted) -> None:
        """Forget what was wanted, or want it again later; what was wanted anew meanwhile stays."""
        if wanted.again:
            wanted.tries, wanted.due_at = 0, self._now() + int(self._options.refresh_s * SECOND_US)
        elif self._wanted.get(path) is wanted:
            del self._wanted[path]

    def _learn(self, body: bytes) -> None:
        """Know the events of a schedule."""
        try:
            document = parse(body)
        except RejectedInput:
            return  # it is published all the same: rejecting is ingest's business
        for event in document.events if isinstance(document, Schedule) else ():
            self._know(event.id)

    def _know(self, event: str) -> None:
        self._known.pop(event, None)
        self._known[event] = None
        if len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]

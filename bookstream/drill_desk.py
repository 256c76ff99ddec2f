"""A desk that cannot make up its mind: it settles, cancels and takes back, while everything around it is killed.

What it says at random it takes back at the end: then the exchange's word stands, and every bet must have come to that.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from random import Random

from bookstream.demo.board import Board
from bookstream.demo.match import SECOND
from bookstream.outlet import Outlet
from bookstream.topics import RESULTS
from domain.events.settlement import MarketResult
from domain.events.trading import ListedSelection, MarketListing, Quote
from domain.settlement import by_hand
from domain.settlement.by_hand import Hand
from domain.settlement.result import LOSE, VOID, WIN

VERBS = ("settle", "cancel", "undo")
WEIGHTS = (5, 2, 3)
LONGEST_WINDOW_SECONDS = 1200


class Desk:
    """Speaks of markets at a steady rate until stopped.

    Args:
        board: what it sees.
        outlet: where its words go; used by its thread, and by the caller once that has ended.
        per_second: words a second of the wall's clock.
        now: the log's time.
        seed: the same seed gives the same words on the same board.
    """

    def __init__(self, board: Board, outlet: Outlet, *, per_second: float, now: Callable[[], int], seed: int) -> None:
        self._board = board
        self._outlet = outlet
        self._per_second = per_second
        self._now = now
        self._random = Random(f"desk {seed}")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._speak_on, name="desk", daemon=True)
        self._said: defaultdict[str, list[MarketResult]] = defaultdict(list)
        self._listings: dict[str, MarketListing] = {}
        self._last_at = 0
        self.words = 0

    def start(self) -> None:
        """Begin to speak."""
        self._thread.start()

    def stop(self) -> None:
        """Speak no more, take back all that was said, and wait until it is acknowledged."""
        self._stop.set()
        self._thread.join()
        for market_id in list(self._said):
            self._undo(self._listings[market_id])
        self._outlet.flush()

    def _speak_on(self) -> None:
        due = time.monotonic()
        while not self._stop.is_set():
            due += self._random.expovariate(self._per_second)
            if self._stop.wait(max(0.0, due - time.monotonic())):
                return
            quotes = list(self._board.quotes.values())
            if quotes:
                self.speak(self._random.choice(quotes))

    def speak(self, quote: Quote) -> None:
        """Say something of a market."""
        listing = self._listings.setdefault(quote.market_id, _listing(quote))
        verb = self._random.choices(VERBS, WEIGHTS)[0]
        if verb == "undo" and self._said[quote.market_id]:
            self._undo(listing)
        elif verb == "cancel":
            until = self._now()
            start = until - self._random.randrange(60, LONGEST_WINDOW_SECONDS) * SECOND
            self._say(by_hand.cancelled(listing, (start, until), (), self._hand()))
        else:
            winner = self._random.choice(listing.selections)
            lost = VOID if self._random.random() < 0.2 else LOSE
            results = [(each.selection_id, WIN if each == winner else lost) for each in listing.selections]
            self._say(by_hand.settled(listing, results, self._hand(), None))

    def _undo(self, listing: MarketListing) -> None:
        said = self._said.pop(listing.market_id)
        if said:
            for word in by_hand.undone(listing, said, self._hand()):
                self._send(word)

    def _say(self, word: MarketResult) -> None:
        self._said[word.market_id].append(word)
        self._send(word)

    def _send(self, word: MarketResult) -> None:
        self._outlet.send(RESULTS.name, word)
        self.words += 1

    def _hand(self) -> Hand:
        """Return the next word's head; its times rise, so that a later word stands."""
        self._last_at = max(self._now(), self._last_at + 1)
        return Hand(event_id=f"desk-{self._last_at}", at=self._last_at, actor="drill", reason="a change of mind")


def _listing(quote: Quote) -> MarketListing:
    return MarketListing(
        event_id=quote.event_id, occurred_at=quote.occurred_at, received_at=quote.received_at, provider=quote.provider,
        fixture_id=quote.fixture_id, market_id=quote.market_id, market_type=quote.market_type, period=quote.period,
        line_milli=quote.line_milli,
        selections=tuple(ListedSelection(selection_id=each.selection_id, name=each.name) for each in quote.selections),
    )  # fmt: skip

"""SIGKILL at seeded random instants: whom, when, and how long each was away."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from bookstream.counting import TopicCounts
from bookstream.delivery.runtime import READY
from bookstream.local import LocalStack
from bookstream.topics import ODDS, QUOTES
from domain.errors import BookstreamError, MustStop, Unavailable

RECOVER_SECONDS = 120.0
FLOWING = (ODDS.name, QUOTES.name)
"""What a tick causes from the first worker to the last: new records there say that the broker's return was survived."""

LOAD_SHARE = 0.92
"""The kills lie within this share of the load's time, so that the last ones are recovered from under load too."""


def instants(count: int, seconds: float, random: Random) -> list[float]:
    """Return `count` seconds after the beginning of a load, in order: one at random in each of as many equal parts."""
    part = seconds * LOAD_SHARE / max(1, count)
    return [part * (number + random.random()) for number in range(count)]


def p99(seconds: Sequence[float]) -> float:
    """Return what 99 of 100 stay at or below; 0 of nothing."""
    ordered = sorted(seconds)
    return ordered[max(0, -(-len(ordered) * 99 // 100) - 1)] if ordered else 0.0


class Killer:
    """Kills what it is told, one after another, and lets the supervisor start it again; a context manager.

    A kill that falls due while the victim before is still away waits for its return. Leaving the block waits for the
    last kill, and keeps the supervisor at work; `stop` ends that.

    Args:
        stack: whose parts are killed; with a broker of its own if that is among the victims.
        victims: whom to kill, in order: a worker's name, or `broker`.
        seconds: how long the load lasts.
        random: decides the instants.
        step: told of every kill.
    """

    def __init__(
        self, stack: LocalStack, victims: Sequence[str], seconds: float, random: Random, step: Callable[[str], None]
    ) -> None:
        self.kills: Counter[str] = Counter()
        self.away_seconds: defaultdict[str, list[float]] = defaultdict(list)
        self._stack = stack
        self._plan = list(zip(instants(len(victims), seconds, random), victims, strict=True))
        self._step = step
        self._loaded = threading.Event()
        self._ended = threading.Event()
        self._failure: BookstreamError | None = None
        self._killer = threading.Thread(target=self._guarded, args=(self._kill_all,), name="killer", daemon=True)
        # A leashed worker dies with the thread that started it: this one lives until `stop`.
        self._watcher = threading.Thread(target=self._guarded, args=(self._watch,), name="watcher", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._loaded.set()
        self._watcher.start()
        self._killer.start()

    def check(self, _item: object = None) -> None:
        """Raise what went wrong in the background, if anything did.

        Raises:
            CrashLoop: a worker fails again and again.
            MustStop: a worker or the flow did not come back.
        """
        if self._failure is not None:
            raise self._failure

    def finish(self) -> None:
        """Say that the load is over, and wait for the last kill and its recovery."""
        self._loaded.clear()
        self._killer.join()
        self.check()

    def stop(self) -> None:
        """End the watch over the workers; those that it started end with it."""
        self._ended.set()
        self._killer.join()
        self._watcher.join()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BookstreamError as error:
            self._failure = self._failure or error
            self._ended.set()

    def _watch(self) -> None:
        """Start again what was killed, as the supervisor of `bookstream up` does."""
        while not self._ended.wait(0.05):
            self._stack.supervisor.tick()

    def _kill_all(self) -> None:
        began = time.monotonic()
        for number, (instant, victim) in enumerate(self._plan, 1):
            if self._ended.wait(max(0.0, began + instant - time.monotonic())):
                return
            killed = time.monotonic()
            self._kill_broker() if victim == "broker" else self._kill_worker(victim)
            away = time.monotonic() - killed
            self.kills[victim] += 1
            self.away_seconds[victim].append(away)
            at = killed - began
            self._step(f"{at:.0f} s: kill {number} of {len(self._plan)}: {victim}, away for {away:.1f} s")

    def _kill_broker(self) -> None:
        """Kill the broker and start it again; it is back when ticks have become quotes again."""
        broker = self._stack.broker
        if broker is None:
            raise MustStop("a broker that is not the drill's own cannot be killed")
        broker.kill()
        broker.start()
        counts = TopicCounts(self._stack.bootstrap)
        before: Counter[str] = Counter()

        def flows() -> bool:
            try:
                now = counts.now(FLOWING)
            except Unavailable:
                # It serves some partitions already, and others not yet.
                return False
            if not before:
                before.update(now)
            return all(now[topic] > before[topic] for topic in FLOWING)

        try:
            self._wait("the flow", flows)
        finally:
            counts.close()

    def _kill_worker(self, name: str) -> None:
        """Kill a worker; it is back when it takes input again."""
        ready = self._ready_file(name)
        ready.unlink(missing_ok=True)
        self._stack.supervisor.kill(name)
        self._wait(name, ready.exists)

    def _ready_file(self, name: str) -> Path:
        return self._stack.data_dir / "workers" / f"{name}-{self._stack.settings.worker}" / READY

    def _wait(self, what: str, back: Callable[[], bool]) -> None:
        """Wait until it is back; the flow ends with the load."""
        deadline = time.monotonic() + RECOVER_SECONDS
        while not back():
            if what == "the flow" and not self._loaded.is_set():
                return
            if time.monotonic() > deadline:
                raise MustStop(f"{what} was not back {RECOVER_SECONDS:.0f} s after a kill")
            if self._ended.wait(0.02):
                return

"""A circuit breaker for each provider: after repeated failures nobody is asked for a while, then one trial is made.

The state machine is pure: time is an argument, seconds of any monotonic clock. (M. Nygard, Release It!, 2007.)
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import Unavailable


class State(StrEnum):
    """Closed lets calls through, open lets none, half-open lets one through to see."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(slots=True)
class CircuitBreaker:
    """Opens after `threshold` failures in a row for `cool_down_s`; each failed trial doubles that, to `maximum_s`."""

    threshold: int = 5
    cool_down_s: float = 5.0
    maximum_s: float = 120.0
    state: State = State.CLOSED
    failures: int = 0
    open_until: float = 0.0
    trials: int = 0

    def wait_s(self, at: float) -> float:
        """Return for how long a call must still wait; 0 lets it through and, where it was open, makes it the trial."""
        if self.state is State.CLOSED:
            return 0.0
        if self.state is State.HALF_OPEN:
            # The trial's caller answers or times out; whoever comes meanwhile waits a cool-down.
            return self.cool_down_s
        if at < self.open_until:
            return self.open_until - at
        self.state = State.HALF_OPEN
        return 0.0

    def succeed(self) -> None:
        """Note that a call went well: the circuit is closed."""
        self.state, self.failures, self.trials = State.CLOSED, 0, 0

    def fail(self, at: float) -> None:
        """Note that a call failed."""
        self.failures += 1
        if self.state is State.HALF_OPEN or self.failures >= self.threshold:
            pause = min(self.cool_down_s * 2**self.trials, self.maximum_s)
            # Bounded, so that the doubling never overflows.
            self.trials = min(self.trials + 1, 32)
            self.state, self.open_until = State.OPEN, at + pause

    def release(self, at: float) -> None:
        """Note that a call ended without telling how the provider is: a trial is still owed."""
        if self.state is State.HALF_OPEN:
            self.state, self.open_until = State.OPEN, at


class Guard:
    """Holds calls back while the circuit is open. `Unavailable` counts as a failure, what else is raised does not."""

    def __init__(
        self,
        breaker: CircuitBreaker | None = None,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.breaker = breaker or CircuitBreaker()
        self._now = now
        self._sleep = sleep

    async def wait(self) -> None:
        """Wait until a call may be made."""
        while (wait := self.breaker.wait_s(self._now())) > 0:
            await self._sleep(wait)

    def succeed(self) -> None:
        """Note that the provider serves."""
        self.breaker.succeed()

    def fail(self) -> None:
        """Note that the provider does not serve."""
        self.breaker.fail(self._now())

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[None]:
        """Wait until a call may be made, and note when it fails; that it went well is for the caller to say."""
        await self.wait()
        try:
            yield
        except Unavailable:
            self.fail()
            raise
        except BaseException:
            self.breaker.release(self._now())
            raise

"""How to reach the Unified Odds Feed, and what of it is wanted."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Final

import httpx

from connectors.raw import wall_clock
from connectors.resilience.limits import Backoff, Timeouts
from domain.errors import Unavailable
from domain.feeds.uof_producers import Timeouts as RecoveryTimeouts

HOST: Final = "mq.betradar.com"
PORT: Final = 5671
API_URL: Final = "https://api.betradar.com"
EXCHANGE: Final = "unifiedfeed"
SECOND_US: Final = 1_000_000
FAR_US: Final = 60 * SECOND_US
FRESH_US: Final = 10 * SECOND_US


@dataclass(frozen=True, slots=True, kw_only=True)
class UofOptions:
    """How to connect, and to what.

    `producers` are the ids wanted, empty for all that are active. `node` tells this client's recoveries apart from
    those of others with the same token. Fixtures are fetched for `schedule_days` ahead, and again every `refresh_s`;
    at most `rate` requests are made a second. `tick_s` is how often time itself is looked at.
    """

    token: str = field(repr=False)
    host: str = HOST
    port: int = PORT
    api_url: str = API_URL
    tls: SSLContext | None = None
    node: int = 1
    language: str = "en"
    producers: tuple[int, ...] = ()
    schedule_days: int = 3
    refresh_s: float = 6 * 3600.0
    rate: float = 10.0
    name: str = "unified"
    timeouts: Timeouts = field(default_factory=lambda: Timeouts(read_s=30.0))
    recovery: RecoveryTimeouts = field(default_factory=RecoveryTimeouts)
    backoff: Backoff = field(default_factory=Backoff)
    tick_s: float = 1.0
    queue_size: int = 1_000
    now: Callable[[], int] = wall_clock
    monotonic: Callable[[], int] = lambda: time.monotonic_ns() // 1000
    transport: httpx.AsyncBaseTransport | None = None


class Silent(Unavailable):
    """Nothing came for longer than the producers' pulses allow."""

    code = "silent"


class SteadyClock:
    """The wall's time, microseconds UTC, that moves on evenly however the wall's clock is set meanwhile."""

    def __init__(self, wall: Callable[[], int], monotonic: Callable[[], int]) -> None:
        self._wall, self._monotonic = wall, monotonic
        self.set()

    def set(self) -> None:
        """Take over what the wall's clock says."""
        self._at, self._since = self._wall(), self._monotonic()

    def is_wrong(self, sent_at: int) -> bool:
        """Say whether the wall's clock was put right meanwhile: by it a pulse is fresh that this one is far from."""
        return abs(self.now() - sent_at) > FAR_US and abs(self._wall() - sent_at) < FRESH_US

    def now(self) -> int:
        """Return the time."""
        return self._at + self._monotonic() - self._since

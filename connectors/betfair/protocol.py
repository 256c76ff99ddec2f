"""What a client says on the Exchange Stream, and what the stream's refusals mean."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any, Final

import msgspec

from connectors.betfair.messages import StatusMessage
from connectors.raw import wall_clock
from connectors.resilience.limits import Backoff, Timeouts
from domain.errors import BookstreamError, Misconfigured, Unavailable

HOST: Final = "stream-api.betfair.com"
PORT: Final = 443

FIELDS: Final = (
    "EX_MARKET_DEF", "EX_ALL_OFFERS", "EX_TRADED", "EX_TRADED_VOL", "EX_LTP", "SP_TRADED", "SP_PROJECTED",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BetfairOptions:
    """How to connect, and to what. `renew` logs in again when the session has expired and returns the new token.

    `market_filter` is the stream's own (eventTypeIds, marketIds, …); an empty one asks for every market there is.
    """

    app_key: str = field(repr=False)
    session: str = field(repr=False)
    renew: Callable[[], Awaitable[str]] | None = field(default=None, repr=False)
    market_filter: Mapping[str, Any] = field(default_factory=dict)
    fields: tuple[str, ...] = FIELDS
    ladder_levels: int = 3
    heartbeat_ms: int = 5000
    conflate_ms: int = 0
    host: str = HOST
    port: int = PORT
    tls: SSLContext | None = None
    name: str = "markets"
    timeouts: Timeouts = field(default_factory=Timeouts)
    backoff: Backoff = field(default_factory=Backoff)
    queue_size: int = 10_000
    now: Callable[[], int] = wall_clock


class Authentication(msgspec.Struct, tag_field="op", tag="authentication", rename="camel"):
    """Log in on a connection with an application key and a session token."""

    id: int
    app_key: str
    session: str


class MarketDataFilter(msgspec.Struct, rename="camel"):
    """Which parts of a market to send."""

    fields: tuple[str, ...]
    ladder_levels: int


class MarketSubscription(msgspec.Struct, tag_field="op", tag="marketSubscription", rename="camel", omit_defaults=True):
    """Ask for markets; with both clocks, for what changed since then."""

    id: int
    market_filter: Mapping[str, Any]
    market_data_filter: MarketDataFilter
    heartbeat_ms: int
    conflate_ms: int
    initial_clk: str | None = None
    clk: str | None = None


class SessionExpired(Unavailable):
    """The session token is not valid, or no longer."""

    code = "session_expired"


class PlaceLost(Unavailable):
    """The stream cannot go on from the given clocks: a whole image comes instead."""

    code = "place_lost"


class Silent(Unavailable):
    """Nothing came for longer than the heartbeat allows."""

    code = "silent"


EXPIRED: Final = frozenset({"NO_SESSION", "INVALID_SESSION_INFORMATION"})
REFUSED: Final = {
    "NO_APP_KEY": "no application key was sent: set BOOKSTREAM_BETFAIR_APP_KEY",
    "INVALID_APP_KEY": "the application key is not valid: check BOOKSTREAM_BETFAIR_APP_KEY",
    "NOT_AUTHORIZED": "the application key has no access to the Exchange Stream",
    "INVALID_INPUT": "the subscription is not valid",
    "INVALID_REQUEST": "the subscription is not valid",
    "SUBSCRIPTION_LIMIT_EXCEEDED": "the subscription asks for more markets than this key may have: narrow its filter",
}


def failure_of(status: StatusMessage) -> BookstreamError | None:
    """Return the error that a status tells of, if any, by what must happen next."""
    if status.status_code == "SUCCESS" and not status.connection_closed:
        return None
    code = status.error_code or "UNKNOWN"
    said = f" ({status.error_message})" if status.error_message else ""
    if code in EXPIRED:
        return SessionExpired(f"Betfair does not accept the session token: {code}{said}")
    if code in REFUSED:
        return Misconfigured(f"Betfair refused: {REFUSED[code]}{said}")
    if code == "INVALID_CLOCK":
        return PlaceLost(f"Betfair cannot go on from the last place: {code}{said}")
    return Unavailable(f"Betfair ended the stream: {code}{said}")

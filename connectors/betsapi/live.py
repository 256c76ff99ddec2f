"""BetsAPI as a service that is polled: what to ask, what a refusal means, what is new in an answer.

Source: the BetsAPI documentation (authentication, rate limit, errors, endpoints).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import httpx
import msgspec

from connectors.betsapi.messages import Event, Events
from connectors.betsapi.parser import parse
from connectors.polling import Endpoint, Look, PollOptions, QuotaSpent, Service
from connectors.resilience.quota import Quota
from connectors.resilience.web import SECOND, Throttled, count_of
from domain.errors import BookstreamError, Misconfigured, Unavailable

PROVIDER: Final = "betsapi"
BASE_URL: Final = "https://api.betsapi.com"
HOUR_US: Final = 3_600 * SECOND
"""The rate is by the hour: 3,600 requests."""
_FREQUENCY: Final = "TOO_MANY_REQUESTS"
_REFUSED: Final = frozenset(["AUTHORIZE_FAILED", "PERMISSION_DENIED", "TOKEN_EXPIRED"])
_WRONG: Final = frozenset(["PARAM_REQUIRED", "PARAM_INVALID", "METHOD_NOT_ALLOWED", "NOT_FOUND"])


def inplay(sport: str = "1", *, every_s: float = 10.0) -> Endpoint:
    """Poll a sport's matches in play."""
    return Endpoint(path="/v1/events/inplay", parameters={"sport_id": sport}, every_s=every_s)


def upcoming(sport: str = "1", *, every_s: float = 900.0) -> Endpoint:
    """Poll a sport's matches to come."""
    return Endpoint(path="/v1/events/upcoming", parameters={"sport_id": sport}, every_s=every_s)


def ended(sport: str = "1", *, every_s: float = 300.0) -> Endpoint:
    """Poll a sport's results."""
    return Endpoint(path="/v1/events/ended", parameters={"sport_id": sport}, every_s=every_s)


def merges(*, every_s: float = 300.0) -> Endpoint:
    """Poll the ids that were merged."""
    return Endpoint(path="/v1/event/merge_history", every_s=every_s)


def odds(event_id: str, *, source: str = "bet365", every_s: float = 10.0) -> Endpoint:
    """Poll the history of a bookmaker's odds of an event."""
    return Endpoint(path="/v1/event/odds", parameters={"event_id": event_id, "source": source}, every_s=every_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class BetsApiOptions(PollOptions):
    """See `PollOptions`; the key is the provider's token."""

    base_url: str = BASE_URL


class _Refusal(msgspec.Struct):
    success: int = 1
    error: str = ""
    error_detail: str = ""


class BetsApiService(Service):
    """See `Service`. The token goes in a header; requests are counted by the hour."""

    provider = PROVIDER
    title = "BetsAPI"

    def __init__(self, options: BetsApiOptions) -> None:
        self._options = options
        self._reset_at: int | None = None

    def signed(self, endpoint: Endpoint) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Return the parameters, and the token's header."""
        return endpoint.parameters, {"X-API-TOKEN": self._options.key}

    def failure_of(self, status: int, body: bytes, after_s: float) -> BookstreamError | None:
        """Return the error that an answer tells of, by its code more than by its status."""
        said = _refusal(body)
        if status == httpx.codes.OK and said.success == 1:
            return None
        told = f"{said.error} {said.error_detail}".strip()[:80] or str(status)
        if said.error == _FREQUENCY or status == httpx.codes.TOO_MANY_REQUESTS:
            if said.error == _FREQUENCY and self._reset_at is not None:
                return QuotaSpent("BetsAPI's requests of this hour are spent")
            return Throttled(f"BetsAPI asks to slow down: {told}", after_s)
        if said.error in _REFUSED or status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            return Misconfigured(f"BetsAPI refused the token: check BOOKSTREAM_BETSAPI_TOKEN ({told})")
        if said.error in _WRONG or (400 <= status < 500 and status != httpx.codes.REQUEST_TIMEOUT):
            return Misconfigured(f"BetsAPI refused the request ({status}): {told}")
        return Unavailable(f"BetsAPI answered {status}: {told}")

    def look_into(self, body: bytes) -> Look:
        """Return when an answer was true, and its matches without the seconds of their clocks, which run by themselves.

        A list of matches is true when it is answered, whatever their times are. What is no list is one thing.
        """
        answer = parse(body)
        if isinstance(answer, Events):
            return Look(None, {event.id: _digest(_without_seconds(event)) for event in answer.events})
        return Look(answer.said_at(), {"answer": _digest(answer)})

    def quota_of(self, headers: Mapping[str, str]) -> Quota:
        """Read x-ratelimit-remaining and -limit, and remember when the hour ends."""
        reset_s = count_of(headers.get("x-ratelimit-reset"))
        if reset_s is not None:
            self._reset_at = min(reset_s, 4_102_444_800) * SECOND
        remaining, limit = count_of(headers.get("x-ratelimit-remaining")), count_of(headers.get("x-ratelimit-limit"))
        used = None if remaining is None or limit is None else max(limit - remaining, 0)
        return Quota(remaining, used)

    def seconds_to_reset(self, now: int) -> float:
        """Return how long the hour goes on: as the headers told, else until the next full hour; at least a second."""
        until = self._reset_at
        if until is None or not 0 < until - now <= HOUR_US:
            until = (now // HOUR_US + 1) * HOUR_US
        return max((until - now) / SECOND, 1.0)


def _without_seconds(event: Event) -> Event:
    timer = event.timer and msgspec.structs.replace(event.timer, ts=0)
    return msgspec.structs.replace(event, timer=timer)


def _digest(value: Any) -> bytes:  # noqa: ANN401 - only digested
    return blake2b(msgspec.msgpack.encode(value), digest_size=16).digest()


def _refusal(body: bytes) -> _Refusal:
    try:
        return msgspec.json.decode(body, type=_Refusal, strict=False)
    except (ValueError, RecursionError):
        return _Refusal(success=1)

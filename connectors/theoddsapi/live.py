"""The Odds API as a service that is polled."""

from collections.abc import Mapping

from connectors.polling import Endpoint, Look, Service
from connectors.resilience.quota import Quota
from connectors.resilience.web import SECOND
from connectors.theoddsapi import messages
from connectors.theoddsapi.protocol import TheOddsApiOptions, books_of, failure_of
from connectors.theoddsapi.quota import next_reset, quota_of
from connectors.theoddsapi.recorded import PROVIDER, time_of
from domain.errors import BookstreamError


class TheOddsApiService(Service):
    """See `Service`. Credits last a month; each bookmaker's prices of an event may change by themselves."""

    provider = PROVIDER
    title = "The Odds API"

    def __init__(self, options: TheOddsApiOptions) -> None:
        self._options = options

    def signed(self, endpoint: Endpoint) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Return the parameters, the key among them."""
        return {**endpoint.parameters, "apiKey": self._options.key}, {}

    def failure_of(self, status: int, body: bytes, after_s: float) -> BookstreamError | None:
        """Return the error that a status tells of, if any."""
        return failure_of(status, body, after_s)

    def look_into(self, body: bytes) -> Look:
        """Return when an answer was true and its books."""
        answer = messages.parse(body)
        return Look(time_of(answer), books_of(answer))

    def quota_of(self, headers: Mapping[str, str]) -> Quota:
        """Read the credits that are left."""
        return quota_of(headers)

    def seconds_to_reset(self, now: int) -> float:
        """Return how long it takes until the credits are renewed."""
        return (next_reset(now, self._options.reset_day) - now) / SECOND

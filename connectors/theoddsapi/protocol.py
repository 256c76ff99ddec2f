"""What to poll, how an answer is judged, and what is new in it."""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import httpx
import msgspec

from connectors.polling import Endpoint, PollOptions, QuotaSpent
from connectors.resilience.web import Throttled
from connectors.theoddsapi.messages import Answer, Bookmaker, Event
from domain.errors import BookstreamError, Misconfigured, Unavailable

BASE_URL: Final = "https://api.the-odds-api.com"


def odds(sport: str, *, regions: str, markets: str = "h2h", every_s: float = 60.0) -> Endpoint:
    """Poll a sport's odds; it costs one credit for each region and market."""
    cost = len(regions.split(",")) * len(markets.split(","))
    parameters = {"regions": regions, "markets": markets, "oddsFormat": "decimal", "dateFormat": "iso"}
    return Endpoint(path=f"/v4/sports/{sport}/odds", parameters=parameters, every_s=every_s, cost=cost)


def scores(sport: str, *, days_from: int | None = None, every_s: float = 60.0) -> Endpoint:
    """Poll a sport's scores; with finished matches of the last days it costs two credits."""
    parameters = {"dateFormat": "iso"} | ({"daysFrom": str(days_from)} if days_from is not None else {})
    cost = 2 if days_from is not None else 1
    return Endpoint(path=f"/v4/sports/{sport}/scores", parameters=parameters, every_s=every_s, cost=cost)


def events(sport: str, *, every_s: float = 3600.0) -> Endpoint:
    """Poll a sport's fixtures, free of credits."""
    return Endpoint(path=f"/v4/sports/{sport}/events", parameters={"dateFormat": "iso"}, every_s=every_s, cost=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TheOddsApiOptions(PollOptions):
    """See `PollOptions`. The quota is reset at midnight UTC of `reset_day` each month."""

    base_url: str = BASE_URL
    reset_day: int = 1


class _Refusal(msgspec.Struct):
    message: str = ""
    error_code: str = ""


def failure_of(status: int, body: bytes, after_s: float) -> BookstreamError | None:
    """Return the error that an answer's status tells of, if any, by what must happen next."""
    if status == httpx.codes.OK:
        return None
    said = _refusal(body)
    if status == httpx.codes.TOO_MANY_REQUESTS or said.error_code == "EXCEEDED_FREQ_LIMIT":
        return Throttled(f"The Odds API asks to slow down: {said.message}", after_s)
    if said.error_code == "OUT_OF_USAGE_CREDITS":
        return QuotaSpent(f"The Odds API's quota is spent: {said.message}")
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return Misconfigured(f"The Odds API refused the key: check BOOKSTREAM_THEODDSAPI_KEY ({said.message})")
    if 400 <= status < 500 and status != httpx.codes.REQUEST_TIMEOUT:
        return Misconfigured(f"The Odds API refused the request ({status}): {said.message}")
    return Unavailable(f"The Odds API answered {status}: {said.message}")


def books_of(answer: Answer) -> dict[str, bytes]:
    """Return a digest of each book: of one bookmaker's prices of one event, whenever it was last updated.

    Scores, fixtures and sports count as one book each.
    """
    books = {f"sport {sport.key}": _digest(sport) for sport in answer.sports}
    for event in answer.events:
        books[event.id] = _digest(_without_books(event))
        for maker in event.bookmakers or ():
            books[f"{event.id} {maker.key}"] = _digest(_prices(maker))
    return books


def _without_books(event: Event) -> Any:  # noqa: ANN401 - only digested
    scores = sorted((score.name, score.score) for score in event.scores or ())
    return event.id, event.commence_time, event.home_team, event.away_team, event.completed, scores


def _prices(maker: Bookmaker) -> Any:  # noqa: ANN401 - only digested
    return sorted(
        (market.key, each.name, each.description or "", each.line_milli or 0, each.odds)
        for market in maker.markets
        for each in market.outcomes
    )


def _digest(value: object) -> bytes:
    return hashlib.blake2b(msgspec.json.encode(value), digest_size=16).digest()


def _refusal(body: bytes) -> _Refusal:
    try:
        return msgspec.json.decode(body, type=_Refusal)
    except (ValueError, RecursionError):
        return _Refusal(message=body[:120].decode(errors="replace"))

"""The web services that are polled, as a drill needs them: what they answer, and what they count against a quota."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from bookstream.faults.web import Answer
from connectors.betsapi import live as betsapi
from connectors.betsapi.connector import BetsApi
from connectors.resilience.breaker import Guard
from connectors.resilience.web import SECOND as SECOND_US
from connectors.theoddsapi import protocol as theoddsapi
from connectors.theoddsapi.connector import TheOddsApi

TICK_S: Final = 10
HOUR_US: Final = 3_600 * SECOND_US
FREE: Final = "/events?"
"""Of The Odds API; the other's addresses have it not."""
_ROW: Final = re.compile(rb'"id":"9(\d+)"')
_PRICE: Final = re.compile(rb'"name":"Home","price":([\d.]+)')


@dataclass(frozen=True)
class Kind:
    """What differs between the two providers.

    Attributes:
        keeps: whether an answer has all ticks so far, or the last only.
        counts: what the quota counts.
        few_tick_s: how long a tick holds where the quota is so short that a poll must be seldom.
        window_of: names the quota's window in which a time is.
        connect: makes a connector that polls the market, and another endpoint each so many seconds.
    """

    name: str
    keeps: bool
    quota: int
    counts: str
    few_tick_s: float
    body: Callable[[int], bytes]
    numbers_of: Callable[[bytes], set[int]]
    headers: Callable[[int, int], dict[str, str]]
    refusal: Answer
    window_of: Callable[[int], int]
    connect: Callable[[dict[str, Any], Guard, float], BetsApi | TheOddsApi]


def _event(number: int) -> bytes:
    outcomes = [{"name": "Home", "price": round(1.5 + number / 1000, 3)}, {"name": "Away", "price": 2.5}]
    market = {"key": "h2h", "last_update": "2023-11-14T22:00:00Z", "outcomes": outcomes}
    event = {
        "id": "event1", "sport_key": "soccer_x", "sport_title": "X", "commence_time": "2023-12-24T20:00:00Z",
        "home_team": "Home", "away_team": "Away",
        "bookmakers": [{"key": "book", "title": "B", "last_update": "2023-11-14T22:00:00Z", "markets": [market]}],
    }  # fmt: skip
    return json.dumps([event], separators=(",", ":")).encode()


def _history(number: int) -> bytes:
    rows = [
        {"id": f"9{n}", "home_od": "1.800", "draw_od": "3.4", "away_od": "4.5", "ss": "0-0", "time_str": "1",
         "add_time": str(1_700_000_000 + n)}
        for n in range(number, -1, -1)
    ]  # fmt: skip
    results = {"odds": {"1_1": rows}, "stats": {}}
    return json.dumps({"success": 1, "results": results}, separators=(",", ":")).encode()


def _month_of(at: int) -> int:
    moment = datetime.fromtimestamp(at / SECOND_US, UTC)
    return moment.year * 12 + moment.month


def _the_odds_api(options: dict[str, Any], guard: Guard, other_s: float) -> TheOddsApi:
    endpoints = (
        theoddsapi.odds("soccer_x", regions="uk", every_s=TICK_S / 2),
        theoddsapi.events("soccer_x", every_s=other_s),
    )
    return TheOddsApi(theoddsapi.TheOddsApiOptions(**options, endpoints=endpoints), guard=guard)


def _bets_api(options: dict[str, Any], guard: Guard, other_s: float) -> BetsApi:
    endpoints = (betsapi.odds("1500", every_s=TICK_S / 2), betsapi.odds("1501", every_s=other_s))
    return BetsApi(betsapi.BetsApiOptions(**options, endpoints=endpoints), guard=guard)


KINDS: Final = {
    each.name: each
    for each in (
        Kind(
            name="theoddsapi", keeps=False, quota=5_000_000, counts="credits a month", few_tick_s=14 * 3600.0,
            body=_event, numbers_of=lambda body: {round((float(each) - 1.5) * 1000) for each in _PRICE.findall(body)},
            headers=lambda left, _: {"x-requests-remaining": str(left)},
            refusal=Answer(401, b'{"error_code":"OUT_OF_USAGE_CREDITS"}'), window_of=_month_of, connect=_the_odds_api,
        ),
        Kind(
            name="betsapi", keeps=True, quota=3_600, counts="requests an hour", few_tick_s=120.0,
            body=_history, numbers_of=lambda body: {int(each) for each in _ROW.findall(body)},
            headers=lambda left, at: {"x-ratelimit-remaining": str(left), "x-ratelimit-limit": "3600",
                                      "x-ratelimit-reset": str((at // HOUR_US + 1) * 3_600)},
            refusal=Answer(429, b'{"success":0,"error":"TOO_MANY_REQUESTS"}'),
            window_of=lambda at: at // HOUR_US, connect=_bets_api,
        ),
    )
}  # fmt: skip

"""What the two providers say in these tests."""

import json
from typing import Any

from bookstream.faults.exchange import INITIAL_CLK

MARKET = "1.23456789"
PT = 1_700_000_000_000


def definition(**changes: Any) -> dict[str, Any]:
    """Give a market definition of three runners, as the stream writes it."""
    return {
        "status": "OPEN", "eventId": "30001", "eventTypeId": "1", "inPlay": False, "version": 7, "betDelay": 0,
        "marketType": "MATCH_ODDS", "bettingType": "ODDS", "numberOfWinners": 1,
        "marketTime": "2023-11-14T22:30:00.000Z",
        "openDate": "2023-11-14T22:30:00.000Z", "regulators": ["MR_INT"], "numberOfActiveRunners": 3,
        "runners": [{"id": n, "status": "ACTIVE", "sortPriority": n} for n in (1, 2, 3)],
    } | changes  # fmt: skip


def line(n: int, *changes: dict[str, Any], **head: Any) -> bytes:
    """Write the n-th message of a stream."""
    message = {"op": "mcm", "id": 2, "clk": f"C{n}", "pt": PT + n * 100, "mc": [{"id": MARKET, **c} for c in changes]}
    return json.dumps(message | head, separators=(",", ":")).encode()


def exchange_payloads(count: int = 12) -> list[bytes]:
    """Give an image and deltas after it."""
    image = line(0, {"img": True, "marketDefinition": definition()}, ct="SUB_IMAGE", initialClk=INITIAL_CLK)
    deltas = [line(n, {"rc": [{"id": 1 + n % 3, "atb": [[2 + n / 100, 10 + n]]}]}) for n in range(1, count)]
    return [image, *deltas]


def event(n: int, prices: dict[str, float], *, updated: str = "2023-11-14T22:00:00Z") -> dict[str, Any]:
    """Give an event with one bookmaker's prices."""
    outcomes = [{"name": name, "price": price} for name, price in prices.items()]
    market = {"key": "h2h", "last_update": updated, "outcomes": outcomes}
    return {
        "id": f"event{n}", "sport_key": "soccer_epl", "sport_title": "EPL", "commence_time": "2023-11-15T20:00:00Z",
        "home_team": "Home", "away_team": "Away",
        "bookmakers": [{"key": "book", "title": "Book", "last_update": updated, "markets": [market]}],
    }  # fmt: skip


def answer(n: int, **changes: Any) -> bytes:
    """Write the n-th answer of the odds endpoint; each has another price."""
    updated = f"2023-11-14T22:00:{n:02d}Z"
    prices = {"Home": 2.0 + n / 100, "Away": 3.5, "Draw": 3.2}
    return json.dumps([event(1, prices, updated=updated) | changes]).encode()


def answers(count: int = 12) -> list[bytes]:
    """Give answers of which each has another price."""
    return [answer(n) for n in range(count)]

"""Two simulated bookmakers behind an aggregator that speaks The Odds API's v4 format: odds answers and score answers.

Seeded like the exchange. Each bookmaker follows the model with its own margin and its own delay, takes its markets down
after a goal or a red card, and puts them up again when it has seen enough.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

import orjson

from bookstream.demo.match import SECOND, Match
from bookstream.demo.model import Outcomes, believe, fit
from domain.odds.ladder import BOOKMAKER
from domain.odds.quoting import price

POLL_SECONDS = 10
SCORES_LAG_SECONDS = 30
DEAREST = 501_000
SPORT_KEY = "soccer_spain_la_liga"
EVENT_ID = "e5a2f9b7c1d04386a1b2c3d4e5f60718"


@dataclass(frozen=True, slots=True)
class Bookmaker:
    """One bookmaker: its margin, how many seconds it lags, and how long it stays down after an incident."""

    key: str
    title: str
    overround: float
    lag_seconds: int
    down_seconds: int


BOOKMAKERS = (
    Bookmaker("northbank", "Northbank", 1.035, 2, 30),
    Bookmaker("riverside", "Riverside", 1.06, 6, 45),
)


def odds_answers(match: Match, seed: int) -> Iterator[tuple[int, bytes]]:
    """Yield (time, answer) of every poll of the odds endpoint."""
    random = Random(f"bookmakers {seed}")
    means = fit(match)
    at = match.kick_off_at - 100 * SECOND
    while at < match.full_time_at:
        books = [_book(match, maker, at, means, random) for maker in BOOKMAKERS]
        yield at, orjson.dumps([{**_event(match), "bookmakers": [book for book in books if book["markets"]]}])
        at += POLL_SECONDS * SECOND


def score_answers(match: Match) -> Iterator[tuple[int, bytes]]:
    """Yield (time, answer) of every poll of the scores endpoint, which lags: a goal is told up to 45 seconds late."""
    at = match.kick_off_at + 5 * SECOND
    while at <= match.full_time_at + (SCORES_LAG_SECONDS + 20) * SECOND:
        seen_at = at - SCORES_LAG_SECONDS * SECOND
        home, away = match.score(seen_at)
        scores = [{"name": match.home, "score": str(home)}, {"name": match.away, "score": str(away)}]
        completed = seen_at >= match.full_time_at
        yield (
            at,
            orjson.dumps([{**_event(match), "completed": completed, "scores": scores, "last_update": _iso(seen_at)}]),
        )
        at += 15 * SECOND


def _event(match: Match) -> dict[str, Any]:
    return {
        "id": EVENT_ID,
        "sport_key": SPORT_KEY,
        "sport_title": "La Liga - Spain",
        "commence_time": _iso(match.kick_off_at),
        "home_team": match.home,
        "away_team": match.away,
    }


def _book(match: Match, maker: Bookmaker, at: int, means: tuple[float, float], random: Random) -> dict[str, Any]:
    seen_at = at - maker.lag_seconds * SECOND
    beliefs = believe(match, means, seen_at)
    markets = [] if _is_down(match, maker, seen_at) else [_h2h(match, maker, beliefs, random, seen_at)]
    if markets and 0.002 < beliefs["over_2500"] < 0.998:
        markets.append(_totals(maker, beliefs, random, seen_at))
    return {"key": maker.key, "title": maker.title, "last_update": _iso(seen_at), "markets": markets}


def _is_down(match: Match, maker: Bookmaker, at: int) -> bool:
    return any(
        0 <= at - match.at(incident) < maker.down_seconds * SECOND
        for incident in match.incidents
        if incident.kind in {"GOAL", "RED_CARD"}
    )


def _h2h(match: Match, maker: Bookmaker, beliefs: Outcomes, random: Random, at: int) -> dict[str, Any]:
    names = {"home": match.home, "away": match.away, "draw": "Draw"}
    prices = _prices([beliefs[name] for name in names], maker, random)
    outcomes = [{"name": text, "price": price} for text, price in zip(names.values(), prices, strict=True)]
    return {"key": "h2h", "last_update": _iso(at), "outcomes": outcomes}


def _totals(maker: Bookmaker, beliefs: Outcomes, random: Random, at: int) -> dict[str, Any]:
    prices = _prices([beliefs["over_2500"], beliefs["under_2500"]], maker, random)
    outcomes = [{"name": n, "price": price, "point": 2.5} for n, price in zip(("Over", "Under"), prices, strict=True)]
    return {"key": "totals", "last_update": _iso(at), "outcomes": outcomes}


def _prices(probabilities: list[float], maker: Bookmaker, random: Random) -> list[float]:
    """Put the margin on as bookmakers do, more of it on the outsiders, and round to their ladder."""
    seen = [max(probability, 1e-4) * (1 + random.gauss(0, 0.002)) for probability in probabilities]
    total = sum(seen)
    fair = [probability / total for probability in seen]
    offered = price(fair, overround=maker.overround, ladder=BOOKMAKER, method="power")
    return [(odds or DEAREST) / 1000 for odds in offered]


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

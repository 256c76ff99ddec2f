"""What providers and the house's own people say: prices, incidents, results, corrections, disagreement, orders."""

from datetime import UTC, datetime
from random import Random
from typing import Any, Literal

import msgspec

from bookstream.simulation.scene import KICK_OFF, SECOND, START, TEAMS, Scene
from bookstream.topics import CONTROLS, FIXTURES, INCIDENTS, RAW, RESULTS
from connectors.raw import RawStream
from domain.events.canonical import Fixture, Incident, IncidentKind
from domain.events.settlement import MarketResult, ResultAction, SelectionResult
from domain.events.trading import Quote, TradingControl

SOURCES = ("uof/1",) * 6 + ("uof/3", "betfair", "desk", "desk")
ACTIONS: tuple[ResultAction, ...] = (
    "SETTLE", "SETTLE", "SETTLE", "SETTLE", "CANCEL", "ROLLBACK_SETTLEMENT", "ROLLBACK_CANCEL"
)  # fmt: skip
KINDS: tuple[IncidentKind, ...] = ("GOAL", "FULL_TIME", "FULL_TIME", "SCORE_CORRECTED", "GOAL_CANCELLED")


class Providers:
    """All who tell the house something; each act says what it was.

    Args:
        scene: where they speak.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._words: list[MarketResult] = []
        self._stream = RawStream(provider="theoddsapi", endpoint="https://odds.test/odds", stream_id="odds")

    def prices(self, random: Random) -> str:
        """Say what two bookmakers offer on some matches; sometimes the same message comes twice."""
        drift = random.choice((0.0, 0.0, 0.01, 0.02, -0.03))
        shown = TEAMS if random.random() < 0.8 else TEAMS[: random.randrange(1, len(TEAMS))]
        matches = [_match(number, *teams, at=self._scene.now, drift=drift) for number, teams in enumerate(shown)]
        message = self._stream.message(msgspec.json.encode(matches), received_at=self._scene.now)
        for _ in range(1 + (random.random() < 0.1)):
            self._scene.send(RAW[1], message)
        return f"prices of {len(shown)} matches, drift {drift}"

    def result(self, random: Random) -> str:
        """Say what became of markets, once or several times at once."""
        return "; ".join(self._say_result(random) for _ in range(random.choice((1, 1, 2, 3, 5))))

    def _say_result(self, random: Random) -> str:
        """Settle a market, take it back, cancel it, or say an old word again."""
        if self._words and random.random() < 0.15:
            word = random.choice(self._words)
        else:
            quotes = self._scene.quotes()
            if not quotes:
                return "no result: no market"
            likely = [*self._scene.bet_on, *(each.market_id for each in self._words[-1:] * 5)]
            if likely and random.random() < 0.8:
                market_id = random.choice(likely)
                quotes = [each for each in quotes if each.market_id == market_id] or quotes
            word = self._word(random, random.choice(quotes))
            self._words.append(word)
            if random.random() < 0.15:
                return "a result is late"
        self._scene.send(RESULTS, word)
        won = [each.selection_id for each in word.selections if each.win == 1]
        return f"{word.told_by} {word.action} {word.market_id} at {(word.occurred_at - START) // SECOND}: {won}"

    def incident(self, random: Random) -> str:
        """Say what happens in a match, in or out of order."""
        fixtures = self._scene.latest(FIXTURES, Fixture)
        if not fixtures:
            return "no incident: no match"
        fixture, kind = random.choice(fixtures), random.choice(KINDS)
        at = self._scene.skewed(random)
        provider = random.choice(("scores", "scores", "others"))
        self._scene.send(INCIDENTS, Incident(
            event_id=f"incident{self._scene.number()}", occurred_at=at, received_at=at, provider=provider,
            fixture_id=fixture.fixture_id, kind=kind, minute=random.randrange(1, 90),
            side=random.choice(("HOME", "AWAY")), home_score=random.randrange(3), away_score=random.randrange(3),
        ))  # fmt: skip
        return f"{provider}: {kind} in {fixture.fixture_id}"

    def call_off(self, random: Random) -> str:
        """Say that a match begins, ends or is called off."""
        fixtures = self._scene.latest(FIXTURES, Fixture)
        if not fixtures:
            return "nothing to call off"
        fixture, at = random.choice(fixtures), self._scene.now
        status = random.choice(("IN_PLAY", "FINISHED", "CANCELLED"))
        self._scene.send(FIXTURES, msgspec.structs.replace(
            fixture, event_id=f"fixture{self._scene.number()}", occurred_at=at, received_at=at, status=status
        ))  # fmt: skip
        return f"{fixture.fixture_id} is {status}"

    def order(self, random: Random) -> str:
        """Let a trader suspend or resume a market."""
        quotes = self._scene.quotes()
        if not quotes:
            return "no order: no market"
        quote, at = random.choice(quotes), self._scene.now
        action: Literal["SUSPEND", "RESUME"] = random.choice(("SUSPEND", "RESUME", "RESUME"))
        self._scene.send(CONTROLS, TradingControl(
            event_id=f"order{self._scene.number()}", occurred_at=at, received_at=at, provider="desk", scope="MARKET",
            scope_id=quote.market_id, action=action, reason="simulated", actor="Kim",
        ))  # fmt: skip
        return f"{action} {quote.market_id}"

    def flush(self) -> None:
        """Say at last every word that was late, and every word again."""
        for word in self._words:
            self._scene.send(RESULTS, word)

    def _word(self, random: Random, quote: Quote) -> MarketResult:
        action, told_by, number = random.choice(ACTIONS), random.choice(SOURCES), self._scene.number()
        at = self._scene.skewed(random)
        named = [each.selection_id for each in quote.selections]
        given: dict[str, Any] = {
            "event_id": f"word{number}", "occurred_at": at, "received_at": at, "provider": told_by.partition("/")[0],
            "fixture_id": quote.fixture_id, "market_id": quote.market_id, "told_by": told_by, "told_number": number,
            "action": action, "confirmed": random.random() < 0.7, "selections": (), "selection_ids": (),
        }  # fmt: skip
        if told_by == "desk":
            given |= {"provider": "bookstream", "actor": "Kim"}
        if action == "SETTLE":
            given["selections"] = _selections(random, named, at)
        elif random.random() < 0.3:
            given["selection_ids"] = (random.choice(named),)
        if action in ("CANCEL", "ROLLBACK_CANCEL") and random.random() < 0.5:
            given["until_at"] = self._scene.now - random.choice((0, 5, 30)) * SECOND
        return MarketResult(**given)


def _selections(random: Random, named: list[str], at: int) -> tuple[SelectionResult, ...]:
    winner = random.choice(named)
    known_at = at - random.choice((0, 5, 20)) * SECOND if random.random() < 0.3 else None
    void = random.choice(((0, 1), (0, 1), (0, 1), (1, 1), (1, 2)))
    shared = random.choice(((1, 1), (1, 1), (1, 2)))
    results = [
        SelectionResult(
            selection_id=each, win=int(each == winner), void_numerator=void[0], void_denominator=void[1],
            dead_heat_numerator=shared[0], dead_heat_denominator=shared[1],
            deduction=random.choice((0, 0, 10)), known_at=known_at,
        )
        for each in named
    ]  # fmt: skip
    if random.random() < 0.2:
        del results[random.randrange(len(results))]
    return tuple(results)


def _match(number: int, home: str, away: str, *, at: int, drift: float) -> dict[str, Any]:
    def maker(key: str, margin: float) -> dict[str, Any]:
        chances = ((home, 0.45 + drift), (away, 0.28 - drift), ("Draw", 0.27))
        outcomes = [{"name": name, "price": round(1 / (chance * margin), 2)} for name, chance in chances]
        market = {"key": "h2h", "last_update": _iso(at), "outcomes": outcomes}
        return {"key": key, "title": key.title(), "markets": [market]}

    return {
        "id": f"match{number}", "sport_key": "soccer_epl", "sport_title": "EPL", "commence_time": _iso(KICK_OFF),
        "home_team": home, "away_team": away, "bookmakers": [maker("pinnacle", 1.03), maker("unibet", 1.06)],
    }  # fmt: skip


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

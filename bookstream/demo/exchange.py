"""A simulated exchange that speaks the Exchange Stream's format: market images, ladder deltas, suspensions, settlement.

Seeded: the same match and seed give the same bytes. Prices follow the model's beliefs with a little noise; after a goal
or a red card every market is suspended, and comes back as an image. One market of each event is closed with a wrong
winner, as happens, and closed anew with the right one; every other event's is opened again in between.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

import orjson

from bookstream.demo.match import SECOND, Match
from bookstream.demo.model import Outcomes, believe, fit
from domain.odds import ladder

DEPTH = 4
SUSPENDED_SECONDS = {"GOAL": 40, "RED_CARD": 25}
PRE_MATCH_SECONDS = 120
AFTER_SECONDS = 5
MISTAKEN_SECONDS = 120
"""How long a wrong winner stands; at the end of the match only as long as the exchange still speaks."""
FIRST_EVENT_ID = 28_912_345
Levels = dict[int, int]


@dataclass(slots=True)
class Runner:
    """One runner: its id and name at the exchange, the belief it follows, and its visible ladder (odds → size)."""

    id: int
    name: str
    belief: str
    back: Levels = field(default_factory=dict)
    lay: Levels = field(default_factory=dict)
    traded_minor: int = 0


@dataclass(slots=True)
class Market:
    """One market of the simulated exchange."""

    id: str
    event_id: str
    type: str
    runners: tuple[Runner, ...]
    mistaken: bool = False
    version: int = 1
    closed_at: int = 0
    amends_at: int = 0


def _markets(match: Match, number: int) -> tuple[Market, ...]:
    first, event = 147_890_001 + 10 * number, str(FIRST_EVENT_ID + number)
    markets = (
        Market(f"1.{first}", event, "MATCH_ODDS", (
            Runner(25422, match.home, "home"), Runner(4469222, match.away, "away"), Runner(58805, "The Draw", "draw"),
        )),
        Market(f"1.{first + 1}", event, "OVER_UNDER_25", (
            Runner(47972, "Under 2.5 Goals", "under_2500"), Runner(47973, "Over 2.5 Goals", "over_2500"),
        )),
        Market(f"1.{first + 2}", event, "BOTH_TEAMS_TO_SCORE", (
            Runner(30246, "Yes", "yes"), Runner(110503, "No", "no"),
        )),
    )  # fmt: skip
    markets[(number + 1) % len(markets)].mistaken = True
    return markets


def messages(match: Match, seed: int, number: int = 0) -> Iterator[tuple[int, bytes]]:
    """Yield (time, line) of every message, in order, one second of the match apart; `number` tells events apart."""
    exchange = _Exchange(match, Random(f"exchange {seed}"), number)
    start = at = match.kick_off_at - PRE_MATCH_SECONDS * SECOND
    clk = 0
    while at <= match.full_time_at + AFTER_SECONDS * SECOND:
        changes = exchange.second(at, first=at == start)
        if changes:
            clk += 1
            line = {"op": "mcm", "id": 2, "clk": f"AC{clk:06d}", "pt": at // 1000, "mc": changes}
            if clk == 1:
                line |= {"ct": "SUB_IMAGE", "initialClk": f"DEMO{seed}", "heartbeatMs": 5000, "conflateMs": 0}
            yield at, orjson.dumps(line)
        at += SECOND


class _Exchange:
    """The exchange's markets, moved on second by second."""

    def __init__(self, match: Match, random: Random, number: int) -> None:
        self._match = match
        self._random = random
        self._means = fit(match)
        self._markets = _markets(match, number)
        self._reopens_mistaken = number % 2 == 1
        self._reopen_at = 0

    def second(self, at: int, *, first: bool) -> list[dict[str, Any]]:
        """Return the market changes of one second."""
        beliefs = believe(self._match, self._means, at)
        pause = _suspends_at(self._match, at)
        changes = [
            self._amend(m, at, beliefs) if m.closed_at else self._change(m, at, beliefs, pause, first=first)
            for m in self._markets
        ]
        if pause:
            self._reopen_at = at + pause * SECOND
        return [change for change in changes if change]

    def _change(self, market: Market, at: int, beliefs: Outcomes, pause: int, *, first: bool) -> dict[str, Any]:
        if at >= self._match.full_time_at or _decided(market, beliefs):
            last = self._match.full_time_at + (AFTER_SECONDS - 1) * SECOND
            market.closed_at, market.amends_at = at, min(at + MISTAKEN_SECONDS * SECOND, last)
            return _close(self._match, market, at, beliefs, wrong=market.mistaken)
        if pause:
            return _definition_change(self._match, market, at, "SUSPENDED")
        if first or at == self._reopen_at:
            return _image(self._match, market, at, beliefs, self._random)
        if at > self._reopen_at and self._random.random() < 0.6:
            return _delta(market, beliefs, self._random)
        return {}

    def _amend(self, market: Market, at: int, beliefs: Outcomes) -> dict[str, Any]:
        """Take a wrong winner back, where this event's markets are opened for it, and close with the right one."""
        if not market.mistaken:
            return {}
        if self._reopens_mistaken and at == market.amends_at - SECOND:
            return _definition_change(self._match, market, at, "SUSPENDED")
        return _close(self._match, market, at, beliefs, wrong=False) if at == market.amends_at else {}


def _suspends_at(match: Match, at: int) -> int:
    """Return for how many seconds play suspends the markets at this second; 0 when it does not."""
    if at == match.kick_off_at:
        return 4
    for incident in match.incidents:
        if incident.kind in SUSPENDED_SECONDS and match.at(incident) == at:
            return SUSPENDED_SECONDS[incident.kind]
    return 0


def _decided(market: Market, beliefs: Outcomes) -> bool:
    return any(beliefs[runner.belief] >= 1 - 1e-9 for runner in market.runners)


def _definition(match: Match, market: Market, at: int, status: str, winners: dict[int, str]) -> dict[str, Any]:
    market.version += 1
    in_play = at >= match.kick_off_at
    kick_off = datetime.fromtimestamp(match.kick_off_at / SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {
        "bspMarket": False, "turnInPlayEnabled": True, "persistenceEnabled": True, "marketBaseRate": 5.0,
        "eventId": market.event_id, "eventTypeId": "1", "numberOfWinners": 1, "bettingType": "ODDS",
        "marketType": market.type,
        "marketTime": kick_off, "suspendTime": kick_off, "openDate": kick_off, "bspReconciled": False,
        "complete": True, "inPlay": in_play, "crossMatching": True, "runnersVoidable": False,
        "numberOfActiveRunners": len(market.runners), "betDelay": 5 if in_play else 0, "status": status,
        "runners": [
            {"status": winners.get(r.id, "ACTIVE"), "sortPriority": i, "id": r.id, "name": r.name}
            for i, r in enumerate(market.runners, 1)
        ],
        "regulators": ["MR_INT"], "countryCode": "ES", "discountAllowed": True, "timezone": "GMT",
        "name": market.type.replace("_", " ").title(), "eventName": f"{match.home} v {match.away}",
        "version": market.version,
    }  # fmt: skip


def _definition_change(match: Match, market: Market, at: int, status: str) -> dict[str, Any]:
    for runner in market.runners:
        runner.back, runner.lay = {}, {}
    return {"id": market.id, "marketDefinition": _definition(match, market, at, status, {}), "img": True}


def _close(match: Match, market: Market, at: int, beliefs: Outcomes, *, wrong: bool) -> dict[str, Any]:
    won = [beliefs[runner.belief] > 0.5 for runner in market.runners]
    if wrong:
        won = [*won[1:], won[0]]
    winners = {r.id: "WINNER" if is_won else "LOSER" for r, is_won in zip(market.runners, won, strict=True)}
    return {"id": market.id, "marketDefinition": _definition(match, market, at, "CLOSED", winners)}


def _image(match: Match, market: Market, at: int, beliefs: Outcomes, random: Random) -> dict[str, Any]:
    change: dict[str, Any] = {"id": market.id, "img": True}
    change["marketDefinition"] = _definition(match, market, at, "OPEN", {})
    change["rc"] = []
    for runner in market.runners:
        runner.back, runner.lay = _ladders(beliefs[runner.belief], random, {})
        change["rc"].append(_runner_change(runner, runner.back, runner.lay))
    return change


def _delta(market: Market, beliefs: Outcomes, random: Random) -> dict[str, Any]:
    """Move a market's ladders; only what differs is sent, and a level that is gone is sent with size 0."""
    changes = []
    for runner in market.runners:
        back, lay = _ladders(beliefs[runner.belief], random, runner.back | runner.lay)
        changed_back, changed_lay = _difference(runner.back, back), _difference(runner.lay, lay)
        runner.back, runner.lay = back, lay
        if changed_back or changed_lay:
            changes.append(_runner_change(runner, changed_back, changed_lay))
    if changes and random.random() < 0.3:
        runner = next(runner for runner in market.runners if runner.id == changes[0]["id"])
        runner.traded_minor += random.randrange(2_00, 900_00)
        changes[0] |= {"ltp": max(runner.back, default=1010) / 1000, "tv": runner.traded_minor / 100}
    return {"id": market.id, "rc": changes} if changes else {}


def _difference(old: Levels, new: Levels) -> Levels:
    """Return what changed from one side of a ladder to the next; a level that is gone has size 0."""
    gone = dict.fromkeys(sorted(old.keys() - new.keys()), 0)
    return {odds: size for odds, size in new.items() if old.get(odds) != size} | gone


def _runner_change(runner: Runner, back: Levels, lay: Levels) -> dict[str, Any]:
    return {
        "id": runner.id,
        "atb": [[odds / 1000, size / 100] for odds, size in back.items()],
        "atl": [[odds / 1000, size / 100] for odds, size in lay.items()],
    }


def _ladders(probability: float, random: Random, before: Levels) -> tuple[Levels, Levels]:
    """Return both sides around a fair price: backers' best is at or below it, layers' best is the tick above.

    Most levels keep the size that they had before.
    """
    fair = min(max(1000 / max(probability, 1e-4), 1010), 980_000)
    best = ladder.BETFAIR.floor(int(fair))
    back, lay = [best], [ladder.BETFAIR.step(best, 1)]
    while len(back) < DEPTH and back[-1] > 1010:
        back.append(ladder.BETFAIR.step(back[-1], -1))
    while len(lay) < DEPTH and lay[-1] < 1_000_000:
        lay.append(ladder.BETFAIR.step(lay[-1], 1))

    def size(odds: int) -> int:
        kept = before.get(odds)
        return kept if kept and random.random() < 0.8 else random.randrange(200_00, 2_000_00)

    return {odds: size(odds) for odds in back}, {odds: size(odds) for odds in lay}

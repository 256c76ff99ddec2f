"""Betfair's markets in the words of our rules, and its runner statuses as results."""

from collections.abc import Sequence
from typing import Final

import msgspec

from domain.betting.each_way import placing
from domain.betting.rule4 import TATTERSALLS, Rule4, Withdrawal, deduction_of_bet
from domain.events.canonical import RunnerStatus
from domain.feeds import betfair
from domain.feeds.markets import AWAY, sides_of
from domain.settlement.result import HALF_LOSE, HALF_WIN, LOSE, VOID, WIN, LegResult
from domain.settlement.rulebook import Choice, Market, of_betfair

ODDS: Final = 1_000
PER_CENT: Final = 100
RACES: Final = frozenset(["WIN", "PLACE"])


class Runner(msgspec.Struct, frozen=True, kw_only=True):
    """One runner of a market's definition.

    `adjustment_factor` is the part of the market, in percent, that it took when it was withdrawn.
    """

    id: int
    status: RunnerStatus
    sort_priority: int = 0
    handicap_milli: int = 0
    name: str = ""
    adjustment_factor: float | None = None
    removed_at: int | None = None

    @property
    def key(self) -> str:
        """Name the runner within its market: its id, and its line where it has one."""
        return f"{self.id}/{self.handicap_milli}" if self.handicap_milli else str(self.id)


def market_of(
    *,
    sport: str,
    market_type: str | None,
    name: str,
    event: str,
    runners: Sequence[Runner],
    betting_type: str = "ODDS",
) -> Market:
    """Return a whole market as Betfair defines it, each runner a choice by its key.

    A handicap's line is the home side's. What Betfair alone has is known by its type and, where that is of either
    side, by its name.
    """
    kind = betfair.kind_of(sport, market_type, betting_type)
    ordered = sorted(runners, key=lambda runner: runner.sort_priority)
    known = tuple(betfair.Runner(id=each.id, handicap_milli=each.handicap_milli, name=each.name) for each in ordered)
    away_first = bool(known) and betfair.lists_away_first(event, known[0].name)
    words = betfair.selections_of(kind, known, away_first=away_first)
    choices = []
    for runner, word in zip(ordered, words, strict=True):
        line = -runner.handicap_milli if word == AWAY else runner.handicap_milli
        choices.append(Choice(id=runner.key, word=word, name=runner.name, line_milli=line if kind.by_line else None))
    home, away = sides_of(event) or ("", "")
    market = Market(
        sport=sport, market_type=(market_type or "SPECIAL") if kind.own else kind.market_type, period=kind.period,
        choices=tuple(choices), line_milli=kind.line_milli, name=name, home=(home,), away=(away,),
    )  # fmt: skip
    return of_betfair(market) if kind.own else market


def results_of(
    runners: Sequence[Runner], winners: int, *, placed_at: int = 0, rule4: Rule4 = TATTERSALLS
) -> dict[str, LegResult] | None:
    """Return the results of a market by its runners' keys, for a bet placed at an instant; None where they do not tell.

    Runners removed are void. Those that won share the places there are, `winners` (0 is any number), where they are
    more: of one place each has its part; of several nobody says which of them were level. A runner removed after the
    bet was placed takes Rule 4's deduction, at the odds that its adjustment factor stands for. Each line has a winner
    of its own. Of lines only those at a half are told: whole and quarter ones may be given back, or half of them, and
    no status says so.
    """
    if any(each.status == "ACTIVE" for each in runners):
        return None
    won = sum(each.status == "WINNER" for each in runners)
    if 1 < winners < won:
        return None
    taken = deduction_of_bet(placed_at, withdrawals(runners), rule4)
    has_lines = any(each.handicap_milli for each in runners)
    is_shared = winners == 1 and won and not has_lines
    win = placing(0, won, 1, taken) if is_shared else LegResult(win=1, deduction=taken)
    told = {"WINNER": win, "LOSER": LOSE, "PLACED": LOSE, "REMOVED": VOID}
    exact = (each for each in runners if not has_lines or each.handicap_milli % ODDS == ODDS // 2)
    return {each.key: told[each.status] for each in exact}


def each_way_of(status: RunnerStatus) -> tuple[LegResult, LegResult] | None:
    """Return the win part and the place part of a runner in a market of each-way bets; None while it is active."""
    parts: dict[str, tuple[LegResult, LegResult]] = {
        "WINNER": (WIN, WIN), "PLACED": (LOSE, WIN), "LOSER": (LOSE, LOSE), "REMOVED": (VOID, VOID),
    }  # fmt: skip
    return parts.get(status)


def withdrawals(runners: Sequence[Runner]) -> list[Withdrawal]:
    """Return who was taken out, when, and at which odds: a part of the market of 20 % stands for odds of 5."""
    return [
        Withdrawal(odds=round(PER_CENT * ODDS / each.adjustment_factor), withdrawn_at=each.removed_at)
        for each in runners
        if each.status == "REMOVED" and each.adjustment_factor and each.removed_at is not None
    ]


def agrees(result: LegResult, status: RunnerStatus) -> bool:
    """Say whether a status can stand for a result: it has no halves, shares and deductions."""
    if status in {"WINNER", "LOSER"}:
        won = result == HALF_WIN or (result.win == 1 and result.void == WIN.void)
        return won if status == "WINNER" else result in (LOSE, HALF_LOSE)
    return status == "REMOVED" and result == VOID

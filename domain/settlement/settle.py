"""Settle a market from the facts of its match: a selection is decided once no way that is left changes its result.

The same function settles before, during and after a match: over 2.5 at the third goal, a correct score at the goal
that passes it, the rest at the end. What a match that is given up has not decided is given back.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Literal

import msgspec

from domain.settlement import tennis, worlds
from domain.settlement.expressions import World, read
from domain.settlement.facts import Facts
from domain.settlement.result import HALF_LOSE, HALF_WIN, LOSE, VOID, WIN, LegResult
from domain.settlement.rulebook import Call, Market, Rule, bound_of, calls_of, rule_of

State = Literal["DECIDED", "OPEN", "NOT_OURS"]

MARGIN: Final = 2
"""How far beyond every number of a market a count must go to have no further meaning."""
MOST_REACH: Final = 100
_MILLI: Final = 1_000
_OF_MARKET: Final = frozenset(["unlisted"])
_HALVES: Final = frozenset(["1H", "2H"])


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules say of a market now.

    DECIDED: every selection has its result. OPEN: those in `results` have theirs already, the others wait for `lacks`.
    NOT_OURS: no rule decides such a market, and a provider's word is needed.
    """

    state: State
    results: dict[str, LegResult] = {}
    lacks: str = ""


def settle(market: Market, facts: Facts) -> Verdict:
    """Return what a market's selections have come to. Pure; the same facts give the same outcome."""
    case = _case_of(market)
    if isinstance(case, str):
        return Verdict(state="NOT_OURS", lacks=case)
    if facts.called_off and facts.phase == "BEFORE":
        return _given_back(market, {})
    rule = case.rule
    given_up = facts.abandoned or (market.sport == "tennis" and facts.finished and not tennis.is_over(facts))
    results = case.results(facts) if rule.early or facts.finished else {}
    if given_up and rule.retirement == "void":
        return _given_back(market, results)
    if len(results) == len(market.choices):
        return Verdict(state="DECIDED", results=results)
    return Verdict(state="OPEN", results=results, lacks=_lacks(facts, case, given_up=given_up))


@lru_cache(maxsize=4096)
def _case_of(market: Market) -> "_Case | str":
    """Make a market ready, or say what there is no word for."""
    rule = rule_of(market)
    if rule is None:
        return "RULE"
    calls, unknown = calls_of(market)
    return _Case(rule, market, calls, unknown) if calls else "SELECTIONS"


def _given_back(market: Market, decided: dict[str, LegResult]) -> Verdict:
    return Verdict(state="DECIDED", results={each.id: decided.get(each.id, VOID) for each in market.choices})


def _lacks(facts: Facts, case: "_Case", *, given_up: bool) -> str:
    """Name what the facts do not tell of a market that is open."""
    no_cards = facts.yellows is None or facts.reds is None
    reasons = (
        (given_up, "WINNER"),
        (not facts.finished, "END"),
        (bool(case.unknown), "SELECTIONS"),
        (facts.minute >= worlds.EXTRA_TIME, "REGULAR_TIME"),
        (facts.corners is None and bool(case.names & worlds.CORNERS), "CORNERS"),
        (no_cards and bool(case.names & (worlds.CARDS | worlds.SIDE_CARDS)), "CARDS"),
        (bool(case.names & (worlds.ORDER | worlds.CLOCK)), "GOAL_ORDER"),
        (facts.half is None and (bool(case.names & worlds.HALVES) or case.market.period in _HALVES), "HALF_TIME_SCORE"),
        (case.market.sport == "tennis", "GAMES"),
    )
    return next((word for holds, word in reasons if holds), "SCORERS")


class _Case:
    """A market with its rule, ready to be asked of worlds."""

    def __init__(self, rule: Rule, market: Market, calls: tuple[Call, ...], unknown: tuple[str, ...]) -> None:
        bound = bound_of(market)
        self.rule, self.unknown = rule, unknown
        self.market, self._calls = market, calls
        self._void, self._knowable = read(rule.void, bound), read(rule.knowable, bound)
        asked = [each for call in calls for each in call.expressions] + [self._void, self._knowable]
        self._listing = any("unlisted" in each.names for each in asked)
        self.names = frozenset().union(*(each.names for each in asked)) - _OF_MARKET
        lines = [market.line_milli or 0, *(choice.line_milli or 0 for choice in market.choices)]
        numbers = [abs(each) for expression in asked for each in expression.constants if abs(each) < _MILLI]
        self._reach = min(max([*(abs(line) // _MILLI for line in lines), *numbers], default=0) + MARGIN, MOST_REACH)

    def results(self, facts: Facts) -> dict[str, LegResult]:
        """Return the results that are the same in every way the match may end."""
        found: dict[str, LegResult | None] = {}
        open_ = {call.choice for call in self._calls}
        try:
            for world in self._worlds(facts):
                for choice, result in self._in(world):
                    if found.setdefault(choice, result) != result:
                        open_.discard(choice)
                if not open_:
                    break
        except worlds.Untold:
            return {}
        return {choice: result for choice, result in found.items() if choice in open_ and result is not None}

    def _worlds(self, facts: Facts) -> Iterator[World]:
        if self.market.sport == "tennis":
            return tennis.tennis_worlds(facts, self.names, self.market.period, self._reach)
        apart = max(facts.home, facts.away)
        return worlds.football_worlds(facts, self.names, self.market.period, self._reach + apart)

    def _in(self, world: World) -> Iterator[tuple[str, LegResult | None]]:
        """Yield each selection's result in one world; None where the facts would not tell."""
        if not self._knowable.formula(world):
            yield from ((call.choice, None) for call in self._calls)
        elif self._void.formula(world):
            yield from ((call.choice, VOID) for call in self._calls)
        else:
            known = self._with_listing(world) if self._listing else world
            yield from ((call.choice, _result(call, known)) for call in self._calls)

    def _with_listing(self, world: World) -> World:
        """Say in a world whether any selection that is a number of its own wins there."""
        listed = any(
            call.wins.formula(world)
            for call in self._calls
            if call.wins is not None and "unlisted" not in call.wins.names
        )
        return World({**world.numbers, "unlisted": int(not listed)}, world.order)


def _result(call: Call, world: World) -> LegResult:
    if call.wins is not None:
        return WIN if call.wins.formula(world) else LOSE
    margins = [each.formula(world) for each in call.margins]
    if len(margins) == 1:
        return WIN if margins[0] > 0 else LOSE if margins[0] < 0 else VOID
    if all(each > 0 for each in margins):
        return WIN
    if all(each < 0 for each in margins):
        return LOSE
    return HALF_WIN if any(each > 0 for each in margins) else HALF_LOSE

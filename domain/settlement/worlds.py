"""Every way that a football match may still end, as far as a rule can tell them apart.

What is not known is another way too: a first half whose score nobody told, goals whose order nobody told. Conditions
compare counts with numbers and with one another, so counts beyond all these numbers make no further difference: it is
enough to go `reach` beyond what has happened.
"""

from collections.abc import Iterator
from itertools import combinations
from math import comb
from typing import Final

from domain.errors import ContractViolation
from domain.settlement.expressions import AWAY, HOME, World
from domain.settlement.facts import HALF_MINUTES, LATEST_FIRST_HALF, Facts, Goal, Pair

MOST_ORDERS: Final = 2_000
"""Of goals whose order nobody told: more are not looked through."""
FULL_MINUTES: Final = 90
EXTRA_TIME: Final = 110
"""No second half has gone on for so long."""

SCORE: Final = frozenset(["home", "away"])
HALVES: Final = frozenset(["home1", "away1", "home2", "away2"])
ORDER: Final = frozenset(["last", "nth", "reached"])
CLOCK: Final = frozenset(["first_minute"])
CORNERS: Final = frozenset(["home_corners", "away_corners"])
CARDS: Final = frozenset(["yellow", "red"])
SIDE_CARDS: Final = frozenset(["home_cards", "away_cards"])
_OF_GOALS: Final = SCORE | HALVES | ORDER | CLOCK


class Untold(ContractViolation):
    """Too little is told for looking through the ways there are."""


def football_worlds(facts: Facts, names: frozenset[str], period: str, reach: int) -> Iterator[World]:
    """Yield the ways a match may end, told apart by these names; the likeliest to differ come first.

    Raises:
        Untold: nothing was told of the score, of the order of many goals, or of where extra time began.
        ValueError: no way is told by these names together.
    """
    if facts.minute >= EXTRA_TIME and period != "1H":
        raise Untold("a match that went to extra time: no incident says which of it was before")
    for kind, yields in _KINDS:
        if names <= kind:
            if not facts.scored and kind & _OF_GOALS:
                raise Untold("a score that nobody told")
            yield from yields(facts, period, reach)
            return
    raise ValueError(f"no way a match ends is told by {sorted(names)} together")


def _more(facts: Facts, reach: int) -> Iterator[Pair]:
    """Yield what either side may add from now on: nothing, much, and then all between."""
    yield 0, 0
    if facts.finished:
        return
    yield from ((reach, 0), (0, reach), (reach, reach), (1, 0), (0, 1))
    for home in range(reach + 1):
        for away in range(reach + 1):
            yield home, away


def _first_halves(facts: Facts, reach: int) -> Iterator[Pair]:
    """Yield what the first half may come to."""
    if facts.half is not None:
        yield facts.half
    elif facts.phase in {"BEFORE", "FIRST_HALF"} and not any(goal.half == 2 for goal in facts.goals):
        if not facts.ordered or any(goal.half is None for goal in facts.goals):
            yield from _splits(facts)
        for home, away in _more(facts, reach):
            yield facts.home + home, facts.away + away
    else:
        yield from _splits(facts)


def _splits(facts: Facts) -> Iterator[Pair]:
    """Yield what part of the score may be of the first half, by the goals whose half is known."""
    early = [goal.side for goal in facts.goals if goal.half == 1]
    later = [goal.side for goal in facts.goals if goal.half == 2]
    for home in range(early.count("HOME"), facts.home - later.count("HOME") + 1):
        for away in range(early.count("AWAY"), facts.away - later.count("AWAY") + 1):
            yield home, away


def _halves(facts: Facts, reach: int) -> Iterator[tuple[Pair, Pair]]:
    """Yield what both halves may come to."""
    for half in dict.fromkeys(_first_halves(facts, reach)):
        scored = max(facts.home - half[0], 0), max(facts.away - half[1], 0)
        for home, away in _more(facts, reach):
            yield half, (scored[0] + home, scored[1] + away)


def _scores(facts: Facts, period: str, reach: int) -> Iterator[World]:
    if period == "1H":
        pairs: Iterator[Pair] = _first_halves(facts, reach)
    elif period == "2H":
        pairs = (second for _, second in _halves(facts, reach))
    else:
        pairs = ((facts.home + home, facts.away + away) for home, away in _more(facts, reach))
    for home, away in pairs:
        yield World({"home": home, "away": away})


def _both_halves(facts: Facts, _: str, reach: int) -> Iterator[World]:
    for first, second in _halves(facts, reach):
        numbers = {"home1": first[0], "away1": first[1], "home2": second[0], "away2": second[1]}
        yield World(numbers | {"home": first[0] + second[0], "away": first[1] + second[1]})


def _orders(facts: Facts, _: str, reach: int) -> Iterator[World]:
    """Yield the orders in which goals may have come: those known, then one side's, then the other's."""
    for known in _known_orders(facts):
        for home, away in _more(facts, reach):
            for order in {(HOME,) * home + (AWAY,) * away, (AWAY,) * away + (HOME,) * home}:
                sides = known + order
                numbers = {"home": facts.home + home, "away": facts.away + away, "last": sides[-1] if sides else 0}
                yield World(numbers, sides)


def _known_orders(facts: Facts) -> Iterator[tuple[int, ...]]:
    if facts.ordered:
        yield tuple(HOME if goal.side == "HOME" else AWAY for goal in facts.goals)
        return
    goals = facts.home + facts.away
    if comb(goals, facts.home) > MOST_ORDERS:
        raise Untold(f"{goals} goals whose order nobody told")
    for homes in combinations(range(goals), facts.home):
        chosen = frozenset(homes)
        yield tuple(HOME if at in chosen else AWAY for at in range(goals))


def _clock(facts: Facts, _: str, __: int) -> Iterator[World]:
    for minute in _first_minutes(facts):
        yield World({"first_minute": minute})


def _first_minutes(facts: Facts) -> Iterator[int]:
    """Yield the minutes in which the first goal may fall, counted from 1; what is added to a half is of its last."""
    if facts.home + facts.away:
        yield from _stated(facts.goals[0] if facts.ordered else Goal("HOME", half=_first_half(facts.half)))
        return
    yield 0
    if facts.finished:
        return
    if HALF_MINUTES <= facts.minute < LATEST_FIRST_HALF and facts.half is None:
        yield HALF_MINUTES
    begun = HALF_MINUTES if facts.phase in {"HALF_TIME", "SECOND_HALF"} else 0
    yield from range(min(max(facts.minute, begun) + 1, FULL_MINUTES), FULL_MINUTES + 1)


def _first_half(half: Pair | None) -> int | None:
    """Return the half of the first goal by the score at half-time."""
    return None if half is None else 1 if sum(half) else 2


def _stated(goal: Goal) -> Iterator[int]:
    minute = goal.minute
    if minute is None:
        yield from range(
            HALF_MINUTES + 1 if goal.half == 2 else 1, (HALF_MINUTES if goal.half == 1 else FULL_MINUTES) + 1
        )
    elif goal.half == 1:
        yield min(minute + 1, HALF_MINUTES)
    elif goal.half == 2:
        yield min(max(minute, HALF_MINUTES) + 1, FULL_MINUTES)
    else:
        yield HALF_MINUTES
        yield minute + 1


def _pairs(known: Pair | None, facts: Facts, reach: int) -> Iterator[Pair]:
    """Yield what two counts may come to; one that nobody tells is never final."""
    now = known or (0, 0)
    going_on = Facts() if known is None else facts
    for one, other in _more(going_on, reach + abs(now[0] - now[1])):
        yield now[0] + one, now[1] + other


def _corners(facts: Facts, _: str, reach: int) -> Iterator[World]:
    for home, away in _pairs(facts.corners, facts, reach):
        yield World({"home_corners": home, "away_corners": away})


def _cards(facts: Facts, _: str, reach: int) -> Iterator[World]:
    known = None
    if facts.yellows is not None and facts.reds is not None:
        known = sum(facts.yellows), sum(facts.reds)
    for yellow, red in _pairs(known, facts, reach):
        yield World({"yellow": yellow, "red": red})


def _side_cards(facts: Facts, _: str, reach: int) -> Iterator[World]:
    known = None
    if facts.yellows is not None and facts.reds is not None:
        known = facts.yellows[0] + facts.reds[0], facts.yellows[1] + facts.reds[1]
    for home, away in _pairs(known, facts, reach):
        yield World({"home_cards": home, "away_cards": away})


_KINDS: Final = (
    (SCORE, _scores),
    (HALVES | SCORE, _both_halves),
    (ORDER | SCORE, _orders),
    (CLOCK, _clock),
    (CORNERS, _corners),
    (CARDS, _cards),
    (SIDE_CARDS, _side_cards),
)

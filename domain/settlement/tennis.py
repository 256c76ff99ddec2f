"""Every way that a tennis match may still end: by sets won, by games, or by the games of one set.

Nobody tells whether a match is over three sets or five, nor how its last set is played: with a tie-break, on until
somebody leads by two, or as one long tie-break that counts as a game. All are ways until the sets told rule them out.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from domain.settlement.expressions import World
from domain.settlement.facts import Facts, Pair
from domain.settlement.worlds import Untold

SETS: Final = frozenset(["home_sets", "away_sets"])
GAMES: Final = 6
MOST_GAMES: Final = 70
"""The longest set had 138 games."""
_LONG: Final = ((1, 0), (0, 1))
"""A long tie-break in place of a last set."""

State = tuple[int, int, int, int]
"""Sets and games of either side."""


def is_over(facts: Facts) -> bool:
    """Say whether somebody has won the match; one that ended so is not given up."""
    won = _won(facts.sets)
    most = max(won)
    if not facts.sets:
        return max(facts.home, facts.away) >= 2
    return won == (facts.home, facts.away) and most >= 2 and most > min(won) and _is_end(facts.sets[-1])


def tennis_worlds(facts: Facts, names: frozenset[str], period: str, reach: int) -> Iterator[World]:
    """Yield the ways a match may end, told apart by these names.

    Raises:
        Untold: the match is over, and nobody told its games.
    """
    if period != "FT":
        yield from _set_worlds(facts, int(period.removeprefix("S")), reach)
    elif names <= SETS:
        for home, away in _set_scores(facts):
            yield World({"home_sets": home, "away_sets": away})
    elif facts.finished and is_over(facts):
        if not facts.sets:
            raise Untold("sets whose games nobody told")
        yield _world((facts.home, facts.away, *_total(facts.sets)))
    else:
        for state in _games(facts, reach):
            yield _world(state)


def _world(state: State) -> World:
    return World({"home_sets": state[0], "away_sets": state[1], "home": state[2], "away": state[3], "played": 1})


def _set_scores(facts: Facts) -> Iterator[Pair]:
    if facts.finished and is_over(facts):
        yield facts.home, facts.away
        return
    told = _ended(facts)
    won = _won(told) if facts.sets else (facts.home, facts.away)
    for needed in _needed(facts):
        yield from _finishes(won, needed)


def _finishes(won: Pair, needed: int) -> Iterator[Pair]:
    if max(won) >= needed:
        yield won
        return
    yield from _finishes((won[0] + 1, won[1]), needed)
    yield from _finishes((won[0], won[1] + 1), needed)


def _games(facts: Facts, reach: int) -> Iterator[State]:
    """Yield sets and games: the quick wins of either player first, then all."""
    for needed in _needed(facts):
        for winner in (0, 1, None):
            yield from _ends(facts, needed, reach, winner)


def _ends(facts: Facts, needed: int, reach: int, winner: int | None) -> Iterator[State]:
    """Play on from where the match stands: each set won quickly by one side, or in every way."""
    told = _ended(facts)
    begun = facts.sets[len(told)] if len(facts.sets) > len(told) else (0, 0)
    states: set[State] = {(*_won(told), *_total(told))}
    over: set[State] = set()
    while states:
        states, going_on = set(), states
        for state in going_on:
            if max(state[:2]) >= needed:
                over.add(state)
                continue
            is_last = state[0] == state[1] == needed - 1
            finals: Iterable[Pair] = _finals(begun, is_last=is_last, reach=min(reach, MOST_GAMES))
            if winner is not None:
                finals = [min((each for each in finals if _leads(each) == winner), key=sum, default=next(iter(finals)))]
            for games in finals:
                states.add(_after(state, games))
        begun = (0, 0)
    yield from over


def _after(state: State, games: Pair) -> State:
    home = int(games[0] > games[1])
    return state[0] + home, state[1] + 1 - home, state[2] + games[0], state[3] + games[1]


def _leads(games: Pair) -> int:
    return 0 if games[0] > games[1] else 1


def _set_worlds(facts: Facts, number: int, reach: int) -> Iterator[World]:
    """Yield the games of one set, or that it is not played."""
    told = _ended(facts)
    if number <= len(told):
        pairs: Iterable[Pair] = [told[number - 1]]
    elif facts.finished and is_over(facts):
        pairs = [] if facts.sets else [(0, 0)]
    else:
        pairs = _later_set(facts, len(told), number, reach)
    found = False
    for home, away in pairs:
        found = True
        yield World({"home": home, "away": away, "played": int(home + away > 0)})
    if not found:
        yield World({"home": 0, "away": 0, "played": 0})


def _later_set(facts: Facts, ended: int, number: int, reach: int) -> Iterator[Pair]:
    """Yield how a set that is not over may end; (0, 0) where it may not be played."""
    begun = facts.sets[number - 1] if number <= len(facts.sets) else (0, 0)
    won = _won(facts.sets[:ended])
    for needed in _needed(facts):
        for before in _scores_after(won, number - 1 - ended, needed):
            if before is None:
                yield 0, 0
            else:
                is_last = before[0] == before[1] == needed - 1
                yield from _finals(begun, is_last=is_last, reach=min(reach, MOST_GAMES))


def _scores_after(won: Pair, sets: int, needed: int) -> Iterator[Pair | None]:
    """Yield the score in sets after so many more, or None where the match is over before the next."""
    if max(won) >= needed:
        yield None
    elif sets == 0:
        yield won
    else:
        yield from _scores_after((won[0] + 1, won[1]), sets - 1, needed)
        yield from _scores_after((won[0], won[1] + 1), sets - 1, needed)


def _needed(facts: Facts) -> tuple[int, ...]:
    """Return the sets that may be needed to win: three once the match went on after two."""
    told = _ended(facts)
    went_on = any(max(_won(facts.sets[:number])) >= 2 for number in range(len(facts.sets)))
    if went_on or max(_won(told)) >= 3 or (not facts.sets and max(facts.home, facts.away) >= 3):
        return (3,)
    return (2, 3)


def _ended(facts: Facts) -> tuple[Pair, ...]:
    """Return the sets that are over: those after which another began, and the last by its score."""
    if not facts.sets:
        return ()
    number = len(facts.sets) - (0 if facts.home + facts.away >= len(facts.sets) else 1)
    return facts.sets[:number]


def _won(sets: Iterable[Pair]) -> Pair:
    home = away = 0
    for games in sets:
        home += games[0] > games[1]
        away += games[0] < games[1]
    return home, away


def _total(sets: Iterable[Pair]) -> Pair:
    listed = list(sets)
    return sum(home for home, _ in listed), sum(away for _, away in listed)


def _is_end(games: Pair) -> bool:
    """Say whether a set may be over with these games."""
    most, least = max(games), min(games)
    return games in _LONG or (most >= GAMES and most - least >= 2) or (most, least) == (GAMES + 1, GAMES)


@lru_cache(maxsize=1024)
def _finals(games: Pair, *, is_last: bool, reach: int) -> tuple[Pair, ...]:
    """Return how a set may end from these games on; the last one may go on for long."""
    found: dict[Pair, None] = {}
    open_, seen = [games], {games}
    while open_:
        now = open_.pop()
        if now in _LONG and is_last:
            found[now] = None
        elif _is_end(now) and now not in _LONG:
            found[now] = None
            if not (is_last and (max(now), min(now)) == (GAMES + 1, GAMES)):
                continue
        if max(now) > max(reach, GAMES + 2):
            continue
        for after in ((now[0] + 1, now[1]), (now[0], now[1] + 1)):
            if after not in seen:
                seen.add(after)
                open_.append(after)
    return tuple(found)

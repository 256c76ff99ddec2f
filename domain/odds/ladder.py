"""The ladders of prices that may be quoted, as tables of int thousandths."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from domain.errors import ContractViolation

EVENS_STAKE: Final = 1000
"""The thousandths of the stake itself: odds at or below this return no profit."""


class OffLadder(ContractViolation):
    """No tick of the ladder lies on the side asked for."""

    code = "off_ladder"


class Ladder:
    """An ascending ladder of odds in thousandths; look-ups are a bisect over a table of ints."""

    __slots__ = ("_ticks", "highest", "lowest", "name")

    def __init__(self, name: str, ticks: Iterable[int]) -> None:
        table = tuple(ticks)
        if not table or table[0] <= EVENS_STAKE or any(a >= b for a, b in pairwise(table)):
            raise ContractViolation(f"the ladder {name} must ascend strictly from above 1.000")
        self._ticks = table
        self.name = name
        self.lowest = table[0]
        self.highest = table[-1]

    @property
    def ticks(self) -> tuple[int, ...]:
        """Every tick, ascending."""
        return self._ticks

    def __contains__(self, odds: object) -> bool:
        return isinstance(odds, int) and self.lowest <= odds <= self.highest and self.floor(odds) == odds

    def __repr__(self) -> str:
        return f"Ladder({self.name!r}, {len(self._ticks)} ticks)"

    def floor(self, odds: int) -> int:
        """Return the greatest tick not above odds.

        Above the ladder that is its highest tick; below it there is none, and OffLadder is raised rather than a
        price above the one intended.
        """
        index = bisect_right(self._ticks, odds)
        if index == 0:
            raise OffLadder(f"{odds} is below the lowest tick {self.lowest} of {self.name}")
        return self._ticks[index - 1]

    def ceil(self, odds: int) -> int:
        """Return the least tick not below odds; OffLadder above the highest tick."""
        index = bisect_left(self._ticks, odds)
        if index == len(self._ticks):
            raise OffLadder(f"{odds} is above the highest tick {self.highest} of {self.name}")
        return self._ticks[index]

    def nearest(self, odds: int) -> int:
        """Return the closest tick, the lower of two equally close; clamped to the ladder's ends."""
        return self._ticks[self._nearest_index(odds)]

    def step(self, odds: int, n: int) -> int:
        """Return the tick n ticks above (below, if negative) odds, clamped to the ladder's ends.

        Odds between two ticks step first to the neighbour on that side; n = 0 gives the nearest tick.
        """
        if n > 0:
            index = bisect_right(self._ticks, odds) - 1 + n
        elif n < 0:
            index = bisect_left(self._ticks, odds) + n
        else:
            return self.nearest(odds)
        return self._ticks[min(max(index, 0), len(self._ticks) - 1)]

    def ticks_between(self, a: int, b: int) -> int:
        """Return the signed number of ticks from a to b, each taken at its nearest tick."""
        return self._nearest_index(b) - self._nearest_index(a)

    def _nearest_index(self, odds: int) -> int:
        ticks = self._ticks
        index = bisect_left(ticks, odds)
        if index == 0:
            return 0
        if index == len(ticks):
            return index - 1
        return index if ticks[index] - odds < odds - ticks[index - 1] else index - 1


def ladder_of(name: str, bands: Iterable[tuple[int, int, int]], tail: Iterable[int] = ()) -> Ladder:
    """Build a ladder of bands (from, up to but excluding, step), followed by single ticks."""
    ticks = [tick for start, stop, step in bands for tick in range(start, stop, step)]
    ticks.extend(tail)
    return Ladder(name, ticks)


BETFAIR: Final = ladder_of(
    "betfair",
    (
        (1_010, 2_000, 10),
        (2_000, 3_000, 20),
        (3_000, 4_000, 50),
        (4_000, 6_000, 100),
        (6_000, 10_000, 200),
        (10_000, 20_000, 500),
        (20_000, 30_000, 1_000),
        (30_000, 50_000, 2_000),
        (50_000, 100_000, 5_000),
        (100_000, 1_000_000, 10_000),
    ),
    (1_000_000,),
)
"""The 350 ticks of Betfair's exchange (its API documentation, "Betfair Price Increments")."""

BOOKMAKER: Final = ladder_of(
    "bookmaker",
    (
        (1_001, 1_050, 1),
        (1_050, 1_200, 5),
        (1_200, 2_000, 10),
        (2_000, 3_000, 20),
        (3_000, 5_000, 50),
        (5_000, 8_000, 100),
        (8_000, 12_000, 250),
        (12_000, 20_000, 500),
        (20_000, 35_000, 1_000),
        (35_000, 51_000, 2_000),
        (51_000, 101_000, 5_000),
        (101_000, 251_000, 10_000),
        (251_000, 501_000, 25_000),
        (501_000, 1_001_000, 50_000),
    ),
    (1_001_000,),
)
"""A bookmaker's own decimal ladder: finer than the exchange's below 1.05, coarser in the tail, up to 1001.

The bands are this system's choice; no body publishes a standard one.
"""

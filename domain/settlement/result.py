"""What became of a selection: the exact factor by which it multiplies the stake of a bet on it."""

from fractions import Fraction
from typing import Final

import msgspec

Ratio = tuple[int, int]
"""A numerator and a denominator, 0 ≤ numerator ≤ denominator."""

NONE: Final[Ratio] = (0, 1)
HALF: Final[Ratio] = (1, 2)
WHOLE: Final[Ratio] = (1, 1)
MOST_DEDUCTION: Final = 90


class LegResult(msgspec.Struct, frozen=True, kw_only=True):
    """A selection's result, in the terms of the Unified Odds Feed and of Tattersalls' Rule 4.

    Attributes:
        win: 1 if the selection won what was not void of it, else 0.
        void: the part of the stake that is given back.
        dead_heat: the places left over those who share them.
        deduction: pence taken from each pound of the winnings for withdrawn runners, 0 to 90.
    """

    win: int
    void: Ratio = NONE
    dead_heat: Ratio = WHOLE
    deduction: int = 0

    def __post_init__(self) -> None:
        assert self.win in (0, 1), self
        assert 0 <= self.void[0] <= self.void[1], self
        assert 0 < self.dead_heat[0] <= self.dead_heat[1], self
        assert 0 <= self.deduction <= MOST_DEDUCTION, self

    def factor(self, odds: int) -> Fraction:
        """Return what one unit of stake returns at odds in thousandths.

        v + (1 − v) · r · d · O, with v the void part, r the result, d the dead heat, and O the odds less the deduction
        from their winnings (REFERENCE-domain.md, settlement oracles).
        """
        void, shared = Fraction(*self.void), Fraction(*self.dead_heat)
        reduced = 1 + Fraction(odds - 1000, 1000) * Fraction(100 - self.deduction, 100)
        return void + (1 - void) * self.win * shared * reduced

    @property
    def text(self) -> str:
        """Return it for people: WIN, LOSE, VOID, HALF_WIN, HALF_LOSE, or its factors."""
        known = {WIN: "WIN", LOSE: "LOSE", VOID: "VOID", HALF_WIN: "HALF_WIN", HALF_LOSE: "HALF_LOSE"}
        factors = (
            f"win {self.win}, void {self.void[0]}/{self.void[1]}, dead heat {self.dead_heat[0]}/{self.dead_heat[1]}, "
            f"deduction {self.deduction}"
        )
        return known.get(self, factors)


WIN: Final = LegResult(win=1)
LOSE: Final = LegResult(win=0)
VOID: Final = LegResult(win=0, void=WHOLE)
HALF_WIN: Final = LegResult(win=1, void=HALF)
HALF_LOSE: Final = LegResult(win=0, void=HALF)

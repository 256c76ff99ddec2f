"""What one leg does to the stake of a line, as integers: the arithmetic under `returns`."""

from math import gcd
from typing import Final, NamedTuple

from domain.settlement.result import WHOLE, LegResult, Ratio


class Factor(NamedTuple):
    """What a leg makes of a unit of stake: `total / scale` comes back, `stake / scale` of it being stake."""

    total: int
    stake: int
    scale: int


LOST: Final = Factor(0, 0, 1)
VOIDED: Final = Factor(1, 1, 1)


def factor_of(result: LegResult, odds: int, fraction: Ratio = WHOLE) -> Factor:
    """Return a settled leg's factor at odds in thousandths, of whose winnings an each-way place pays `fraction`.

    total = v + (1 − v) · r · d · O, stake = v + (1 − v) · r · d, with O = 1 + (odds − 1) · fraction · (1 − deduction):
    the same number as `LegResult.factor` where the fraction is whole.
    """
    back, voidable = result.void
    if back == voidable:
        return VOIDED
    if result.win == 0 and back == 0:
        return LOST
    won, tied = result.dead_heat
    parts, whole = fraction
    unit = 100_000 * whole
    paid = unit + (odds - 1000) * parts * (100 - result.deduction)
    live = (voidable - back) * result.win * won
    total, stake, scale = back * tied * unit + live * paid, (back * tied + live) * unit, voidable * tied * unit
    common = gcd(total, stake, scale)
    return Factor(total // common, stake // common, scale // common)


def won_factor(odds: int, fraction: Ratio = WHOLE) -> Factor:
    """Return the factor of a leg that wins outright: the most that an open leg can do."""
    parts, whole = fraction
    total, unit = 1000 * whole + (odds - 1000) * parts, 1000 * whole
    common = gcd(total, unit)
    return Factor(total // common, unit // common, unit // common)

"""The margin as the same number of standard errors off every inverse odds."""

from collections.abc import Sequence
from math import sqrt

from domain.odds.margin.fair import Fair, fair, implied


def goto(odds: Sequence[int]) -> Fair:
    """Subtract from each inverse odds an equal multiple of its standard error √(1 - π); the parameter is the multiple.

    NoFairPrice where that exceeds an outsider's inverse odds.
    Source: Goto (2023), the goto_conversion package: √(π(1 - π)/π), one trial per unit of π.
    """
    shares = implied(odds)
    total = sum(shares)
    errors = [sqrt(1.0 - share) for share in shares]
    step = (total - 1.0) / sum(errors)
    return fair([share - step * error for share, error in zip(shares, errors, strict=True)], total, step)

"""The margin as the same amount off every inverse odds."""

from collections.abc import Sequence

from domain.odds.margin.fair import Fair, fair, implied


def additive(odds: Sequence[int]) -> Fair:
    """Subtract an equal part of the margin from each inverse odds; the parameter is that part.

    NoFairPrice where the part exceeds an outsider's inverse odds, as with Clarke's six-runner example.
    Source: Clarke, Kovalchik & Ingram (2017), American Journal of Sports Science 5(6), 45-49.
    """
    shares = implied(odds)
    total = sum(shares)
    part = (total - 1.0) / len(shares)
    return fair([share - part for share in shares], total, part)

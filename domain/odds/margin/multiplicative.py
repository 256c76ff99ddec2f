"""The margin as one divisor of every inverse odds."""

from collections.abc import Sequence

from domain.odds.margin.fair import Fair, fair, implied


def multiplicative(odds: Sequence[int]) -> Fair:
    """Divide each inverse odds by their sum; the parameter is that sum.

    Source: basic normalisation, as in Clarke, Kovalchik & Ingram (2017), "Adjusting bookmaker's odds to allow for
    overround", American Journal of Sports Science 5(6), 45-49.
    """
    shares = implied(odds)
    total = sum(shares)
    return fair(shares, total, total)

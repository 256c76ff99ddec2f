"""The margin as one exponent on every inverse odds."""

from collections.abc import Sequence
from math import exp, log

from domain.odds.margin.fair import Fair, fair, implied
from domain.odds.margin.root import decreasing_root


def power(odds: Sequence[int]) -> Fair:
    """Raise each inverse odds to the one power that makes them sum to one; the parameter is the exponent.

    With a = -log(share), log Σ exp(-k·a) is convex and falls in k, and is certainly zero somewhere between log n over
    the greatest and over the least a. The search starts at the exponent of a book of equal prices.
    NoFairPrice where the exponent takes an outsider below the least float: a book of two near-certainties.
    Source: Clarke, Kovalchik & Ingram (2017), American Journal of Sports Science 5(6), 45-49; Vovk & Zhdanov (2009).
    """
    shares = implied(odds)
    total = sum(shares)
    depths = [-log(share) for share in shares]
    most = log(len(shares))

    def excess(k: float) -> tuple[float, float]:
        mass = moment = 0.0
        for depth in depths:
            term = exp(-k * depth)
            mass += term
            moment += term * depth
        return log(mass), -moment / mass

    k = decreasing_root(excess, most / max(depths), most / min(depths), most / (most - log(total)))
    return fair([exp(-k * depth) for depth in depths], total, k)

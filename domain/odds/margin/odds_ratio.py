"""The margin as one ratio between fair and offered odds."""

from collections.abc import Sequence
from typing import Final

from domain.odds.margin.fair import STAKE, Fair, fair, implied
from domain.odds.margin.root import decreasing_root

UNIT: Final = 1.0 / STAKE


def odds_ratio(odds: Sequence[int]) -> Fair:
    """Stretch every net odds by one factor until the probabilities sum to one; the parameter is the factor c.

    With b the net odds, p = 1/(1 + c·b): Σp is convex and falls in c, and is certainly one somewhere between (n - 1)
    over the greatest and over the least b. The search starts at the factor of a book of equal prices.
    Source: Cheung (2015), "Fixed-odds betting and traditional odds", as implemented in Lindstrøm's R package implied.
    """
    shares = implied(odds)
    total = sum(shares)
    net = [price * UNIT - 1.0 for price in odds]
    others = len(net) - 1.0

    def excess(c: float) -> tuple[float, float]:
        mass, slope = -1.0, 0.0
        for b in net:
            p = 1.0 / (1.0 + c * b)
            mass += p
            slope -= b * p * p
        return mass, slope

    c = decreasing_root(excess, others / max(net), others / min(net), others / (len(net) / total - 1.0))
    return fair([1.0 / (1.0 + c * b) for b in net], total, c)

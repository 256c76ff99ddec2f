"""The margin as the bookmaker's defence against insiders."""

from collections.abc import Sequence
from math import sqrt
from typing import Final

from domain.odds.margin.fair import Fair, fair, implied
from domain.odds.margin.root import decreasing_root

TWO_WAY: Final = 2


def shin(odds: Sequence[int]) -> Fair:
    """Solve Shin's model for the share z of insiders' money; the parameter is z (negative in an underround).

    Each p is the positive root of (1 - z)p² + zp = π²/B, with π the inverse odds and B their sum, and so falls in z;
    Σp exceeds one at z = -1 (each p > 1/2) and is below one at z = 1 (p = π²/B), which brackets the root. It lies
    near (B - 1)/(n - 1), where it is exactly for equal prices. With two outcomes there is a closed form, whose
    probabilities are those of the additive method.
    Sources: Shin (1992), Economic Journal 102, 426-435, and (1993), 103, 1141-1153, for the model; Jullien & Salanié
    (1994), Economic Journal 104, 1418-1419, for p given z; Štrumbelj (2014), International Journal of Forecasting
    30(4), 934-943, for the closed form.
    """
    shares = implied(odds)
    total = sum(shares)
    if len(shares) == TWO_WAY:
        return _two_way(shares[0], shares[1])
    squares = [share * share / total for share in shares]

    def excess(z: float) -> tuple[float, float]:
        mass, slope, zz, rest = -1.0, 0.0, z * z, 1.0 - z
        for square in squares:
            root = sqrt(zz + 4.0 * rest * square)
            # Two forms of one number: each adds where the other would cancel.
            p = 2.0 * square / (root + z) if z > 0.0 else 0.5 * (root - z) / rest
            mass += p
            slope -= p * (1.0 - p) / root
        return mass, slope

    z = decreasing_root(excess, -1.0, 1.0, (total - 1.0) / (len(shares) - 1))
    roots = [sqrt(z * z + 4.0 * (1.0 - z) * square) for square in squares]
    if z > 0.0:
        return fair([2.0 * square / (root + z) for square, root in zip(squares, roots, strict=True)], total, z)
    return fair([0.5 * (root - z) / (1.0 - z) for root in roots], total, z)


def _two_way(first: float, second: float) -> Fair:
    """Return the closed form of two outcomes."""
    total, gap = first + second, first - second
    z = (total - 1.0) * (gap * gap - total) / (total * (gap * gap - 1.0))
    return fair([0.5 * (1.0 + gap), 0.5 * (1.0 - gap)], total, z)

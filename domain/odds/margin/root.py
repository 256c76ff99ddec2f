"""The one root finder of the margin methods."""

from collections.abc import Callable
from typing import Final

from domain.odds.margin.fair import NoFairPrice

CLOSE_ENOUGH: Final = 1e-14
"""Residual at which the sum of probabilities is one to within rounding."""
LONGEST_SEARCH: Final = 200
FAR_OFF: Final = 1e-9
"""Residual that no rounding explains: the function has no root in the bracket, or is not a number there."""


def decreasing_root(at: Callable[[float], tuple[float, float]], low: float, high: float, start: float) -> float:
    """Return the root in [low, high] of a decreasing function given as x -> (value, slope).

    Newton's method kept inside a bracket (rtsafe in Press et al., Numerical Recipes, §9.4): a step that would leave the
    bracket, or that follows one which failed to halve the residual, is a bisection. So every pass halves either the
    residual or the bracket, and the search ends whatever the function's shape.
    NoFairPrice where the bracket holds no root.
    """
    x = min(max(start, low), high)
    last = size = float("inf")
    for _ in range(LONGEST_SEARCH):
        value, slope = at(x)
        size = abs(value)
        if size <= CLOSE_ENOUGH:
            break
        if value > 0.0:
            low = x
        else:
            high = x
        following = x - value / slope if slope < 0.0 and 2.0 * size <= last else low
        if not low < following < high:
            following = 0.5 * (low + high)
        if following in {low, high}:
            break
        last = size
        x = following
    if not size <= FAR_OFF:
        raise NoFairPrice(f"no solution between {low:.6g} and {high:.6g}; the sum stays {size:.3g} away")
    return x

"""A quota of requests or credits: how to make what is left last until it is reset. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quota:
    """Requests or credits as the last answer told them; None where it told nothing."""

    remaining: int | None = None
    used: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """One endpoint: how often it is wanted, and what one request costs."""

    every_s: float
    cost: int


def stretch(demands: Iterable[Demand], remaining: int | None, seconds_left: float) -> float:
    """Return by how much to lengthen all intervals so that what remains lasts; at least 1, infinite when nothing does.

    Credits wanted until the reset are the sum of cost × time left / interval.
    """
    if remaining is None:
        return 1.0
    wanted = sum(each.cost * seconds_left / each.every_s for each in demands)
    if wanted <= 0:
        return 1.0
    if remaining <= 0:
        return float("inf")
    return max(1.0, wanted / remaining)

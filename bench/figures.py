"""What a bench prints: a ratio of two candidates that took turns in one run, and what was measured of the first."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Literal

import msgspec

Direction = Literal["at least", "at most"]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One ratio.

    `ratio` is the median of the rounds' ratios, each of two measurements next to each other in time; `ratio_low` and
    `ratio_high` are the extremes. `median`, `low` and `high` are what the candidate itself measured, in `unit`.
    """

    name: str
    against: str
    rounds: int
    ratio: float
    ratio_low: float
    ratio_high: float
    median: float
    low: float
    high: float
    unit: str
    target: float | None = None
    direction: Direction = "at least"

    @property
    def met(self) -> bool | None:
        """Tell whether the target is reached; None where there is none."""
        if self.target is None:
            return None
        return self.ratio >= self.target if self.direction == "at least" else self.ratio <= self.target

    def as_json(self) -> dict[str, object]:
        """Return it for programs."""
        return {**msgspec.to_builtins(self), "met": self.met}


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """What a figure must reach: its target, and on which side of it is well."""

    target: float | None = None
    direction: Direction = "at least"


ANYTHING = Bound()


def compare(
    name: str, measured: Sequence[float], against: str, others: Sequence[float], unit: str, *, bound: Bound = ANYTHING
) -> Figure:
    """Compare two candidates round by round.

    Raises:
        ValueError: they did not take the same number of turns, or none, or the other measured nothing.
    """
    if len(measured) != len(others) or not measured:
        raise ValueError(f"{len(measured)} rounds of {name} do not pair with {len(others)} of {against}")
    if min(others) <= 0:
        raise ValueError(f"{against} measured nothing")
    ratios = [own / other for own, other in zip(measured, others, strict=True)]
    return Figure(
        name=name, against=against, rounds=len(measured),
        ratio=median(ratios), ratio_low=min(ratios), ratio_high=max(ratios),
        median=median(measured), low=min(measured), high=max(measured),
        unit=unit, target=bound.target, direction=bound.direction,
    )  # fmt: skip


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that a share of the others does not exceed (nearest rank).

    Raises:
        ValueError: there are no values, or the share is not within 0 and 1.
    """
    if not values or not 0 < share <= 1:
        raise ValueError("a quantile needs values and a share above 0 and up to 1")
    ordered = sorted(values)
    rank = -(-len(ordered) * round(share * 1_000_000) // 1_000_000)
    return ordered[rank - 1]


def turns(names: Sequence[str], rounds: int) -> list[str]:
    """Return who runs when: each candidate once a round, in turned order, so that none is always first."""
    order = []
    for number in range(rounds):
        shift = number % len(names)
        order += [*names[shift:], *names[:shift]]
    return order


def gather(measured: Mapping[str, list[float]]) -> str:
    """Say what each candidate measured, for people."""
    return ", ".join(f"{name} {median(values):,.0f}" for name, values in measured.items() if values)

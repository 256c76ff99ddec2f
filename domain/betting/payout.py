"""What a bet returns, in exact integers: stake × odds₁ × … × oddsₙ, odds in thousandths, rounded down once."""

from collections.abc import Iterable, Sequence
from math import prod

EVEN = 1000
"""Odds of 1.000, which return the stake alone."""


def _scale(legs: int) -> int:
    return int(EVEN**legs)


def payout_minor(stake_minor: int, odds: Sequence[int]) -> int:
    """Return what a winning bet pays, its stake included, in minor units, rounded down.

    Every leg wins; a void leg counts as odds of 1000. No leg at all returns the stake.
    """
    return stake_minor * prod(odds) // _scale(len(odds))


def liability_minor(stake_minor: int, odds: Sequence[int]) -> int:
    """Return what the house loses if every leg wins: the payout less the stake, in minor units."""
    return payout_minor(stake_minor, odds) - stake_minor


def combined_odds(odds: Sequence[int]) -> int:
    """Return the odds of an accumulator in thousandths, rounded down; 1000 for no leg."""
    return prod(odds) * EVEN // _scale(len(odds))


def covering_odds(odds: Sequence[int]) -> int:
    """Return the odds of an accumulator in thousandths, rounded up: what a cap on liability must count with."""
    return -(-prod(odds) * EVEN // _scale(len(odds)))


def other_odds(odds: Sequence[int], index: int) -> int:
    """Return the covering odds of all legs but one; 1000 for a single."""
    return covering_odds([each for at, each in enumerate(odds) if at != index])


def stake_for_payout(payout: int, odds: Sequence[int]) -> int:
    """Return the largest stake whose payout does not exceed `payout`, in minor units."""
    return ((payout + 1) * _scale(len(odds)) - 1) // prod(odds)


def valid_odds(odds: Iterable[int], *, most: int) -> bool:
    """Tell whether each of the odds is above 1 and not above `most`, in thousandths."""
    return all(EVEN < each <= most for each in odds)

"""Each-way: the place terms of a race, and what became of a runner when several share a place."""

from typing import Final

import msgspec

from domain.settlement.result import LOSE, WHOLE, LegResult, Ratio


class PlaceTerms(msgspec.Struct, frozen=True):
    """What the place part of an each-way bet pays: a fraction of the winnings at the win odds, for so many places.

    A race that pays no places has `WIN_ONLY`: the whole stake is on the winner, at full odds.
    """

    fraction: Ratio
    places: int


class FieldSize(msgspec.Struct, frozen=True):
    """A band of the number of runners with its terms."""

    least_runners: int
    terms: PlaceTerms


WIN_ONLY: Final = PlaceTerms((1, 1), 1)
TWO_AT_A_QUARTER: Final = PlaceTerms((1, 4), 2)
THREE_AT_A_FIFTH: Final = PlaceTerms((1, 5), 3)
THREE_AT_A_QUARTER: Final = PlaceTerms((1, 4), 3)
FOUR_AT_A_QUARTER: Final = PlaceTerms((1, 4), 4)

ANY_RACE: Final = (
    FieldSize(8, THREE_AT_A_FIFTH),
    FieldSize(5, TWO_AT_A_QUARTER),
    FieldSize(0, WIN_ONLY),
)
"""The usual terms of a race, longest field first."""

HANDICAP: Final = (
    FieldSize(16, FOUR_AT_A_QUARTER),
    FieldSize(12, THREE_AT_A_QUARTER),
    *ANY_RACE,
)
"""The usual terms of a handicap: better in a long field."""


def usual_terms(runners: int, *, handicap: bool) -> PlaceTerms:
    """Return the field's usual terms for so many runners, of those that start."""
    return next(size.terms for size in (HANDICAP if handicap else ANY_RACE) if runners >= size.least_runners)


def shared(ahead: int, tied: int, places: int) -> Ratio:
    """Return the dead-heat ratio of a runner tied with others: the places left over those who share them.

    `ahead` ran better than all of them, `tied` counts the runner itself; (0, tied) says that no place was left.
    """
    left = max(0, min(places - ahead, tied))
    return WHOLE if left == tied else (left, tied)


def placing(ahead: int, tied: int, places: int, deduction: int = 0) -> LegResult:
    """Return what became of a runner behind `ahead` others and level with `tied`, itself among them.

    One place is the win part; the terms' places are the place part. `deduction` is Rule 4's, in pence.
    """
    ratio = shared(ahead, tied, places)
    return LegResult(win=1, dead_heat=ratio, deduction=deduction) if ratio[0] else LOSE

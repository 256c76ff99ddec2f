"""How much of a bet rides on each of its legs: what the book of a leg's market counts with.

A leg's stake s is that of the lines that it is in; they alone stand or fall with it, and if it loses, s is what the
house keeps. If it wins they pay at most Σ sₗ·Πoddsₗ, so a book that counts s × odds × other odds needs

    other odds ≥ Σ sₗ · Π(odds of the line's other legs) / s

over the lines l of the leg: their mean by stake, rounded up to a thousandth. Of one line it is the product of the other
legs' odds. No market's liability is ever below what these lines cost, and above it only by the rounding.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import prod

import msgspec

from domain.betting.payout import EVEN
from domain.betting.systems import BetType, Line, lines


class Share(msgspec.Struct, frozen=True):
    """What rides on one leg: the stake of its lines in minor units, and the covering odds of their other legs."""

    stake_minor: int
    other_odds: int


@lru_cache(maxsize=128)
def _lines(bet_type: BetType) -> tuple[Line, ...]:
    return lines(bet_type)


def shares(bet_type: BetType, stake_minor: int, odds: Sequence[int]) -> tuple[Share, ...]:
    """Return what rides on each leg of a bet of this stake; a leg without a stake has nothing to cover."""
    whole, (stakes, paid) = _longest(bet_type), _sums(bet_type, stake_minor, odds)
    scale = EVEN**whole
    return tuple(
        Share(stake, -(-total * EVEN * EVEN // (each * scale * stake)) if stake else EVEN)
        for stake, total, each in zip(stakes, paid, odds, strict=True)
    )


def held_shares(bet_type: BetType, stake_minor: int, odds: Sequence[int]) -> tuple[Share, ...]:
    """Return what the books hold for a bet that may still be reduced: to a stake that is the same on every line.

    So the other odds cover such a stake, too, and no more is confirmed than was held.
    """
    held, count = shares(bet_type, stake_minor, odds), len(_lines(bet_type))
    if stake_minor % count == 0:
        return held
    even = shares(bet_type, count, odds)
    return tuple(
        Share(each.stake_minor, max(each.other_odds, level.other_odds)) for each, level in zip(held, even, strict=True)
    )


def leg_stakes(bet_type: BetType, stake_minor: int) -> list[int]:
    """Return the stake of the lines that each leg is in, in minor units."""
    return _sums(bet_type, stake_minor, (1,) * bet_type.selections)[0]


def leg_lines(bet_type: BetType) -> list[int]:
    """Return in how many lines each leg is."""
    return leg_stakes(bet_type, len(_lines(bet_type)))


def mean_odds(bet_type: BetType, odds: Sequence[int]) -> int:
    """Return the mean of the lines' odds in thousandths, rounded down: of one line its odds."""
    every, longest = _lines(bet_type), _longest(bet_type)
    total = sum([_product(line, odds, longest) for line in every])
    return total * EVEN // (len(every) * int(EVEN**longest))


def _sums(bet_type: BetType, stake_minor: int, odds: Sequence[int]) -> tuple[list[int], list[int]]:
    """Sum, for each leg, the stakes of its lines, and what they pay over `EVEN` to the power of the longest line."""
    every, longest = _lines(bet_type), _longest(bet_type)
    unit, more = divmod(stake_minor, len(every))
    stakes, paid = [0] * bet_type.selections, [0] * bet_type.selections
    for at, line in enumerate(every):
        stake = unit + (at < more)
        pays = stake * _product(line, odds, longest)
        for index in line:
            stakes[index] += stake
            paid[index] += pays
    return stakes, paid


def _product(line: Line, odds: Sequence[int], longest: int) -> int:
    return prod([odds[index] for index in line]) * int(EVEN ** (longest - len(line)))


def _longest(bet_type: BetType) -> int:
    return bet_type.folds[-1] + len(bet_type.bankers)

"""Tattersalls' Rule 4: what withdrawn runners take from the winnings of those that ran."""

from collections.abc import Iterable
from typing import Final

import msgspec

from domain.settlement.result import MOST_DEDUCTION

LONE_WAIVED: Final = 5


class Band(msgspec.Struct, frozen=True):
    """The longest odds of a band, as the field writes them, and the pence taken from each pound of winnings."""

    won: int
    staked: int
    pence: int


BANDS: Final = (
    Band(1, 9, 90),
    Band(2, 11, 85),
    Band(1, 4, 80),
    Band(3, 10, 75),
    Band(2, 5, 70),
    Band(8, 15, 65),
    Band(8, 13, 60),
    Band(4, 5, 55),
    Band(20, 21, 50),
    Band(6, 5, 45),
    Band(6, 4, 40),
    Band(7, 4, 35),
    Band(9, 4, 30),
    Band(3, 1, 25),
    Band(4, 1, 20),
    Band(11, 2, 15),
    Band(9, 1, 10),
    Band(14, 1, 5),
)
"""Shortest first (REFERENCE-domain.md). Longer than the last: nothing. Odds between two bands are of the longer one."""


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """A runner taken out: its odds in thousandths when it was, and when."""

    odds: int
    withdrawn_at: int


class Rule4(msgspec.Struct, frozen=True, kw_only=True):
    """How a house applies the rule.

    Attributes:
        most: the most pence that all withdrawals together take; some houses say 75.
        waive_lone: whether five pence for one runner alone is let go.
    """

    most: int = MOST_DEDUCTION
    waive_lone: bool = False


TATTERSALLS: Final = Rule4()


def pence(odds: int) -> int:
    """Return what one runner withdrawn at odds in thousandths takes from each pound of winnings.

    A band's longest odds are rounded up to a thousandth, so that odds written with three decimals stay in theirs.
    """
    for band in BANDS:
        if (odds - 1000) * band.staked < 1000 * band.won + band.staked:
            return band.pence
    return 0


def deduction(withdrawn: Iterable[int], rule: Rule4 = TATTERSALLS) -> int:
    """Return what all runners withdrawn at these odds take together, in pence from each pound of winnings."""
    taken = sum(pence(odds) for odds in withdrawn)
    if rule.waive_lone and taken == LONE_WAIVED:
        return 0
    return min(taken, rule.most)


def deduction_of_bet(placed_at: int, withdrawals: Iterable[Withdrawal], rule: Rule4 = TATTERSALLS) -> int:
    """Return what a bet placed at this instant suffers: only runners withdrawn after it; later odds know the rest."""
    return deduction([each.odds for each in withdrawals if each.withdrawn_at > placed_at], rule)

"""What a market can cost the house, kept incrementally and in exact integers.

With R_s what the winners on s are paid, their stakes included, and T all stakes taken, the house loses L_s = R_s − T if
s wins alone. That equals Σ stake × (odds − 1) on s minus the stakes on the other selections. If up to k selections win
it loses the k largest R less T. So a bet changes two numbers, and the worst case is one pass over the selections.
A market may always be voided, which costs nothing: no worst case is below 0.

A leg of an accumulator counts as if its other legs win: its payout is stake × odds × other_odds.
"""

from collections.abc import Sequence
from heapq import nlargest

import msgspec

from domain.betting.payout import payout_minor

PAIR_SCALE = 1_000_000
"""Two odds in thousandths multiply to millionths."""


class Liability(msgspec.Struct, array_like=True):
    """The sums of one market: `returns_minor` by selection, in the market's order."""

    returns_minor: list[int] = msgspec.field(default_factory=list)
    stakes_minor: int = 0
    legs: int = 0

    def add(self, index: int, stake_minor: int, odds: int, other_odds: int) -> None:
        """Take a leg in."""
        self._change(index, stake_minor, payout_minor(stake_minor, (odds, other_odds)), 1)

    def remove(self, index: int, stake_minor: int, odds: int, other_odds: int) -> None:
        """Take a leg out that was taken in with the same figures."""
        self._change(index, -stake_minor, -payout_minor(stake_minor, (odds, other_odds)), -1)

    def _change(self, index: int, stake_minor: int, payout: int, legs: int) -> None:
        returns = self.returns_minor
        if index >= len(returns):
            returns.extend([0] * (index + 1 - len(returns)))
        returns[index] += payout
        self.stakes_minor += stake_minor
        self.legs += legs
        assert returns[index] >= 0, "more was taken out of a selection than into it"
        assert self.stakes_minor >= 0, "more was taken out of a market than into it"
        assert self.legs >= 0, "more legs were taken out of a market than into it"

    def outcome(self, index: int) -> int:
        """Return what the house loses if this selection wins alone; negative is what it keeps."""
        returns = self.returns_minor
        return (returns[index] if index < len(returns) else 0) - self.stakes_minor

    def worst_case(self, winners: int) -> int:
        """Return the most that the house can lose if up to `winners` selections win (0: any number)."""
        return max(0, top(self.returns_minor, winners) - self.stakes_minor)

    def with_winner(self, index: int, winners: int) -> int:
        """Return the most that the house can lose if this selection is among the winners; may be negative."""
        returns = self.returns_minor
        if winners == 1:
            return self.outcome(index)
        others = [each for at, each in enumerate(returns) if at != index]
        return self.outcome(index) + top(others, winners - 1 if winners else 0)


def top(returns_minor: Sequence[int], winners: int) -> int:
    """Return the sum of the largest `winners` of the returns; 0 means all of them."""
    if winners == 1:
        return max(returns_minor, default=0)
    return sum(returns_minor) if winners == 0 else sum(nlargest(winners, returns_minor))


def largest_stake(room_minor: int, odds: int, other_odds: int) -> int:
    """Return the largest stake that the house loses at most `room_minor` on, exactly; 0 if there is no room.

    ⌊x·A/B⌋ − x ≤ room ⇔ x·(A − B) < (room + 1)·B, with A = odds × other_odds and B a million.
    """
    if room_minor < 0:
        return 0
    gain = odds * other_odds - PAIR_SCALE
    assert gain > 0, f"odds of {odds} with {other_odds} win nothing"
    return ((room_minor + 1) * PAIR_SCALE - 1) // gain

"""What a market can cost the house, kept incrementally and in exact integers.

With R_s what the winners on s are paid, their stakes included, and T all stakes taken, the house loses L_s = R_s − T if
s wins alone. That equals Σ stake × (odds − 1) on s minus the stakes on the other selections. If up to k selections win
it loses the k largest R less T. So a bet changes two numbers, and the worst case is one pass over the selections.
A market may always be voided, which costs nothing: no worst case is below 0.

A held leg may still be released. So what it would win counts on its selection, but its stake earns nothing on the
others until it is confirmed: no release and no confirmation ever makes the worst case worse.

A leg of an accumulator counts as if its other legs win: its payout is stake × odds × other_odds.
"""

from collections.abc import Sequence
from heapq import nlargest

import msgspec

from domain.betting.payout import liability_minor, payout_minor

PAIR_SCALE = 1_000_000
"""Two odds in thousandths multiply to millionths."""


class Liability(msgspec.Struct, array_like=True):
    """The sums of one market, or of one customer in it; lists are by selection, in the market's order.

    `returns_minor` is what confirmed legs would be paid, `held_minor` what held legs would win.
    """

    returns_minor: list[int] = msgspec.field(default_factory=list)
    stakes_minor: int = 0
    legs: int = 0
    held_minor: list[int] = msgspec.field(default_factory=list)
    held_legs: int = 0

    def hold(self, index: int, stake_minor: int, odds: int, other_odds: int) -> None:
        """Take a leg in that may still be released."""
        self._hold(index, liability_minor(stake_minor, (odds, other_odds)), 1)

    def release(self, index: int, stake_minor: int, odds: int, other_odds: int) -> None:
        """Let a leg go that was held with the same figures."""
        self._hold(index, -liability_minor(stake_minor, (odds, other_odds)), -1)

    def add(self, index: int, stake_minor: int, odds: int, other_odds: int) -> None:
        """Take a confirmed leg in."""
        assert stake_minor > 0, f"a stake of {stake_minor}"
        self._reach(index)
        self.returns_minor[index] += payout_minor(stake_minor, (odds, other_odds))
        self.stakes_minor += stake_minor
        self.legs += 1

    def _hold(self, index: int, winnings_minor: int, legs: int) -> None:
        self._reach(index)
        self.held_minor[index] += winnings_minor
        self.held_legs += legs
        assert self.held_minor[index] >= 0, "more was released of a selection than was held"
        assert self.held_legs >= 0, "more legs were released than were held"

    def _reach(self, index: int) -> None:
        short = index + 1 - len(self.returns_minor)
        if short > 0:
            self.returns_minor.extend([0] * short)
            self.held_minor.extend([0] * short)

    @property
    def is_empty(self) -> bool:
        """Tell whether no leg is left."""
        return not self.legs and not self.held_legs

    def outcome(self, index: int) -> int:
        """Return what the house loses at most if this selection wins alone; negative is what it keeps."""
        if index >= len(self.returns_minor):
            return -self.stakes_minor
        return self.returns_minor[index] + self.held_minor[index] - self.stakes_minor

    def worst_case(self, winners: int) -> int:
        """Return the most that the house can lose if up to `winners` selections win (0: any number)."""
        return max(0, top(self._gross(), winners) - self.stakes_minor)

    def held_worst_case(self, winners: int) -> int:
        """Return the most that the held legs alone can cost."""
        return top(self.held_minor, winners)

    def with_winner(self, index: int, winners: int) -> int:
        """Return the most that the house can lose if this selection is among the winners; may be negative."""
        if winners == 1:
            return self.outcome(index)
        others = [each for at, each in enumerate(self._gross()) if at != index]
        return self.outcome(index) + (top(others, winners - 1 if winners else 0) if others else 0)

    def worst_case_with(self, index: int, winnings_minor: int, winners: int) -> int:
        """Return the worst case if a leg that would win so much were held, too."""
        return max(self.worst_case(winners), self.with_winner(index, winners) + winnings_minor)

    def _gross(self) -> list[int]:
        if not self.held_legs:
            return self.returns_minor
        return [paid + held for paid, held in zip(self.returns_minor, self.held_minor, strict=True)]


def top(amounts: Sequence[int], winners: int) -> int:
    """Return the sum of the largest `winners` of the amounts, none of them negative; 0 means all of them."""
    if winners == 1:
        return max(amounts, default=0)
    return sum(amounts) if winners == 0 else sum(nlargest(winners, amounts))


def largest_stake(room_minor: int, odds: int, other_odds: int) -> int:
    """Return the largest stake that the house loses at most `room_minor` on, exactly; 0 if there is no room.

    ⌊x·A/B⌋ − x ≤ room ⇔ x·(A − B) < (room + 1)·B, with A = odds × other_odds and B a million.
    """
    if room_minor < 0:
        return 0
    gain = odds * other_odds - PAIR_SCALE
    assert gain > 0, f"odds of {odds} with {other_odds} win nothing"
    return ((room_minor + 1) * PAIR_SCALE - 1) // gain
